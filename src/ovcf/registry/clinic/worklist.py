"""The worklist and the search: pages of lines, found by what they say, in an order that paging keeps."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from ovcf.errors import RegistryError
from ovcf.follow_up.planned import PLAN, Due, planned
from ovcf.registry.access import within
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, Patient, Person, Visit, WorkItem
from ovcf.registry.words import VisitStatus, WorkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from ovcf.follow_up.planned import PlannedVisit
    from ovcf.registry.access import Principal

MAX_PAGE = 200
SortBy = Literal["arrived", "-arrived", "changed", "-changed", "acquired", "-acquired"]
_COLUMNS = {"arrived": WorkItem.arrived_at, "changed": WorkItem.changed_at, "acquired": WorkItem.acquired_on}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: of a status, for a reader (by code), with a word in the pseudonym or name; with a patient or not."""

    status: tuple[WorkStatus, ...] = ()
    reader: str | None = None
    word: str = ""
    assigned: bool | None = None
    sort: SortBy = "-arrived"
    cursor: str | None = None
    limit: int = field(default=50)


def lines(session: Session, principal: Principal, wanted: Wanted) -> tuple[Sequence[WorkItem], str | None]:
    """A page of the worklist, and the cursor of the next.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    asked = within(select(WorkItem), principal, WorkItem)
    if wanted.status:
        asked = asked.where(WorkItem.status.in_(wanted.status))
    if wanted.reader is not None:
        asked = asked.where(WorkItem.assigned_to.in_(select(Person.id).where(Person.code == wanted.reader)))
    if wanted.assigned is not None:
        asked = asked.where(WorkItem.patient_id.is_not(None) if wanted.assigned else WorkItem.patient_id.is_(None))
    if wanted.word:
        like = f"%{_escaped(wanted.word)}%"
        by_code = select(Patient.id).where(func.lower(Patient.code).like(like, escape="\\"))
        asked = asked.where(or_(WorkItem.patient_id.in_(by_code), func.lower(WorkItem.name).like(like, escape="\\")))
    name = wanted.sort.removeprefix("-")
    column: Any = _COLUMNS[name]
    if name == "acquired":
        column = func.coalesce(column, date(1900, 1, 1))
    down = wanted.sort.startswith("-")
    if wanted.cursor is not None:
        at, id_ = _after(wanted.cursor, wanted.sort)
        beyond, tie = (column < at, WorkItem.id < id_) if down else (column > at, WorkItem.id > id_)
        asked = asked.where(or_(beyond, and_(column == at, tie)))
    order = (column.desc(), WorkItem.id.desc()) if down else (column, WorkItem.id)
    limit = max(1, min(wanted.limit, MAX_PAGE))
    rows = session.scalars(asked.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    value: datetime | date | None = getattr(
        last, {"arrived": "arrived_at", "changed": "changed_at", "acquired": "acquired_on"}[name]
    )
    return rows[:limit], _cursor(wanted.sort, value or date(1900, 1, 1), last.id)


def patients(
    session: Session, principal: Principal, *, word: str = "", cursor: str | None = None, limit: int = 50
) -> tuple[Sequence[Patient], str | None]:
    """Patients by pseudonym, and the cursor of the next page.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    asked = within(select(Patient), principal, Patient)
    if word:
        asked = asked.where(func.lower(Patient.code).like(f"%{_escaped(word)}%", escape="\\"))
    if cursor is not None:
        code, id_ = _opened(cursor, "code")
        asked = asked.where(or_(Patient.code > code, and_(Patient.code == code, Patient.id > id_)))
    limit = max(1, min(limit, MAX_PAGE))
    rows = session.scalars(asked.order_by(Patient.code, Patient.id).limit(limit + 1)).all()
    return rows[:limit], None if len(rows) <= limit else _packed("code", rows[limit - 1].code, rows[limit - 1].id)


def due_visits(
    session: Session, principal: Principal, today: date, *, limit: int = 500
) -> list[tuple[Patient, PlannedVisit]]:
    """The visits of the plan that are overdue or missed, of the patients who may still come; longest ago first.

    The plan begins with the first visit that was held (:mod:`ovcf.follow_up.planned`); who has a visit at its end, or
    was first seen longer ago than the plan lasts, is not asked for.
    """
    begun = today - timedelta(days=PLAN[-1][2])
    later = current(Visit).where(Visit.status == VisitStatus.HELD, Visit.held_on >= begun)
    held: dict[UUID, list[Visit]] = {}
    for visit in session.scalars(within(later, principal, Visit)):
        held.setdefault(visit.episode_id, []).append(visit)
    before = current(Visit).where(Visit.status == VisitStatus.HELD, Visit.held_on < begun)
    earlier = {visit.episode_id for visit in session.scalars(within(before, principal, Visit))}
    found = []
    for episode, visits in held.items():
        if episode in earlier:
            continue
        days = sorted((v.held_on, v.window.value) for v in visits if v.held_on is not None)
        plan = planned(days[0][0], [(name, day) for day, name in days[1:]], today)
        found += [(visits[0].patient_id, p) for p in plan if p.due in (Due.OVERDUE, Due.MISSED)]
    found.sort(key=lambda pair: (pair[1].last_day, str(pair[0])))
    known = {p.id: p for p in session.scalars(select(Patient).where(Patient.id.in_({id_ for id_, _ in found})))}
    return [(known[id_], p) for id_, p in found[:limit]]


def levels_of(session: Session, patient: Patient) -> list[str]:
    """Every level that broke."""
    found = session.scalars(current(Episode).where(Episode.patient_id == patient.id))
    return sorted({level for episode in found for level in episode.levels})


def _escaped(word: str) -> str:
    return word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _cursor(sort: str, value: datetime | date, id_: UUID) -> str:
    text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat()
    return _packed(sort, text, id_)


def _after(cursor: str, sort: str) -> tuple[datetime | date, UUID]:
    text, id_ = _opened(cursor, sort)
    try:
        if sort.endswith("acquired"):
            return date.fromisoformat(text), id_
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC), id_
    except (ValueError, OverflowError):
        raise _no_cursor() from None


def _packed(sort: str, value: str, id_: UUID) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, value, str(id_)]).encode()).decode().rstrip("=")


def _opened(cursor: str, sort: str) -> tuple[str, UUID]:
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found, value, id_ = json.loads(data)
        if found != sort or not isinstance(value, str) or "\x00" in value:
            raise ValueError(found)
        return value.encode("utf-8").decode(), UUID(id_)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise _no_cursor() from None


def _no_cursor() -> RegistryError:
    return RegistryError("cursor", "is not one of this list", "Begin with the first page again.")
