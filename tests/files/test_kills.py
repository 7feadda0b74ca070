"""A run that is killed at any moment leaves the earlier report or the new one whole, and nothing to the next run."""

import os
import random
import signal
import sys
import time
from itertools import cycle

import pytest

from ovcf.files import result_folder
from ovcf.files.result_folder import ResultFolder
from tests.files.states import beside, report, state

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills as POSIX has them")


@pytest.fixture
def quick(monkeypatch):
    """Without waiting for the disk: what is killed here is a process, not the machine."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def run_apart(act, stop, at):
    """Run ``act`` in a process of its own that does ``stop`` before its ``at``-th call of the system; how it ended."""
    child = os.fork()
    if child == 0:
        left = at

        def count(_name, _arguments):
            nonlocal left
            left -= 1
            if left == 0:
                stop()

        try:
            sys.addaudithook(count)
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("in_one_step", [True, False])
@pytest.mark.parametrize("before", ["nothing", "an empty folder", "an earlier report"])
def test_killed_before_any_call_of_the_system(tmp_path, monkeypatch, quick, in_one_step, before):
    """Every single one; without an exchange in one step the folder may be absent until the next run, never mixed."""
    if not in_one_step:
        monkeypatch.setattr(result_folder, "exchange", lambda one, other: False)
    moments, seen, ended = 0, set(), -signal.SIGKILL
    while ended == -signal.SIGKILL:
        moments += 1
        out = tmp_path / str(moments) / "out"
        out.parent.mkdir()
        if before == "an empty folder":
            out.mkdir()
        if before == "an earlier report":
            ResultFolder.at(out).write(report("old"))
        ended = run_apart(lambda out=out: ResultFolder.at(out).write(report("new")), kill, moments)
        seen.add(state(out))
        assert state(out) is not None or before != "an earlier report" or not in_one_step
        found = ResultFolder.at(out)  # the next run finds a whole report again, and nothing else
        assert state(out) is not None or before != "an earlier report"
        assert beside(out) == []
        found.write(report("new"))
        assert (state(out), beside(out)) == ("new", [])
    assert (ended, moments > 20, "new" in seen) == (0, True, True)


def test_interrupted_before_any_call_of_the_system(tmp_path, quick):
    """Ctrl-C and SIGTERM end a run by an exception, even while it cleans up."""
    out, moments, ended = tmp_path / "out", 0, 1
    while ended == 1:
        moments += 1
        ResultFolder.at(out).write(report("old"))
        ended = run_apart(lambda: ResultFolder.at(out).write(report("new")), interrupt, moments)
        assert state(out) in ("old", "new")
    assert (ended, moments > 20) == (0, True)
    assert (state(out), beside(out)) == ("new", [])


def write_for_ever(out):
    """Old and new reports in turn, in a process of its own that has begun."""
    begun, beginning = os.pipe()
    writer = os.fork()
    if writer == 0:
        try:
            os.write(beginning, b".")
            for word in cycle(("old", "new")):
                ResultFolder.at(out).write(report(word))
        finally:
            os._exit(1)
    os.read(begun, 1)
    os.close(begun)
    os.close(beginning)
    return writer


def test_killed_at_random_again_and_again(tmp_path):
    out, moments = tmp_path / "out", random.Random(20)
    for _ in range(36):
        writer = write_for_ever(out)
        time.sleep(moments.uniform(0, 0.1))
        os.kill(writer, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) == -signal.SIGKILL
        state(out)
    ResultFolder.at(out).write(report("new"))
    assert (state(out), beside(out)) == ("new", [])
