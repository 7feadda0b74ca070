"""Secondary prevention over a registry: the IOF's timers of each fracture, and the levels of the service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.clinical.sections import Prevention
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry.access import within_each
from ovcf.registry.clinic.due import gone
from ovcf.registry.service import newest_reading, visits_of
from ovcf.registry.store import current
from ovcf.registry.tables import Densitometry, Episode, Patient, Treatment
from ovcf.registry.words import TreatmentKind
from ovcf.scores.prevention.indicators import (
    FROM_YEARS,
    Reached,
    ServiceLevel,
    Timer,
    indicators_hold,
    service_levels,
    timers,
)

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from ovcf.clinical.case import ClinicalCase
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry


def timers_of(session: Session, registry: Registry, episode: Episode, today: date) -> tuple[Timer, ...]:
    """The timers of an episode: what readings say, and where they do not, the drugs and DXA of the registry's tables.

    Weeks count from the day of the fracture; without one nothing is overdue. Empty where the newest reading says that
    the indicators are not meant for this patient.
    """
    said = Prevention()
    case: ClinicalCase | None = None
    for visit in visits_of(session, episode):
        found = newest_reading(session, registry, visit)
        if found is not None:
            case = ReadingSession(found[1]).version.case
            own = case.prevention
            said = replace(
                said,
                **{name: answer for name in own.__dataclass_fields__ if (answer := getattr(own, name)) is not None},
            )
    start = episode.fractured_on
    if (case is not None and not indicators_hold(case)) or _too_young(session, episode):
        return ()
    if start is None:
        return timers(said, None)
    drugs = [
        (t.started_on - start).days / 7
        for t in session.scalars(current(Treatment).where(Treatment.episode_id == episode.entity_id))
        if t.kind is TreatmentKind.DRUG and t.started_on >= start
    ]
    scans = [
        (d.measured_on - start).days / 7
        for visit in visits_of(session, episode)
        for d in session.scalars(current(Densitometry).where(Densitometry.visit_id == visit.entity_id))
        if d.measured_on is not None and d.measured_on >= start
    ]
    if said.drug_started_weeks is None and drugs:
        said = replace(said, drug_started_weeks=min(drugs))
    if said.dxa_weeks is None and scans:
        said = replace(said, dxa_weeks=min(scans))
    return timers(said, max(0, (today - start).days) / 7)


def _too_young(session: Session, episode: Episode) -> bool:
    """By the years of birth and fracture, where both are known."""
    patient = session.get(Patient, episode.patient_id)
    born = None if patient is None else patient.birth_year
    return born is not None and episode.fractured_on is not None and episode.fractured_on.year - born < FROM_YEARS


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """A fracture for which something against the next one is overdue."""

    patient: str
    levels: tuple[str, ...]
    weeks: float
    timers: tuple[Timer, ...]


def overdue_of(session: Session, registry: Registry, principal: Principal, today: date) -> tuple[Overdue, ...]:
    """The fractures of which a time of the IOF is over and nothing is recorded, those of longest ago first.

    Who has died or is lost to follow-up is not asked for.
    """
    asked = within_each(current(Episode), principal, Episode).where(
        Episode.fractured_on.is_not(None), *(~one for one in gone(Episode.patient_id, Episode.entity_id))
    )
    found = []
    for episode in session.scalars(asked.order_by(Episode.fractured_on, Episode.id)):
        late = tuple(t for t in timers_of(session, registry, episode, today) if t.reached is Reached.OVERDUE)
        patient = session.get(Patient, episode.patient_id)
        if late and patient is not None and episode.fractured_on is not None:
            weeks = (today - episode.fractured_on).days / 7
            found.append(Overdue(patient=patient.code, levels=tuple(episode.levels), weeks=weeks, timers=late))
    return tuple(found)


def levels_of(session: Session, registry: Registry, today: date) -> tuple[ServiceLevel, ...]:
    """How many fractures of the registry reached each indicator in time, of all whose time has come."""
    episodes = session.scalars(current(Episode)).all()
    return service_levels([timers_of(session, registry, episode, today) for episode in episodes])
