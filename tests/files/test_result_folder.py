"""A result takes the place of its own earlier self and of nothing else."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ovcf.errors import OutputError
from ovcf.files import result_folder
from ovcf.files.leftovers import lock_of
from ovcf.files.lock import locked
from ovcf.files.result_folder import ResultFolder
from ovcf.files.result_manifest import MANIFEST
from ovcf.files.swap import exchange
from tests.files.states import beside, report, state

posix = pytest.mark.skipif(os.name != "posix", reason="as POSIX has it")


@pytest.fixture
def out(tmp_path):
    """A folder with an earlier report."""
    ResultFolder.at(tmp_path / "out").write(report("old"))
    return tmp_path / "out"


def everything(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def refused(out, words, inputs=()):
    """Refused before anything is made, with what to do, and nothing changed."""
    before = everything(out.parent)
    with pytest.raises(OutputError, match=words) as error:
        ResultFolder.at(out, inputs=inputs)
    assert error.value.remedy
    assert everything(out.parent) == before


def test_an_earlier_report_is_replaced_whole(out):
    ResultFolder.at(out).write({"report.html": b"new"})
    assert sorted(everything(out)) == [MANIFEST, "report.html"]
    assert beside(out) == []


def test_a_report_of_which_a_person_took_a_file_away_is_replaced(out):
    (out / "report.pdf").unlink()
    ResultFolder.at(out).write(report("new"))
    assert state(out) == "new"


@pytest.mark.parametrize("name", ["notes.txt", "t/mine.csv", "empty folder", ".hidden"])
def test_whatever_else_lies_in_it_is_named_and_kept(out, name):
    (out / name).mkdir() if "folder" in name else (out / name).write_text("mine")
    refused(out, f"holds {name}, which ovcf did not write")


def test_a_file_that_was_changed_since_is_named_and_kept(out):
    (out / "report.html").write_text("with my remarks")
    refused(out, r"holds report\.html, which was changed since ovcf wrote it")


def test_files_that_only_bear_the_names_of_a_report_are_kept(tmp_path):
    (tmp_path / "out" / "tables").mkdir(parents=True)
    (tmp_path / "out" / "tables" / "patients.csv").write_text("mine")
    (tmp_path / "out" / "report.docx").write_text("mine")
    refused(tmp_path / "out", r"holds report\.docx, which ovcf did not write; tables, which")


def test_a_result_of_another_kind_is_kept(out):
    with pytest.raises(OutputError, match=r"holds another result \(not digital patient, but result\)"):
        ResultFolder.at(out, "digital patient")
    assert state(out) == "old"


@pytest.mark.parametrize("record", [b"", b"{", b"[" * 100_000, b'{"made_by": "ovcf", "files": 3}', b"1" * 6000])
def test_a_record_that_is_none_proves_nothing(out, record):
    (out / MANIFEST).write_bytes(record)
    refused(out, "holds .ovcf-manifest.json")


def test_what_finder_and_explorer_leave_there_does_not_block(out):
    (out / ".DS_Store").write_bytes(b"icons")
    ResultFolder.at(out).write(report("new"))
    assert state(out) == "new"


@posix
def test_links_are_not_followed(out, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "patients.csv").write_text("mine")
    (tmp_path / "link").symlink_to(out)
    refused(tmp_path / "link", "is a link")
    (out / "more").symlink_to(tmp_path / "mine")
    refused(out, "holds more, which ovcf did not write")


@posix
def test_a_pipe_is_named_and_not_waited_for(out):
    os.mkfifo(out / "pipe")
    with pytest.raises(OutputError, match="holds pipe"):
        ResultFolder.at(out)


@pytest.mark.parametrize("given", ["out", "out/t/0.csv", "out/t", "in/../out/report.html", "link/report.html"])
def test_no_input_lies_where_the_result_goes(out, tmp_path, given):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(out)
    refused(out, "which is read", [tmp_path / "in", tmp_path / given])


def test_inputs_elsewhere_or_of_impossible_names_are_no_matter(out, tmp_path):
    (tmp_path / "study").mkdir()
    ResultFolder.at(out, inputs=[tmp_path, tmp_path / "study", "n" * 300, "~nosuchuser/x", "a:b"]).write(report("new"))
    assert state(out) == "new"


def test_the_folder_one_is_in_is_not_pulled_away(tmp_path, monkeypatch):
    (tmp_path / "here" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "deeper")
    for place in (".", "..", tmp_path / "here"):
        with pytest.raises(OutputError, match=r"cannot be replaced as a whole\. Give a folder in it"):
            ResultFolder.at(place)
    with pytest.raises(OutputError, match="cannot be replaced as a whole"):
        ResultFolder.at("/")


@pytest.mark.parametrize("name", ["~nosuchuser/out", "n" * 300, "file/out", "file"])
def test_an_impossible_place_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError) as error:
        ResultFolder.at(name).write(report("new"))
    assert error.value.remedy
    assert everything(tmp_path) == {"file": b"mine"}


@posix
def test_only_the_owner_may_read_a_result(tmp_path):
    with ResultFolder.at(tmp_path / "out").staged() as stage:
        (stage / "t").mkdir()
        (stage / "t" / "a.csv").write_text("1")
        assert stat.S_IMODE(stage.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "out", tmp_path / "out" / "t")} == {0o700}


def test_of_two_runs_at_once_the_first_stays_and_the_second_says_so(tmp_path):
    one, two = ResultFolder.at(tmp_path / "out"), ResultFolder.at(tmp_path / "out")
    one.write(report("new"))
    with pytest.raises(OutputError, match="was changed by another run or by hand while this one was at work"):
        two.write(report("old"))
    assert (state(tmp_path / "out"), beside(tmp_path / "out")) == ("new", [])


def test_a_run_waits_for_another_that_is_writing_and_then_says_so(out, monkeypatch):
    monkeypatch.setattr(result_folder, "_WAIT_S", 0.1)
    with locked(lock_of(out)), pytest.raises(OutputError, match="is being written by another run"):
        ResultFolder.at(out).write(report("new"))
    assert (state(out), beside(out)) == ("old", [])


def test_of_many_processes_at_once_no_result_is_lost_in_silence(tmp_path):
    """Those who say they succeeded did so one after another: the last of them is what is there."""
    script = """
