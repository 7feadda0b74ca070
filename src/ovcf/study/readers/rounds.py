"""A round of blinded readings: cases assigned in an order of their own for each reader, repeats after a washout."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import joined, say
from ovcf.registry.tables import Person, ReaderStudy, ReaderStudyClosed, Reading, ReadingTask, TaskReading, Visit
from ovcf.study.conduct.form_values import newest_row, visit_of
from ovcf.study.conduct.screening import withdrawal_of
from ovcf.study.conduct.studies import enrolments_of, in_force, protocol_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Enrolment, Study
    from ovcf.study.protocol.model import ReaderPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a reader is: cases read and to read, repeats likewise; ``next_on`` is when the next may be read."""

    reader: str
    first: tuple[int, int]
    repeats: tuple[int, int]
    next_label: str | None
    next_on: datetime | None


def open_round(
    writer: Writer, study: Study, code: str, readers: Sequence[str], *, seed: int
) -> tuple[ReaderStudy, list[ReadingTask]]:
    """Begin a round on every patient whose visit has a reading, in an order that follows from the seed alone.

    Every reader gets every case once, and the same share of them again. Labels follow the order of reading and tell
    nothing of the patient.

    Raises:
        StudyError: the protocol plans no readers or another number, one is not known, the code is taken, no cases.
    """
    session = writer.session
    version, protocol = in_force(session, study)
    plan = protocol.readers
    if plan is None:
        raise StudyError(
            say("study {code}", code=study.code), "its protocol plans no blinded readers", "Add [readers] to it."
        )
    if len(set(readers)) != plan.readers:
        raise StudyError(
            "readers",
            say("{named} are named", named=len(set(readers))),
            say("The protocol plans {readers} readers.", readers=plan.readers),
        )
    people = {p.code: p for p in session.scalars(select(Person).where(Person.code.in_(readers)))}
    if missing := [r for r in readers if r not in people]:
        raise StudyError(
            say("reader {missing}", missing=missing[0]), "is not in this registry", "Add the person first."
        )
    if session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id, ReaderStudy.code == code)).first():
        raise StudyError(say("round {code}", code=code), "is there already", "Give the new round another name.")
    cases, not_read = _cases(session, study, plan)
    if not cases:
        raise StudyError(
            say("study {code}", code=study.code), "has no reading to read blinded", "Keep the readings of visits first."
        )
    made = writer.add(
        ReaderStudy(
            study_id=study.id, protocol_id=version.id, code=code, seed=seed, readers=list(readers), not_read=not_read
        )
    )
    count = math.ceil(plan.repeats_percent / 100 * len(cases) - 1e-9)
    again = _shuffled(cases, seed, code, "repeats")[:count]
    tasks = []
    for number, reader in enumerate(readers, 1):
        order = [(case, False) for case in _shuffled(cases, seed, code, reader)]
        order += [(case, True) for case in _shuffled(again, seed, code, reader, "again")]
        for place, ((enrolment, visit, reading), repeat) in enumerate(order, 1):
            tasks.append(
                writer.add(
                    ReadingTask(
                        patient_id=enrolment.patient_id,
                        study_id=study.id,
                        reader_study_id=made.id,
                        reader_id=people[reader].id,
                        visit_id=visit.id,
                        reading_id=reading.id,
                        place=place,
                        label=f"{code}-{number}{place:03d}",
                        repeat=repeat,
                    )
                )
            )
    return made, tasks


def round_named(session: Session, study: Study, code: str | None) -> ReaderStudy:
    """A round by its code, or the only one.

    Raises:
        StudyError: there is none, or it is not clear which.
    """
    rounds = list(session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id)))
    found = [r for r in rounds if code in (None, r.code)]
    if len(found) != 1:
        raise StudyError(
            say("round {code}", code=code) if code else "round",
            "it is not clear which is meant",
            say("There are: {rounds}.", rounds=joined(", ", (r.code for r in rounds)) or "none; assign cases first"),
        )
    return found[0]


def tasks_of(session: Session, round_: ReaderStudy, reader: Person | None = None) -> list[ReadingTask]:
    """The tasks of a round, in the order of reading; of one reader if named."""
    asked = select(ReadingTask).where(ReadingTask.reader_study_id == round_.id).order_by(ReadingTask.label)
    return list(session.scalars(asked if reader is None else asked.where(ReadingTask.reader_id == reader.id)))


