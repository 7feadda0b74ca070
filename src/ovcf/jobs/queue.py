"""The jobs as a queue: enqueued with what they are about, leased to one worker at a time, finished once.

A worker that ends, however it ends, lets its lease run out, and the job is leased again; after :data:`MAX_ATTEMPTS`
leases it is set aside with the reason. Whoever lost a lease can finish nothing: its secret no longer fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import and_, func, or_, select

from ovcf.errors import ConflictError, OvcfError, RegistryError
from ovcf.language.worded import say
from ovcf.registry.access import found_by
from ovcf.registry.columns import now
from ovcf.registry.tables import Job, WorkItem
from ovcf.registry.words import JobKind, JobState, WorkStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry

MAX_ATTEMPTS = 3
LEASE_S = 30.0
_OVER = (JobState.DONE, JobState.SET_ASIDE, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in the hands of one worker."""

    id: UUID
    lease: UUID
    work_item: UUID
    attempt: int
    enqueued_by: UUID
    options: Mapping[str, Any]


def why(error: OvcfError) -> dict[str, Any]:
    """An error as a job keeps it: what is wrong, and what to do as a sentence, a code and its arguments."""
    return {
        "where": error.where,
        "problem": error.problem,
        "remedy": error.remedy.text,
        "code": error.remedy.code.value,
        "arguments": error.remedy.given,
    }


def enqueue(session: Session, item: WorkItem, actor: UUID, options: Mapping[str, Any] | None = None) -> Job:
    """Ask for a study to be assessed, in the transaction of the caller.

    Raises:
        ConflictError: it is being assessed, or has been.
    """
    if item.reading is not None:
        raise ConflictError("this study", "has been assessed already", "Open its reading.")
    open_ = select(Job.id).where(Job.work_item_id == item.id, Job.state.not_in(_OVER))
    if session.scalars(open_).first() is not None:
        raise ConflictError("this study", "is being assessed already", "Wait for it, or cancel that job.")
    job = Job(
        id=uuid4(),
        kind=JobKind.ASSESS,
        state=JobState.QUEUED,
        site_id=item.site_id,
        work_item_id=item.id,
        patient_id=item.patient_id,
        enqueued_by=actor,
        options=dict(options or {}),
    )
    session.add(job)
    item.status, item.changed_at = WorkStatus.WAITING, now()
    session.flush()
    return job


def lease(registry: Registry, worker: str, *, seconds: float = LEASE_S) -> Leased | None:
    """Take the next job: one that waits, or one whose worker let its lease run out; None where there is none."""
    with registry.working() as session:
        while (job := session.scalars(_free()).first()) is not None:
            if job.attempts >= MAX_ATTEMPTS:
                problem = job.why or why(_ended(job.attempts))
                _end(session, job, JobState.SET_ASIDE, problem)
                continue
            job.state, job.attempts, job.worker = JobState.RUNNING, job.attempts + 1, worker
            job.lease, job.leased_until = uuid4(), now() + timedelta(seconds=seconds)
            job.started_at, job.progress, job.changed_at = now(), "", now()
            item = session.get(WorkItem, job.work_item_id)
            assert item is not None
            item.status, item.changed_at = WorkStatus.ASSESSING, now()
            return Leased(job.id, job.lease, job.work_item_id, job.attempts, job.enqueued_by, dict(job.options))
    return None


def beat(registry: Registry, held: Leased, *, progress: str | None = None, seconds: float = LEASE_S) -> bool:
    """Hold a lease for some more seconds; False where it is lost or the job was cancelled."""
    with registry.working() as session:
        job = _held(session, held)
        if job is None:
            return False
        job.leased_until = now() + timedelta(seconds=seconds)
        if progress is not None and progress != job.progress:
            job.progress, job.changed_at = progress[:500], now()
        return True


def done(session: Session, held: Leased, *, seconds: float, peak_bytes: int | None) -> bool:
    """Finish a job, in the transaction that keeps its result; False where the lease is lost: then nothing is kept."""
    job = _held(session, held)
    if job is None:
        return False
    job.seconds, job.peak_bytes = seconds, peak_bytes
    _end(session, job, JobState.DONE, None)
    return True


