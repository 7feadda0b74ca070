"""Images arrive: kept by content, listed as a study of a patient and visit, or of nobody yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from sqlalchemy import delete, func, select, update

from ovcf.budget import MAX_FILES, MAX_IMAGE_BYTES
from ovcf.errors import ConflictError, MissingFileError, RegistryError, UnreadableFileError
from ovcf.imaging.read import is_image
from ovcf.registry.access import found_by, within
from ovcf.registry.clinic.derived import derived, keep_derived, keep_file
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.columns import now
from ovcf.registry.tables import (
    ArrivedFile,
    DerivedFile,
    ImagingStudy,
    Job,
    OutboxItem,
    Patient,
    Reading,
    ReceivedInstance,
    StudyFile,
    Visit,
    WorkItem,
)
from ovcf.registry.words import WorkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry, Writer

FRAMES, DRAFT = "frames", "draft"
"""Kinds of derived files: the images as the page shows them, and the draft of a study without a patient."""


_OF_ITEM: tuple[Any, ...] = (DerivedFile, Job, ReceivedInstance, OutboxItem)
"""Tables of work about a line of the worklist; their rows name its patient, too."""


class Sent(NamedTuple):
    """A file that arrived: ``name`` as it was called there, ``path`` where it lies now."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store."""

    name: str
    sha256: str


def store_files(writer: Writer, registry: Registry, files: Sequence[Sent]) -> list[Kept]:
    """Put files into the store, by content.

    Raises:
        MissingFileError: none of them is an image. UnreadableFileError: one is too large, or there are too many.
    """
    if len(files) > MAX_FILES:
        raise UnreadableFileError("this study", f"holds more than {MAX_FILES:,} files", "Send one study at a time.")
    if not any(is_image(file.path, file.name) for file in files):
        raise MissingFileError(
            "what was sent",
            "holds no image that can be read",
            "Send DICOM or NIfTI images of the spine, a zip of them, or a film as PNG, JPEG or TIFF.",
        )
    kept = []
    for file in files:
        if file.path.stat().st_size > MAX_IMAGE_BYTES:
            raise UnreadableFileError(file.name, "is larger than any image", "Leave it out and send the others.")
        kept.append(Kept(file.name, keep_file(writer, registry, file.path.read_bytes())))
    return kept


def receive(
    writer: Writer, principal: Principal, kept: Sequence[Kept], *, name: str = "", visit: Visit | None = None
) -> WorkItem:
    """A new line of the worklist for a study whose files are in the store.

    Raises:
        ConflictError: the same images are here already.
    """
    session = writer.session
    if (there := _twin(session, principal, [file.sha256 for file in kept])) is not None:
        raise ConflictError("these images", f"are here already (study {there})", "Open that one.")
    item = WorkItem(
        id=uuid4(),
        site_id=principal.site,
        name=name[:200],
        received_by=writer.actor,
        images=len(kept),
        status=WorkStatus.WAITING,
    )
    session.add(item)
    session.flush()
    if visit is None:
        session.add_all(ArrivedFile(work_item_id=item.id, sha256=file.sha256, name=file.name) for file in kept)
    else:
        _belong(writer, item, visit, kept)
    session.flush()
    return item


def item_of(session: Session, principal: Principal, study: UUID) -> WorkItem:
    """A line of the worklist that the principal may see.

    Raises:
        NotThereError: there is none.
    """
    return found_by(session, select(WorkItem).where(WorkItem.id == study), principal, WorkItem, "study")


def files_of(session: Session, item: WorkItem) -> list[Kept]:
    """The files of a study as they arrived."""
    table = ArrivedFile if item.patient_id is None else StudyFile
    column = ArrivedFile.work_item_id if item.patient_id is None else StudyFile.study_id
    rows = session.execute(select(table.name, table.sha256).where(column == item.id).order_by(table.name, table.sha256))
    return [Kept(name=row[0], sha256=row[1]) for row in rows]


