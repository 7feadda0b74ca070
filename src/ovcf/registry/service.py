"""What a person does with the registry, one function each: every surface (command line, service) calls these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.anatomy import Level
from ovcf.errors import NotThereError, RegistryError
from ovcf.reading.version import ReadingStatus
from ovcf.registry.access import principal_of, require
from ovcf.registry.clinic.readings import counting_readings, load_reading
from ovcf.registry.clinic.readings import keep_reading as keep_reading
from ovcf.registry.people.accounts import standing
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, Patient, PatientReport, Person, Reading, Site, Visit
from ovcf.registry.words import Instrument, Mechanism, VisitStatus, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.access import Act
    from ovcf.registry.store import Registry, Writer


def person_named(session: Session, code: str | None, act: Act | None = None) -> Person:
    """The person who acts: by code, or the only one there is; nobody acts as somebody who was disabled.

    Raises:
        RegistryError: nobody, or nobody of that code; or several, and no code.
        ForbiddenError: their role does not allow the ``act``.
    """
    people = [p for p in session.scalars(select(Person).order_by(Person.code)) if standing(session, p).active]
    found = [p for p in people if code in (None, p.code)]
    if len(found) != 1:
        known = ", ".join(p.code for p in people) or "nobody"
        raise RegistryError("person", "it is not clear who acts", f"Name one of: {known}.")
    if act is not None:
        require(principal_of(session, found[0]), act)
    return found[0]


def sites_of(session: Session, person: Person, codes: Sequence[str] = ()) -> list[UUID]:
    """The sites whose patients a person may export, or those of them with the given codes.

    Raises:
        RegistryError: there is no such site, or the person may not see it.
    """
    who = principal_of(session, person)
    own = {
        site.code: site.id
        for site in session.scalars(select(Site).order_by(Site.code))
        if who.all_sites or site.id == who.site
    }
    if strange := [code for code in codes if code not in own]:
        raise RegistryError(f"site {strange[0]}", "is not among those that you may see", f"Choose: {', '.join(own)}.")
    return [own[code] for code in (codes or own)]


def patient_named(session: Session, code: str, *, site: UUID) -> Patient:
    """A patient of a site by pseudonym.

    Raises:
        RegistryError: there is none.
    """
    found = session.scalars(select(Patient).where(Patient.code == code, Patient.site_id == site)).first()
    if found is None:
        raise RegistryError(f"patient {code}", "is not in this registry", "Check the pseudonym, or admit the patient.")
    return found


def admit(
    writer: Writer,
    person: Person,
    code: str,
    *,
    sex: str | None = None,
    birth_year: int | None = None,
    levels: Sequence[str],
    fractured_on: date | None = None,
    mechanism: str = "unknown",
) -> tuple[Patient, Episode]:
    """A patient with the fracture that brings them.

    Raises:
        RegistryError: the pseudonym is taken. OvcfError: no such level.
    """
    patient = Patient(site_id=person.site_id, code=code, sex=sex, birth_year=birth_year)
    writer.add(patient)
    names = [Level.parse(level).value for level in levels]
    episode = Episode(patient_id=patient.id, levels=names, fractured_on=fractured_on, mechanism=Mechanism(mechanism))
    return patient, writer.add(episode)


def hold_visit(
    writer: Writer, episode: Episode, *, window: str, on: date, answers: Mapping[str, float] | None = None
) -> Visit:
    """A visit that was held, with what the patient answered: instrument to value.

    Raises:
        RegistryError: a visit of that window or day is there already.
    """
    there = writer.session.scalars(current(Visit).where(Visit.episode_id == episode.entity_id)).all()
    taken = [v for v in there if v.held_on == on or (v.window.value == window != Window.UNSCHEDULED.value)]
    if taken:
        raise RegistryError(
            f"visit of {on}",
            f"there is one already ({taken[0].window}, {taken[0].held_on})",
            "Correct that one, or use another window.",
        )
    visit = Visit(
        patient_id=episode.patient_id,
        episode_id=episode.entity_id,
        window=Window(window),
        held_on=on,
        status=VisitStatus.HELD,
    )
    writer.add(visit)
    for instrument, value in (answers or {}).items():
        writer.add(
            PatientReport(
                patient_id=episode.patient_id, visit_id=visit.id, instrument=Instrument(instrument), value=float(value)
            )
        )
    return visit


def newest_reading(session: Session, registry: Registry, visit: Visit) -> tuple[Reading, ReadingFile] | None:
    """The newest state of the newest reading of a visit: a signed one goes before drafts."""
    rows = list(session.scalars(counting_readings().where(Reading.visit_id == visit.entity_id)))
    if not rows:
        return None
    row = newest_of(rows)
    return row, load_reading(registry, row)


def newest_of(rows: Iterable[Reading]) -> Reading:
    """Of the readings of a visit that which counts: a signed one before drafts, the newest of those."""
    return max(rows, key=lambda r: (r.status is ReadingStatus.CONFIRMED, r.recorded_at, r.revision))


def visit_named(session: Session, id_: UUID | None) -> Visit:
    """A visit as it now stands, by the id of its first row.

    Raises:
        NotThereError: there is none, or it was taken back.
    """
    found = session.scalars(current(Visit).where(Visit.entity_id == id_)).first()
    if found is None:
        raise NotThereError("visit", "is not there", "Check where its address comes from.")
    return found


def episodes_of(session: Session, patient: Patient) -> list[Episode]:
    """The fracture episodes of a patient, oldest first."""
    found = session.scalars(current(Episode).where(Episode.patient_id == patient.id))
    return sorted(found, key=lambda e: (e.fractured_on is None, e.fractured_on, e.recorded_at))


def visits_of(session: Session, episode: Episode) -> list[Visit]:
    """The visits of an episode that were held, in order."""
    found = session.scalars(current(Visit).where(Visit.episode_id == episode.entity_id))
    return sorted((v for v in found if v.held_on is not None), key=lambda v: (v.held_on, v.recorded_at))


def answers_at(session: Session, visit: Visit) -> dict[Instrument, float]:
    """What the patient answered at a visit."""
    found: Any = session.scalars(current(PatientReport).where(PatientReport.visit_id == visit.entity_id))
    return {report.instrument: report.value for report in found if report.value is not None}
