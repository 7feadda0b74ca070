"""The visits of an episode as follow-up takes them, and its events since augmentation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ovcf.anatomy import Level
from ovcf.clinical.read_case import case_from_mapping
from ovcf.errors import FollowUpError
from ovcf.follow_up.timeline import Timeline, Treated, timeline
from ovcf.follow_up.visit import Quantity, Value, Visit
from ovcf.reading.conclude import conclude
from ovcf.reading.observations import Observations
from ovcf.reading.session import Session as ReadingSession
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.concluded import concluded
from ovcf.registry.clinic.entered import entered_facts
from ovcf.registry.clinic.prevention import timers_of
from ovcf.registry.clinic.readings import counting_readings, load_reading
from ovcf.registry.service import newest_of, visits_of
from ovcf.registry.store import current
from ovcf.registry.tables import ClinicalEntry, PatientReport, Reading, Treatment
from ovcf.registry.words import Instrument
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.assessment.result import Assessment
    from ovcf.follow_up.reliability import Reliability
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Episode

R = TypeVar("R", Reading, PatientReport, ClinicalEntry)
_QUANTITIES = {
    Instrument.VAS: (Quantity.PAIN, Unit.POINT),
    Instrument.ODI: (Quantity.DISABILITY, Unit.PERCENT),
    Instrument.ANALGESICS: (Quantity.ANALGESICS, Unit.POINT),
}


def course_of(
    session: Session,
    registry: Registry,
    episode: Episode,
    *,
    today: date | None = None,
    confirmed_levels: bool = False,
    reliability: Mapping[Quantity, Reliability] | None = None,
    assess: Callable[[Reading], Assessment] | None = None,
) -> Timeline:
    """The timeline of an episode, from the newest reading (else the facts entered) and the answers of each visit.

    ``reliability``: errors of measurement by the site's own study of its readers.
    ``assess`` gives the assessment of a state of a reading, for who keeps those at hand; else it is made anew.

    Raises:
        FollowUpError: fewer than two visits were held; neither the episode nor a reading names the fractured vertebra.
    """
    patient = episode.patient_id
    of_patient = _by_visit(session.scalars(counting_readings().where(Reading.patient_id == patient)))
    reports = _by_visit(session.scalars(current(PatientReport).where(PatientReport.patient_id == patient)))
    entries = _by_visit(session.scalars(current(ClinicalEntry).where(ClinicalEntry.patient_id == patient)))
    rows = visits_of(session, episode)
    counting = {row.entity_id: newest_of(of_patient[row.entity_id]) for row in rows if row.entity_id in of_patient}
    made = assess or (lambda row: assessment_of(registry, session, row))
    assessed = {visit: made(row) for visit, row in counting.items()}
    level = Level.parse(episode.levels[0]) if episode.levels else _level_read(counting, assessed)
    visits = []
    for row in rows:
        of_visit = row.entity_id
        if of_visit in assessed:
            assessment = assessed[of_visit]
            signed = counting[of_visit].status is ReadingStatus.CONFIRMED
        else:
            facts = {**entered_facts(entries.get(of_visit, ())), "index_level": level.value}
            assessment, signed = conclude(Observations(), (), case_from_mapping(facts, where=row.window.value)), True
        # The registry knows whose visit it is; names within readings may be anything.
        assessment = replace(assessment, case=replace(assessment.case, patient_id=""))
        reported = tuple(
            Value(quantity=quantity, value=report.value, unit=unit, by_hand=True)
            for report in reports.get(of_visit, ())
            if report.instrument in _QUANTITIES and report.value is not None
            for quantity, unit in (_QUANTITIES[report.instrument],)
        )
        visits.append(
            Visit(name=row.window.value, on=row.held_on, assessment=assessment, signed=signed, reported=reported)
        )
    told = timeline(
        visits,
        level=level,
        today=today,
        confirmed_levels=confirmed_levels,
        reliability=reliability,
        treatments=treatments_of(session, episode),
    )
    last = today or visits[-1].on
    if episode.fractured_on is None or last is None:
        return told
    # Drugs and DXA that were entered count here as they do in the list of whom to call.
    return replace(told, prevention=timers_of(session, registry, episode, last))


def assessment_of(registry: Registry, session: Session, row: Reading) -> Assessment:
    """The assessment of a state of a reading: as it was kept, else concluded anew."""
    if (kept := concluded(session, registry, row)) is not None:
        return kept
    return ReadingSession(load_reading(registry, row)).assessment()


def treatments_of(session: Session, episode: Episode) -> list[Treated]:
    """What was done for a fracture, as entered: a drug by its name, all else by its kind."""
    rows = session.scalars(current(Treatment).where(Treatment.episode_id == episode.entity_id))
    return [Treated(name=_treatment_name(row), began=row.started_on, ended=row.ended_on) for row in rows]


def _treatment_name(row: Treatment) -> str:
    return str(row.detail.get("drug") or row.detail.get("name") or row.kind.value)


def _by_visit(rows: Iterable[R]) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for row in rows:
        found.setdefault(row.visit_id, []).append(row)
    return found


def _level_read(counting: Mapping[UUID, Reading], assessed: Mapping[UUID, Assessment]) -> Level:
    """The fractured vertebra of the first reading that names one, those that are signed before drafts."""
    for visit in sorted(assessed, key=lambda visit: counting[visit].status is not ReadingStatus.CONFIRMED):
        level = assessed[visit].index_level
        if level is not None:
            return level
    raise FollowUpError("this fracture", "has no vertebra yet", "Name the fractured vertebra in one of its readings.")
