"""A registry that another program holds for a while costs no attempt, no assessment and no worker."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from ovcf.jobs import patience
from ovcf.jobs.patience import patiently
from ovcf.registry import database
from ovcf.registry.tables import Job
from ovcf.registry.words import JobState, WorkStatus
from tests.jobs.conftest import state_of


@pytest.fixture
def new_place(tmp_path):
    """SQLite alone, which lets one program write at a time."""
    return lambda **_: (tmp_path / "data", None)


@pytest.fixture
def impatient(monkeypatch, registry):
    """The database itself waits for nobody, so that whoever finds it held is told at once."""
    monkeypatch.setattr(database, "_WAIT_SECONDS", 0)
    registry.engine.dispose()
    return registry


@pytest.fixture
def held(impatient):
    """Another program that holds the database: ``held.take()``, ``held.let_go()``."""

    class Held:
        def __init__(self):
            path = impatient.files.folder.parent / "registry.db"
            self.connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)

        def take(self):
            self.connection.execute("BEGIN IMMEDIATE")

        def let_go(self):
            self.connection.execute("ROLLBACK")

    one = Held()
    yield one
    one.connection.close()


@pytest.fixture
def waits(monkeypatch):
    """Released each time that somebody finds the registry held."""
    found = threading.Semaphore(0)
    monkeypatch.setattr(patience.log, "warning", lambda *_: found.release())
    return found


def test_a_worker_waits_for_its_next_job(registry, send, worker, held, waits):
    study, job = send()
    held.take()
    thread = threading.Thread(target=worker().one)
    thread.start()
    assert all(waits.acquire(timeout=60) for _ in range(3))
    held.let_go()
    thread.join(60)
    assert state_of(registry, study)[:2] == (WorkStatus.DRAFT, JobState.DONE)
    with registry.reading() as session:
        assert session.get(Job, job).attempts == 1


def test_what_was_made_of_a_study_meanwhile_is_kept(registry, send, worker, held, waits, monkeypatch):
    study, job = send()
    one = worker()
    take, made = one._take, []

    def taken(_, held_job, folder, *more):
        made.append(Path(folder, "reading.ovcf").read_bytes())
        if len(made) == 1:
            held.take()  # it was assessed, and now cannot be kept
        return take(held_job, folder, *more)

    monkeypatch.setattr(type(one), "_take", taken)
    thread = threading.Thread(target=one.one)
    thread.start()
    assert all(waits.acquire(timeout=60) for _ in range(3))
    held.let_go()
    thread.join(60)
    assert state_of(registry, study)[:2] == (WorkStatus.DRAFT, JobState.DONE)
    with registry.reading() as session:
        assert session.get(Job, job).attempts == 1
    assert len(made) > 3
    assert len(set(made)) == 1  # one assessment, kept at last
    assert registry.faults() == []


def test_a_study_goes_on_while_its_lease_cannot_be_renewed(registry, send, worker, held, waits):
    study, job = send()
    thread = threading.Thread(target=worker("slow", lease_s=2.0).one)
    thread.start()
    while state_of(registry, study)[1] is not JobState.RUNNING:
        pass
    held.take()
    assert waits.acquire(timeout=60)  # a beat, or the end
    held.let_go()
    thread.join(60)
    assert state_of(registry, study)[1] is JobState.DONE
    with registry.reading() as session:
        assert session.get(Job, job).attempts == 1


def test_nobody_waits_for_ever_nor_once_told_to_stop(waits):
    def away():
        raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))

    stop = threading.Event()
    with pytest.raises(OperationalError):
        patiently(away, stop, patience_s=0.3)
    assert waits.acquire(timeout=0)
    stop.set()
    with pytest.raises(OperationalError):
        patiently(away, stop)
