"""Killed at any moment, the registry holds every write it acknowledged, whole, a whole chain, and every job ends.

CI kills 10 times on each database; ``make soak`` sets OVCF_KILLS to 200 and keeps what this prints.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import func, select

from ovcf.jobs import queue
from ovcf.jobs.worker import Worker
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.store import Registry, current
from ovcf.registry.tables import (
    DerivedFile,
    Episode,
    Job,
    MeasuredValue,
    Patient,
    PatientReport,
    Reading,
    ScoreValue,
    Visit,
    WorkItem,
)
from ovcf.registry.words import JobState

KILLS = int(os.environ.get("OVCF_KILLS", "10"))
SEED = int(os.environ.get("OVCF_KILLS_SEED", "1"))


class Processes:
    """Writers and workers that can be started in a moment, and killed."""

    def __init__(self, folder, database):
        command = [sys.executable, "-m", "tests.registry.killed_writer", str(folder), database or ""]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.kept, self._others, self._said = [], [], threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        self._next("ready")

    def _listen(self):
        for line in self.process.stdout:
            with self._said:
                (self.kept if line.startswith("kept") else self._others).append(line.split()[1:] or line.split())
                self._said.notify_all()

    def _next(self, what):
        with self._said:
            assert self._said.wait_for(lambda: self._others, timeout=120), f"no answer to {what}"
            return self._others.pop(0)[0]

    def start(self, *what):
        print(*what, file=self.process.stdin, flush=True)
        return int(self._next(what))

    def kill(self, pids):
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        print("reap", file=self.process.stdin, flush=True)
        self._next("reap")

    def until_kept(self, count):
        """Until so much was acknowledged."""
        with self._said:
            assert self._said.wait_for(lambda: len(self.kept) >= count, timeout=120), "nothing is written"

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts processes by fork")
def test_whatever_is_killed_nothing_acknowledged_is_lost(new_place, monkeypatch):
    monkeypatch.setattr(queue, "MAX_ATTEMPTS", 10_000)  # here the worker is killed; no study kills it
    folder, database = new_place()
    registry = Registry.open(folder, database=database, create=True)
    registry.begin("S1", "Site one", "admin", "Ada Min")
    chance, begun = random.Random(SEED), time.monotonic()
    there = Processes(folder, database)
    for kill in range(KILLS):
        before = len(there.kept)
        pids = [there.start("writer", kill), there.start("writer", kill), there.start("worker")]
        there.until_kept(before + chance.randint(1, 8))  # they are at work
        time.sleep(chance.uniform(0, 0.2))
        there.kill(pids)
    there.close()
    promised = Counter(kind for kind, *_ in there.kept)
    _no_job_is_forgotten(registry, [UUID(name) for kind, name, *_ in there.kept if kind == "study"])
    with registry.reading() as session:
        patients = {p.code: p.id for p in session.scalars(select(Patient))}
        whole = [{row.patient_id for row in session.scalars(current(kind))} for kind in (Episode, Visit, PatientReport)]
        states = {(row.reading, row.revision): row for row in session.scalars(select(Reading))}
        first = [row.id for row in states.values() if row.revision == 1]
        numbers = [set(session.scalars(select(kind.reading_id))) for kind in (MeasuredValue, ScoreValue)]
        listed = session.scalar(select(func.count()).select_from(WorkItem).where(WorkItem.reading.is_not(None)))
        told = session.scalars(select(WorkItem).where(WorkItem.reading.is_not(None))).all()
    assert {name for kind, name, *_ in there.kept if kind == "patient"} <= patients.keys()
    assert all(set(patients.values()) == rows for rows in whole)  # no patient is half made
    assert {(name, int(rest[0])) for kind, name, *rest in there.kept if kind == "state"} <= states.keys()
    newest = {}
    for reading, revision in sorted(states):
        assert revision == newest.get(reading, 0) + 1  # no state is missing
        newest[reading] = revision
    assert all(set(first) <= of for of in numbers)  # with their numbers, which are written after them
    assert listed == len(newest)
    assert {row.reading: row.revision for row in told} == newest  # the worklist tells of the newest state
    for (reading, revision), row in states.items():
        if revision == newest[reading]:
            file = load_reading(registry, row)  # read whole, what was seen with it
            assert len(file.reading.current.edits) == revision - 1
    assert registry.faults() == []
    registry.sweep(older_than_s=0)
    assert all(load_reading(registry, row) for row in list(states.values())[-50:])  # no file that is needed was swept
    registry.close()
    print(
        f"\n{KILLS} kills, seed {SEED}, on {registry.engine.dialect.name}, {time.monotonic() - begun:.0f} s: "
        f"{sum(promised.values())} writes were acknowledged ({dict(promised)}), none is lost; "
        f"{len(states)} states of {len(newest)} readings are whole, so is the chain of the audit; every job has ended."
    )


def _no_job_is_forgotten(registry, promised):
    """What was being done when its worker was killed is done by the next, once."""
    child = (sys.executable, "-m", "tests.jobs.child", "good")
    worker, until = Worker(registry, child=child, lease_s=5, poll_s=0.05), time.monotonic() + 600
    with registry.reading() as session:
        waiting = queue.waiting(session)
    while waiting and time.monotonic() < until:
        if not worker.one():
            time.sleep(0.1)  # a lease has still to run out
        with registry.reading() as session:
            waiting = queue.waiting(session)
    with registry.reading() as session:
        jobs = {job.work_item_id: job for job in session.scalars(select(Job))}
        drafts = session.scalars(select(DerivedFile.work_item_id).where(DerivedFile.kind == intake.DRAFT)).all()
    assert set(promised) <= jobs.keys()
    assert {job.state for job in jobs.values()} == {JobState.DONE}
    assert sorted(drafts) == sorted(jobs)
