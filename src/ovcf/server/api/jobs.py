"""Jobs: what waits, what runs and how far, what was set aside and why; and what happens, told as it happens.

Events are server-sent. Every service process looks at the database itself, so that what another process does is told
too. A stream ends after some minutes, and the browser opens the next one where it left off (``Last-Event-ID``).
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.registry.access import Act, require, within
from ovcf.registry.tables import Job, WorkItem
from ovcf.registry.words import Action, JobState
from ovcf.server.api.here import Here, Service, Who
from ovcf.server.api.shapes import JobPage, JobShape
from ovcf.server.api.shown import job_shape

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ovcf.registry.access import Principal

router = APIRouter(tags=["jobs"])
_EVERY_S = 0.5
_QUIET_S = 15.0
_MOST = 500
_OVERLAP = timedelta(seconds=2)
"""Rows may become visible a moment after their time: this much is looked at again, and told once."""


@router.get("/jobs")
def list_(
    here: Here,
    who: Who,
    state: Annotated[list[JobState] | None, Query(max_length=5)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:
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
    with here.registry.writing(who.person) as writer:
        found = queue.cancel(writer.session, who, job)
        writer.note(Action.CANCELLED, [found])
        return job_shape(found, writer.session.get(WorkItem, found.work_item_id))


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def events(
    request: Request, here: Here, who: Who, last: Annotated[str, Header(alias="Last-Event-ID", max_length=60)] = ""
) -> StreamingResponse:
    """``job`` and ``study`` events of one's site from now on, or from where a stream ended."""
    require(who, Act.READ_CASES)
    return StreamingResponse(_told(request, here, who, _since(last)), media_type="text/event-stream")


async def _told(request: Request, here: Service, who: Principal, since: datetime) -> AsyncIterator[str]:
    ends, quiet = time.monotonic() + here.event_seconds, time.monotonic()
    told: dict[tuple[str, str], str] = {}
    yield "retry: 1000\n\n"
    while time.monotonic() < ends and not (here.stopping.is_set() or await request.is_disconnected()):
        found = await run_in_threadpool(_changes, here, who, since - _OVERLAP)
        for kind, id_, at, data in found:
            since = max(since, at)
            if told.get((kind, id_)) != data:
                told[kind, id_] = data
                quiet = time.monotonic()
                yield f"event: {kind}\nid: {at.isoformat()}\ndata: {data}\n\n"
        if time.monotonic() - quiet > _QUIET_S:
            quiet = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(_EVERY_S)


def _changes(here: Service, who: Principal, since: datetime) -> list[tuple[str, str, datetime, str]]:
    with here.registry.reading() as session:
        jobs = session.scalars(
            within(select(Job).where(Job.changed_at > since).order_by(Job.changed_at).limit(_MOST), who, Job)
        ).all()
        items = session.scalars(
            within(
                select(WorkItem).where(WorkItem.changed_at > since).order_by(WorkItem.changed_at).limit(_MOST),
                who,
                WorkItem,
            )
        ).all()
        found = [
            (
                "job",
                str(j.id),
                j.changed_at,
                json.dumps(
                    {"id": str(j.id), "study": str(j.work_item_id), "state": j.state.value, "progress": j.progress}
                ),
            )
            for j in jobs
        ] + [
            (
                "study",
                str(i.id),
                i.changed_at,
                json.dumps({"id": str(i.id), "status": i.status.value, "reading": i.reading, "revision": i.revision}),
            )
            for i in items
        ]
    return sorted(found, key=lambda entry: entry[2])


def _since(last: str) -> datetime:
    try:
        at = datetime.fromisoformat(last)
    except ValueError:
        return datetime.now(UTC)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(at, datetime.now(UTC) - timedelta(days=1))
