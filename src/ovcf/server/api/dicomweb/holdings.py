"""What the service shows of a study by DICOMweb: images under the pseudonym, and the objects of a signed reading."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import NotThereError, OvcfError
from ovcf.files.workspace import workspace
from ovcf.registry.access import Act, require, within
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.readings import load_reading, newest_row
from ovcf.registry.tables import Patient, WorkItem
from ovcf.registry.words import WorkStatus
from ovcf.server.api.dicomweb.hidden import hidden
from ovcf.server.api.dicomweb.study_cache import Holding, Outline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom import Dataset
    from sqlalchemy.orm import Session

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.server.api.here import Service


@dataclass(frozen=True, slots=True)
class Listed:
    """A study of a patient in the list: the newest line of the worklist that holds it."""

    item: WorkItem
    code: str
    sex: str


def listed(session: Session, who: Principal) -> list[Listed]:
    """The studies that a principal may see, newest first, each once."""
    require(who, Act.READ_IMAGES)
    asked = select(WorkItem).where(WorkItem.study_uid != "", WorkItem.patient_id.is_not(None))
    asked = asked.order_by(WorkItem.arrived_at.desc(), WorkItem.id)
    newest: dict[str, Listed] = {}
    for item in session.scalars(within(asked, who, WorkItem)):
        patient = session.get_one(Patient, item.patient_id)
        sex = "" if patient.sex is None else {"female": "F", "male": "M"}.get(patient.sex.value, "")
        newest.setdefault(item.study_uid, Listed(item, patient.code, sex))
    return list(newest.values())


def holding(here: Service, who: Principal, study_uid: str) -> Holding:
    """A study that the principal may see; what it holds is kept at hand for the next request.

    Raises:
        NotThereError: there is none. ForbiddenError: they may see no images.
    """
    require(who, Act.READ_IMAGES)
    with here.registry.reading() as session:
        asked = select(WorkItem).where(WorkItem.study_uid == study_uid, WorkItem.patient_id.is_not(None))
        asked = asked.order_by(WorkItem.arrived_at.desc(), WorkItem.id).limit(1)
        item = session.scalars(within(asked, who, WorkItem)).first()
        if item is None or not study_uid:
            raise NotThereError("study", "is not there", "Ask which studies there are.")
        code = session.get_one(Patient, item.patient_id).code
        files = intake.files_of(session, item)
        reading = None
        if item.status is WorkStatus.SIGNED and item.reading is not None:
            reading = newest_row(session, item.reading)
    name = (item.id, None if reading is None else reading.id)

    def make() -> Holding:
        file = None if reading is None else load_reading(here.registry, reading)
        return _made(here.registry, study_uid, code, files, file)

    return here.dicom.get(name, make)


def outline(here: Service, who: Principal, one: Listed, *, whole: bool) -> Outline:
    """A study in short: of its stored images, or, where the ``whole`` is asked for, of everything that is shown."""
    if whole:
        objects = holding(here, who, one.item.study_uid).objects.values()
        series = {str(ds.SeriesInstanceUID): str(ds.Modality) for ds in objects}
        first: Dataset | None = next(iter(objects), None)
        described = "" if first is None else str(first.get("StudyDescription", ""))
        return Outline(tuple(sorted(set(series.values()))), described, len(series), len(objects))

    def make() -> Outline:
        with here.registry.reading() as session:
            files = intake.files_of(session, one.item)
        found = {_modality(here.registry.files.get(kept.sha256)) for kept in files}
        return Outline(tuple(sorted(found - {""} | ({"SR"} if one.item.status is WorkStatus.SIGNED else set()))))

    return here.outlines.get((one.item.id, one.item.status), make)


def _modality(data: bytes) -> str:
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        return str(dcmread(BytesIO(data), stop_before_pixels=True, specific_tags=["Modality"]).get("Modality", ""))
    except (InvalidDicomError, EOFError, ValueError):
        return ""


def _made(
    registry: Registry, study_uid: str, code: str, files: Sequence[intake.Kept], file: ReadingFile | None
) -> Holding:
    objects: dict[str, Dataset] = {}
    for kept in files:
        data = registry.files.get(kept.sha256)
        if data[128:132] == b"DICM":
            ds = hidden(data, code)
            if ds is not None and str(ds.StudyInstanceUID) == study_uid:
                objects[str(ds.SOPInstanceUID)] = ds
    if file is not None and objects:
        with workspace() as folder:
            for uid, ds in objects.items():
                ds.save_as(folder / f"{uid}.dcm", enforce_file_format=True)
            objects |= _results(file, folder)
    return Holding(study_uid, objects)


def _results(file: ReadingFile, folder: Path) -> dict[str, Dataset]:
    """The report and what belongs to it; nothing where the reading cannot be written beside these images."""
    from pydicom import dcmread

    from ovcf.dicom_out.write import dicom_objects

    try:
        found = dicom_objects(file, [folder])
    except OvcfError:
        return {}
    read = (dcmread(BytesIO(data)) for data in found.files().values())
    return {str(ds.SOPInstanceUID): ds for ds in read}
