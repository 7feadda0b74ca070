"""Readings and patients of the registry as FHIR, for whoever may have them, with no more of who it is than they may.

The patient goes by the pseudonym of the site. Name and hospital number are added only where they are asked for and may
be seen. Who may not see identities gets the reading de-identified, as any export for research: another pseudonym,
moved dates, other UIDs, no reader, no free text.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from ovcf.errors import FollowUpError, RegistryError
from ovcf.exchange.patient.export import refuse_withdrawn
from ovcf.exchange.patient.reading import deidentified_reading
from ovcf.fhir.extra import need_fhir
from ovcf.fhir.out.bundle import of_reading
from ovcf.fhir.out.course import instruments, verdicts
from ovcf.fhir.out.source import Whose
from ovcf.fhir.out.who import patient as patient_resource
from ovcf.reading.version import ReadingStatus
from ovcf.registry import service
from ovcf.registry.access import Act, Principal, require
from ovcf.registry.clinic.patients import patient_of
from ovcf.registry.clinic.readings import load_reading, reading_of
from ovcf.registry.course import course_of
from ovcf.registry.store import current
from ovcf.registry.tables import Patient, PatientKey, PatientReport
from ovcf.registry.words import Action
from ovcf.workflow.deidentify import Pseudonym

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from ovcf.fhir.out.source import Known
    from ovcf.fhir.parts import Json
    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Visit


@dataclass(frozen=True, slots=True)
class _For:
    """Whom it is for, and what of the patient they get."""

    session: Session
    patient: Patient
    whose: Whose
    pseudonym: Pseudonym | None

    def seen(self, file: ReadingFile) -> ReadingFile:
        """A reading as they may have it."""
        return file if self.pseudonym is None else deidentified_reading(file, self.pseudonym)

    def day(self, iso: str) -> str:
        """A day as they may have it."""
        return iso if self.pseudonym is None else self.pseudonym.day(iso)


def reading_resources(
    registry: Registry,
    who: Principal,
    reading: str,
    *,
    knows: Callable[[Session, Patient], Sequence[Known]] | None = None,
    draft: bool = False,
    pdf: bool = True,
) -> dict[str, Json]:
    """One reading with what the patient answered at its visit; the audit says that it was exported, and by whom.

    ``knows`` tells who the patient is, where that is asked for.

    Raises:
        ForbiddenError: not allowed. NotThereError: no such reading. ReadingError: nobody has signed it.
    """
    need_fhir()
    with registry.reading() as session:
        row = reading_of(session, who, reading)
        asked = _for(session, who, session.get_one(Patient, row.patient_id), knows)
        made = of_reading(asked.seen(load_reading(registry, row)), whose=asked.whose, draft=draft, pdf=pdf)
        visit = service.visit_named(session, row.visit_id)
        made |= instruments(_reports(session, visit), asked.whose, asked.day(_held(visit)))
    _note(registry, who, row.patient_id)
    return made


def patient_resources(
    registry: Registry,
    who: Principal,
    whose: str | UUID,
    *,
    knows: Callable[[Session, Patient], Sequence[Known]] | None = None,
    draft: bool = False,
    pdf: bool = True,
) -> dict[str, Json]:
    """Everything of a patient, by id or pseudonym: the reading that counts of each visit, answers, what became of it.

    A visit whose reading nobody has signed is there with its answers alone, unless drafts are asked for.

    Raises:
        ForbiddenError: not allowed. RegistryError: no such patient.
    """
    need_fhir()
    with registry.reading() as session:
        if isinstance(whose, UUID):
            patient = patient_of(session, who, whose)
        else:
            patient = service.patient_named(session, whose, site=who.site)
        asked = _for(session, who, patient, knows)
        made = {asked.whose.address: patient_resource(asked.whose)}
        for episode in service.episodes_of(session, patient):
            for visit in service.visits_of(session, episode):
                newest = service.newest_reading(session, registry, visit)
                if newest is not None and (draft or newest[0].status is ReadingStatus.CONFIRMED):
                    made |= of_reading(asked.seen(newest[1]), whose=asked.whose, draft=draft, pdf=pdf)
                made |= instruments(_reports(session, visit), asked.whose, asked.day(_held(visit)))
            try:
                course = course_of(session, registry, episode, today=datetime.now(UTC).date())
            except FollowUpError:
                continue  # one visit alone has no course yet
            if draft or all(visit.signed for visit in course.visits):
                made |= verdicts(course, asked.whose, str(episode.entity_id), asked.day)
    _note(registry, who, patient.id)
    return made


def _for(
    session: Session, who: Principal, patient: Patient, knows: Callable[[Session, Patient], Sequence[Known]] | None
) -> _For:
    require(who, Act.READ_CASES)
    system = f"urn:uuid:{patient.site_id}"
    whose = Whose(code=patient.code, system=system, sex=patient.sex)
    if knows is not None:
        require(who, Act.SEE_IDENTITY)
        known = tuple(knows(session, patient))
        if not known:
            raise RegistryError(
                f"patient {patient.code}", "is known here by the pseudonym alone", "Leave the identity out."
            )
        return _For(session, patient, replace(whose, known=known), None)
    if who.may(Act.SEE_IDENTITY):
        return _For(session, patient, whose, None)
    require(who, Act.EXPORT)
    refuse_withdrawn(session, patient)
    pseudonym = _for_research(session, patient)
    return _For(session, patient, replace(whose, code=pseudonym.name), pseudonym)


def _for_research(session: Session, patient: Patient) -> Pseudonym:
    """The same for a patient whenever it is asked for, so that two exports fit; erased with the patient's key."""
    key = hmac.new(session.get_one(PatientKey, patient.id).key, b"ovcf fhir for research", hashlib.sha256).digest()
    return Pseudonym(f"R-{key[:6].hex()}", shift_days=-1 - int.from_bytes(key[6:10], "big") % 365, key=key[10:])


def _reports(session: Session, visit: Visit) -> list[PatientReport]:
    found = session.scalars(current(PatientReport).where(PatientReport.visit_id == visit.entity_id))
    return sorted(found, key=lambda report: report.instrument)


def _held(visit: Visit) -> str:
    day = visit.held_on or visit.planned_on or visit.recorded_at.date()
    return day.isoformat()


def _note(registry: Registry, who: Principal, patient: UUID) -> None:
    with registry.writing(who.person) as writer:
        writer.note(Action.EXPORTED, [writer.session.get_one(Patient, patient)])
