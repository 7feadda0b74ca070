"""Temporary files are private, and gone: at the end, at a signal, and after a kill with the next run."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading

import pytest

from ovcf.errors import OutputError
from ovcf.files import workspace as workspaces
from ovcf.files.lock import locked
from ovcf.files.workspace import workspace

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and signals as POSIX has them")

HOLDS_A_PATIENT = """
import signal, sys, time
from ovcf import cli
from ovcf.files.workspace import workspace
# A job in the background, or one under nohup, is started with these ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
def work(*_):
    with workspace() as folder:
        (folder / "IM0001.dcm").write_text("a patient")
        print("ready", flush=True)
        time.sleep(60)
cli._app = lambda arguments: lambda *_, **__: work()
cli.main()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(temporary):
    """A process with a patient's file in its temporary folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_PATIENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(temporary), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "ready\n"
    assert list(temporary.glob("*/IM0001.dcm"))
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_leaves_nothing(run, temporary, number, code):
    run.send_signal(number)
    _, error = run.communicate()
    assert list(temporary.iterdir()) == []
    assert (run.returncode, error) == (code, "")


def test_what_a_killed_run_leaves_nobody_else_can_read_and_the_next_run_removes(run, temporary):
    run.kill()
    run.communicate()
    (folder,) = (p for p in temporary.iterdir() if p.is_dir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with workspace():
        assert not folder.exists()
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_running_process_is_left_to_it(run, temporary):
    with workspace():
        pass
    assert list(temporary.glob("*/IM0001.dcm"))
    run.kill()
    run.communicate()


def test_a_folder_that_only_looks_like_one_is_left(temporary):
    (temporary / f"ovcf-{'0' * 32}").mkdir()
    (temporary / "ovcf-notes").mkdir()
    with workspace():
        pass
    assert len(list(temporary.iterdir())) == 2


def test_a_full_disk_is_called_so(temporary):
    with pytest.raises(OutputError, match="has no space left for temporary files"), workspace():
        raise OSError(28, "No space left on device")


def test_no_place_at_all_is_called_so(monkeypatch):
    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    with pytest.raises(OutputError, match="Name a folder for them in TMPDIR"), workspace():
        pass


def test_another_run_that_looks_at_the_new_lock_for_an_instant_does_not_stop_this_one(temporary, monkeypatch):
    monkeypatch.setattr(workspaces.secrets, "token_hex", lambda _: "ab" * 16)
    looking, looked = threading.Event(), threading.Event()

    def other():  # as its sweep does, between the making of the lock file and its being locked
        with locked(temporary / f"ovcf-{'ab' * 16}.lock"):
            looking.set()
            looked.wait(10)

    thread = threading.Thread(target=other)
    thread.start()
    looking.wait(10)
    threading.Timer(0.2, looked.set).start()
    with workspace() as folder:
        assert folder.is_dir()
    thread.join()
    assert list(temporary.iterdir()) == []
