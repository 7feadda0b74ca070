"""One blinded case: what a reader is given, when, and what is taken back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.errors import StudyError
from ovcf.language.worded import joined, say
from ovcf.reading.file import ReadingFile, to_bytes
from ovcf.reading.version import ReadingStatus
from ovcf.registry.clinic.derived import keep_file
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.tables import Reading, TaskReading
from ovcf.study.conduct.form_values import level_of
from ovcf.study.protocol.toml_table import advice
from ovcf.study.readers.cases import blinded, left_to_rate, said
from ovcf.study.readers.rounds import done_of, is_closed, plan_of, ready_on, tasks_of
from ovcf.study.readers.values import called

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Enrolment, Person, ReaderStudy, ReadingTask
    from ovcf.study.protocol.model import ReaderPlan


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
        raise StudyError(
            say("case {label}", label=label), say("is not one of {code}'s", code=reader.code), advice(label, tasks)
        )
    refuse_not_ready(session, round_, tasks[label], now=now)
    return tasks[label]


def refuse_not_ready(session: Session, round_: ReaderStudy, task: ReadingTask, *, now: datetime) -> None:
    """Refuse a task that may not be read now.

    Raises:
        StudyError: it was read, must wait, or the round has ended.
    """
    label = task.label
    if is_closed(session, round_):
        raise StudyError(
            say("case {label}", label=label), say("the round {code} has ended", code=round_.code), "Begin a new round."
        )
    if task.id in done_of(session, round_):
        raise StudyError(
            say("case {label}", label=label),
            "was read already, and a blinded reading is given once",
            "Read the next one.",
        )
    on = ready_on(session, round_, task)
    if on is None or on > now:
        when = "after its first reading" if on is None else say("on {day}", day=on.date())
        raise StudyError(
            say("case {label}", label=label), "is a repeat that must wait", say("It may be read {when}.", when=when)
        )


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
        StudyError: another case's file, not signed, a rating of the plan neither confirmed nor changed, a value that
            is not asked for, or of the wrong kind.
    """
    plan, name = plan_of(writer.session, round_), None
    if isinstance(given, ReadingFile):
        expected = case_of(writer.session, registry, task)
        if (
            given.reading.id != task.label
            or given.reading.current.observations != expected.reading.current.observations
        ):
            raise StudyError(
                say("case {label}", label=task.label),
                say("the file is that of {id}", id=given.reading.id),
                "Give the file of this case.",
            )
        if given.reading.current.status is not ReadingStatus.CONFIRMED:
            raise StudyError(
                say("case {label}", label=task.label),
                "is not signed",
                "Sign the reading (`ovcf reading confirm`) first.",
            )
        if left := left_to_rate(given, plan):
            raise StudyError(
                say("case {label}", label=task.label),
                say(
                    "{what} is not rated by you: the draft's own proposal does not count",
                    what=joined(", ", map(called, left)),
                ),
                "Confirm it among the findings, change it, or say that it cannot be told; then sign.",
            )
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
            raise StudyError(
                say("case {label}", label=task.label),
                say("{name!r} is not read in this study", name=name),
                advice(name, known),
            )
        if name in plan.measures:
            try:
                values[name] = float(raw)
            except (TypeError, ValueError):
                values[name] = math.nan
            if not math.isfinite(values[name]):
                raise StudyError(
                    say("case {label}", label=task.label),
                    say("{name} = {raw!r} is no number", name=name, raw=raw),
                    "Give a number.",
                )
        else:
            values[name] = rating(name, raw, say("case {label}", label=task.label))
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
            raise StudyError(
                where, say("{name} = {raw!r} is no grade", name=name, raw=raw), "Give 0, 1, 2 or 3."
            ) from None
    kind = words[name]
    if str(raw) not in [w.value for w in kind]:
        raise StudyError(
            where,
            say("{name} = {raw!r} is not a word for it", name=name, raw=raw),
            advice(str(raw), [w.value for w in kind]),
        )
    return str(raw)