import sys
from ovcf.errors import OutputError
from ovcf.files.result_folder import ResultFolder
from tests.files.states import report
print("ready", flush=True)
sys.stdin.readline()
found = ResultFolder.at(sys.argv[1])
print("chosen", flush=True)
sys.stdin.readline()
try:
    found.write(report("new"))
except OutputError as error:
    sys.exit(str(error))
"""
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "out")],
            env=os.environ | {"PYTHONPATH": path},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for said in ("ready\n", "chosen\n"):
        for run in runs:
            assert run.stdout.readline() == said
        for run in runs:
            run.stdin.write("go\n")
            run.stdin.flush()
    errors = [run.communicate()[1] for run in runs]
    assert sorted(run.returncode for run in runs) == [0, 1, 1, 1]
    assert sum("by another run" in error for error in errors) == 3
    assert (state(tmp_path / "out"), beside(tmp_path / "out")) == ("new", [])


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_file_put_there_at_the_last_moment_is_kept_and_the_report_with_it(out, monkeypatch, in_one_step):
    files = iter([out / "mine.txt"])

    def late(one, other):
        for file in files:
            file.write_text("mine")
        return in_one_step and exchange(one, other)

    monkeypatch.setattr(result_folder, "exchange", late)
    before = everything(out)
    with pytest.raises(OutputError, match=r"holds mine\.txt"):
        ResultFolder.at(out).write(report("new"))
    assert everything(out) == before | {"mine.txt": b"mine"}
    assert beside(out) == []


def test_leftovers_of_others_are_removed_but_not_what_only_looks_like_them(tmp_path):
    key, token = "0" * 16, "1" * 32
    ours = tmp_path / f".ovcf-{key}-{token}.stage"
    ours.mkdir()
    (ours / MANIFEST).write_text(f'{{"made_by": "ovcf", "unfinished": "{ours.name}"}}')
    (ours / "half.csv").write_text("1,")
    (tmp_path / f".ovcf-{key}.lock").touch()
    theirs = tmp_path / f".ovcf-{key}-{'2' * 32}.stage"
    theirs.mkdir()
    (theirs / "thesis.docx").write_text("mine")
    (tmp_path / ".ovcf-notes.lock").write_text("mine")
    ResultFolder.at(tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([theirs.name, ".ovcf-notes.lock"])


@posix
def test_without_locks_a_result_is_written_and_nothing_is_taken_for_abandoned(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with ResultFolder.at(tmp_path / "one").staged() as stage:
        (stage / "a.csv").write_text("1")
        ResultFolder.at(tmp_path / "one")
    assert (tmp_path / "one" / "a.csv").read_text() == "1"


def test_what_a_running_process_is_writing_is_left_to_it(tmp_path):
    with ResultFolder.at(tmp_path / "one").staged() as stage:
        (stage / "a.csv").write_text("1")
        ResultFolder.at(tmp_path / "other").write(report("new"))
    assert (tmp_path / "one" / "a.csv").read_text() == "1"
