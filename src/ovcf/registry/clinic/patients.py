"""Patients, their episodes and visits, for a person who may see only those of their own site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.anatomy import Level
from ovcf.errors import NotThereError, RegistryError
from ovcf.registry import service
from ovcf.registry.access import found_by, within
from ovcf.registry.clinic.entered import entered_facts
from ovcf.registry.clinic.readings import counting_readings
from ovcf.registry.store import current
from ovcf.registry.tables import (
    ClinicalEntry,
    Densitometry,
    Episode,
    ImagingStudy,
    Patient,
    PatientReport,
    Reading,
    Visit,
    WorkItem,
)
from ovcf.registry.words import Instrument, Mechanism, VisitStatus, Window
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Writer

_NUMBERED = re.compile(r"(.*?)(\d+)")
_JOABPEQ = ("pain", "lumbar", "walking", "social", "mental")


def patient_of(session: Session, principal: Principal, id_: UUID) -> Patient:
    """A patient that the principal may see.

    Raises:
        NotThereError: there is none.
    """
    return found_by(session, select(Patient).where(Patient.id == id_), principal, Patient, "patient")


def visit_of(session: Session, principal: Principal, id_: UUID) -> Visit:
    """A visit as it now stands, if the principal may see it.

    Raises:
        NotThereError: there is none.
    """
    return found_by(session, current(Visit).where(Visit.entity_id == id_), principal, Visit, "visit")


def next_code(session: Session, principal: Principal) -> str:
    """A pseudonym that is free: the last one of its kind, and one more."""
    codes = list(session.scalars(within(select(Patient.code), principal, Patient)))
    numbered = [(m[1], int(m[2]), len(m[2])) for code in codes if (m := _NUMBERED.fullmatch(code))]
    if not numbered:
        return "P-0001"
    begin, number, digits = max(numbered, key=lambda found: found[1])
    return f"{begin}{number + 1:0{digits}d}"


def admit(
    writer: Writer,
    principal: Principal,
    code: str,
    *,
    sex: str | None = None,
    birth_year: int | None = None,
    levels: Sequence[str] = (),
    fractured_on: date | None = None,
    mechanism: str = Mechanism.UNKNOWN,
) -> tuple[Patient, Episode]:
    """A patient with the fracture that brings them; its levels may not be known yet.

    Raises:
        RegistryError: the pseudonym is taken, or is none.
    """
    taken = select(Patient.id).where(Patient.code == code, Patient.site_id == principal.site)
    if writer.session.scalars(taken).first() is not None:
        raise RegistryError(f"patient {code}", "is in this registry already", "Choose another pseudonym.")
    known = None if sex is None else Sex(sex)
    patient = writer.add(Patient(site_id=principal.site, code=code, sex=known, birth_year=birth_year))
    return patient, add_episode(writer, patient, levels=levels, fractured_on=fractured_on, mechanism=mechanism)


def add_episode(
    writer: Writer,
    patient: Patient,
    *,
    levels: Sequence[str],
    fractured_on: date | None = None,
    mechanism: str = Mechanism.UNKNOWN,
    refracture_of: UUID | None = None,
) -> Episode:
    """One more fracture event of a patient."""
    names = [Level.parse(level).value for level in levels]
    return writer.add(
        Episode(
            patient_id=patient.id,
            levels=names,
            fractured_on=fractured_on,
            mechanism=Mechanism(mechanism),
            refracture_of=refracture_of,
        )
    )


def visit_on(writer: Writer, patient: Patient, *, window: str, on: date, episode: UUID | None = None) -> Visit:
    """The visit of that day, recorded now where it is not there yet.

    Raises:
        RegistryError: another visit has that window. NotThereError: no such episode.
    """
    episodes = service.episodes_of(writer.session, patient)
    chosen = [e for e in episodes if episode in (None, e.entity_id)]
    if not chosen:
        raise NotThereError("episode", "is not there", "Record the fracture of this patient first.")
    for visit in all_visits(writer.session, patient):
        if visit.episode_id == chosen[-1].entity_id:
            if visit.held_on == on:
                return visit
            if visit.status is VisitStatus.PLANNED and visit.window == Window(window) != Window.UNSCHEDULED:
                return writer.replace(visit, "was held", status=VisitStatus.HELD, held_on=on)
    return service.hold_visit(writer, chosen[-1], window=window, on=on)


def plan_visit(writer: Writer, patient: Patient, *, window: str, on: date, episode: UUID | None = None) -> Visit:
    """A visit that is to be held.

    Raises:
        NotThereError: no such episode.
    """
    chosen = [e for e in service.episodes_of(writer.session, patient) if episode in (None, e.entity_id)]
    if not chosen:
        raise NotThereError("episode", "is not there", "Record the fracture of this patient first.")
    return writer.add(
        Visit(
            patient_id=patient.id,
            episode_id=chosen[-1].entity_id,
            window=Window(window),
            planned_on=on,
            status=VisitStatus.PLANNED,
        )
    )


def all_visits(session: Session, patient: Patient) -> list[Visit]:
    """Every visit of a patient as it now stands, planned and missed ones included, in order."""
    found = session.scalars(current(Visit).where(Visit.patient_id == patient.id))
    return sorted(found, key=lambda v: (v.held_on or v.planned_on or v.recorded_at.date(), v.recorded_at))


def is_used(session: Session, visit: Visit) -> bool:
    """Whether images, a reading or an answer belong to a visit."""
    uses = (
        select(WorkItem.id).where(WorkItem.visit_id == visit.entity_id),
        counting_readings().where(Reading.visit_id == visit.entity_id),
        current(ImagingStudy).where(ImagingStudy.visit_id == visit.entity_id),
        current(PatientReport).where(PatientReport.visit_id == visit.entity_id),
        current(Densitometry).where(Densitometry.visit_id == visit.entity_id),
    )
    return any(session.execute(use.limit(1)).first() is not None for use in uses)


def studies_of(session: Session, patient: Patient) -> list[WorkItem]:
    """The studies of a patient, oldest first."""
    asked = select(WorkItem).where(WorkItem.patient_id == patient.id).order_by(WorkItem.arrived_at, WorkItem.id)
    return list(session.scalars(asked))


def facts_at(session: Session, patient_id: UUID | None, visit_id: UUID | None) -> dict[str, Any]:
    """What the registry knows of a patient at a visit, by the fields of a clinical case."""
    patient = None if patient_id is None else session.get(Patient, patient_id)
    if patient is None or visit_id is None:
        return {}
    visit = service.visit_named(session, visit_id)
    day = visit.held_on
    episode = session.scalars(current(Episode).where(Episode.entity_id == visit.episode_id)).first()
    entered = current(ClinicalEntry).where(ClinicalEntry.visit_id == visit.entity_id)
    facts = entered_facts(session.scalars(entered))
    if patient.sex is not None:
        facts["sex"] = patient.sex.value
    if day is not None:
        facts["visit_date"] = day.isoformat()
    if patient.birth_year is not None and day is not None:
        facts["age_years"] = day.year - patient.birth_year
    if episode is not None and len(episode.levels) == 1:
        facts["index_level"] = episode.levels[0]
    if episode is not None and episode.fractured_on is not None and day is not None and day >= episode.fractured_on:
        facts["weeks_since_onset"] = round((day - episode.fractured_on).days / 7, 1)
    answers = service.answers_at(session, visit)
    facts |= {name: answers[one] for name, one in (("vas", Instrument.VAS), ("odi", Instrument.ODI)) if one in answers}
    if (drugs := answers.get(Instrument.ANALGESICS)) is not None:
        facts["analgesic_class"] = int(drugs)
    for report in session.scalars(
        current(PatientReport).where(
            PatientReport.visit_id == visit.entity_id, PatientReport.instrument == Instrument.JOABPEQ
        )
    ):
        facts |= {f"joabpeq_{name}": report.answers.get(name) for name in _JOABPEQ}
    for dxa in session.scalars(current(Densitometry).where(Densitometry.visit_id == visit.entity_id)):
        if dxa.site in ("L1", "L2", "L3", "L4"):
            facts[f"t_score_{dxa.site.lower()}"] = dxa.t_score
    return {name: value for name, value in facts.items() if value is not None}
