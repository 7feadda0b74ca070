"""``ovcf batch`` as it is typed."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import command  # noqa: F401  # a fixture

FILM = Path(__file__).parents[2] / "examples" / "film.jpg"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with one film, in which the command is typed."""
    (tmp_path / "films").mkdir()
    shutil.copy(FILM, tmp_path / "films" / "film.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_from_a_folder_by_a_manifest_and_a_shard_to_a_worklist(here, command):  # noqa: F811
    assert command("batch", "manifest", "films", "--out", "studies.csv")[0] == 0
    code, said, _ = command("batch", "work", "--manifest", "studies.csv", "--shard", "1/1", "--out", "results")
    assert code == 0
    assert "1 of 1 study" in said
    code, said, _ = command("batch", "run", "studies.csv", "--out", "results")
    assert code == 0
    assert "an hour" not in said  # it was there
    assert "1 of 1 shards finished" in command("batch", "status", "--out", "results")[1]
    (here / "reports.csv").write_text("study,reported\nfilm.jpg,L1\n")
    assert command("batch", "report", "--from", "results", "--out", "all")[0] == 0
    assert command("batch", "report", "--from", "results", "--out", "rest", "--reported", "reports.csv")[0] == 0
    assert ",L1,likely," in (here / "all" / "worklist.csv").read_text("utf-8-sig")
    assert ",L1," not in (here / "rest" / "worklist.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["run", "--out", "r"], "no source was given"),
        (["run", "nowhere", "--out", "r"], "does not exist"),
        (["run", "films", "--out", "films"], "no batch made"),
        (["run", "films", "--out", "r", "--engine", "magic"], "'magic' is not known"),
        (["run", "films", "--out", "r", "--cluster", "tcp://x:1", "--registry"], "without --cluster"),
        (["run", "films", "--out", "pigeon://loft"], "no place to write to"),
        (["work", "--manifest", "m.csv", "--shard", "1/1", "--out", "r"], "does not exist"),
        (["work", "--manifest", "films.csv", "--shard", "2/1", "--out", "r"], "is not NUMBER/COUNT"),
        (["work", "--manifest", "films.csv", "--shard", "1/2", "--out", "r"], "would hold no study"),
        (["status", "--out", "films"], "holds something that no batch made"),
        (["status", "--out", "r"], "holds no batch"),
        (["report", "--from", "r"], "holds no batch"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_is_wrong_is_said_and_nothing_is_left(here, command, words, why):  # noqa: F811
    (here / "films.csv").write_text("study,path\nfilm,films/film.jpg\n")
    code, _, error = command("batch", *words)
    assert code == 2
    assert why in " ".join(error.split())
    assert not (here / "r").exists() or not any((here / "r").glob("studies/*"))
    assert [p.name for p in (here / "films").iterdir()] == ["film.jpg"]