def drafted(
    writer: Writer,
    registry: Registry,
    item: WorkItem,
    file: ReadingFile,
    *,
    frames: bytes | None = None,
    study_uid: str = "",
    acquired_on: date | None = None,
    facts: dict[str, object] | None = None,
    summary: dict[str, Any] | None = None,
) -> Reading | None:
    """What an assessment made of a study: the first state of a reading, or a draft that waits for a patient."""
    item.study_uid, item.acquired_on = study_uid or item.study_uid, acquired_on or item.acquired_on
    item.changed_at = now()
    if frames is not None:
        keep_derived(writer, registry, item, FRAMES, frames)
    if item.patient_id is None or item.visit_id is None:
        from ovcf.reading.file import to_bytes

        keep_derived(writer, registry, item, DRAFT, to_bytes(file))
        item.status, item.summary = WorkStatus.DRAFT, summary
        return None
    return _begin(writer, registry, item, file, facts or {})


def assign(
    writer: Writer, registry: Registry, item: WorkItem, visit: Visit, facts: dict[str, object] | None = None
) -> Reading | None:
    """Give a study that belongs to nobody its patient and visit; its draft becomes a reading.

    Raises:
        ConflictError: it has a patient.
    """
    if item.patient_id is not None:
        raise ConflictError("this study", "has a patient already", "Look at it as it is now.")
    session = writer.session
    kept = files_of(session, item)
    session.execute(delete(ArrivedFile).where(ArrivedFile.work_item_id == item.id))
    _belong(writer, item, visit, kept)
    for table in _OF_ITEM:
        session.execute(update(table).where(table.work_item_id == item.id).values(patient_id=visit.patient_id))
    session.flush()
    draft = derived(session, item, DRAFT)
    if draft is None:
        return None
    from ovcf.reading.file import from_bytes

    file = from_bytes(registry.files.get(draft), f"study {item.id}")
    keep_derived(writer, registry, item, DRAFT, None)
    return _begin(writer, registry, item, file, facts or {})


def discard(writer: Writer, item: WorkItem) -> None:
    """Let a study go that belongs to nobody, with its files.

    Raises:
        RegistryError: it has a patient.
    """
    if item.patient_id is not None:
        raise RegistryError("this study", "has a patient", "It goes only with the patient, who can be erased.")
    session = writer.session
    names = [
        *session.scalars(select(ArrivedFile.sha256).where(ArrivedFile.work_item_id == item.id)),
        *session.scalars(select(DerivedFile.sha256).where(DerivedFile.work_item_id == item.id)),
    ]
    names += session.scalars(select(OutboxItem.sha256).where(OutboxItem.work_item_id == item.id))
    for table in (ArrivedFile, *_OF_ITEM):
        session.execute(delete(table).where(table.work_item_id == item.id))
    session.execute(delete(WorkItem).where(WorkItem.id == item.id))
    writer.forget(names)


def _belong(writer: Writer, item: WorkItem, visit: Visit, kept: Sequence[Kept]) -> None:
    """The study as a fact of a patient."""
    patient = visit.patient_id
    study = ImagingStudy(
        id=item.id, patient_id=patient, visit_id=visit.entity_id, study_uid=item.study_uid, acquired_on=item.acquired_on
    )
    writer.add(study)
    for file in kept:
        writer.add(StudyFile(patient_id=patient, study_id=study.id, sha256=file.sha256, name=file.name))
    item.patient_id, item.visit_id, item.changed_at = patient, visit.entity_id, now()


def _begin(writer: Writer, registry: Registry, item: WorkItem, file: ReadingFile, facts: dict[str, object]) -> Reading:
    from ovcf.registry.service import visit_named

    visit = visit_named(writer.session, item.visit_id)
    patient = writer.session.get(Patient, item.patient_id)
    assert patient is not None
    return keep_reading(writer, registry, visit, begun_for(file, patient.code, facts), item=item)


def _twin(session: Session, principal: Principal, names: Sequence[str]) -> UUID | None:
    """A study of the same site with exactly these files."""
    wanted = sorted(set(names))
    for files, of in ((ArrivedFile, ArrivedFile.work_item_id), (StudyFile, StudyFile.study_id)):
        holding = select(of).where(files.sha256 == wanted[0])
        asked = within(select(WorkItem).where(WorkItem.id.in_(holding)), principal, WorkItem)
        for item in session.scalars(asked):
            count = session.scalar(select(func.count()).select_from(files).where(of == item.id))
            if count == len(names) and sorted({file.sha256 for file in files_of(session, item)}) == wanted:
                return item.id
    return None
