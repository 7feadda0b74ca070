"""A study that has come whole is taken into the registry, and a job asked for that assesses it.

The registry takes a study in one transaction. Only then is the spool told: after a kill between the two the same study
is looked at again, and every image of it is found to be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from ovcf.errors import OvcfError
from ovcf.files.workspace import workspace
from ovcf.jobs import queue
from ovcf.pacs.line.whose import Person, patient_of, remember
from ovcf.pacs.settings import Patients
from ovcf.pacs.spool.spool import State
from ovcf.registry.access import within
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.tables import PacsRecord, Patient, ReceivedInstance, WorkItem
from ovcf.registry.words import JobState, PacsEvent, WorkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ovcf.pacs.line.line import Line
    from ovcf.pacs.spool.spool import Instance
    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Visit

_TAGS = ["PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex", "PatientIdentityRemoved"]
_NAME = "From the archive"
_MANY = "its images are of several patients"
_OTHER = "the same SOP instance is here already with another content"


@dataclass(frozen=True, slots=True)
class _Study:
    """What the images of a study say of it."""

    person: Person
    day: date | None
    several: bool


def take_complete(line: Line) -> int:
    """Take every study of which nothing has come for a while; how many were taken or set aside."""
    studies = line.spool.complete(line.settings.here.quiet_s)
    for study_uid in studies:
        line.spool.again(study_uid)  # what was set aside of it may go with what has come since
        waiting = line.spool.waiting(study_uid)
        try:
            _take(line, study_uid, waiting)
        except OvcfError as error:
            with line.registry.writing(line.who.person) as writer:
                line.record(writer, PacsEvent.REFUSED, None, images=len(waiting), why=error.problem)
            line.spool.end(waiting, State.ASIDE, f"{error.where}: {error.problem}")
            line.tell(f"a study of {len(waiting)} images was set aside: {error.problem}")
        else:
            line.spool.end(waiting, State.TAKEN)
    return len(studies)


def record_refused(line: Line) -> None:
    """Write down the images that the receiver refused: the same name with another content."""
    refused = line.spool.refused()
    if not refused:
        return
    with line.registry.writing(line.who.person) as writer:
        for one in refused:
            item = _newest(line, writer, one.study_uid)
            line.record(writer, PacsEvent.REFUSED, item, peer=one.sender, images=1, why=_OTHER)
    line.spool.told(refused)
    line.tell(f"{len(refused)} images were refused: {_OTHER}")


def _take(line: Line, study_uid: str, waiting: Sequence[Instance]) -> None:
    with workspace() as folder, line.registry.writing(line.who.person) as writer:
        older = _newest(line, writer, study_uid)
        kept = {row.sop_uid: row for row in _rows(line, writer, study_uid)}
        new = [one for one in waiting if one.sop_uid not in kept]
        other = [one for one in waiting if one.sop_uid in kept and kept[one.sop_uid].content != one.content]
        if other:
            line.record(writer, PacsEvent.REFUSED, older, peer=other[0].sender, images=len(other), why=_OTHER)
            line.tell(f"{len(other)} images were refused: {_OTHER}")
        if not new:
            return
        sent = [_written(folder, one, line.spool.files.get(one.file)) for one in new]
        was = [_written(folder, row, line.registry.files.get(row.sha256)) for row in kept.values()]
        about = _about([*sent, *was], line.settings.here.issuer)
        files = intake.store_files(writer, line.registry, sorted([*sent, *was]))
        item, why = _received(line, writer, about, files, older)
        item.study_uid, item.acquired_on = study_uid, item.acquired_on or about.day
        _list(writer, item, study_uid, new, list(kept.values()))
        if older is None:
            line.record(writer, PacsEvent.RECEIVED, item, peer=new[0].sender, images=len(new), why=why)
        else:
            line.record(writer, PacsEvent.GREW, item, peer=new[0].sender, images=len(new), why=why)
            _superseded(line, writer, older)
        queue.enqueue(writer.session, item, line.who.person)
        grown = "" if older is None else f"; {len(kept)} were here, and all are assessed anew"
        line.tell(f"study {item.id}: {len(new)} images taken{grown}{f'; {why}' if why else ''}")


def _received(
    line: Line, writer: Writer, about: _Study, files: Sequence[intake.Kept], older: WorkItem | None
) -> tuple[WorkItem, str]:
    """The new line of the worklist, and why it is nobody's; a study that grew stays with its patient."""
    visit, why = None, ""
    if older is not None and older.patient_id is not None and older.visit_id is not None:
        visit = clinic.visit_of(writer.session, line.who, older.visit_id)
    elif about.several:
        why = _MANY
    else:
        visit, why = _visit(line, writer, about)
    return intake.receive(writer, line.who, files, name=_NAME, visit=visit), why


