"""Jobs: what waits, what runs and how far, what was set aside and why."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.registry.access import Act, require, within
from ovcf.registry.tables import Job, WorkItem
from ovcf.registry.words import JobState
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import JobPage, JobShape
from ovcf.server.api.shown import job_shape

router = APIRouter(tags=["jobs"])


@router.get("/jobs")
def list_(
    here: Here, who: Who, state: Annotated[list[JobState] | None, Query(max_length=5)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:  # fmt: skip
    """Jobs, newest first."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        asked = within(select(Job), who, Job).order_by(Job.enqueued_at.desc(), Job.id).limit(limit)
        if state:
            asked = asked.where(Job.state.in_(state))
        rows = session.scalars(asked).all()
        return JobPage(items=[job_shape(row, session.get(WorkItem, row.work_item_id)) for row in rows])


@router.get("/jobs/{job}")
def show(here: Here, who: Who, job: UUID) -> JobShape:
    """One job."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = queue.job_of(session, who, job)
        return job_shape(found, session.get(WorkItem, found.work_item_id))


@router.post("/jobs/{job}/cancel")
def cancel(here: Here, who: Who, job: UUID) -> JobShape:
    """Let a job go; its worker stops within seconds."""
    require(who, Act.EDIT_READING)
    with here.registry.working() as session:
        found = queue.cancel(session, who, job)
        return job_shape(found, session.get(WorkItem, found.work_item_id))
