"""A blinded case on the page: what its reader has done so far, and how long the reader was there.

Time is counted by the clock of the registry, from one sign of the reader to the next: an edit, or the page saying that
it is looked at. A gap of more than ``AWAY_S`` is somebody who went away, and is not counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from ovcf.errors import ConflictError, NotThereError
from ovcf.reading.file import ReadingFile, from_bytes, head_of, to_bytes
from ovcf.reading.version import ReadingStatus
from ovcf.registry.tables import BlindedDraft, ReaderStudy, ReadingTask
from ovcf.study.readers.blinded_case import case_of, give_back, refuse_not_ready

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import TrainingExercise

AWAY_S = 30.0
"""So long without a sign, the reader is taken to have gone away (s)."""


def task_for(session: Session, reader: UUID, task: UUID, *, now: datetime) -> tuple[ReaderStudy, ReadingTask]:
    """A task that this reader may read now, and its round.

    Raises:
        NotThereError: it is not this reader's. StudyError: it was read, must wait, or the round has ended.
    """
    found = session.get(ReadingTask, task)
    if found is None or found.reader_id != reader:
        raise NotThereError("case", "is not there", "Open it from the list of your cases.")
    round_ = session.get_one(ReaderStudy, found.reader_study_id)
    refuse_not_ready(session, round_, found, now=now)
    return round_, found


def revision_of(session: Session, task: UUID) -> int:
    """The number of the newest state; 0 while nothing was done."""
    row = session.get(BlindedDraft, task)
    return 0 if row is None else row.revision


def draft_of(session: Session, registry: Registry, task: ReadingTask) -> ReadingFile:
    """The case as its reader left it; as it was given where nothing was done yet."""
    row, given = session.get(BlindedDraft, task.id), case_of(session, registry, task)
    if row is None or row.versions is None:
        return given
    return from_bytes(to_bytes(given), f"case {task.label}", row.versions.encode())


def keep(
    writer: Writer,
    registry: Registry,
    round_: ReaderStudy,
    task: ReadingTask,
    file: ReadingFile,
    *,
    after: int,
    now: datetime,
) -> int:
    """Keep one more state, its number. A signed one is given back, with the minutes that it took, once.

    Raises:
        ConflictError: another page kept one meanwhile. StudyError: see :func:`task_for` and
            :func:`~ovcf.study.readers.blinded_case.give_back`.
    """
    session = writer.session
    refuse_not_ready(session, round_, task, now=now)
    row = _row(session, task)
    if row.revision != after:
        raise ConflictError("case", "was changed meanwhile", "Look at it as it is now.")
    count_time(row, now)
    row.revision += 1
    if file.reading.current.status is ReadingStatus.CONFIRMED:
        give_back(writer, registry, round_, task, file, minutes=row.seconds / 60)
        session.execute(delete(BlindedDraft).where(BlindedDraft.task_id == task.id))
    else:
        row.versions = head_of(file, "").decode()
    session.flush()
    return after + 1


def sign_of_life(session: Session, task: ReadingTask, *, now: datetime) -> float:
    """The reader looks at the case now; the seconds counted so far."""
    row = _row(session, task)
    count_time(row, now)
    session.flush()
    return row.seconds


def begun(session: Session, round_: ReaderStudy) -> set[UUID]:
    """The tasks of a round that were opened and not given back yet."""
    asked = (
        select(BlindedDraft.task_id)
        .join(ReadingTask, ReadingTask.id == BlindedDraft.task_id)
        .where(ReadingTask.reader_study_id == round_.id)
    )
    return set(session.scalars(asked))


def _row(session: Session, task: ReadingTask) -> BlindedDraft:
    row = session.get(BlindedDraft, task.id)
    if row is None:
        row = BlindedDraft(task_id=task.id, patient_id=task.patient_id, revision=0, seconds=0.0)
        session.add(row)
    return row


def count_time(row: BlindedDraft | TrainingExercise, now: datetime) -> None:
    """The reader is here now: count the time since the last sign, unless they were away."""
    if row.seen_at is not None and timedelta(0) < now - row.seen_at <= timedelta(seconds=AWAY_S):
        row.seconds += (now - row.seen_at).total_seconds()
    row.seen_at = now
