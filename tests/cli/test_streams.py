"""What is printed reaches any terminal, pipe or file without harm, and without a traceback where it cannot."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from ovcf.cli.streams import prepare
from ovcf.cli.terminal import Terminal
from ovcf.files.result_manifest import MANIFEST
from tests.imaging.build_dicom import Scan

REPOSITORY = Path(__file__).resolve().parents[2]
LANDMARKS = REPOSITORY / "examples" / "landmarks.json"
posix = pytest.mark.skipif(os.name != "posix", reason="names and pipes as POSIX has them")


def ovcf(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **environment):
    """The finished process of a command."""
    path = os.pathsep.join(sys.path)
    return subprocess.run(
        [sys.executable, "-m", "ovcf", *arguments],
        stdout=stdout,
        stderr=stderr,
        check=False,
        env=os.environ | {"PYTHONPATH": path} | environment,
    )


@pytest.fixture
def nobody_reads():
    """The end of a pipe whose reader has gone, as after ``| true``."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@posix
@pytest.mark.parametrize("command", [("schema",), ("measure", str(LANDMARKS)), ("evidence", "list"), ("score",)])
def test_a_reader_who_leaves_early_is_no_error(nobody_reads, command):
    done = ovcf(*command, stdout=nobody_reads)
    assert (done.returncode, done.stderr) == (0, b"")


@posix
def test_the_report_is_written_though_nobody_reads_what_is_printed(nobody_reads, tmp_path):
    arguments = ("assess", "--landmarks", str(LANDMARKS), "--fracture", "L1", "--out", str(tmp_path / "out"))
    assert ovcf(*arguments, stdout=nobody_reads, stderr=nobody_reads).returncode == 0
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [("schema",), ("measure", str(LANDMARKS))])
def test_a_full_disk_behind_standard_output_is_called_so(command):
    with Path("/dev/full").open("wb") as full:
        done = ovcf(*command, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith(b"ovcf: standard output: No space left on device.")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", [("--help",), ("measure", str(LANDMARKS)), ("cohort", "columns", "nasovcf")])
def test_a_terminal_that_knows_ascii_only_shows_other_characters_by_their_number(command):
    done = ovcf(*command, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


@posix
def test_names_that_are_not_utf8_are_read_and_shown(tmp_path):
    odd = os.fsdecode(b"patient\xe9")
    (tmp_path / f"{odd}.json").write_bytes(LANDMARKS.read_bytes())
    done = ovcf("assess", "--landmarks", str(tmp_path / f"{odd}.json"), "--out", str(tmp_path / odd))
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads((tmp_path / odd / "assessment.json").read_text(encoding="utf-8"))
    assert result["provenance"]["inputs"][0][0].endswith("patient\N{REPLACEMENT CHARACTER}.json")
    assert (tmp_path / odd / MANIFEST).exists()
    done = ovcf("measure", str(tmp_path / f"{odd}-absent.json"))
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


LONG = "n" * 300
IMPOSSIBLE = [
    ("assess", LONG),
    ("assess", "--clinical", LONG),
    ("assess", "--labels", LONG),
    ("assess", "--landmarks", LONG),
    ("measure", LONG),
    ("cohort", "kadri", f"{LONG}.csv"),
    ("phantom", LONG),
    ("phantom", "--out", LONG),
    ("assess", "--landmarks", str(LANDMARKS), "--out", LONG),
    ("cohort", "demo", "--out", "~nosuchuser/x"),
    ("assess", "--clinical", "~nosuchuser/x"),
    ("phantom", "--out", "~nosuchuser/x"),
]


@pytest.mark.parametrize("arguments", IMPOSSIBLE, ids=lambda a: " ".join(a).replace(LONG, "n…"))
def test_a_name_that_cannot_be_ends_with_one_message(command, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, error = command(*arguments)
    assert code == 2
    assert re.match(r"ovcf: .*(n{300}|~nosuchuser)", error)
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_words_of_a_landmark_file_do_not_steer_the_terminal(command, tmp_path):
    content = json.loads(LANDMARKS.read_text())
    content["image"] = "film \x1b]0;owned\x07\x1b[2J \u202egnp"
    (tmp_path / "landmarks.json").write_text(json.dumps(content))
    for arguments in (
        ("measure", tmp_path / "landmarks.json"),
        ("measure", tmp_path / "landmarks.json", "--json"),
        ("assess", "--landmarks", tmp_path / "landmarks.json", "--fracture", "L1", "--out", tmp_path / "out"),
        ("measure", "absent\x1b[2J.json"),
    ):
        _, printed, error = command(*arguments)
        assert not set("\x1b\x07\u202e") & set(printed + error)
    _, printed, _ = command("measure", tmp_path / "landmarks.json", "--json")
    assert content["image"] in {m["source"]["image"] for m in json.loads(printed)["measurements"]}


def test_a_series_description_does_not_steer_the_terminal(command, tmp_path):
    Scan(tags={"RepetitionTime": 3500.0, "EchoTime": 100.0, "SeriesDescription": "t2 \x1b]0;owned\x07 sag"}).write(
        tmp_path / "study"
    )
    code, printed, error = command("assess", tmp_path / "study", "--out", tmp_path / "out", "--engine", "none")
    assert code == 0
    assert not set("\x1b\x07") & set(printed + error)
    assert "\\u001b" not in (tmp_path / "out" / "assessment.json").read_text(encoding="utf-8")


def test_colours_of_our_own_stay():
    out = io.StringIO()
    Terminal(file=out, force_terminal=True, color_system="standard", highlight=False).print("[bold]film[/] \x1b[31mred")
    assert out.getvalue() == "\x1b[1mfilm\x1b[0m [31mred\n"


def test_a_warning_of_a_library_does_not_steer_the_terminal(monkeypatch, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        prepare()
        warnings.warn("unknown escape sequence in 'sag \x1b[2J'", stacklevel=1)
    assert "unknown escape sequence in 'sag [2J'" in capsys.readouterr().err


def test_every_module_prints_through_the_clean_streams():
    for path in (REPOSITORY / "src" / "ovcf").rglob("*.py"):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not {"print", "Console"} & called, path
