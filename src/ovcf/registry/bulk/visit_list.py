"""The visits of the sites that one may see, newest first, a page at a time.

A page is found from where the last one ended, not by counting: it takes as long at the end as at the beginning, and
nothing is shown twice when somebody adds a visit meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from ovcf.errors import RegistryError
from ovcf.reading.version import ReadingStatus
from ovcf.registry.service import newest_of
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, Patient, Reading, Site, Visit
from ovcf.registry.words import VisitStatus, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

MOST_ITEMS = 200
_MOST_FOUND = 500
"""Patients that a search looks at: whoever finds more types one letter more."""


class ReadingState(StrEnum):
    """What has become of the images of a visit."""

    UNREAD = "unread"
    DRAFT = "draft"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to list. ``search`` is the beginning of a pseudonym; None and empty mean any."""

    search: str = ""
    status: VisitStatus = VisitStatus.HELD
    windows: tuple[Window, ...] = ()
    reading: ReadingState | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """A visit; ``on`` is the day it was held, of others the day it is planned for."""

    visit: UUID
    patient: UUID
    code: str
    site: str
    levels: tuple[str, ...]
    window: Window
    status: VisitStatus
    on: date | None
    reading: ReadingState
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Visits, and where the next page begins; None at the end."""

    items: tuple[VisitLine, ...]
    next: str | None


def visit_list(
    session: Session,
    sites: Collection[UUID],
    wanted: Filter | None = None,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the visits of some sites, the newest first; ``after`` is what the page before gave as its next.

    Raises:
        RegistryError: ``after`` is not what a page gave.
    """
    wanted = wanted or Filter()
    limit = max(1, min(limit, MOST_ITEMS))
    day: Any = Visit.held_on if wanted.status is VisitStatus.HELD else Visit.planned_on
    found = current(Visit).where(Visit.status == wanted.status, day.is_not(None))
    if wanted.search:
        found = found.where(Visit.patient_id.in_(_found(session, sites, wanted.search)))
    else:  # asked of each visit from the newest on: a join would sort all visits of the sites for each page
        theirs = select(Patient.id).where(Patient.id == Visit.patient_id, Patient.site_id.in_(sites))
        found = found.where(theirs.exists())
    if wanted.windows:
        found = found.where(Visit.window.in_(wanted.windows))
    if wanted.since is not None:
        found = found.where(day >= wanted.since)
    if wanted.until is not None:
        found = found.where(day <= wanted.until)
    found = _by_reading(found, wanted.reading)
    if after is not None:
        on, last = _parsed(after)
        found = found.where(day <= on, or_(day < on, Visit.id < last))
    rows = list(session.scalars(found.order_by(day.desc(), Visit.id.desc()).limit(limit + 1)))
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = f"{_day(rows[-1], wanted).isoformat()}:{rows[-1].id.hex}"
    return Page(tuple(_items(session, rows, wanted)), following)


def _found(session: Session, sites: Collection[UUID], begin: str) -> Sequence[UUID]:
    """Patients whose pseudonym begins so, whatever its letters: as it is typed, and in capitals."""
    spellings = {begin, begin.upper()}
    any_of = or_(*(and_(Patient.code >= one, Patient.code < one + "\U0010ffff") for one in spellings))
    return list(
        session.scalars(
            select(Patient.id).where(Patient.site_id.in_(sites), any_of).order_by(Patient.code).limit(_MOST_FOUND)
        )
    )


def _by_reading(found: Any, state: ReadingState | None) -> Any:
    signed = select(Reading.visit_id).where(Reading.status == ReadingStatus.CONFIRMED)
    if state is ReadingState.UNREAD:
        return found.where(~select(Reading.id).where(Reading.visit_id == Visit.entity_id).exists())
    if state is ReadingState.SIGNED:
        return found.where(Visit.entity_id.in_(signed))
    if state is ReadingState.DRAFT:
        return found.where(Visit.entity_id.in_(select(Reading.visit_id)), Visit.entity_id.not_in(signed))
    return found


def _items(session: Session, rows: Sequence[Visit], wanted: Filter) -> list[VisitLine]:
    patients = {
        row.id: row
        for row in session.execute(
            select(Patient.id, Patient.code, Site.code.label("site"))
            .join(Site, Site.id == Patient.site_id)
            .where(Patient.id.in_({row.patient_id for row in rows}))
        )
    }
    episodes = {
        e.entity_id: e
        for e in session.scalars(current(Episode).where(Episode.entity_id.in_({r.episode_id for r in rows})))
    }
    readings: dict[UUID, list[Reading]] = {}
    for reading in session.scalars(select(Reading).where(Reading.visit_id.in_({r.entity_id for r in rows}))):
        readings.setdefault(reading.visit_id, []).append(reading)
    found = []
    for row in rows:
        newest = newest_of(readings[row.entity_id]) if row.entity_id in readings else None
        state = ReadingState.UNREAD
        if newest is not None:
            state = ReadingState.SIGNED if newest.status is ReadingStatus.CONFIRMED else ReadingState.DRAFT
        episode = episodes.get(row.episode_id)
        patient = patients[row.patient_id]
        found.append(
            VisitLine(
                visit=row.entity_id,
                patient=row.patient_id,
                code=patient.code,
                site=patient.site,
                levels=tuple(episode.levels) if episode else (),
                window=row.window,
                status=row.status,
                on=_day(row, wanted),
                reading=state,
                reader=newest.reader if newest else "",
            )
        )
    return found


def _day(row: Visit, wanted: Filter) -> date:
    day = row.held_on if wanted.status is VisitStatus.HELD else row.planned_on
    assert day is not None
    return day


def _parsed(cursor: str) -> tuple[date, UUID]:
    on, _, last = cursor.partition(":")
    try:
        return date.fromisoformat(on), UUID(last)
    except ValueError:
        raise RegistryError("page", f"{cursor[:40]!r} is not where a page ended", "Begin again.") from None
