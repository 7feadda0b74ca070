"""Images that were assigned to the wrong patient or visit go where they belong, and what was read of them does not.

A reading never changes its patient. What a reader saw, decided and signed was about that patient, with that patient's
facts; under another name it would be a finding that nobody made. So the reading stays as it is where it was, marked as
not counting, with the reason; and the images begin a new reading, from what the program saw and the facts of the right
patient, which a reader has to look at and sign.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import delete, select, update

from ovcf.errors import ConflictError, RegistryError
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.intake import FRAMES, files_of
from ovcf.registry.clinic.patients import facts_at
from ovcf.registry.clinic.readings import begun_for, keep_reading, load_reading
from ovcf.registry.store import current
from ovcf.registry.tables import (
    DerivedFile,
    ImagingStudy,
    Job,
    MovedStudy,
    OutboxItem,
    Patient,
    Reading,
    ReceivedInstance,
    StudyFile,
    WorkItem,
)
from ovcf.registry.words import WorkStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Visit


def move(
    writer: Writer,
    registry: Registry,
    item: WorkItem,
    visit: Visit,
    reason: str,
    *,
    summary_of: Callable[[ReadingFile], dict[str, Any]],
    although_signed: bool = False,
) -> WorkItem:
    """Move a study to a visit, of the same patient or another; the line of the worklist where it is now.

    ``summary_of`` makes what the worklist shows of the new reading. ``although_signed``: somebody who may sign knows
    that a signed reading will no longer count.

    Raises:
        RegistryError: it belongs to nobody yet, or no reason is given. ConflictError: it is there already; a reading
            of it is signed.
    """
    session = writer.session
    if item.patient_id is None or item.visit_id is None:
        raise RegistryError("this study", "belongs to nobody yet", "Give it a patient and a visit.")
    if item.visit_id == visit.entity_id:
        raise ConflictError("this study", "is at that visit already", "Choose another one.")
    if not reason.strip():
        raise RegistryError("moving a study", "needs a reason", "Say why it was where it was.")
    there = session.scalars(current(ImagingStudy).where(ImagingStudy.entity_id == item.id)).first()
    if there is None:
        raise RegistryError("this study", "has no images", "A reading that came without images cannot be moved.")
    states = [] if item.reading is None else _states(writer, item.reading)
    if any(row.status is ReadingStatus.CONFIRMED for row in states) and not although_signed:
        raise ConflictError(
            "this study",
            "has a signed reading, which would no longer count",
            "Say that this is meant; the images then get a new reading, to be read and signed.",
        )
    patient = session.get(Patient, visit.patient_id)
    assert patient is not None
    moved = WorkItem(
        id=uuid4(),
        site_id=patient.site_id,
        patient_id=patient.id,
        visit_id=visit.entity_id,
        name=item.name,
        study_uid=item.study_uid,
        acquired_on=item.acquired_on,
        images=item.images,
        received_by=item.received_by,
        arrived_at=item.arrived_at,
        status=WorkStatus.NO_DRAFT,
    )
    session.add(moved)
    session.flush()
    writer.add(
        ImagingStudy(
            id=moved.id,
            patient_id=patient.id,
            visit_id=visit.entity_id,
            study_uid=there.study_uid,
            acquired_on=there.acquired_on,
            description=there.description,
        )
    )
    for file in files_of(session, item):
        writer.add(StudyFile(patient_id=patient.id, study_id=moved.id, sha256=file.sha256, name=file.name))
    frames = select(DerivedFile.sha256).where(DerivedFile.work_item_id == item.id, DerivedFile.kind == FRAMES)
    for sha256 in session.scalars(frames).all():
        session.add(DerivedFile(work_item_id=moved.id, patient_id=patient.id, kind=FRAMES, sha256=sha256))
    writer.retract(there, reason)
    writer.add(
        MovedStudy(
            patient_id=item.patient_id,
            visit_id=item.visit_id,
            study_id=item.id,
            to_study=moved.id,
            reading=item.reading,
            reason=reason.strip(),
        )
    )
    session.flush()
    for table in (DerivedFile, Job):
        session.execute(delete(table).where(table.work_item_id == item.id))
    unsent = _followed(writer, item, moved)
    session.execute(delete(WorkItem).where(WorkItem.id == item.id))
    if states:
        seen = load_reading(registry, states[0])
        begun = _anew(seen, patient.code, facts_at(session, patient.id, visit.entity_id))
        keep_reading(writer, registry, visit, begun, item=moved, summary=summary_of(begun))
    session.flush()
    writer.forget(unsent)
    return moved


def _followed(writer: Writer, item: WorkItem, moved: WorkItem) -> list[str]:
    """Where the images came from an archive, they are known as the new line's. What of the reading was still to be sent
    is not sent; the files of that, which nobody needs any more."""
    session = writer.session
    own = ReceivedInstance.work_item_id == item.id
    values = {"work_item_id": moved.id, "patient_id": moved.patient_id, "site_id": moved.site_id}
    session.execute(update(ReceivedInstance).where(own).values(**values))
    unsent = list(session.scalars(select(OutboxItem.sha256).where(OutboxItem.work_item_id == item.id)))
    session.execute(delete(OutboxItem).where(OutboxItem.work_item_id == item.id))
    return unsent


def _states(writer: Writer, reading: str) -> list[Reading]:
    return list(writer.session.scalars(select(Reading).where(Reading.reading == reading).order_by(Reading.revision)))


def _anew(file: ReadingFile, code: str, facts: dict[str, object]) -> ReadingFile:
    """The reading as it would have begun for another patient: what was seen, without a fact or an edit of before."""
    first = file.reading.versions[0]
    empty = replace(first, id=uuid4().hex, case=type(first.case)(), edits=())
    fresh = replace(file.reading, id=uuid4().hex, versions=(empty,))
    seen = {first.observations: file.observations[first.observations]}
    return begun_for(replace(file, reading=fresh, observations=seen), code, facts)
