"""The visits of the plan that are overdue or were missed, a page at a time, those of longest ago first.

The plan begins with the first visit that was held (:mod:`ovcf.follow_up.planned`). For each of its visits the database
is asked, in the order of the first visits, for those after which none was held in time; so a page costs the same
however many patients there are.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from ovcf.follow_up.planned import PLAN, Due, planned
from ovcf.registry.access import within_each
from ovcf.registry.clinic.paging import MAX_PAGE, opened_day, packed
from ovcf.registry.store import current, stands
from ovcf.registry.tables import Event, Patient, Visit, Withdrawal
from ovcf.registry.words import EventKind, VisitStatus, WithdrawalKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.follow_up.planned import PlannedVisit
    from ovcf.registry.access import Principal

_ORDER = "due"
_WHOLE = PLAN[-1][2]
"""Days after the first visit when the plan ends."""


def due_visits(
    session: Session, principal: Principal, today: date, *, cursor: str | None = None, limit: int = 50
) -> tuple[list[tuple[Patient, PlannedVisit]], str | None]:
    """A page of the visits that are overdue or missed, of the patients who may still come; the cursor of the next.

    Who has a visit at the end of the plan, was first seen longer ago than it lasts, has died, or is lost to follow-up
    is not asked for.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    after = None if cursor is None else opened_day(cursor, _ORDER)
    found: list[tuple[date, Visit, PlannedVisit]] = []
    end: date | None = None
    for months, _, last in PLAN[:-1]:  # the last one is missed only when the plan is over
        for first in _firsts(session, principal, months, today, after, limit + 1, end):
            assert first.held_on is not None
            (plan,) = (p for p in planned(first.held_on, (), today) if p.months == months)
            if plan.due in (Due.OVERDUE, Due.MISSED):
                found.append((first.held_on + timedelta(days=last), first, plan))
        found.sort(key=lambda entry: (entry[0], entry[1].id))
        if len(found) > limit:  # what is due later than these stands on no page before the next
            end = found[limit][0]
    page = found[:limit]
    of_page = select(Patient).where(Patient.id.in_({first.patient_id for _, first, _ in page}))
    known = {p.id: p for p in session.scalars(of_page)}
    next_ = None if len(found) <= limit else packed(_ORDER, page[-1][0], page[-1][1].id)
    return [(known[first.patient_id], plan) for _, first, plan in page], next_


def _firsts(
    session: Session,
    principal: Principal,
    months: int,
    today: date,
    after: tuple[date, UUID] | None,
    most: int,
    end: date | None,
) -> Iterable[Visit]:
    """First visits after which none was held when the plan asks for it, those of longest ago first.

    None is asked for whose time was over after ``end``.
    """
    begin, last = next((begin, last) for of, begin, last in PLAN if of == months)
    asked = within_each(_asked(session.get_bind().dialect.name), principal, Visit)
    if after is not None:
        day = after[0] - timedelta(days=last)
        asked = asked.where(Visit.held_on >= day, or_(Visit.held_on > day, Visit.id > after[1]))
    before = today - timedelta(days=round(months * 30.44))
    if end is not None:
        before = min(before, end - timedelta(days=last - 1))
    given = {"since": today - timedelta(days=_WHOLE), "before": before, "begin": begin, "last": last}
    return session.scalars(asked.limit(most), given)


@cache  # to build it takes longer than to run it
def _asked(dialect: str) -> Any:
    def after_days(first: Any, last: Any) -> Any:
        return _held(lambda other: _days(dialect, Visit.held_on, other.held_on).between(first, last))

    return (
        current(Visit)
        .where(
            Visit.status == VisitStatus.HELD,
            Visit.held_on >= bindparam("since"),
            Visit.held_on < bindparam("before"),
            ~_held(lambda other: or_(other.held_on < Visit.held_on, _same_day_before(other))),
            ~after_days(bindparam("begin"), bindparam("last")),
            ~after_days(PLAN[-1][1], _WHOLE),
            *(~one for one in gone(Visit.patient_id, Visit.episode_id)),
        )
        .order_by(Visit.held_on, Visit.id)
    )


def _held(condition: Any) -> Any:
    """Whether another visit of the same fracture was held, of which a condition is true."""
    other = aliased(Visit)
    return exists().where(
        other.episode_id == Visit.episode_id, other.status == VisitStatus.HELD, stands(other), condition(other)
    )


def _same_day_before(other: Any) -> Any:
    return and_(other.held_on == Visit.held_on, other.id < Visit.id)


def gone(patient_id: Any, episode_id: Any) -> list[Any]:
    """Who will not come: dead, or lost to follow-up. The columns are those of the rows that are asked for."""
    of_study = (WithdrawalKind.DEATH, WithdrawalKind.LOST)
    return [
        exists().where(Event.patient_id == patient_id, Event.kind == EventKind.DEATH, stands(Event)),
        exists().where(Event.episode_id == episode_id, Event.kind == EventKind.LOST, stands(Event)),
        exists().where(Withdrawal.patient_id == patient_id, Withdrawal.kind.in_(of_study), stands(Withdrawal)),
    ]


def _days(dialect: str, first: Any, then: Any) -> Any:
    """Days from one date to another, as the database counts them."""
    if dialect == "postgresql":
        return then - first
    return func.julianday(then) - func.julianday(first)
