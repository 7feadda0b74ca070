"""A round of blinded readings: cases assigned in an order of their own for each reader, repeats after a washout."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ovcf.anatomy import Level
from ovcf.errors import StudyError
from ovcf.reading.file import ReadingFile, to_bytes
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.derived import keep_file
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import Person, ReaderStudy, ReaderStudyClosed, Reading, ReadingTask, TaskReading, Visit
from ovcf.study.conduct.form_values import level_of, newest_row, visit_of
from ovcf.study.conduct.screening import withdrawal_of
from ovcf.study.conduct.studies import enrolments_of, in_force, protocol_in
from ovcf.study.protocol.toml_table import advice
from ovcf.study.readers.cases import blinded, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer
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
        raise StudyError(f"study {study.code}", "its protocol plans no blinded readers", "Add [readers] to it.")
    if len(set(readers)) != plan.readers:
        raise StudyError("readers", f"{len(set(readers))} are named", f"The protocol plans {plan.readers} readers.")
    people = {p.code: p for p in session.scalars(select(Person).where(Person.code.in_(readers)))}
    if missing := [r for r in readers if r not in people]:
        raise StudyError(f"reader {missing[0]}", "is not in this registry", "Add the person first.")
    if session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id, ReaderStudy.code == code)).first():
        raise StudyError(f"round {code}", "is there already", "Give the new round another name.")
    cases, not_read = _cases(session, study, plan)
    if not cases:
        raise StudyError(f"study {study.code}", "has no reading to read blinded", "Keep the readings of visits first.")
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
            f"round {code or ''}".strip(),
            "it is not clear which is meant",
            f"There are: {', '.join(r.code for r in rounds) or 'none; assign cases first'}.",
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


def case_of(session: Session, registry: Registry, task: ReadingTask) -> ReadingFile:
    """The file that a reader is given for a task."""
    row = session.get(Reading, task.reading_id)
    assert row is not None
    return blinded(load_reading(registry, row), task.label, _level(session, task))


def task_labelled(session: Session, round_: ReaderStudy, label: str, reader: Person, *, now: datetime) -> ReadingTask:
    """A task that a reader may read now.

    Raises:
        StudyError: it is not this reader's, was read, must wait, or the round has ended.
    """
    tasks = {t.label: t for t in tasks_of(session, round_, reader)}
    if label not in tasks:
        raise StudyError(f"case {label}", f"is not one of {reader.code}'s", advice(label, tasks))
    refuse_not_ready(session, round_, tasks[label], now=now)
    return tasks[label]


def refuse_not_ready(session: Session, round_: ReaderStudy, task: ReadingTask, *, now: datetime) -> None:
    """Refuse a task that may not be read now.

    Raises:
        StudyError: it was read, must wait, or the round has ended.
    """
    label = task.label
    if is_closed(session, round_):
        raise StudyError(f"case {label}", f"the round {round_.code} has ended", "Begin a new round.")
    if task.id in done_of(session, round_):
        raise StudyError(f"case {label}", "was read already, and a blinded reading is given once", "Read the next one.")
    on = ready_on(session, round_, task)
    if on is None or on > now:
        when = "after its first reading" if on is None else f"on {on.date()}"
        raise StudyError(f"case {label}", "is a repeat that must wait", f"It may be read {when}.")


def give_back(
    writer: Writer,
    registry: Registry,
    round_: ReaderStudy,
    task: ReadingTask,
    given: ReadingFile | Mapping[str, Any],
    *,
    minutes: float | None = None,
) -> TaskReading:
    """Keep what a reader read: the signed file of the case, or its values where images were read elsewhere.

    Raises:
        StudyError: another case's file, not signed, a value that is not asked for, or of the wrong kind.
    """
    plan, name = plan_of(writer.session, round_), None
    if isinstance(given, ReadingFile):
        expected = case_of(writer.session, registry, task)
        if (
            given.reading.id != task.label
            or given.reading.current.observations != expected.reading.current.observations
        ):
            raise StudyError(
                f"case {task.label}", f"the file is that of {given.reading.id}", "Give the file of this case."
            )
        if given.reading.current.status is not ReadingStatus.CONFIRMED:
            raise StudyError(f"case {task.label}", "is not signed", "Sign the reading (`ovcf reading confirm`) first.")
        values = said(given, plan)
        name = keep_file(writer, registry, to_bytes(given))
    else:
        values = _checked(task, given, plan)
    return writer.add(
        TaskReading(
            patient_id=task.patient_id,
            study_id=task.study_id,
            task_id=task.id,
            values=values,
            file=name,
            minutes=minutes,
        )
    )


def close(writer: Writer, round_: ReaderStudy, because: str = "") -> ReaderStudyClosed:
    """End a round. With cases unread it needs a reason; those stay missing.

    Raises:
        StudyError: it has ended, or cases are unread and no reason is given.
    """
    session = writer.session
    if is_closed(session, round_):
        raise StudyError(f"round {round_.code}", "has ended already", "There is nothing to do.")
    unread = len(tasks_of(session, round_)) - len(done_of(session, round_))
    if unread and not because.strip():
        raise StudyError(
            f"round {round_.code}", f"{unread} cases are not read yet", "Wait, or say why it ends (a reason)."
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


def _level(session: Session, task: ReadingTask) -> Level:
    study_of = {e.patient_id: e for e in _enrolled(session, task)}
    return Level.parse(level_of(session, study_of[task.patient_id]))


def _enrolled(session: Session, task: ReadingTask) -> list[Enrolment]:
    from ovcf.registry.store import current
    from ovcf.registry.tables import Enrolment as Row

    asked = current(Row).where(Row.study_id == task.study_id, Row.patient_id == task.patient_id)
    return list(session.scalars(asked))


def _checked(task: ReadingTask, given: Mapping[str, Any], plan: ReaderPlan) -> dict[str, Any]:
    known = [*plan.measures, *plan.ratings]
    values: dict[str, Any] = dict.fromkeys(known)
    for name, raw in given.items():
        if name not in known:
            raise StudyError(f"case {task.label}", f"{name!r} is not read in this study", advice(name, known))
        if name in plan.measures:
            try:
                values[name] = float(raw)
            except (TypeError, ValueError):
                values[name] = math.nan
            if not math.isfinite(values[name]):
                raise StudyError(f"case {task.label}", f"{name} = {raw!r} is no number", "Give a number.")
        else:
            values[name] = rating(name, raw, f"case {task.label}")
    return values


def rating(name: str, raw: Any, where: str) -> str | int:
    """A rating as the clinical file writes it.

    Raises:
        StudyError: it is not one of the words, or no grade.
    """
    from ovcf.clinical.case import ClinicalCase
    from ovcf.errors import ClinicalDataError
    from ovcf.vocabulary import Cleft, FractureType, OfClass, T2Pattern

    words = {"fracture_type": FractureType, "t2_pattern": T2Pattern, "cleft": Cleft, "of_class": OfClass}
    if name == "sq_grade":
        try:
            return int(ClinicalCase(sq_grade=int(raw)).sq_grade or 0)
        except (ValueError, TypeError, ClinicalDataError):
            raise StudyError(where, f"{name} = {raw!r} is no grade", "Give 0, 1, 2 or 3.") from None
    kind = words[name]
    if str(raw) not in [w.value for w in kind]:
        raise StudyError(where, f"{name} = {raw!r} is not a word for it", advice(str(raw), [w.value for w in kind]))
    return str(raw)
