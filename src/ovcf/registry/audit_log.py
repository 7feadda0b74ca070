"""The audit as it is read: who did what, to what, when; newest first, of one's own site unless one sees all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from ovcf.registry.access import Act
from ovcf.registry.audit import NOT_AUDITED
from ovcf.registry.clinic.paging import MAX_PAGE
from ovcf.registry.tables import AuditEntry, Base, Patient, Person, Reading, Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.words import Action

KINDS = tuple(sorted({table.name for table in Base.metadata.sorted_tables} - NOT_AUDITED | {"job", "work_item"}))
"""What an entry may be about. Jobs and lines of the worklist themselves are not audited; that somebody ended a job or
began it again is, and that a case was handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries: by whom (code), about whom (pseudonym), of what, done how, from ``since`` to before ``until``.

    ``before`` is the number of the entry that the page before ended with.
    """

    person: str | None = None
    patient: str | None = None
    kind: str | None = None
    action: Action | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with what it refers to in words: the person's code and name, the patient's pseudonym; empty where they
    are gone. ``reading`` and ``study`` lead to what the row belongs to."""

    entry: AuditEntry
    by: str
    name: str
    patient: str
    reading: str
    study: str


def told(session: Session, principal: Principal, wanted: Wanted) -> tuple[list[Told], int | None]:
    """A page of entries, and the number after which the next one goes on; None at the end."""
    limit = max(1, min(wanted.limit, MAX_PAGE))
    asked = _asked(_seen_by(select(AuditEntry), principal), wanted)
    rows = session.scalars(asked.order_by(AuditEntry.seq.desc()).limit(limit + 1)).all()
    next_ = rows[limit - 1].seq if len(rows) > limit else None
    return _with_names(session, rows[:limit]), next_


def _seen_by(asked: Select[Any], principal: Principal) -> Select[Any]:
    """Of whoever does not see all sites: what is about the patients of the site, and of what is about nobody that which
    people of the site did. Who administers people sees all that is about nobody, or about somebody who was erased:
    nothing says any more of which site they were."""
    if principal.all_sites:
        return asked
    theirs = select(Patient.id).where(Patient.site_id == principal.site)
    nobody: ColumnElement[bool] = AuditEntry.patient_id.is_(None)
    if principal.may(Act.MANAGE_PEOPLE):
        nobody = or_(nobody, AuditEntry.patient_id.not_in(select(Patient.id)))
    else:
        colleagues = select(Person.id).where(Person.site_id == principal.site)
        nobody = and_(nobody, AuditEntry.actor.in_(colleagues))
    return asked.where(or_(AuditEntry.patient_id.in_(theirs), nobody))


def _asked(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.before is not None:
        asked = asked.where(AuditEntry.seq < wanted.before)
    if wanted.person is not None:
        asked = asked.where(AuditEntry.actor.in_(select(Person.id).where(Person.code == wanted.person)))
    if wanted.patient is not None:
        asked = asked.where(AuditEntry.patient_id.in_(select(Patient.id).where(Patient.code == wanted.patient)))
    if wanted.kind is not None:
        asked = asked.where(AuditEntry.table == wanted.kind)
    if wanted.action is not None:
        asked = asked.where(AuditEntry.action == wanted.action)
    if wanted.since is not None:
        asked = asked.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(AuditEntry.at < wanted.until)
    return asked


def _with_names(session: Session, rows: Sequence[AuditEntry]) -> list[Told]:
    people = {p.id: p for p in session.scalars(select(Person).where(Person.id.in_({r.actor for r in rows})))}
    ids = {r.patient_id for r in rows if r.patient_id is not None}
    patients = {p.id: p.code for p in session.scalars(select(Patient).where(Patient.id.in_(ids)))}
    of_readings = [UUID(r.row) for r in rows if r.table == Reading.__tablename__]
    readings = {str(r.id): r.reading for r in session.scalars(select(Reading).where(Reading.id.in_(of_readings)))}
    of_studies = [UUID(r.row) for r in rows if r.table == Study.__tablename__]
    studies = {str(s.id): s.code for s in session.scalars(select(Study).where(Study.id.in_(of_studies)))}
    found = []
    for row in rows:
        person = people.get(row.actor)
        found.append(
            Told(
                entry=row,
                by="" if person is None else person.code,
                name="" if person is None else person.name,
                patient="" if row.patient_id is None else patients.get(row.patient_id, ""),
                reading=readings.get(row.row, ""),
                study=studies.get(row.row, ""),
            )
        )
    return found
