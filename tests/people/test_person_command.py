"""``ovcf person``: accounts made, changed and ended on the command line."""

import re

import pytest

from ovcf.errors import SignedOutError
from ovcf.registry.people import accounts, sign_in
from ovcf.registry.store import Registry
from tests.cli.conftest import command  # noqa: F401
from tests.people.conftest import PASSWORD


@pytest.fixture
def run(command, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    for name in ("OVCF_DATABASE_URL", "OVCF_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    command("db", "upgrade", "--site", "AKH=General Hospital", "--person", "mm=Maria Muster")

    def made(*arguments):
        code, said, error = command("person", *arguments)
        return code, said + error

    return made


@pytest.fixture
def registry(run, tmp_path):
    opened = Registry.open(tmp_path / "data")
    yield opened
    opened.close()


def added(run, code="jdoe", role="reader"):
    status, said = run(
        "add", code, "--name", "Jane Doe", "--role", role, "--site", "AKH", "--address", "https://ovcf.example.org"
    )
    assert status == 0, said
    return re.search(r"https://ovcf\.example\.org/set-password#([\w-]{43})\n", said).group(1)


def test_from_the_link_to_a_session(run, registry):
    link = added(run)
    accounts.use_link(registry, link, PASSWORD)
    person = accounts.proven(registry, "jdoe", PASSWORD)
    assert sign_in.who(registry, sign_in.begin(registry, person)).role == "reader"
    lines = ["jdoe: reader, AKH, password (Jane Doe)", "mm: admin, AKH, has not signed in yet (Maria Muster)", ""]
    assert run("list") == (0, "\n".join(lines))


def test_a_new_site_and_somebody_who_sees_all(run):
    assert run(
        "add", "cro", "--name", "C R", "--role", "monitor", "--site", "LKH=Second Hospital", "--all-sites", "--no-link"
    ) == (0, "cro: added as monitor of LKH\n")
    assert "cro: monitor, every site, has not signed in yet (C R)" in run("list")[1]


def test_disabling_ends_sessions_and_links(run, registry):
    accounts.use_link(registry, added(run), PASSWORD)
    secret = sign_in.begin(registry, accounts.proven(registry, "jdoe", PASSWORD))
    _, said = run("reset", "jdoe")
    link = re.search(r"#([\w-]{43})", said).group(1)
    assert run("disable", "jdoe", "--reason", "left the hospital")[0] == 0
    with pytest.raises(SignedOutError):
        sign_in.who(registry, secret)
    with pytest.raises(SignedOutError):
        accounts.use_link(registry, link, PASSWORD)
    assert accounts.proven(registry, "jdoe", PASSWORD) is None
    assert "jdoe: reader, AKH, disabled" in run("list")[1]
    assert run("enable", "jdoe", "--reason", "came back")[0] == 0
    assert accounts.proven(registry, "jdoe", PASSWORD) is not None
    assert registry.faults() == []


def test_who_moves_gets_a_link_for_the_account_there(run, registry):
    added(run)
    run("add", "lk", "--name", "L K", "--role", "reader", "--site", "LKH=Second Hospital", "--no-link")
    code, said = run("move", "jdoe", "--to", "LKH", "--as-code", "jdoe-lkh", "--reason", "new post")
    assert (code, said.splitlines()[0]) == (0, "jdoe: now jdoe-lkh at LKH; jdoe is disabled")
    accounts.use_link(registry, re.search(r"#([\w-]{43})", said).group(1), PASSWORD)
    assert accounts.proven(registry, "jdoe-lkh", PASSWORD) is not None
    assert "jdoe: reader, AKH, disabled" in run("list")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "x", "--name", "X", "--role", "king", "--site", "AKH"), "reader, researcher"),
        (("add", "x", "--name", "X", "--role", "reader", "--site", "XXX"), "AKH"),
        (("add", "MM", "--name", "X", "--role", "reader", "--site", "AKH"), "is there already"),
        (("add", "a b", "--name", "X", "--role", "reader", "--site", "AKH"), "cannot be a code"),
        (
            ("add", "x", "--name", "X", "--role", "reader", "--site", "AKH", "--address", "http://10.0.0.1"),
            "unencrypted",
        ),
        (("role", "nobody", "reader", "--reason", "x"), "is not known"),
        (("role", "mm", "reader", "--reason", "x"), "last administrator"),
        (("role", "jdoe", "admin", "--reason", " "), "needs a reason"),
        (("disable", "mm", "--reason", "x"), "last administrator"),
        (("role", "jdoe", "admin", "--reason", "x", "--as", "jdoe"), "is not for a reader"),
    ],
)
def test_what_cannot_be_done_says_so(run, arguments, words):
    added(run)
    code, said = run(*arguments)
    assert code == 2
    assert words in said
    assert "x:" not in run("list")[1]  # nothing half done


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (("patient", "erase", "P-1", "--reason", "x"), "reader"),
        (("patient", "admit", "P-2", "--level", "L1"), "monitor"),
        (("visit", "plan", "P-1", "--window", "1 month", "--on", "2025-01-01"), "researcher"),
    ],
)
def test_a_role_holds_on_the_command_line_too(run, command, words, role):  # noqa: F811
    added(run, role=role)
    command("patient", "admit", "P-1", "--level", "L1", "--as", "mm")
    code, _, error = command(*words, "--as", "jdoe")
    assert code == 2
    assert f"is not for a {role}" in error
    assert command("patient", "list", "--as", "mm")[1] == "P-1: L1, no visit yet\n"
