"""Rows of the registry as the service shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.errors import Remedy, RemedyCode
from ovcf.language.spoken import tr
from ovcf.language.stored_sentences import from_data
from ovcf.program import program
from ovcf.registry.store import current
from ovcf.registry.tables import Patient, Person, Reading, Visit
from ovcf.registry.words import WorkStatus
from ovcf.render.words.remedies import words
from ovcf.server.api.shapes import EpisodeShape, Fact, JobShape, PatientLine, Summary, Trouble, VisitShape, WorkLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Episode, Job, WorkItem

_OWN = {"id", "entity_id", "replaces_id", "reason", "retracted", "recorded_at", "recorded_by", "patient_id"}


def patient_line(row: Patient) -> PatientLine:
    """A patient in a list."""
    return PatientLine(id=row.id, code=row.code, sex=row.sex, birth_year=row.birth_year)


def episode_shape(row: Episode) -> EpisodeShape:
    """An episode."""
    return EpisodeShape(
        id=row.entity_id,
        levels=row.levels,
        fractured_on=row.fractured_on,
        mechanism=row.mechanism,
        refracture_of=row.refracture_of,
    )


def visit_shape(row: Visit) -> VisitShape:
    """A visit."""
    return VisitShape(
        id=row.entity_id,
        patient=row.patient_id,
        episode=row.episode_id,
        window=row.window,
        status=row.status,
        planned_on=row.planned_on,
        held_on=row.held_on,
    )


def work_lines(session: Session, rows: Sequence[WorkItem]) -> list[WorkLine]:
    """Lines of the worklist, with the words of what they refer to."""
    of_patients = select(Patient).where(Patient.id.in_({r.patient_id for r in rows if r.patient_id}))
    patients = {p.id: p.code for p in session.scalars(of_patients)}
    visits = {
        v.entity_id: v
        for v in session.scalars(current(Visit).where(Visit.entity_id.in_({r.visit_id for r in rows if r.visit_id})))
    }
    of_people = select(Person).where(Person.id.in_({r.assigned_to for r in rows if r.assigned_to}))
    people = {p.id: p.code for p in session.scalars(of_people)}
    signed = {r.reading for r in rows if r.reading and r.status is WorkStatus.SIGNED}
    of_readings = select(Reading.reading, Reading.revision, Reading.reader).where(Reading.reading.in_(signed))
    signers = (
        {(reading, revision): reader for reading, revision, reader in session.execute(of_readings)} if signed else {}
    )
    found = []
    for row in rows:
        visit = None if row.visit_id is None else visits.get(row.visit_id)
        found.append(
            WorkLine(
                id=row.id,
                status=row.status,
                name=row.name,
                patient=row.patient_id,
                code=None if row.patient_id is None else patients.get(row.patient_id),
                visit=row.visit_id,
                window=None if visit is None else visit.window,
                held_on=None if visit is None else visit.held_on,
                acquired_on=row.acquired_on,
                images=row.images,
                arrived_at=row.arrived_at,
                changed_at=row.changed_at,
                assigned_to=None if row.assigned_to is None else people.get(row.assigned_to),
                signed_by=signers.get((row.reading or "", row.revision or 0)) or None,
                reading=row.reading,
                revision=row.revision,
                summary=None if row.summary is None else _summary(row.summary),
            )
        )
    return found


def _summary(kept: dict[str, Any]) -> Summary:
    lead = tr(from_data(kept.get("said", "")) or kept["lead"])
    return Summary(
        lead=lead,
        urgent=[tr(one) for one in kept["urgent"]],
        asked=kept["asked"],
        roles=kept["roles"],
        earlier=kept.get("program") != program(),
    )


def job_shape(row: Job, item: WorkItem | None) -> JobShape:
    """A job, its trouble in words for a page."""
    return JobShape(
        id=row.id,
        study=row.work_item_id,
        state=row.state,
        attempts=row.attempts,
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        progress=tr(row.progress),
        seconds=row.seconds,
        reading=None if item is None else item.reading,
        why=None if row.why is None else _trouble(row.why),
    )


def fact_shape(kind: str, row: Any) -> Fact:
    """A fact of a patient."""
    values = {c.key: getattr(row, c.key) for c in type(row).__mapper__.column_attrs if c.key not in _OWN}
    return Fact(id=row.entity_id, kind=kind, values=values, recorded_at=row.recorded_at, reason=row.reason)


def _trouble(told: dict[str, Any]) -> Trouble:
    remedy = Remedy(told["remedy"], RemedyCode(told["code"])).having(**told["arguments"])
    return Trouble(where=tr(told["where"]), problem=tr(told["problem"]), remedy=tr(words(remedy)), code=told["code"])