def _visit(line: Line, writer: Writer, about: _Study) -> tuple[Visit | None, str]:
    patient, why = patient_of(writer.session, line.who, line.key, about.person)
    if about.day is None:
        return None, "its images do not say when they were taken"
    new = patient is None and not why.startswith("birth") and not about.person.is_nobody
    if patient is None and new and line.settings.here.patients is Patients.ADMIT:
        patient, _ = clinic.admit(
            writer,
            line.who,
            clinic.next_code(writer.session, line.who),
            sex=about.person.known_sex,
            birth_year=about.person.birth_year,
        )
        remember(writer, line.key, patient, about.person)
    if patient is None:
        return None, why
    return clinic.visit_on(writer, patient, window="unscheduled", on=about.day), ""


def _list(
    writer: Writer, item: WorkItem, study_uid: str, new: Sequence[Instance], kept: Sequence[ReceivedInstance]
) -> None:
    """Say which images belong to the new line; those of the older one are no longer the newest."""
    own = {"site_id": item.site_id, "work_item_id": item.id, "patient_id": item.patient_id, "study_uid": study_uid}
    rows = [ReceivedInstance(**own, sop_uid=o.sop_uid, content=o.content, sha256=o.file) for o in new]
    rows += [ReceivedInstance(**own, sop_uid=r.sop_uid, content=r.content, sha256=r.sha256) for r in kept]
    older = [row.id for row in kept]
    writer.session.execute(update(ReceivedInstance).where(ReceivedInstance.id.in_(older)).values(newest=False))
    writer.session.add_all(rows)
    writer.session.flush()


def _superseded(line: Line, writer: Writer, older: WorkItem) -> None:
    """What was made of fewer images: a job that is not done goes, a draft of nobody's study too; a reading stays."""
    job = queue.newest_job(writer.session, older)
    if job is not None and job.state in (JobState.QUEUED, JobState.RUNNING):
        queue.cancel(writer.session, line.who, job.id)
    if older.patient_id is None:
        intake.discard(writer, older)
    elif older.status is not WorkStatus.SIGNED:
        older.name = f"{_NAME}; more images came later"


def _newest(line: Line, writer: Writer, study_uid: str) -> WorkItem | None:
    """The line that was made of a study last."""
    asked = select(WorkItem).join(ReceivedInstance, ReceivedInstance.work_item_id == WorkItem.id)
    asked = asked.where(ReceivedInstance.study_uid == study_uid, ReceivedInstance.newest).limit(1)
    return writer.session.scalars(within(asked, line.who, WorkItem)).first()


def _rows(line: Line, writer: Writer, study_uid: str) -> list[ReceivedInstance]:
    asked = select(ReceivedInstance).where(ReceivedInstance.study_uid == study_uid, ReceivedInstance.newest)
    return list(writer.session.scalars(within(asked, line.who, ReceivedInstance)))


def _written(folder: Path, one: Instance | ReceivedInstance, data: bytes) -> intake.Sent:
    """An image as a file, called by a digest: its UID would lead to a person."""
    name = f"{one.content[:24]}.dcm"
    (folder / name).write_bytes(data)
    return intake.Sent(name, folder / name)


def _about(files: Sequence[intake.Sent], issuer: str) -> _Study:
    from pydicom import dcmread

    people: list[Person] = []
    days: set[str] = set()
    for file in files:
        ds = dcmread(BytesIO(file.path.read_bytes()), stop_before_pixels=True, specific_tags=[*_TAGS, "StudyDate"])
        people.append(Person.of(ds, issuer))
        days.add(str(ds.get("StudyDate") or ""))
    days -= {""}
    telling = {(p.number, p.issuer, p.born, p.sex) for p in people}
    removed = next((p for p in people if p.removed), people[0])
    return _Study(removed, _date(min(days)) if days else None, len(telling) > 1)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def remember_assigned(line: Line) -> int:
    """Learn the hospital numbers of patients whose studies a person gave to them; how many were new."""
    with line.registry.reading() as session:
        seen = select(PacsRecord.work_item).where(PacsRecord.event == PacsEvent.LINKED)
        asked = (
            select(ReceivedInstance)
            .where(ReceivedInstance.newest, ReceivedInstance.patient_id.is_not(None))
            .where(ReceivedInstance.work_item_id.not_in(seen.where(PacsRecord.work_item.is_not(None))))
        )
        found = {row.work_item_id: row for row in session.scalars(within(asked, line.who, ReceivedInstance))}
    for work_item, row in found.items():
        _remember(line, work_item, row)
    return len(found)


def _remember(line: Line, work_item: object, row: ReceivedInstance) -> None:
    from pydicom import dcmread

    ds = dcmread(BytesIO(line.registry.files.get(row.sha256)), stop_before_pixels=True, specific_tags=_TAGS)
    person = Person.of(ds, line.settings.here.issuer)
    with line.registry.writing(line.who.person) as writer:
        item, patient = writer.session.get(WorkItem, work_item), writer.session.get(Patient, row.patient_id)
        if item is None or patient is None:
            return
        identity = None
        other, why = patient_of(writer.session, line.who, line.key, person)
        if other is not None and other.id != patient.id:
            why = "its hospital number is that of another patient here"
        elif not person.is_nobody and (other is not None or why == "its hospital number is not known here"):
            why, identity = "", remember(writer, line.key, patient, person).id
        line.record(writer, PacsEvent.LINKED, item, identity=identity, why=why)
