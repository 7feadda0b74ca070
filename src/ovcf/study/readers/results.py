"""What a closed round of blinded readings gives: agreement between and within readers, and one value of each case."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import mean
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from ovcf.errors import CohortDataError, ReadingError, StudyError
from ovcf.follow_up.reliability import UNITS, Reliability
from ovcf.follow_up.visit import Quantity
from ovcf.language.worded import say
from ovcf.reading.consensus import Agreement, averaged
from ovcf.reading.file import ReadingFile, from_bytes
from ovcf.registry.clinic.readings import load_reading
from ovcf.registry.store import current
from ovcf.registry.tables import Enrolment, Person, ReaderStudy, Reading, Visit
from ovcf.registry.words import Window
from ovcf.study.conduct.studies import pairs_of
from ovcf.study.readers.rounds import done_of, is_closed, plan_of, tasks_of
from ovcf.study.readers.times import time_per_case
from ovcf.study.readers.values import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from ovcf.cohort.result import AnalysisResult
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Study

_FOLLOWED = {
    "vhl-han": Quantity.HEIGHT_LOSS,
    "ka-han": Quantity.KYPHOSIS,
    "ha": Quantity.ANTERIOR_HEIGHT,
    "hm": Quantity.MIDDLE_HEIGHT,
    "hp": Quantity.POSTERIOR_HEIGHT,
    "bme-percent": Quantity.EDEMA,
    "vbq": Quantity.VBQ,
    "wedge-ratio": Quantity.WEDGE_RATIO,
}
_ORDERED = {"sq_grade": (0, 1, 2, 3)}
Case = tuple[UUID, Window]
"""Enrolment and visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """Analyses by id, what could not be computed and why, errors of measurement, mean minutes and cases by reader."""

    readers: tuple[str, ...]
    cases: int
    analyses: tuple[tuple[str, AnalysisResult], ...] = ()
    not_made: tuple[tuple[str, str], ...] = ()
    reliability: Mapping[Quantity, Reliability] = field(default_factory=dict)
    minutes: tuple[tuple[str, float, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One reading of one case; ``corrected`` where the reader began with the automatic draft."""

    case: Case
    reader: str
    repeat: bool
    values: Mapping[str, Any]
    minutes: float | None
    corrected: bool


def agreement(session: Session, round_: ReaderStudy) -> RoundResult:
    """ICC, SEM, limits of agreement and kappa of a closed round; of repeats the same for each reader alone.

    Raises:
        StudyError: the round is still open: comparing would unblind it.
    """
    if not is_closed(session, round_):
        raise StudyError(
            say("round {code}", code=round_.code), "is still open", "Close it first; until then nobody sees results."
        )
    plan = plan_of(session, round_)
    read = list(_reads(session, round_))
    made: list[tuple[str, AnalysisResult]] = []
    failed: list[tuple[str, str]] = []
    errors: dict[Quantity, Reliability] = {}
    readers = tuple(round_.readers)
    corrected = {r.case for r in read} - {r.case for r in read if not r.corrected}
    for name in (*plan.measures, *plan.ratings):
        between = [_of(read, name, reader, repeat=False) for reader in readers]
        pairs = [("between readers", readers, between)]
        pairs += [
            (
                say("{r}, again", r=r),
                (say("{r}, first", r=r), say("{r}, again", r=r)),
                [_of(read, name, r, repeat=False), _of(read, name, r, repeat=True)],
            )
            for r in readers
        ]
        for label, columns, values in pairs:
            shared = sorted(set.intersection(*(set(v) for v in values)), key=str)
            key = f"{name}, {label}"
            table = [[v[case] for v in values] for case in shared]
            try:
                found = _ratings(name, table) if name in plan.ratings else _numbers(name, table, columns)
            except CohortDataError as error:
                failed.append((key, say("{problem} ({shared} cases)", problem=error.problem, shared=len(shared))))
                continue
            drafted = sum(case in corrected and len(set(v)) == 1 for case, v in zip(shared, table, strict=True))
            notes = _notes(drafted, len(shared)) if name in plan.measures else ()
            for kind, result in found:
                title = say("{value}: {title}, {label}", value=called(name), title=result.title, label=label)
                made.append((f"{key}, {kind}", replace(result, title=title, notes=(*notes, *result.notes))))
            if label == "between readers" and name in _FOLLOWED:
                errors[_FOLLOWED[name]] = _error(round_, name, found[0][1], len(readers), drafted)
    if timed := time_per_case({r: [x.minutes for x in read if x.reader == r] for r in readers}):
        made.append(("time per case", timed))
    return RoundResult(
        readers=readers,
        cases=len({r.case for r in read}),
        analyses=tuple(made),
        not_made=tuple(failed),
        reliability=errors,
        minutes=tuple(_minutes(read, readers)),
    )


def consensus_values(session: Session, study: Study) -> dict[Case, dict[str, Any]]:
    """By enrolment and visit: the mean of the readers' numbers, and the ratings that all gave alike, of closed rounds.

    Only cases that every reader of the round has read.
    """
    found: dict[Case, dict[str, Any]] = {}
    for round_ in session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id)):
        if not is_closed(session, round_):
            continue
        plan = plan_of(session, round_)
        by_case: dict[Case, list[Mapping[str, Any]]] = {}
        for read in _reads(session, round_):
            if not read.repeat:
                by_case.setdefault(read.case, []).append(read.values)
        for case, values in by_case.items():
            if len(values) < len(round_.readers):
                continue
            one: dict[str, Any] = {}
            for name in plan.measures:
                if all(v.get(name) is not None for v in values):
                    one[name] = mean(v[name] for v in values)
            for name in plan.ratings:
                given = [v.get(name) for v in values]
                if given[0] is not None and all(g == given[0] for g in given):
                    one[name] = given[0]
            found[case] = one
    return found


def consensus_reading(
    session: Session, registry: Registry, round_: ReaderStudy, visit: Visit, *, at: str
) -> tuple[ReadingFile, Agreement]:
    """The readers' signed files of one visit averaged into a new draft, and what they do not agree on.

    Raises:
        StudyError: the round is open, or not every reader gave a file. ReadingError: they cannot be averaged.
    """
    from ovcf.reading.version import Reading as Chain

    if not is_closed(session, round_):
        raise StudyError(say("round {code}", code=round_.code), "is still open", "Close it first.")
    done = done_of(session, round_)
    tasks = [t for t in tasks_of(session, round_) if t.visit_id == visit.id and not t.repeat]
    names = [done[t.id].file for t in tasks if t.id in done]
    files = [from_bytes(registry.files.get(name), "reading") for name in names if name]
    if len(files) < len(round_.readers):
        raise StudyError(
            say("round {code}", code=round_.code),
            say(
                "{files} of {readers} readers gave a file of this visit", files=len(files), readers=len(round_.readers)
            ),
            "A consensus reading needs every reader's.",
        )
    row = session.get(Reading, tasks[0].reading_id)
    assert row is not None
    original = load_reading(registry, row)
    edits, told = averaged(files[0].current, [f.reading.current for f in files], at=at)
    first = original.reading.versions[0]
    version = replace(
        first,
        id=f"consensus-{round_.code}-{visit.id.hex[:8]}",
        parent=None,
        begun_at=at,
        edits=edits,
        reader=" and ".join(round_.readers),
        reason="",
    )
    chain = Chain(id=version.id, versions=(version,))
    seen = {version.observations: original.observations[version.observations]}
    return ReadingFile(reading=chain, observations=seen, pictures=original.pictures), told


def consensus_readings(
    session: Session, registry: Registry, round_: ReaderStudy, *, at: str
) -> Iterator[tuple[str, str, tuple[ReadingFile, Agreement] | str]]:
    """Patient number, visit, and the consensus reading or why there is none, of every case of a closed round."""
    enrolled = session.scalars(current(Enrolment).where(Enrolment.study_id == round_.study_id))
    numbers = {e.patient_id: e.number for e in enrolled}
    for visit_id in dict.fromkeys(t.visit_id for t in tasks_of(session, round_)):
        visit = session.get(Visit, visit_id)
        assert visit is not None
        made: tuple[ReadingFile, Agreement] | str
        try:
            made = consensus_reading(session, registry, round_, visit, at=at)
        except (StudyError, ReadingError) as error:
            if not is_closed(session, round_):
                raise
            made = error.problem
        yield numbers[visit.patient_id], visit.window.value, made


def _reads(session: Session, round_: ReaderStudy) -> Iterator[_Read]:
    people = pairs_of(session, select(Person.id, Person.code))
    done = done_of(session, round_)
    enrolled = {
        e.patient_id: e.entity_id
        for e in session.scalars(current(Enrolment).where(Enrolment.study_id == round_.study_id))
    }
    visits = {v.id: v for v in session.scalars(select(Visit))}
    for task in tasks_of(session, round_):
        if task.id in done:
            row = done[task.id]
            yield _Read(
                case=(enrolled[task.patient_id], visits[task.visit_id].window),
                reader=people[task.reader_id],
                repeat=task.repeat,
                values=row.values,
                minutes=row.minutes,
                corrected=row.file is not None,
            )


def _of(read: Sequence[_Read], name: str, reader: str, *, repeat: bool) -> dict[Case, Any]:
    return {
        r.case: r.values[name]
        for r in read
        if r.reader == reader and r.repeat is repeat and r.values.get(name) is not None
    }


def _numbers(name: str, table: list[list[Any]], columns: Sequence[str]) -> list[tuple[str, AnalysisResult]]:
    from ovcf.cohort.agreement.reliability import bland_altman, icc

    if len(table) < 2:
        raise CohortDataError("agreement", "fewer than two cases were read by both", "Read more.")
    unit = UNITS[_FOLLOWED[name]].symbol.strip() if name in _FOLLOWED else ""
    found: list[tuple[str, AnalysisResult]] = [("ICC", icc(table))]
    for one, other in combinations(range(len(columns)), 2):
        try:
            pair = [row[one] for row in table], [row[other] for row in table]
            limits = bland_altman(*pair, names=(columns[one], columns[other]), unit=unit)
        except CohortDataError:
            continue
        found.append(
            (say("Bland-Altman, {columns} and {columns_2}", columns=columns[one], columns_2=columns[other]), limits)
        )
    return found


def _ratings(name: str, table: list[list[Any]]) -> list[tuple[str, AnalysisResult]]:
    from ovcf.cohort.agreement.kappa import cohen_kappa, fleiss_kappa

    if len(table) < 2:
        raise CohortDataError("agreement", "fewer than two cases were rated by both", "Read more.")
    if len(table[0]) > 2:
        return [("kappa", fleiss_kappa(table))]
    order = _ORDERED.get(name)
    one, other = [row[0] for row in table], [row[1] for row in table]
    return [("kappa", cohen_kappa(one, other, weights="linear" if order else None, categories=order))]


def _notes(drafted: int, cases: int) -> tuple[str, ...]:
    """What readers who corrected one and the same automatic draft agree on because none of them changed it."""
    if not drafted:
        return ()
    return (
        say(
            "Each reader corrected the same automatic draft. In {drafted} of {cases} cases nobody changed what it gave "
            "here: that they agree there says nothing of the readers, and their error is larger than it looks.",
            drafted=drafted,
            cases=cases,
        ),
    )


def _error(round_: ReaderStudy, name: str, found: Any, readers: int, drafted: int) -> Reliability:
    source = say(
        "blinded readings of round {code}, {n} cases, {readers} readers", code=round_.code, n=found.n, readers=readers
    )
    if drafted:
        source = say(
            "{source}; in {drafted} of them nobody changed the automatic draft, so the error is too small",
            source=source,
            drafted=drafted,
        )
    return Reliability(
        quantity=_FOLLOWED[name],
        sem=found.sem,
        icc=found["ICC(2,1)"].value,
        subjects=found.n,
        readers=readers,
        source=source,
    )


def _minutes(read: Sequence[_Read], readers: Sequence[str]) -> Iterator[tuple[str, float, int]]:
    for reader in readers:
        times = [r.minutes for r in read if r.reader == reader and r.minutes is not None]
        if times:
            yield reader, mean(times), len(times)
