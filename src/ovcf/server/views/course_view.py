"""The course of a fracture as the page of a patient shows it, in words and charts; and what may be entered."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.follow_up.change import Verdict
from ovcf.follow_up.planned import Due, PlannedVisit
from ovcf.follow_up.visit import Quantity
from ovcf.language.worded import Words, joined, say
from ovcf.plain_text import clean
from ovcf.registry.words import EventKind, Instrument, TreatmentKind, VisitStatus, Window
from ovcf.render.words.course_words import (
    DUE,
    OUTCOMES,
    alert_title,
    answer_words,
    change_words,
    held_words,
    question_words,
    summary,
    timer_name,
    timer_state,
    title_of,
    value_words,
    verdict_reason,
    verdict_words,
)
from ovcf.render.words.wording import day, sentence
from ovcf.report.visits.charts import CHARTS, chart_of
from ovcf.vocabulary import Analgesic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from ovcf.follow_up.change import Change
    from ovcf.follow_up.timeline import Course, Timeline
    from ovcf.registry.tables import PatientReport, Visit

_FIELDS = {Instrument.VAS: "vas", Instrument.ODI: "odi", Instrument.ANALGESICS: "analgesic_class"}
_DOMAINS = tuple(f.name.removeprefix("joabpeq_") for f in fields(ClinicalCase) if f.name.startswith("joabpeq_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueView:
    """A value at one visit; ``change`` is since the first, ``verdict`` a :class:`ovcf.follow_up.change.Verdict`."""

    visit: str
    on: str | None
    value: Words
    how: Words
    change: Words
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """One quantity over the visits; ``chart`` is SVG, empty where too few give it.

    ``said`` words the last change, ``change`` what that rests on; ``before`` is the last one that may be compared,
    where the last of all may not.
    """

    quantity: str
    title: Words
    unit: Words
    chart: str
    verdict: str
    said: Words
    change: Words
    before: Words
    values: tuple[ValueView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """What nobody may miss of one visit, in words; ``now`` where it is of the last one."""

    title: Words
    now: bool
    texts: tuple[Words, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """An outcome of the sources at a visit, and why."""

    name: Words
    visit: str
    answer: Words
    because: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A visit of the plan; ``due`` is a word of :class:`ovcf.follow_up.planned.Due`, ``said`` that in words."""

    window: str
    first_day: str
    last_day: str
    due: str
    said: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """What was answered with an instrument at a visit: as entered (``fact``), or as a reading has it (no ``fact``)."""

    instrument: str
    text: Words
    value: float | None
    answers: dict[str, float]
    fact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """A visit, held, planned or missed; ``day`` counts from the first. ``reading`` is the one that counts."""

    id: str
    window: str
    status: str
    on: str | None
    day: int | None
    reading: str | None
    study: str | None
    signed: bool
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentForm:
    """What may be entered of an instrument: one value, one of ``words`` (its place is the value), or ``domains``."""

    instrument: str
    label: Words
    low: float
    high: float
    whole: bool
    words: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The closed lists of what may be entered."""

    instruments: tuple[InstrumentForm, ...]
    treatments: tuple[str, ...]
    events: tuple[str, ...]
    levels: tuple[str, ...]
    windows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineView:
    """The course so far; empty where ``why`` says that there is none yet."""

    level: str
    signed: bool
    summary: tuple[Words, ...]
    questions: tuple[Words, ...]
    warnings: tuple[Words, ...]
    courses: tuple[CourseView, ...]
    outcomes: tuple[OutcomeView, ...]
    prevention: tuple[tuple[Words, Words], ...]
    alerts: tuple[AlertView, ...] = ()


NO_COURSE = TimelineView(
    level="", signed=False, summary=(), questions=(), warnings=(), courses=(), outcomes=(), prevention=()
)


def timeline_view(timeline: Timeline) -> TimelineView:
    """A timeline in words."""
    return TimelineView(
        level=timeline.level.value,
        signed=all(v.signed for v in timeline.visits),
        summary=tuple(summary(timeline)),
        questions=tuple(clean(question_words(q)) for q in timeline.questions),
        warnings=tuple(sentence(clean(w)) for w in timeline.warnings),
        courses=tuple(_course(c, timeline) for c in _charts_first(timeline.courses)),
        outcomes=tuple(
            OutcomeView(
                name=OUTCOMES[o.kind] + ("" if o.level in (None, timeline.level) else say(", {level}", level=o.level)),
                visit=clean(o.visit),
                answer=answer_words(o),
                because=clean(o.because),
            )
            for o in timeline.outcomes
        ),
        prevention=tuple((timer_name(t), timer_state(t)) for t in timeline.prevention),
        alerts=tuple(_alerts(timeline)),
    )


def _alerts(timeline: Timeline) -> Iterator[AlertView]:
    for visit in dict.fromkeys(a.visit for a in timeline.alerts):
        own = [a for a in timeline.alerts if a.visit == visit]
        yield AlertView(title=alert_title(own), now=own[0].now, texts=tuple(clean(a.text) for a in own))


def _charts_first(courses: Sequence[Course]) -> list[Course]:
    place = {quantity: k for k, quantity in enumerate(CHARTS)}
    return sorted(courses, key=lambda c: place.get(c.quantity, len(place)))


def _course(course: Course, timeline: Timeline) -> CourseView:
    known = [v for v in course.values if v is not None]
    last = next((c for c in reversed(course.changes) if c is not None), None)
    drawn = course.quantity in CHARTS and len(known) > 1
    return CourseView(
        quantity=course.quantity.value,
        title=title_of(course),
        unit="" if course.quantity is Quantity.GRADE else known[0].unit.symbol.strip(),
        chart=chart_of(course, timeline) if drawn else "",
        verdict="" if last is None else last.verdict.value,
        said="" if last is None else verdict_words(last),
        change="" if last is None else verdict_reason(last),
        before=_before(course, timeline, last),
        values=tuple(
            ValueView(
                visit=clean(visit.name),
                on=None if visit.on is None else visit.on.isoformat(),
                value=value_words(value),
                how=held_words(value),
                change=change_words(change),
                verdict="" if change is None else change.verdict.value,
            )
            for visit, value, change in zip(timeline.visits, course.values, course.changes, strict=True)
        ),
    )


def _before(course: Course, timeline: Timeline, last: Change | None) -> str:
    if last is None or last.verdict is not Verdict.NOT_COMPARABLE:
        return ""
    judged = [
        (visit, change)
        for visit, change in zip(timeline.visits, course.changes, strict=True)
        if change is not None and change.verdict is not Verdict.NOT_COMPARABLE and change.after is not change.before
    ]
    if not judged:
        return ""
    visit, change = judged[-1]
    return say(
        "At {visit}: {verdict_words}, {verdict_reason}",
        visit=clean(visit.name),
        verdict_words=verdict_words(change).lower(),
        verdict_reason=verdict_reason(change),
    )


def plan_view(plan: Sequence[PlannedVisit]) -> tuple[PlanView, ...]:
    """The plan in words."""
    return tuple(
        PlanView(
            window=_window(p),
            first_day=p.first_day.isoformat(),
            last_day=p.last_day.isoformat(),
            due=p.due.value,
            said=DUE[p.due] + (say(": {visit}", visit=clean(p.visit)) if p.visit else ""),
        )
        for p in plan
    )


def next_visit(plan: Sequence[PlannedVisit], visits: Sequence[Visit], today: date) -> str:
    """When the patient is to come next, in words; empty where nothing is planned any more."""
    fixed = min(
        (v.planned_on for v in visits if v.status is VisitStatus.PLANNED and v.planned_on and v.planned_on >= today),
        default=None,
    )
    if fixed is not None:
        return say("Next visit: {isoformat}, planned.", isoformat=day(fixed.isoformat()))
    due = next((p for p in plan if p.due in (Due.OVERDUE, Due.OPEN, Due.COMING)), None)
    if due is None:
        return ""
    between = say(
        "between {isoformat} and {isoformat_2}",
        isoformat=day(due.first_day.isoformat()),
        isoformat_2=day(due.last_day.isoformat()),
    )
    if due.due is Due.COMING:
        return say("Next visit: {window}, {between}. No day is planned yet.", window=_window(due), between=between)
    return say(
        "The visit at {window} is {due}: it counts {between}.", window=_window(due), due=DUE[due.due], between=between
    )


def _window(plan: PlannedVisit) -> str:
    return say("{months} month", months=plan.months) if plan.months == 1 else say("{months} months", months=plan.months)


def answers_view(reports: Sequence[PatientReport], case: ClinicalCase | None) -> tuple[AnswerView, ...]:
    """What was answered at a visit, one for each instrument; what was not has no text."""
    found = []
    for instrument in Instrument:
        report = next((r for r in reports if r.instrument is instrument), None)
        value = report.value if report else _of_reading(instrument, case)
        answers = dict(report.answers) if report else _domains(case) if instrument is Instrument.JOABPEQ else {}
        found.append(
            AnswerView(
                instrument=instrument.value,
                text=_answer_text(instrument, value, answers),
                value=value,
                answers=answers,
                fact=None if report is None else str(report.entity_id),
            )
        )
    return tuple(found)


def _of_reading(instrument: Instrument, case: ClinicalCase | None) -> float | None:
    name = _FIELDS.get(instrument)
    return None if case is None or name is None else getattr(case, name)


def _domains(case: ClinicalCase | None) -> dict[str, float]:
    found = {} if case is None else {name: getattr(case, f"joabpeq_{name}") for name in _DOMAINS}
    return {name: value for name, value in found.items() if value is not None}


def _answer_text(instrument: Instrument, value: float | None, answers: dict[str, Any]) -> str:
    if instrument is Instrument.JOABPEQ:
        return joined(", ", (say("{name} {number:g}", name=name, number=number) for name, number in answers.items()))
    if value is None:
        return ""
    if instrument is Instrument.ANALGESICS:
        return tuple(Analgesic)[round(value)].value
    return f"{value:g}%" if instrument is Instrument.ODI else f"{value:g}"


def forms() -> Forms:
    """What may be entered, with the limits of the clinical file."""
    about = {f.name: f.metadata for f in fields(ClinicalCase)}
    instruments = []
    for instrument in Instrument:
        limits = about[_FIELDS.get(instrument, f"joabpeq_{_DOMAINS[0]}")]
        joabpeq = instrument is Instrument.JOABPEQ
        instruments.append(
            InstrumentForm(
                instrument=instrument.value,
                label="JOABPEQ, its domains from 0 to 100" if joabpeq else limits["description"],
                low=limits["ge"],
                high=limits["le"],
                whole=instrument is Instrument.ANALGESICS,
                words=tuple(Analgesic) if instrument is Instrument.ANALGESICS else (),
                domains=_DOMAINS if joabpeq else (),
            )
        )
    return Forms(
        instruments=tuple(instruments),
        treatments=tuple(TreatmentKind),
        events=tuple(EventKind),
        levels=tuple(Level),
        windows=tuple(Window),
    )
