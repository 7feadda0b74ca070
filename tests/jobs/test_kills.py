"""Killed at any moment, worker or service, a study that was taken on is assessed once, and nothing is half made."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.registry.store import Registry
from ovcf.registry.tables import DerivedFile, Job, WorkItem
from ovcf.registry.words import JobState

WORKER = """
import sys, threading
import ovcf.jobs.queue as queue
queue.MAX_ATTEMPTS = 1000  # here the worker is killed; no study kills it
from pathlib import Path
from ovcf.jobs.worker import Worker
from ovcf.registry.store import Registry
registry = Registry.open(Path(sys.argv[1]), database=sys.argv[2] or None)
child = (sys.executable, "-m", "tests.jobs.child", "slow")
sys.stdout.write("ready\\n"); sys.stdout.flush()
Worker(registry, child=child, lease_s=0.8, poll_s=0.05).run(threading.Event())
"""
KILLS = int(os.environ.get("OVCF_KILLS", "2"))


def stat_of(entry):
    """State and parent of a process, or None where it is gone."""
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)


def children_of(pid):
    """Processes that a process has started."""
    return [e for e in Path("/proc").iterdir() if e.name.isdigit() and stat_of(e) == pid]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes by /proc")
def test_every_study_is_assessed_once_whatever_is_killed(registry, send):
    folder = registry.files.folder.parent
    database = "" if registry.engine.dialect.name == "sqlite" else registry.engine.url.render_as_string(False)
    studies = [send()[0] for _ in range(2)]
    command = [sys.executable, "-c", WORKER, str(folder), database]
    chance = random.Random(1)
    for _ in range(KILLS):
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        worker.stdout.readline()
        deadline = time.monotonic() + 20
        while not (started := children_of(worker.pid)) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 1.2))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        gone = time.monotonic() + 10
        while any(map(stat_of, started)) and time.monotonic() < gone:
            time.sleep(0.02)
        assert not any(map(stat_of, started))  # no assessment without a worker
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with registry.reading() as session:
                if queue.waiting(session) == 0:
                    break
            time.sleep(0.1)
    finally:
        worker.kill()
        worker.wait()
    again = Registry.open(folder, database=database or None)
    with again.reading() as session:
        jobs = session.scalars(select(Job)).all()
        assert [job.state for job in jobs] == [JobState.DONE] * len(studies)
        assert sum(job.attempts for job in jobs) > len(studies)  # some were interrupted
        drafts = session.scalars(select(DerivedFile.work_item_id)).all()
        assert sorted(drafts) == sorted(studies)
        assert all(session.get(WorkItem, study).status.value == "draft" for study in studies)
    assert again.faults() == []
    again.close()
