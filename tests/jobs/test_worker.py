"""What a worker does with a study that can be assessed, and with one that cannot: it never takes the worker along."""

import threading
import time

import pytest
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.jobs.process import Limits
from ovcf.jobs.worker import places
from ovcf.registry.clinic import intake
from ovcf.registry.tables import Job, StoredFile, WorkItem
from ovcf.registry.words import JobState, WorkStatus
from tests.jobs.conftest import film, state_of, who


@pytest.fixture
def new_place(tmp_path):
    """SQLite alone: what a worker does with a process does not depend on the database."""
    return lambda **_: (tmp_path / "data", None)


@pytest.mark.parametrize(
    ("how", "attempts", "said"),
    [("error", 1, "holds no spine"), ("crash", 3, "signal 6"), ("hang", 3, "seconds"), ("hungry", 3, "memory")],
)
def test_a_poison_study_is_set_aside_with_its_reason(registry, send, worker, how, attempts, said):
    study, job = send()
    limits = Limits(seconds=1.5 if how == "hang" else 30, bytes=150 * 2**20 if how == "hungry" else 6 * 2**30)
    one = worker(how, limits=limits)
    for _ in range(attempts):
        assert one.one()
    assert one.one() is False
    status, state, why = state_of(registry, study)
    assert (status, state) == (WorkStatus.SET_ASIDE, JobState.SET_ASIDE)
    assert said in why["problem"]
    with registry.reading() as session:
        assert session.get(Job, job).attempts == attempts
    well, _ = send()  # and the next is done as if nothing had been
    assert worker().one()
    assert state_of(registry, well)[1] is JobState.DONE


def test_a_cancelled_job_stops(registry, send, worker):
    study, job = send()
    thread = threading.Thread(target=worker("hang", lease_s=2.0).one)
    thread.start()
    while state_of(registry, study)[1] is not JobState.RUNNING:
        time.sleep(0.02)
    with registry.working() as session:
        queue.cancel(session, who(registry), job)
    thread.join(timeout=15)
    assert not thread.is_alive()
    assert state_of(registry, study)[:2] == (WorkStatus.NO_DRAFT, JobState.CANCELLED)


def test_a_worker_that_is_told_to_stop_lets_its_job_go_at_once(registry, send, worker):
    study, job = send()
    stop = threading.Event()
    thread = threading.Thread(target=worker("hang").run, args=(stop,))
    thread.start()
    while state_of(registry, study)[1] is not JobState.RUNNING:
        time.sleep(0.02)
    stop.set()
    thread.join(timeout=15)
    assert not thread.is_alive()
    assert state_of(registry, study)[1] is JobState.QUEUED
    with registry.reading() as session:
        assert session.get(Job, job).attempts == 0


def test_files_are_put_where_they_cannot_reach_out_of_their_folder():
    names = [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\images\\a.dcm",
        "a.dcm",
        "a.dcm",
        "A.DCM",
        "",
        ".",
        "a.dcm/b",
        "x" * 300,
        "visit 1/IM\x00G",
        "…/..",
        "con/.hidden",
    ]
    found = places([intake.Kept(name, "") for name in names])
    assert len({str(path).casefold() for path in found}) == len(names)
    for path in found:
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert all(len(part) <= 80 for part in path.parts)
    taken = {str(path).casefold() for path in found}
    assert not any(str(parent).casefold() in taken for path in found for parent in path.parents)


def test_the_same_images_are_not_taken_twice(registry, send, tmp_path):
    from ovcf.errors import ConflictError

    image = film(tmp_path)
    study, _ = send(image)
    with pytest.raises(ConflictError, match=str(study)):
        send(image)


def test_what_is_no_image_is_refused_and_nothing_is_left(registry, send, tmp_path):
    from ovcf.errors import MissingFileError

    (tmp_path / "letter.txt").write_text("Dear colleague")
    with pytest.raises(MissingFileError, match="no image"):
        send(intake.Sent("letter.txt", tmp_path / "letter.txt"))
    assert list(registry.files) == []


def test_a_study_of_nobody_can_be_let_go_with_its_files(registry, send, worker):
    study, _ = send()
    worker().one()
    assert len(list(registry.files)) == 2  # the film and the draft
    with registry.writing(registry.admin.id) as writer:
        intake.discard(writer, writer.session.get(WorkItem, study))
    with registry.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []
    assert list(registry.files) == []
