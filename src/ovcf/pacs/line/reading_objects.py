"""What a reading becomes for the archive that its images came from: made once, kept as bytes, queued in the outbox.

A reading in the registry bears a pseudonym. Its objects are made under the identity of the source images, which are
kept sealed, and are themselves sealed until they go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from ovcf.dicom_out.write import dicom_objects
from ovcf.errors import OvcfError
from ovcf.files.workspace import workspace
from ovcf.imaging.one_patient import text
from ovcf.pacs.line.whose import Person
from ovcf.pacs.settings import SendWhen
from ovcf.reading.file import digest, from_bytes
from ovcf.registry.access import within
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.derived import derived, keep_file
from ovcf.registry.clinic.readings import load_reading, newest_row
from ovcf.registry.tables import OutboxItem, PacsRecord, ReceivedInstance, WorkItem
from ovcf.registry.words import PacsEvent, ResultKind, WorkStatus
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from pydicom import Dataset
    from sqlalchemy.orm import Session

    from ovcf.pacs.line.line import Line
    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Reading

KINDS = {
    "report.sr.dcm": ResultKind.SR,
    "vertebrae.seg.dcm": ResultKind.SEG,
    "report.pdf.dcm": ResultKind.PDF,
    "key-images.ko.dcm": ResultKind.KO,
}
DEIDENTIFIED = "its images are de-identified, or do not say whose they are"


@dataclass(frozen=True, slots=True)
class _Due:
    """A state of a reading whose results are wanted."""

    item: UUID
    reading: str
    version: str
    file: ReadingFile
    images: tuple[str, ...]


def queue_results(line: Line, since: datetime | None = None) -> int:
    """Make and queue the results of every reading of a study from an archive that has none yet; how many readings.

    ``since`` leaves out readings that did not change after that moment.
    """
    if line.settings.results.send is SendWhen.NEVER or not line.settings.results.to:
        return 0
    due = _due(line, since)
    for one in due:
        try:
            made, why = _made(line, one), ""
        except OvcfError as error:
            made, why = {}, error.problem
        _queue(line, one, made, why)
    return len(due)


def under_source_identity(file: ReadingFile, number: str) -> ReadingFile:
    """A pseudonymous reading with the patient id of its images in every version; nothing else is changed."""
    names: dict[str, str] = {}
    seen = {}
    for name, one in file.observations.items():
        other = replace(one, patient=replace(one.patient, id=number))
        names[name] = digest(other)
        seen[names[name]] = other
    versions = tuple(
        replace(v, observations=names[v.observations], case=replace(v.case, patient_id=number))
        for v in file.reading.versions
    )
    return replace(file, reading=replace(file.reading, versions=versions), observations=seen)


def _due(line: Line, since: datetime | None) -> list[_Due]:
    wanted = [WorkStatus.SIGNED]
    if line.settings.results.send is SendWhen.DRAFTS:
        wanted.append(WorkStatus.DRAFT)
    came = exists().where(ReceivedInstance.work_item_id == WorkItem.id, ReceivedInstance.newest)
    asked = select(WorkItem).where(WorkItem.status.in_(wanted), came)
    if since is not None:
        asked = asked.where(WorkItem.changed_at >= since)
    found = []
    with line.registry.reading() as session:
        for item in session.scalars(within(asked, line.who, WorkItem)):
            done = _done(session, item)
            if item.status is WorkStatus.DRAFT and done:
                continue  # a draft goes out once, as the program made it; what a reader does to it, when it is signed
            row = None if item.reading is None else newest_row(session, item.reading)
            if row is not None and _name(row.version, row.status) in done:
                continue
            file = _file(line, session, item, row)
            if file is not None:
                version = file.reading.current
                own = select(ReceivedInstance.sha256).where(ReceivedInstance.work_item_id == item.id)
                name = _name(version.id, version.status)
                found.append(_Due(item.id, file.reading.id, name, file, tuple(session.scalars(own))))
    return found


def _done(session: Session, item: WorkItem) -> set[str]:
    """The versions whose results were queued, or are not to be sent."""
    asked = select(PacsRecord.version).where(
        PacsRecord.work_item == item.id, PacsRecord.event.in_((PacsEvent.QUEUED, PacsEvent.NOT_SENT))
    )
    return set(session.scalars(asked))


def _file(line: Line, session: Session, item: WorkItem, row: Reading | None) -> ReadingFile | None:
    if row is not None:
        return load_reading(line.registry, row)
    draft = derived(session, item, intake.DRAFT)
    return None if draft is None else from_bytes(line.registry.files.get(draft), "draft")


def _name(version: str, status: ReadingStatus) -> str:
    """A version, and whether it is signed: the draft that was signed is the same version."""
    return f"{version} draft" if status is ReadingStatus.DRAFT else version


def _made(line: Line, due: _Due) -> Mapping[str, bytes]:
    """The objects as DICOM files, by name; none of a study that does not say whose it is."""
    from pydicom import dcmread

    with workspace() as folder:
        numbers = set()
        for sha256 in due.images:
            data = line.registry.files.get(sha256)
            ds: Dataset = dcmread(BytesIO(data), stop_before_pixels=True, specific_tags=_WHOSE)
            if Person.of(ds).is_nobody:
                return {}
            numbers.add(text(ds, "PatientID"))
            (folder / f"{sha256}.dcm").write_bytes(data)
        if len(numbers) != 1:
            return {}
        return _objects(line, due, folder, numbers.pop())


_WHOSE = ["PatientID", "PatientIdentityRemoved"]


def _objects(line: Line, due: _Due, folder: Path, number: str) -> Mapping[str, bytes]:
    results = line.settings.results
    made = dicom_objects(
        under_source_identity(due.file, number),
        [folder],
        draft=results.send is SendWhen.DRAFTS,
        organization=results.organization,
    )
    return {name: data for name, data in made.files().items() if KINDS[name] in results.objects}


def _queue(line: Line, due: _Due, made: Mapping[str, bytes], why: str) -> None:
    """Keep the objects and ask for their sending, or say why nothing is sent; all or nothing, once."""
    with line.registry.writing(line.who.person) as writer:
        item = writer.session.get(WorkItem, due.item)
        if item is None:
            return
        if not made:
            why = why or DEIDENTIFIED
            line.record(writer, PacsEvent.NOT_SENT, item, reading=due.reading, version=due.version, why=why)
            line.tell(f"results of study {due.item} are not sent: {why}")
            return
        for peer in line.settings.results.to:
            for name, data in made.items():
                _add(line, writer, item, due, peer, KINDS[name], data)
        line.record(writer, PacsEvent.QUEUED, item, reading=due.reading, version=due.version, images=len(made))
    line.tell(f"results of study {due.item} wait to be sent: {', '.join(KINDS[name] for name in made)}")


def _add(line: Line, writer: Writer, item: WorkItem, due: _Due, peer: str, kind: ResultKind, data: bytes) -> None:
    from pydicom import dcmread

    ds = dcmread(BytesIO(data), stop_before_pixels=True, specific_tags=["SOPClassUID", "SOPInstanceUID"])
    there = select(OutboxItem.id).where(OutboxItem.peer == peer, OutboxItem.sop_uid == str(ds.SOPInstanceUID))
    if writer.session.scalars(there).first() is not None:
        return
    writer.session.add(
        OutboxItem(
            site_id=item.site_id,
            work_item_id=item.id,
            patient_id=item.patient_id,
            reading=due.reading,
            version=due.version,
            kind=kind,
            peer=peer,
            sop_class=str(ds.SOPClassUID),
            sop_uid=str(ds.SOPInstanceUID),
            sha256=keep_file(writer, line.registry, data),
        )
    )
    writer.session.flush()
