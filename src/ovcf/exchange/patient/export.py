"""One patient out of the registry: rows, readings and images; the audit says that it was done, and by whom."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from ovcf.errors import ClinicalDataError, RegistryError, UnreadableFileError
from ovcf.exchange.patient.reading import deidentified_reading
from ovcf.exchange.patient.rows import rows_of
from ovcf.reading.file import to_bytes
from ovcf.registry.access import Act, require, within
from ovcf.registry.clinic.readings import counting_readings, load_reading
from ovcf.registry.store import current
from ovcf.registry.tables import AuditEntry, Consent, ImagingStudy, MovedStudy, Patient, Person, Reading, StudyFile
from ovcf.registry.words import Action, ConsentScope
from ovcf.workflow.confidential.folder import Done, Numbers, belongs_to, put
from ovcf.workflow.confidential.images import deidentified, may_be_burned_in
from ovcf.workflow.software import software

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.workflow.confidential.key_file import KeyFile
    from ovcf.workflow.deidentify import Pseudonym


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows by table, readings, images."""

    rows: int
    readings: int
    images: Done


def export_patient(registry: Registry, who: Principal, code: str, stage: Path, keys: KeyFile | None = None) -> Exported:
    """Write one patient into a folder: as they are, or with ``keys`` without what tells who they are.

    Raises:
        ForbiddenError: not allowed. RegistryError: no such patient at the sites that one may see, or several.
        OutputError, MissingExtraError: it cannot be written.
    """
    require(who, Act.EXPORT)
    if keys is None:
        require(who, Act.SEE_IDENTITY)
    with registry.reading() as session:
        patient = _patient(session, who, code)
        if keys is not None:
            refuse_withdrawn(session, patient)
        pseudonym = None if keys is None else keys.of(f"{patient.site_id}/{patient.code}")
        rows = rows_of(session, patient, pseudonym)
        if pseudonym is None:
            rows["audit"] = _audit(session, patient)
        readings = _readings(session, registry, patient, stage, pseudonym)
        images = _images(session, registry, patient, stage, pseudonym)
    about = {"software": software(), "deidentified": pseudonym is not None}
    put(stage / "patient.json", json.dumps({"about": about} | rows, indent=1, ensure_ascii=False).encode())
    with registry.writing(who.person) as writer:
        writer.note(Action.EXPORTED, [writer.session.get_one(Patient, patient.id)])
    if keys is not None:
        keys.save()
    written, left_out = readings
    done = Done(images.written, 1, (*left_out, *images.left_out), images.to_look_at)
    return Exported(sum(map(len, rows.values())), written, done)


def _patient(session: Session, who: Principal, code: str) -> Patient:
    found = list(session.scalars(within(select(Patient).where(Patient.code == code), who, Patient)))
    if len(found) != 1:
        why = "is not in this registry" if not found else "is there at several sites"
        raise RegistryError(f"patient {code}", why, "Check the pseudonym, or let somebody of the site export it.")
    return found[0]


def refuse_withdrawn(session: Session, patient: Patient) -> None:
    """Refuse to give a patient away for research who withdrew consent to it.

    Raises:
        RegistryError: they did.
    """
    said = session.scalars(
        current(Consent).where(Consent.patient_id == patient.id, Consent.scope == ConsentScope.RESEARCH)
    )
    newest = max(said, key=lambda consent: (consent.on, consent.recorded_at), default=None)
    if newest is not None and not newest.given:
        raise RegistryError(f"patient {patient.code}", "withdrew consent to research", "Leave them out.")


def _audit(session: Session, patient: Patient) -> list[dict[str, str]]:
    people = {person.id: person.name for person in session.scalars(select(Person))}
    entries = session.scalars(select(AuditEntry).where(AuditEntry.patient_id == patient.id).order_by(AuditEntry.seq))
    return [
        {"at": e.at.isoformat(), "by": people.get(e.actor, ""), "action": e.action, "table": e.table, "row": e.row}
        for e in entries
    ]


def _readings(
    session: Session, registry: Registry, patient: Patient, stage: Path, pseudonym: Pseudonym | None
) -> tuple[int, list[tuple[str, str]]]:
    """The newest state of each reading, with all its versions."""
    of_patient = counting_readings().where(Reading.patient_id == patient.id)
    newest = of_patient.with_only_columns(Reading.reading, func.max(Reading.revision))
    written, left_out = 0, []
    for number, (reading, revision) in enumerate(session.execute(newest.group_by(Reading.reading)), 1):
        row = session.scalars(select(Reading).where(Reading.reading == reading, Reading.revision == revision)).one()
        file = load_reading(registry, row)
        try:
            given = file if pseudonym is None else deidentified_reading(file, pseudonym)
        except ClinicalDataError as error:
            left_out.append((f"reading {number}", error.problem))
            continue
        put(stage / f"reading-{number}.ovcf", to_bytes(given))
        written += 1
    return written, left_out


def _images(session: Session, registry: Registry, patient: Patient, stage: Path, pseudonym: Pseudonym | None) -> Done:
    numbers = Numbers()
    left_out: list[tuple[str, str]] = []
    to_look_at: list[str] = []
    files = (
        select(StudyFile, ImagingStudy)
        .join(ImagingStudy, StudyFile.study_id == ImagingStudy.id)
        .where(StudyFile.patient_id == patient.id, ~exists().where(MovedStudy.study_id == StudyFile.study_id))
        .order_by(ImagingStudy.acquired_on, ImagingStudy.id, StudyFile.name)
    )
    for count, (file, study) in enumerate(session.execute(files), 1):
        data = registry.files.get(file.sha256)
        if pseudonym is None:
            place = f"images/{numbers.place('', str(study.id), '').split('/')[0]}/{count:05d}-{_plain(file.name)}"
            put(stage / place, data)
            continue
        try:
            _, study_uid, series = belongs_to(data, file.name)
            clean = deidentified(data, pseudonym, file.name)
        except (ClinicalDataError, UnreadableFileError) as error:
            left_out.append((file.name, error.problem))
            continue
        place = "images/" + numbers.place("", study_uid or str(study.id), series)
        put(stage / place, clean)
        if may_be_burned_in(data):
            to_look_at.append(place)
    return Done(numbers.files, 1, tuple(left_out), tuple(to_look_at))


def _plain(name: str) -> str:
    """The last part of a name, of letters that every system takes."""
    return re.sub(r"[^\w.-]+", "_", PurePath(name.replace("\\", "/")).name).lstrip(".")[:80] or "file"
