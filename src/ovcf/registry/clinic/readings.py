"""The states of a reading in the registry: begun from a draft, kept one after the other, read back whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, select

from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import with_fact
from ovcf.errors import ConflictError, NotThereError
from ovcf.reading.at_signing import AtSigning, SignedNumber, SignedScore, by_another_release
from ovcf.reading.file import ReadingFile, base_of, digest, from_bytes, head_of, to_bytes
from ovcf.reading.session import Session as ReadingSession
from ovcf.reading.version import ReadingStatus
from ovcf.registry.access import found_by, within
from ovcf.registry.clinic.concluded import keep_concluded
from ovcf.registry.clinic.derived import keep_file
from ovcf.registry.columns import now
from ovcf.registry.store import stands
from ovcf.registry.tables import (
    ClinicalEntry,
    MeasuredValue,
    MovedStudy,
    PatientKey,
    Reading,
    ScoreValue,
    Visit,
    WorkItem,
)
from ovcf.registry.words import WorkStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy import Connection, Select
    from sqlalchemy.orm import Session

    from ovcf.assessment.result import Assessment
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry, Writer


class Seen(NamedTuple):
    """What a state was concluded from: the digest of the observations, and the stored file that holds them."""

    observations: str
    file: str


class Newest(NamedTuple):
    """The newest state of a reading, its visit as it stands, its line of the worklist, and the key of its patient."""

    row: Reading
    visit: Visit | None
    item: WorkItem | None
    key: PatientKey | None


def keep_reading(
    writer: Writer,
    registry: Registry,
    visit: Visit,
    file: ReadingFile,
    *,
    after: int | None = None,
    last: Reading | None = None,
    item: WorkItem | None = None,
    summary: dict[str, Any] | None = None,
    assessment: Assessment | None = None,
    content: bytes | None = None,
) -> Reading:
    """Keep one more state of a reading. ``after`` is the revision that it follows, ``last`` its newest state where
    that was looked up in this transaction, ``item`` the work it was made of,
    ``summary`` what the worklist shows of it, ``assessment`` what follows from it, ``content`` what
    :func:`content_after` makes of it, if that is known.

    What was seen is stored once for all states. The numbers and scores of the first draft and of every signed state
    become columns that can be searched, and the newest of them is kept as it was concluded; those between follow from
    the state itself.

    Raises:
        ConflictError: the newest revision is another one than ``after``.
    """
    last = last or newest_row(writer.session, file.reading.id)
    if after is not None and (last.revision if last else 0) != after:
        raise ConflictError("this reading", "was changed meanwhile", "Look at it as it is now, and edit again.")
    version = file.reading.current
    if content is None:
        content = content_after(file, None if last is None else _seen_of(registry.files.get(last.file), last))
    row = writer.add(
        Reading(
            patient_id=visit.patient_id,
            visit_id=visit.entity_id,
            reading=file.reading.id,
            revision=last.revision + 1 if last else 1,
            version=version.id,
            parent=version.parent,
            status=version.status,
            reader=version.reader,
            observations=version.observations,
            software=version.software,
            file=keep_file(writer, registry, content),
            confirmed_at=None if version.confirmed_at is None else datetime.fromisoformat(version.confirmed_at),
        )
    )
    followed = _follow(writer.session, row, visit, item, writer.actor)
    followed.summary = summary
    if last is None or version.status is ReadingStatus.CONFIRMED:
        found = ReadingSession(file).assessment() if assessment is None else assessment
        _keep_numbers(writer, row, file, found)
        keep_concluded(writer, registry, followed, row, found)
    return row


def counting_readings() -> Select[Reading]:
    """Select the readings that count: not those whose images turned out to be somebody else's."""
    found: Select[Reading] = select(Reading).where(~exists().where(MovedStudy.reading == Reading.reading))
    return found


def newest_row(session: Session, reading: str) -> Reading | None:
    """The newest state of a reading."""
    return session.scalars(
        select(Reading).where(Reading.reading == reading).order_by(Reading.revision.desc()).limit(1)
    ).first()


def newest_with_all(session: Session, reading: str) -> Newest | None:
    """The newest state of a reading with all that is needed to keep the next one, by one question.

    Hold it until the transaction ends: the audit looks for the patient's key among what is held.
    """
    found = session.execute(_newest_with_all(), {"reading": reading}).first()
    return None if found is None else Newest(*found)


@cache
def _newest_with_all() -> Any:
    return (
        select(Reading, Visit, WorkItem, PatientKey)
        .select_from(Reading)
        .outerjoin(Visit, and_(Visit.entity_id == Reading.visit_id, stands(Visit)))
        .outerjoin(WorkItem, WorkItem.reading == Reading.reading)
        .outerjoin(PatientKey, PatientKey.patient_id == Reading.patient_id)
        .where(Reading.reading == bindparam("reading"))
        .order_by(Reading.revision.desc())
        .limit(1)
    )


def newest_seen_by(connection: Connection, principal: Principal, reading: str) -> int:
    """The number of the newest state of a reading that the principal may see.

    Raises:
        NotThereError: there is none.
    """
    found = connection.execute(_newest_seen(principal), {"reading": reading}).scalar()
    if found is None:
        raise NotThereError("reading", "is not there", "Check where its address comes from.")
    return int(found)


