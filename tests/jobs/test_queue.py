"""A job is done by one worker at a time, again if that one ends, and not for ever."""

from datetime import timedelta

import pytest

from ovcf.errors import ConflictError, RegistryError
from ovcf.jobs import queue
from ovcf.registry.columns import now
from ovcf.registry.tables import Job, WorkItem
from ovcf.registry.words import JobState, WorkStatus
from tests.jobs.conftest import who


def job_now(registry, id_):
    with registry.reading() as session:
        job = session.get(Job, id_)
        item = session.get(WorkItem, job.work_item_id)
        return job.state, job.attempts, item.status, job.why


def run_out(registry):
    """As when the worker of every lease was killed some time ago."""
    with registry.working() as session:
        for job in session.query(Job).filter(Job.state == JobState.RUNNING):
            job.leased_until = now() - timedelta(seconds=1)


def test_a_job_is_leased_to_one_worker(registry, send):
    _, job = send()
    held = queue.lease(registry, "a")
    assert held.id == job
    assert queue.lease(registry, "b") is None
    assert job_now(registry, job)[:3] == (JobState.RUNNING, 1, WorkStatus.ASSESSING)


def test_a_worker_that_is_gone_loses_its_job_and_can_finish_nothing_later(registry, send):
    _, job = send()
    gone = queue.lease(registry, "a")
    run_out(registry)
    held = queue.lease(registry, "b")
    assert (held.id, held.attempt) == (job, 2)
    assert queue.beat(registry, gone) is False
    with registry.working() as session:
        assert queue.done(session, gone, seconds=1, peak_bytes=None) is False
        assert queue.done(session, held, seconds=1, peak_bytes=None) is True


def test_a_job_that_ends_its_worker_three_times_is_set_aside_and_says_so(registry, send):
    _, job = send()
    for _ in range(queue.MAX_ATTEMPTS):
        assert queue.lease(registry, "a").id == job
        run_out(registry)
    assert queue.lease(registry, "a") is None
    state, attempts, status, why = job_now(registry, job)
    assert (state, attempts, status) == (JobState.SET_ASIDE, 3, WorkStatus.SET_ASIDE)
    assert "3 times" in why["problem"]
    assert why["remedy"]


def test_a_beat_keeps_the_lease_and_tells_how_far_it_is(registry, send):
    _, job = send()
    held = queue.lease(registry, "a", seconds=0.0)
    assert queue.beat(registry, held, progress="Half of it")
    assert queue.lease(registry, "b") is None
    with registry.reading() as session:
        assert session.get(Job, job).progress == "Half of it"


def test_what_failed_goes_behind_what_waits(registry, send):
    (_, first), (_, second) = send(), send()
    held = queue.lease(registry, "a")
    queue.failed(registry, held, RegistryError("study", "is odd", "Look at it."), again=True)
    assert queue.lease(registry, "a").id == second
    assert queue.lease(registry, "a").id == first


def test_a_cancelled_job_is_lost_to_its_worker(registry, send):
    study, job = send()
    held = queue.lease(registry, "a")
    with registry.working() as session:
        queue.cancel(session, who(registry), job)
    assert queue.beat(registry, held) is False
    assert job_now(registry, job)[2] is WorkStatus.NO_DRAFT
    with registry.working() as session, pytest.raises(RegistryError, match="is over"):
        queue.cancel(session, who(registry), job)
    with registry.writing(registry.admin.id) as writer:  # and may be asked for again
        queue.enqueue(writer.session, writer.session.get(WorkItem, study), registry.admin.id)


def test_a_study_is_assessed_by_one_job_at_a_time(registry, send):
    study, _ = send()
    with pytest.raises(ConflictError, match="already"), registry.writing(registry.admin.id) as writer:
        queue.enqueue(writer.session, writer.session.get(WorkItem, study), registry.admin.id)


def test_a_study_and_its_job_come_about_together_or_not_at_all(registry, send, monkeypatch):
    monkeypatch.setattr(queue, "enqueue", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send()
    with registry.reading() as session:
        assert session.query(WorkItem).count() == session.query(Job).count() == 0
