"""Studies of images: made of uploads, given to a patient, assessed by a job, let go."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import select

from ovcf.errors import NotThereError, RegistryError
from ovcf.files.workspace import workspace
from ovcf.imaging.files.archive import unpack
from ovcf.jobs import queue
from ovcf.reading.session import Session
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import intake, moving
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import Person
from ovcf.render.summary import summary
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import Accepted, Assignment, AtVisit, NewAssessment, NewStudy, Options, Reason, StudyShape
from ovcf.server.api.shown import job_shape, work_lines
from ovcf.server.api.tus.doors import whole

if TYPE_CHECKING:
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Visit
    from ovcf.server.api.tus.store import Upload, UploadStore

router = APIRouter(tags=["studies"])


class Move(AtVisit):
    """Where a study belongs that was assigned wrongly, and why it was where it was.

    ``although_signed``: a reading of it that was signed will no longer count; the study gets a new one.
    """

    reason: Reason
    although_signed: bool = False


@router.post("/studies", status_code=202)
def receive(here: Here, who: Who, asked: NewStudy, response: Response) -> Accepted:
    """Make a study of uploads that arrived whole. With ``assess`` a job begins; both or neither come about."""
    require(who, Act.WRITE_FACTS)
    uploads = whole(here, who, asked.uploads)
    with ExitStack() as open_until:
        files = _unpacked(here.uploads, uploads, open_until)
        with here.registry.writing(who.person) as writer:
            visit = None if asked.at is None else _visit(writer, who, asked.at)
            kept = intake.store_files(writer, here.registry, files)
            name = asked.name or (uploads[0].name if len(uploads) == 1 else "")
            item = intake.receive(writer, who, kept, name=name, visit=visit)
            job = queue.enqueue(writer.session, item, who.person, _options(asked.options)) if asked.assess else None
            accepted = Accepted(study=item.id, job=None if job is None else job.id)
    for upload in uploads:
        here.uploads.drop(upload)
    response.headers["Location"] = f"/api/v1/studies/{accepted.study}"
    return accepted


@router.get("/studies/{study}")
def show(here: Here, who: Who, study: UUID) -> StudyShape:
    """One study, with its newest job."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        item = intake.item_of(session, who, study)
        job = queue.newest_job(session, item)
        (line,) = work_lines(session, [item])
        return StudyShape(
            **line.model_dump(exclude={"job"}),
            job=None if job is None else job.id,
            study_uid=item.study_uid,
            files=len(intake.files_of(session, item)),
            newest_job=None if job is None else job_shape(job, item),
        )


@router.delete("/studies/{study}", status_code=204)
def discard(here: Here, who: Who, study: UUID) -> None:
    """Let a study go that belongs to nobody. One with a patient stays."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        intake.discard(writer, intake.item_of(writer.session, who, study))
    here.frames.forget(study)


@router.post("/studies/{study}/visit")
def assign(here: Here, who: Who, study: UUID, asked: AtVisit) -> StudyShape:
    """Give a study its patient and visit; a draft that was made of it becomes a reading."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        item = intake.item_of(writer.session, who, study)
        visit = _visit(writer, who, asked)
        facts = clinic.facts_at(writer.session, visit.patient_id, visit.entity_id)
        begun = intake.assign(writer, here.registry, item, visit, facts)
        if begun is not None:
            item.summary = summary(Session(load_reading(here.registry, begun)))
    return show(here, who, study)


@router.post("/studies/{study}/move")
def move(here: Here, who: Who, study: UUID, asked: Move) -> StudyShape:
    """Move a study that was assigned wrongly to another patient or visit, under a new id.

    What was read of it stays where it was and no longer counts; the study gets a new reading, to be read and signed.
    With a signed reading this is refused, unless somebody who may sign says that it is meant.
    """
    require(who, Act.WRITE_FACTS)
    if asked.although_signed:
        require(who, Act.SIGN)
    with here.registry.writing(who.person) as writer:
        item = intake.item_of(writer.session, who, study)
        moved = moving.move(
            writer,
            here.registry,
            item,
            _visit(writer, who, asked),
            asked.reason,
            summary_of=lambda file: summary(Session(file)),
            although_signed=asked.although_signed,
        )
        if moved.reading is None:
            queue.enqueue(writer.session, moved, who.person)
        id_ = moved.id
    return show(here, who, id_)


@router.post("/studies/{study}/reader")
def give_to(here: Here, who: Who, study: UUID, asked: Assignment) -> StudyShape:
    """Say who is to read a study."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        item = intake.item_of(writer.session, who, study)
        item.assigned_to = None if asked.reader is None else _person(writer, who, asked.reader)
    return show(here, who, study)


@router.post("/assessments", status_code=202)
def assess(here: Here, who: Who, asked: NewAssessment, response: Response) -> Accepted:
    """Assess a study: a job begins, whose progress is told at its address."""
    require(who, Act.EDIT_READING)
    with here.registry.writing(who.person) as writer:
        item = intake.item_of(writer.session, who, asked.study)
        job = queue.enqueue(writer.session, item, who.person, _options(asked.options))
        accepted = Accepted(study=item.id, job=job.id)
    response.headers["Location"] = f"/api/v1/jobs/{accepted.job}"
    return accepted


def _unpacked(store: UploadStore, uploads: list[Upload], open_until: ExitStack) -> list[intake.Sent]:
    """The files of uploads, zips unpacked with care."""
    found: list[intake.Sent] = []
    for upload in uploads:
        path = store.path(upload)
        if PurePosixPath(upload.name.lower()).suffix == ".zip" or _is_zip(path):
            inside = unpack(path, open_until.enter_context(workspace()))
            found += [intake.Sent(file.name.removeprefix(f"{path}/"), file.path) for file in inside]
        else:
            found.append(intake.Sent(upload.name, path))
    return found


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _visit(writer: Writer, who: Principal, at: AtVisit) -> Visit:
    """The visit that is named, or that of a patient and a day.

    Raises:
        RegistryError: neither is given. NotThereError: there is none.
    """
    if at.visit is not None:
        return clinic.visit_of(writer.session, who, at.visit)
    if at.patient is None or at.held_on is None:
        raise RegistryError("at", "names neither a visit nor a patient and a day", "Give either.")
    patient = clinic.patient_of(writer.session, who, at.patient)
    return clinic.visit_on(writer, patient, window=at.window, on=at.held_on)


def _person(writer: Writer, who: Principal, code: str) -> UUID:
    found = writer.session.scalars(select(Person).where(Person.code == code)).first()
    if found is None or (found.site_id != who.site and not who.all_sites):
        raise NotThereError("reader", "is not there", "Choose one of this site.")
    return found.id


def _options(options: Options) -> dict[str, Any]:
    return options.model_dump(mode="json", exclude_defaults=True)