@lru_cache(1000)  # asked for every request, and to build it takes longer than to run it
def _newest_seen(principal: Principal) -> Any:
    """Of a ``reading``: the number of its newest state, if the principal may see it."""
    asked = counting_readings().with_only_columns(Reading.revision).where(Reading.reading == bindparam("reading"))
    return within(asked.order_by(Reading.revision.desc()).limit(1), principal, Reading)


def reading_of(session: Session, principal: Principal, reading: str) -> Reading:
    """The newest state of a reading that the principal may see.

    Raises:
        NotThereError: there is none.
    """
    asked = counting_readings().where(Reading.reading == reading).order_by(Reading.revision.desc()).limit(1)
    return found_by(session, asked, principal, Reading, "reading")


def load_reading(registry: Registry, row: Reading) -> ReadingFile:
    """A reading as it was at one state."""
    return load_with_seen(registry, row)[0]


def load_with_seen(registry: Registry, row: Reading) -> tuple[ReadingFile, Seen]:
    """The same, and where what was seen is stored."""
    content, name = registry.files.get(row.file), f"reading {row.reading}"
    seen = _seen_of(content, row)
    if seen.file == row.file:
        file = from_bytes(content, name)
    else:
        file = from_bytes(registry.files.get(seen.file), name, content)
    if by_another_release(file.reading.current):
        file = replace(file, at_signing=_at_signing(registry, row))
    return file, seen


def _at_signing(registry: Registry, row: Reading) -> AtSigning:
    """The numbers that were kept of a signed state."""
    with registry.reading() as session:
        numbers = session.scalars(select(MeasuredValue).where(MeasuredValue.reading_id == row.id))
        scores = session.scalars(select(ScoreValue).where(ScoreValue.reading_id == row.id))
        return AtSigning(
            numbers=tuple(
                SignedNumber(method=m.method, level=m.level, image=m.image, value=m.value, unit=m.unit)
                for m in sorted(numbers, key=lambda m: (m.level or "", m.method, m.image))
            ),
            scores=tuple(
                SignedScore(score=s.score, status=s.status, total=s.total, group=s.group)
                for s in sorted(scores, key=lambda s: s.score)
            ),
        )


def begun_for(file: ReadingFile, code: str, facts: Mapping[str, object]) -> ReadingFile:
    """The first state of a reading for a patient: the pseudonym in place of what the images call them, known facts in.

    A fact that the reading has already is left as it is.
    """
    version = file.reading.current
    seen = replace(file.current, patient=replace(file.current.patient, id=code))
    name = digest(seen)
    case = replace(version.case, patient_id=code)
    empty = type(case)()
    for field, value in facts.items():
        if getattr(case, field) == getattr(empty, field):
            case = with_fact(case, field, value)
    begun = replace(file.reading, versions=(replace(version, observations=name, case=case),))
    return replace(file, reading=begun, observations={name: seen})


def content_after(file: ReadingFile, before: Seen | None) -> bytes:
    """What is stored of a state: the versions alone where what was seen is stored since the state before, else all."""
    if before is None or before.observations != file.reading.current.observations:
        return to_bytes(file)
    return head_of(file, before.file)


def _seen_of(content: bytes, row: Reading) -> Seen:
    return Seen(row.observations, base_of(content) or row.file)


def _keep_numbers(writer: Writer, row: Reading, file: ReadingFile, assessment: Assessment) -> None:
    if facts := facts_of(file.reading.current.case):
        writer.add(ClinicalEntry(patient_id=row.patient_id, visit_id=row.visit_id, reading_id=row.id, facts=facts))
    for m in assessment.measurements:
        writer.add(
            MeasuredValue(
                patient_id=row.patient_id,
                reading_id=row.id,
                method=m.method.id,
                level=m.index_level and m.index_level.value,
                value=m.value,
                unit=m.unit.value,
                standard_uncertainty=m.standard_uncertainty,
                modality=m.source.modality.value,
                posture=m.source.posture.value,
                image=m.source.image,
            )
        )
    for s in assessment.scores:
        low, high = s.attainable or (None, None)
        writer.add(
            ScoreValue(
                patient_id=row.patient_id,
                reading_id=row.id,
                score=s.score,
                version=s.version,
                status=s.status,
                total=s.total,
                lowest=low,
                highest=high,
                group=s.group,
            )
        )


def _follow(session: Session, row: Reading, visit: Visit, item: WorkItem | None, actor: UUID) -> WorkItem:
    """The line of the worklist tells of the newest state."""
    found = item or session.scalars(select(WorkItem).where(WorkItem.reading == row.reading)).first()
    if found is None:
        from ovcf.registry.tables import Patient

        patient = session.get(Patient, row.patient_id)
        assert patient is not None
        found = WorkItem(
            id=row.id,
            site_id=patient.site_id,
            patient_id=row.patient_id,
            visit_id=visit.entity_id,
            received_by=actor,
            acquired_on=visit.held_on,
            status=WorkStatus.DRAFT,
        )
        session.add(found)
    found.reading, found.revision, found.changed_at = row.reading, row.revision, now()
    found.status = WorkStatus.SIGNED if row.status is ReadingStatus.CONFIRMED else WorkStatus.DRAFT
    return found
