"""Fractures after which something against the next one is overdue, a page at a time, those of longest ago first.

Osteoporosis treatment that nobody started is what is missed most often. A page looks at the fractures in the order of
their days until it is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, or_, select

from ovcf.registry.access import within_each
from ovcf.registry.clinic.due import gone
from ovcf.registry.clinic.paging import MAX_PAGE, opened_day, packed
from ovcf.registry.clinic.prevention import AT_ONCE, timers_of_each
from ovcf.registry.store import current, stands
from ovcf.registry.tables import Episode, Patient, Treatment
from ovcf.registry.words import TreatmentKind
from ovcf.scores.prevention.indicators import WITHIN_WEEKS, Indicator, Reached

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.scores.prevention.indicators import Timer

_ORDER = "prevention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A fracture for which something against the next one is overdue. ``all_timers`` are also those that are not."""

    patient: str
    patient_id: UUID
    episode_id: UUID
    levels: tuple[str, ...]
    fractured_on: date
    weeks: float
    timers: tuple[Timer, ...]
    all_timers: tuple[Timer, ...]

    @property
    def untreated(self) -> bool:
        """Whether the time to begin an osteoporosis drug is over and none is recorded."""
        return any(timer.indicator is Indicator.DRUG_STARTED for timer in self.timers)


def overdue_page(
    session: Session,
    registry: Registry,
    principal: Principal,
    today: date,
    *,
    untreated: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[Overdue], str | None]:
    """A page of the fractures of which a time of the IOF is over and nothing is recorded; the cursor of the next.

    ``untreated``: only those for which no osteoporosis drug is recorded 16 weeks after the fracture. Who has died or
    is lost to follow-up is not asked for.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    limit = max(1, min(limit, MAX_PAGE))
    after = None if cursor is None else opened_day(cursor, _ORDER)
    found: list[Overdue] = []
    for one in _overdue(session, registry, principal, today, after, untreated=untreated):
        if len(found) == limit:
            last = found[-1]
            return found, packed(_ORDER, last.fractured_on, last.episode_id)
        found.append(one)
    return found, None


def overdue_of(session: Session, registry: Registry, principal: Principal, today: date) -> tuple[Overdue, ...]:
    """All of them."""
    return tuple(_overdue(session, registry, principal, today, None, untreated=False))


def count_undated(session: Session, principal: Principal) -> int:
    """Fractures whose day is not known, so that nobody can say what is overdue."""
    asked = _asked(principal).where(Episode.fractured_on.is_(None))
    return session.scalar(select(func.count()).select_from(asked.subquery())) or 0


def _asked(principal: Principal) -> Select[Episode]:
    """Fractures of patients who may still come."""
    return within_each(current(Episode), principal, Episode).where(
        *(~one for one in gone(Episode.patient_id, Episode.entity_id))
    )


def _overdue(
    session: Session,
    registry: Registry,
    principal: Principal,
    today: date,
    after: tuple[date, UUID] | None,
    *,
    untreated: bool,
) -> Iterator[Overdue]:
    weeks = WITHIN_WEEKS[Indicator.DRUG_STARTED] if untreated else min(WITHIN_WEEKS.values())
    asked = _asked(principal).where(Episode.fractured_on < today - timedelta(weeks=weeks))
    if untreated:  # what the table of treatments has need not be looked up further
        asked = asked.where(~_drug_since())
    asked = asked.order_by(Episode.fractured_on, Episode.id).limit(AT_ONCE)
    while True:
        some = session.scalars(asked if after is None else asked.where(_later(after))).all()
        for episode, timers in zip(some, timers_of_each(session, registry, some, today), strict=True):
            one = _one(session, episode, timers, today)
            if one is not None and (one.untreated or not untreated):
                yield one
        if len(some) < AT_ONCE:
            return
        last = some[-1]
        assert last.fractured_on is not None
        after = last.fractured_on, last.id


def _later(after: tuple[date, UUID]) -> ColumnElement[bool]:
    day, id_ = after
    return or_(Episode.fractured_on > day, and_(Episode.fractured_on == day, Episode.id > id_))


def _drug_since() -> ColumnElement[bool]:
    """Whether a drug was begun since the fracture."""
    return exists().where(
        Treatment.episode_id == Episode.entity_id,
        Treatment.kind == TreatmentKind.DRUG,
        Treatment.started_on >= Episode.fractured_on,
        stands(Treatment),
    )


def _one(session: Session, episode: Episode, timers: tuple[Timer, ...], today: date) -> Overdue | None:
    late = tuple(timer for timer in timers if timer.reached is Reached.OVERDUE)
    patient = session.get(Patient, episode.patient_id)
    if not late or patient is None or episode.fractured_on is None:
        return None
    return Overdue(
        patient=patient.code,
        patient_id=patient.id,
        episode_id=episode.id,
        levels=tuple(episode.levels),
        fractured_on=episode.fractured_on,
        weeks=(today - episode.fractured_on).days / 7,
        timers=late,
        all_timers=timers,
    )
