"""Secondary prevention over a registry: the IOF's timers of each fracture, and the levels of the service."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from ovcf.clinical.read_case import case_from_mapping
from ovcf.clinical.sections import Prevention
from ovcf.errors import OvcfError
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.entered import entered_facts
from ovcf.registry.clinic.readings import counting_readings, load_reading
from ovcf.registry.service import newest_of
from ovcf.registry.store import current
from ovcf.registry.tables import ClinicalEntry, Densitometry, Episode, Patient, Reading, Treatment, Visit
from ovcf.registry.words import TreatmentKind
from ovcf.scores.prevention.indicators import FROM_YEARS, ServiceLevel, Timer, indicators_hold, service_levels, timers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.clinical.case import ClinicalCase
    from ovcf.registry.store import Registry

AT_ONCE = 100
"""Fractures whose records are asked for by one question."""
_Row = TypeVar("_Row")


def timers_of(session: Session, registry: Registry, episode: Episode, today: date) -> tuple[Timer, ...]:
    """The timers of an episode: what readings and entered facts say, and where they do not, the drugs and DXA of the
    registry's tables.

    Weeks count from the day of the fracture; without one nothing is overdue. Empty where what was recorded last says
    that the indicators are not meant for this patient.
    """
    return timers_of_each(session, registry, [episode], today)[0]


def timers_of_each(
    session: Session, registry: Registry, episodes: Sequence[Episode], today: date
) -> list[tuple[Timer, ...]]:
    """The timers of several episodes, in their order; the database is asked once for each kind of record."""
    found: list[tuple[Timer, ...]] = []
    for begin in range(0, len(episodes), AT_ONCE):
        some = episodes[begin : begin + AT_ONCE]
        recorded = _recorded(session, registry, some)
        found.extend(_timers(episode, recorded, today) for episode in some)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recorded:
    """What the registry holds of some fractures: births by patient, visits and drugs by fracture, the rest by visit."""

    born: dict[UUID, int | None]
    visits: dict[UUID, list[Visit]]
    drugs: dict[UUID, list[Treatment]]
    scans: dict[UUID, list[Densitometry]]
    cases: dict[UUID, ClinicalCase]


def _recorded(session: Session, registry: Registry, episodes: Sequence[Episode]) -> _Recorded:
    ids = [episode.entity_id for episode in episodes]
    patients = select(Patient).where(Patient.id.in_({episode.patient_id for episode in episodes}))
    held = current(Visit).where(Visit.episode_id.in_(ids), Visit.held_on.is_not(None))
    rows = session.scalars(held.order_by(Visit.held_on, Visit.recorded_at)).all()
    visits = [row.entity_id for row in rows]
    given = current(Treatment).where(Treatment.episode_id.in_(ids), Treatment.kind == TreatmentKind.DRUG)
    return _Recorded(
        born={patient.id: patient.birth_year for patient in session.scalars(patients)},
        visits=_by(rows, lambda row: row.episode_id),
        drugs=_by(session.scalars(given), lambda row: row.episode_id),
        scans=_by(
            session.scalars(current(Densitometry).where(Densitometry.visit_id.in_(visits))), lambda row: row.visit_id
        ),
        cases=_cases(session, registry, visits),
    )


def _cases(session: Session, registry: Registry, visits: Sequence[UUID]) -> dict[UUID, ClinicalCase]:
    """The clinical facts at each visit: of the reading that counts, where there is none those that were entered."""
    readings = _by(session.scalars(counting_readings().where(Reading.visit_id.in_(visits))), lambda row: row.visit_id)
    entries = _by(
        session.scalars(current(ClinicalEntry).where(ClinicalEntry.visit_id.in_(visits))), lambda row: row.visit_id
    )
    found = {}
    for visit in visits:
        own = entries.get(visit, [])
        if visit in readings:
            found[visit] = _case_read(registry, newest_of(readings[visit]), own)
        elif facts := entered_facts(own):
            with suppress(OvcfError):  # a file that cannot be understood any more: who has it is asked for, not missed
                found[visit] = case_from_mapping(facts)
    return found


def _case_read(registry: Registry, row: Reading, entries: Iterable[ClinicalEntry]) -> ClinicalCase:
    """The facts of a state of a reading. Of a signed one they are listed; of a draft the file has them."""
    listed = next((entry.facts for entry in entries if entry.reading_id == row.id), None)
    if row.status is ReadingStatus.CONFIRMED and listed is not None:
        with suppress(OvcfError):
            return case_from_mapping(listed)
    return load_reading(registry, row).reading.current.case


def _by(rows: Iterable[_Row], key: Callable[[_Row], Any]) -> dict[UUID, list[_Row]]:
    found: dict[UUID, list[_Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _timers(episode: Episode, recorded: _Recorded, today: date) -> tuple[Timer, ...]:
    said, case = Prevention(), None
    visits = recorded.visits.get(episode.entity_id, [])
    for visit in visits:
        if (told := recorded.cases.get(visit.entity_id)) is not None:
            case, own = told, told.prevention
            said = replace(
                said,
                **{name: answer for name in own.__dataclass_fields__ if (answer := getattr(own, name)) is not None},
            )
    start, born = episode.fractured_on, recorded.born.get(episode.patient_id)
    too_young = born is not None and start is not None and start.year - born < FROM_YEARS
    if too_young or (case is not None and not indicators_hold(case)):
        return ()
    if start is None:
        return timers(said, None)
    drugs = [
        (drug.started_on - start).days / 7
        for drug in recorded.drugs.get(episode.entity_id, ())
        if drug.started_on >= start
    ]
    scans = [
        (scan.measured_on - start).days / 7
        for visit in visits
        for scan in recorded.scans.get(visit.entity_id, ())
        if scan.measured_on is not None and scan.measured_on >= start
    ]
    if said.drug_started_weeks is None and drugs:
        said = replace(said, drug_started_weeks=min(drugs))
    if said.dxa_weeks is None and scans:
        said = replace(said, dxa_weeks=min(scans))
    return timers(said, max(0, (today - start).days) / 7)


def levels_of(session: Session, registry: Registry, today: date) -> tuple[ServiceLevel, ...]:
    """How many fractures of the registry reached each indicator in time, of all whose time has come."""
    episodes = session.scalars(current(Episode)).all()
    return service_levels(timers_of_each(session, registry, episodes, today))
