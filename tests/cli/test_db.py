"""``ovcf db`` and ``ovcf audit`` as an administrator uses them, on a data folder of the test's own."""

import sqlite3

import pytest


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    for name in ("OVCF_DATABASE_URL", "OVCF_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "data"


@pytest.fixture
def made(data, command):
    code, printed, error = command("db", "upgrade", "--site", "AKH=General Hospital", "--person", "mm=Maria Muster")
    assert code == 0, error
    assert "revision" in printed
    return data


def test_a_registry_is_private_and_can_be_brought_up_to_date_again(made, command):
    assert (made / "registry.db").stat().st_mode & 0o077 == 0
    assert command("db", "upgrade")[0] == 0
    assert command("db", "check")[:2] == (0, "Nothing is amiss.\n")


def test_the_levels_of_secondary_prevention_are_told(made, command):
    code, printed, error = command("db", "prevention", "--today", "2026-11-29")
    assert code == 0, error
    assert "DXA done" in printed
    assert "no patient yet" in printed
    assert command("db", "prevention", "--today", "soon")[0] == 2
    assert command("db", "prevention", "--overdue", "--today", "2026-11-29")[:2] == (0, "Nothing is overdue.\n")
    assert '"indicator": "DXA done"' in command("db", "prevention", "--json")[1]


def test_there_and_back_again(made, command, tmp_path, monkeypatch):
    _, anchor, _ = command("audit", "head")
    assert command("db", "backup", tmp_path / "b.zip")[0] == 0
    assert command("db", "backup", tmp_path / "b.zip")[0] == 2  # never replaced
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "other"))
    assert command("db", "restore", tmp_path / "b.zip")[0] == 0
    assert command("audit", "verify", "--anchor", anchor.strip())[:2] == (0, "Nothing is amiss.\n")


def test_what_somebody_changed_is_told(made, command):
    with sqlite3.connect(made / "registry.db") as database:
        database.execute("DROP TRIGGER person_kept")
        database.execute("UPDATE person SET name = 'Mallory'")
    code, _, error = command("audit", "verify")
    assert code == 1
    assert "person" in error
    assert "changed" in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("db", "check"), "holds no registry"),
        (("db", "upgrade", "--site", "AKH"), "CODE=NAME"),
        (("db", "restore", "none.zip"), "no whole backup"),
    ],
)
def test_what_cannot_be_done_says_so(data, command, arguments, words):
    code, _, error = command(*arguments)
    assert code == 2
    assert words in error


def test_a_key_in_the_data_folder_is_refused(made, command, monkeypatch):
    (made / "key").write_text("00" * 32)
    monkeypatch.setenv("OVCF_KEY_FILE", str(made / "key"))
    code, _, error = command("db", "check")
    assert code == 2
    assert "data folder" in error


def test_an_anchor_that_is_none_is_refused(made, command):
    code, _, error = command("audit", "verify", "--anchor", "x")
    assert code == 2
    assert "anchor" in error
