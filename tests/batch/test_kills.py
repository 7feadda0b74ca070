"""Killed at any moment, whole or in part, a batch goes on where it was, and its tables come out the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ovcf.batch.sources.walk import studies_in
from ovcf.files.put_file import put_file, sweep_parts
from tests.batch.conftest import bytes_of, tables_of
from tests.jobs.test_kills import children_of, stat_of

KILLS = int(os.environ.get("OVCF_KILLS", "2"))
RUN = """
import sys
from pathlib import Path
from tests.batch.conftest import run_batch
run_batch(Path(sys.argv[1]), sys.argv[2], sys.argv[3:], shards=2, workers=2)
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes by /proc")


def started(studies, out, child):
    return subprocess.Popen([sys.executable, "-c", RUN, str(studies), str(out), *child])


def wait_for(what, seconds=30.0):
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    assert what()


def test_killed_as_a_whole_it_goes_on_and_gives_the_same_bytes(studies, batch, child, tmp_path):
    many = 6 * (KILLS + 1)  # some are left to do after the last kill
    folder, out = studies(many, "refuse", slow=True), tmp_path / "killed"
    for kill in range(KILLS):
        run = started(folder, out, child)
        wait_for(lambda run=run: len(children_of(run.pid)) == 2)
        before = sum(1 for _ in out.glob("state/results/*/*"))
        wait_for(lambda before=before: sum(1 for _ in out.glob("state/results/*/*")) > before)
        time.sleep(0.1 * kill)
        children = children_of(run.pid)
        run.send_signal(signal.SIGKILL)
        run.wait()
        wait_for(lambda children=children: not any(map(stat_of, children)))  # no assessment without its worker
    killed, count = batch(folder, out, shards=2)
    assert 0 < count.computed < count.done == many + 1  # what was done before the kill was not done again
    whole, _ = batch(folder, "whole", shards=2)
    assert bytes_of(killed) == bytes_of(whole)
    assert not list((out / ".writing").iterdir())


def test_a_killed_child_is_replaced_and_its_study_done(studies, batch, child, tmp_path):
    folder, out = studies(4, slow=True), tmp_path / "out"
    run = started(folder, out, child)
    wait_for(lambda: len(children_of(run.pid)) == 2)
    wait_for(lambda: any(out.glob("state/attempts/*/*/*")))
    time.sleep(0.1)
    os.kill(int(children_of(run.pid)[0].name), signal.SIGKILL)
    assert run.wait(60) == 0
    whole, _ = batch(folder, "whole", shards=2)
    done, count = batch(folder, out, shards=2)
    assert count.computed == 0
    assert tables_of(done) == tables_of(whole)


def test_a_study_that_kills_its_worker_three_times_is_set_aside(studies, batch, child, tmp_path):
    folder, out = studies(0, "hang"), tmp_path / "out"
    for kill in range(3):
        run = started(folder, out, child)
        wait_for(lambda kill=kill: len(list(out.glob("state/attempts/*/*/*"))) == kill + 1)
        run.send_signal(signal.SIGKILL)
        run.wait()
    store, count = batch(folder, out, shards=1)
    assert count.computed == 1
    (row,) = tables_of(store)["studies"]
    assert row["outcome"] == "quarantined"


def test_two_runs_at_once_do_not_disturb_each_other(studies, batch, child, tmp_path):
    folder, out = studies(4, slow=True), tmp_path / "out"
    both = [started(folder, out, child) for _ in range(2)]
    assert [run.wait(60) for run in both] == [0, 0]
    store, count = batch(folder, out, shards=2)
    assert count.computed == 0
    whole, _ = batch(folder, "whole", shards=2)
    assert bytes_of(store) == bytes_of(whole)


def test_a_file_is_whole_or_not_there_and_the_first_one_stays(tmp_path):
    parts, path = tmp_path / "parts", tmp_path / "a" / "file"
    assert put_file(path, b"first", parts, replace=False)
    assert not put_file(path, b"second", parts, replace=False)
    assert path.read_bytes() == b"first"
    assert put_file(path, b"third", parts, replace=True)
    assert path.read_bytes() == b"third"
    (parts / "left.part").write_bytes(b"half")
    sweep_parts(parts)
    assert not list(parts.iterdir())


def test_the_studies_of_a_folder_are_found_in_one_order(studies):
    folder = studies(3)
    assert [one.study for one in studies_in([folder])] == ["s00", "s01", "s02"]
