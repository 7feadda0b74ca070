"""Jobs for whoever keeps the service going: what waits, runs, was set aside and why; and tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from ovcf.jobs import queue
from ovcf.registry.access import Act, require, within
from ovcf.registry.tables import Job, Patient, Person, WorkItem
from ovcf.registry.words import Action, JobState
from ovcf.server.api.admin.shapes import Work, WorkJob
from ovcf.server.api.here import Here, Who
from ovcf.server.api.patients import Limit
from ovcf.server.api.shown import job_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

router = APIRouter(tags=["administration"], prefix="/admin/jobs")


@router.get("")
def list_(
    here: Here, who: Who, state: Annotated[list[JobState] | None, Query(max_length=5)] = None, limit: Limit = 100
) -> Work:
    """Jobs of one's sites, newest first, and how many there are of each state at all sites."""
    require(who, Act.MANAGE_REGISTRY)
    with here.registry.reading() as session:
        asked = within(select(Job), who, Job).order_by(Job.enqueued_at.desc(), Job.id).limit(limit)
        if state:
            asked = asked.where(Job.state.in_(state))
        found = queue.counts(session)
        return Work(
            counts={one: found.get(one, 0) for one in JobState},
            oldest_waiting=queue.oldest_waiting(session),
            items=_shapes(session, session.scalars(asked).all()),
        )


@router.post("/{job}/retry", status_code=201)
def again(here: Here, who: Who, job: UUID) -> WorkJob:
    """Try once more what was set aside or cancelled: a new job with the same options."""
    require(who, Act.MANAGE_REGISTRY)
    with here.registry.writing(who.person) as writer:
        made = queue.again(writer.session, who, job)
        writer.note(Action.TRIED_AGAIN, [made])
        return _shapes(writer.session, [made])[0]


def _shapes(session: Session, rows: Sequence[Job]) -> list[WorkJob]:
    of_items = select(WorkItem).where(WorkItem.id.in_({r.work_item_id for r in rows}))
    items = {item.id: item for item in session.scalars(of_items)}
    of_patients = select(Patient).where(Patient.id.in_({r.patient_id for r in rows if r.patient_id}))
    patients = {patient.id: patient.code for patient in session.scalars(of_patients)}
    of_people = select(Person).where(Person.id.in_({r.enqueued_by for r in rows}))
    people = {person.id: person.code for person in session.scalars(of_people)}
    return [
        WorkJob(
            **job_shape(row, items.get(row.work_item_id)).model_dump(),
            name="" if row.work_item_id not in items else items[row.work_item_id].name,
            patient="" if row.patient_id is None else patients.get(row.patient_id, ""),
            by=people.get(row.enqueued_by, ""),
            worker=row.worker,
            peak_bytes=row.peak_bytes,
        )
        for row in rows
    ]