def failed(registry: Registry, held: Leased, error: OvcfError, *, again: bool) -> None:
    """A job went wrong: it is tried ``again`` while attempts are left, or set aside."""
    with registry.working() as session:
        job = _held(session, held)
        if job is None:
            return
        if again and job.attempts < MAX_ATTEMPTS:
            job.state, job.lease, job.leased_until = JobState.QUEUED, None, None
            job.why, job.changed_at = why(error), now()
        else:
            _end(session, job, JobState.SET_ASIDE, why(error))


def give_back(registry: Registry, held: Leased) -> None:
    """Let a job go that was not finished, as if it had never been leased."""
    with registry.working() as session:
        job = _held(session, held)
        if job is not None:
            job.state, job.lease, job.leased_until = JobState.QUEUED, None, None
            job.attempts, job.progress, job.changed_at = job.attempts - 1, "", now()


def cancel(session: Session, principal: Principal, id_: UUID) -> Job:
    """Let a job go; its worker stops at the next beat.

    Raises:
        NotThereError: there is none. RegistryError: it is over.
    """
    job = job_of(session, principal, id_)
    if job.state in _OVER:
        raise RegistryError("this job", f"is over ({job.state})", "Nothing is to be done.")
    _end(session, job, JobState.CANCELLED, None)
    return job


def again(session: Session, principal: Principal, id_: UUID) -> Job:
    """Ask once more for what a job was to do that was set aside or cancelled: a new job, with the same options.

    Raises:
        NotThereError: there is none. ConflictError: it is not over, was done, or the study is being assessed.
    """
    job = job_of(session, principal, id_)
    if job.state not in (JobState.SET_ASIDE, JobState.CANCELLED):
        raise ConflictError("this job", f"is {job.state}", "Only what was set aside or cancelled is tried again.")
    item = session.get_one(WorkItem, job.work_item_id)
    return enqueue(session, item, principal.person, job.options)


def counts(session: Session) -> dict[JobState, int]:
    """How many jobs there are in each state, of all sites."""
    found = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {state: int(number) for state, number in found}


def oldest_waiting(session: Session) -> datetime | None:
    """Since when the job that has waited longest has been waiting, of all sites; None where none waits."""
    return session.scalar(select(func.min(Job.enqueued_at)).where(Job.state == JobState.QUEUED))


def job_of(session: Session, principal: Principal, id_: UUID) -> Job:
    """A job that the principal may see.

    Raises:
        NotThereError: there is none.
    """
    return found_by(session, select(Job).where(Job.id == id_), principal, Job, "job")


def newest_job(session: Session, item: WorkItem) -> Job | None:
    """The last job about a study."""
    asked = select(Job).where(Job.work_item_id == item.id).order_by(Job.enqueued_at.desc()).limit(1)
    return session.scalars(asked).first()


def waiting(session: Session) -> int:
    """How many jobs are not over."""
    return session.scalar(select(func.count()).select_from(Job).where(Job.state.not_in(_OVER))) or 0


def _free() -> Any:
    expired = and_(Job.state == JobState.RUNNING, Job.leased_until < now())
    return (
        select(Job).where(or_(Job.state == JobState.QUEUED, expired)).order_by(Job.attempts, Job.enqueued_at).limit(1)
    )


def _held(session: Session, held: Leased) -> Job | None:
    """The job, if the lease is still the one it was taken with."""
    return session.scalars(
        select(Job).where(Job.id == held.id, Job.lease == held.lease, Job.state == JobState.RUNNING)
    ).first()


def _end(session: Session, job: Job, state: JobState, problem: dict[str, Any] | None) -> None:
    job.state, job.why, job.lease, job.leased_until = state, problem, None, None
    job.ended_at = job.changed_at = now()
    item = session.get(WorkItem, job.work_item_id)
    if item is not None and item.reading is None and state is not JobState.DONE:
        item.status = WorkStatus.SET_ASIDE if state is JobState.SET_ASIDE else WorkStatus.NO_DRAFT
        item.changed_at = now()
    session.flush()


def _ended(attempts: int) -> OvcfError:
    """A worker that is killed cannot say why: a study that ends it looks like one that was under way by chance."""
    return RegistryError(
        "this study",
        say(
            "was being assessed each of the {attempts} times that its worker was ended from outside", attempts=attempts
        ),
        "Where the service or its machine was stopped, that says nothing of the study: Try again assesses it. If it "
        "is set aside once more, look at its images elsewhere first; if they are sound, report this as a bug.",
    )
