"""The exercises of a person: begun, read, signed, marked; their errors one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import ConflictError, NotThereError, StudyError
from ovcf.language.worded import say
from ovcf.reading.file import ReadingFile, from_bytes, head_of, to_bytes
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.derived import keep_file
from ovcf.registry.tables import TrainingExercise
from ovcf.study.readers.sitting import count_time
from ovcf.study.training.exercise import Truth
from ovcf.study.training.marking import marks_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer


def begin(
    writer: Writer, registry: Registry, label: str, seed: int, file: ReadingFile, truth: Truth
) -> TrainingExercise:
    """Keep a new exercise (:func:`ovcf.study.training.exercise.make_exercise`) for who writes."""
    row = TrainingExercise(
        person_id=writer.actor,
        label=label,
        seed=seed,
        file=keep_file(writer, registry, to_bytes(file)),
        truth=truth.to_data(),
        revision=0,
        seconds=0.0,
    )
    writer.session.add(row)
    writer.session.flush()
    return row


def exercises_of(session: Session, person: UUID) -> list[TrainingExercise]:
    """The exercises of a person, oldest first."""
    asked = select(TrainingExercise).where(TrainingExercise.person_id == person).order_by(TrainingExercise.made_at)
    return list(session.scalars(asked))


def exercise_of(session: Session, person: UUID, id_: UUID) -> TrainingExercise:
    """One of a person's own.

    Raises:
        NotThereError: it is somebody else's, or there is none.
    """
    found = session.get(TrainingExercise, id_)
    if found is None or found.person_id != person:
        raise NotThereError("exercise", "is not there", "Choose one of your own.")
    return found


def draft_of(registry: Registry, row: TrainingExercise) -> ReadingFile:
    """The exercise as its reader left it."""
    content = registry.files.get(row.file)
    return from_bytes(content, f"exercise {row.label}", None if row.versions is None else row.versions.encode())


def keep(session: Session, row: TrainingExercise, file: ReadingFile, *, after: int, now: datetime) -> int:
    """Keep one more state, its number; a signed one is marked, once and for all.

    Raises:
        ConflictError: another page kept one meanwhile. StudyError: it was signed.
    """
    if row.signed_at is not None:
        raise StudyError(say("exercise {label}", label=row.label), "is signed", "Begin another one.")
    if row.revision != after:
        raise ConflictError("exercise", "was changed meanwhile", "Look at it as it is now.")
    count_time(row, now)
    row.revision += 1
    row.versions = head_of(file, "").decode()
    if file.reading.current.status is ReadingStatus.CONFIRMED:
        row.found = marks_of(file, Truth.from_data(row.truth)).to_data()
        row.signed_at = now
    session.flush()
    return row.revision