def done_of(session: Session, round_: ReaderStudy) -> dict[UUID, TaskReading]:
    """What was given back, by task."""
    found = session.scalars(
        select(TaskReading)
        .join(ReadingTask, ReadingTask.id == TaskReading.task_id)
        .where(ReadingTask.reader_study_id == round_.id)
    )
    return {row.task_id: row for row in found}


def is_closed(session: Session, round_: ReaderStudy) -> bool:
    """Whether a round has ended."""
    asked = select(ReaderStudyClosed).where(ReaderStudyClosed.reader_study_id == round_.id)
    return session.scalars(asked).first() is not None


def ready_on(session: Session, round_: ReaderStudy, task: ReadingTask) -> datetime | None:
    """From when on a task may be read: a repeat waits for its washout. None while its first reading is missing."""
    if not task.repeat:
        return round_.recorded_at
    first = session.scalars(
        select(TaskReading)
        .join(ReadingTask, ReadingTask.id == TaskReading.task_id)
        .where(
            ReadingTask.reader_study_id == round_.id,
            ReadingTask.reader_id == task.reader_id,
            ReadingTask.visit_id == task.visit_id,
            ~ReadingTask.repeat,
        )
    ).first()
    return None if first is None else first.recorded_at + timedelta(days=plan_of(session, round_).washout_days)


def progress(session: Session, round_: ReaderStudy, *, now: datetime) -> list[Progress]:
    """How far each reader is. Nothing of what was read is told."""
    done, found = done_of(session, round_), []
    people = {p.code: p for p in session.scalars(select(Person).where(Person.code.in_(round_.readers)))}
    for code in round_.readers:
        tasks = tasks_of(session, round_, people[code])
        counts = [
            (sum(t.id in done for t in tasks if t.repeat is again), sum(t.repeat is again for t in tasks))
            for again in (False, True)
        ]
        waiting = [(ready_on(session, round_, t), t) for t in tasks if t.id not in done]
        ready = next((t for on, t in waiting if on is not None and on <= now), None)
        later = min((on for on, _ in waiting if on is not None and on > now), default=None)
        found.append(
            Progress(
                reader=code,
                first=counts[0],
                repeats=counts[1],
                next_label=None if ready is None else ready.label,
                next_on=None if ready is not None else later,
            )
        )
    return found


def close(writer: Writer, round_: ReaderStudy, because: str = "") -> ReaderStudyClosed:
    """End a round. With cases unread it needs a reason; those stay missing.

    Raises:
        StudyError: it has ended, or cases are unread and no reason is given.
    """
    session = writer.session
    if is_closed(session, round_):
        raise StudyError(say("round {code}", code=round_.code), "has ended already", "There is nothing to do.")
    unread = len(tasks_of(session, round_)) - len(done_of(session, round_))
    if unread and not because.strip():
        raise StudyError(
            say("round {code}", code=round_.code),
            say("{unread} cases are not read yet", unread=unread),
            "Wait, or say why it ends (a reason).",
        )
    return writer.add(ReaderStudyClosed(study_id=round_.study_id, reader_study_id=round_.id, because=because))


def _cases(
    session: Session, study: Study, plan: ReaderPlan
) -> tuple[list[tuple[Enrolment, Visit, Reading]], list[str]]:
    cases, missing = [], []
    for enrolment in enrolments_of(session, study):
        gone = withdrawal_of(session, enrolment)
        if gone is not None and not gone.keep_data:
            continue
        for window in plan.windows:
            visit = visit_of(session, enrolment, window)
            row = None if visit is None else newest_row(session, visit)
            if visit is None or row is None:
                missing.append(f"{enrolment.number}, {window}")
            else:
                cases.append((enrolment, visit, row))
    return cases, missing


def _shuffled(cases: Sequence[Any], *seeds: object) -> list[Any]:
    """An order that follows from the seed on every machine: by the digest of seed and case."""

    def place(case: Any) -> bytes:
        told = "|".join(map(str, (*seeds, case[0].number, case[1].window.value)))
        return hashlib.sha256(told.encode()).digest()

    return sorted(cases, key=place)


def plan_of(session: Session, round_: ReaderStudy) -> ReaderPlan:
    """What the protocol plans for the readers of a round."""
    from ovcf.registry.tables import ProtocolVersion

    version = session.get(ProtocolVersion, round_.protocol_id)
    assert version is not None
    plan = protocol_in(version).readers
    assert plan is not None
    return plan
