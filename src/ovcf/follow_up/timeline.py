"""The course of one fracture over its visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ovcf.errors import FollowUpError
from ovcf.follow_up.alerts import Alert, alerts
from ovcf.follow_up.change import Change, change
from ovcf.follow_up.outcomes import Outcome, outcomes
from ovcf.follow_up.pairing import PairingQuestion, pairing_questions
from ovcf.follow_up.planned import PlannedVisit, planned
from ovcf.follow_up.prevention import prevention_timers
from ovcf.follow_up.reliability import said_in_case
from ovcf.follow_up.visit import OF_PATIENT, Quantity, Value, Visit
from ovcf.language.worded import joined, say
from ovcf.scores.prevention.indicators import Timer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.follow_up.reliability import Reliability


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One quantity over the visits: None where a visit has no value, and the changes since the first that has one."""

    quantity: Quantity
    level: Level | None
    values: tuple[Value | None, ...]
    changes: tuple[Change | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What was done for the fracture, as the registry or the clinical file calls it. ``ended`` is None for what is done
    once, or goes on."""

    name: str
    began: date
    ended: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The visits of a patient, first to last, and what became of the fracture of ``level``.

    ``alerts`` are what must not be missed, of every visit. ``prevention`` are the timers of secondary prevention on the
    day of the last visit, or ``today``; empty for whom they do not hold.

    While ``questions`` are open, the visits may mean different vertebrae by one name: nothing is compared.
    """

    level: Level
    visits: tuple[Visit, ...]
    courses: tuple[Course, ...]
    outcomes: tuple[Outcome, ...]
    questions: tuple[PairingQuestion, ...]
    plan: tuple[PlannedVisit, ...]
    prevention: tuple[Timer, ...]
    warnings: tuple[str, ...]
    reliability: tuple[Reliability, ...] = ()
    """The site's own errors of measurement that were given."""
    treatments: tuple[Treated, ...] = ()
    alerts: tuple[Alert, ...] = ()


def timeline(
    visits: Sequence[Visit],
    *,
    level: Level | None = None,
    today: date | None = None,
    confirmed_levels: bool = False,
    reliability: Mapping[Quantity, Reliability] | None = None,
    treatments: Sequence[Treated] = (),
) -> Timeline:
    """Follow a fracture. ``level`` is the index vertebra of the first visit unless it is given.

    ``confirmed_levels``: the reader has checked that every visit means the same vertebrae by the same names.
    ``reliability``: errors of measurement by the site's own study of its readers; else those of the newest clinical
    file that tells them.
    ``treatments``: what was done, where it is kept apart from the clinical files; else their augmentation.

    Raises:
        FollowUpError: fewer than two visits, an order that is not known, two people, or no vertebra to follow.
    """
    if len(visits) < 2:
        raise FollowUpError("follow-up", "needs at least two visits", "Give the readings of two visits or more.")
    ordered = _in_order(visits)
    _refuse_two_people(ordered)
    level = level or next((v.assessment.index_level for v in ordered if v.assessment.index_level), None)
    if level is None:
        raise FollowUpError("follow-up", "no visit names the fractured vertebra", "Name it: the level to follow.")
    questions = () if confirmed_levels else pairing_questions(ordered)
    first = ordered[0]
    site = {**_said(ordered), **(reliability or {})}
    courses = tuple(
        c for q in Quantity if (c := _course(q, ordered, level, ask=bool(questions), site=site.get(q))) is not None
    )
    held = [(v.name, v.on) for v in ordered[1:] if v.on is not None]
    return Timeline(
        level=level,
        visits=ordered,
        courses=courses,
        questions=questions,
        outcomes=() if questions else outcomes(ordered, level, site),
        plan=() if first.on is None else planned(first.on, held, today or max([first.on, *(day for _, day in held)])),
        prevention=prevention_timers(ordered, today),
        warnings=tuple(_warnings(ordered, level)),
        reliability=tuple(site.values()),
        alerts=alerts(ordered),
        treatments=tuple(sorted(treatments, key=lambda t: t.began)) or _augmented(ordered),
    )


def _said(visits: Sequence[Visit]) -> dict[Quantity, Reliability]:
    told = [said_in_case(v.assessment.case) for v in visits]
    return {quantity: one for visit in told for quantity, one in visit.items()}


def _augmented(visits: Sequence[Visit]) -> tuple[Treated, ...]:
    told = next((day for v in visits if (day := v.assessment.case.augmentation_date)), None)
    return () if told is None else (Treated(name="augmentation", began=date.fromisoformat(told)),)


def _in_order(visits: Sequence[Visit]) -> tuple[Visit, ...]:
    """By day; where no visit has one, as they were given."""
    days = [v.on for v in visits]
    if all(day is None for day in days):
        return tuple(visits)
    if None in days:
        undated = next(v.name for v in visits if v.on is None)
        raise FollowUpError(undated, "has no date, the others do", "Enter visit_date in its clinical facts.")
    if len(set(days)) < len(days):
        raise FollowUpError("follow-up", "two visits are of the same day", "Give one reading for each visit.")
    return tuple(sorted(visits, key=lambda v: v.on or date.min))


def _refuse_two_people(visits: Sequence[Visit]) -> None:
    ids = {v.assessment.case.patient_id for v in visits} - {""}
    if len(ids) > 1:
        raise FollowUpError("follow-up", "the visits are of different patients", "Give the readings of one patient.")
    sexes = {v.assessment.case.sex for v in visits} - {None}
    if len(sexes) > 1:
        raise FollowUpError("follow-up", "the patient's sex differs between visits", "Check whose readings these are.")


def _course(
    quantity: Quantity, visits: Sequence[Visit], level: Level, *, ask: bool, site: Reliability | None
) -> Course | None:
    of = None if quantity in OF_PATIENT else level
    first: Value | None = None
    values: list[Value | None] = []
    changes: list[Change | None] = []
    for visit in visits:
        value = visit.value(quantity, of, like=first)
        comparable = value is not None and first is not None and not (ask and quantity not in OF_PATIENT)
        changes.append(change(first, value, site) if comparable and first is not None and value is not None else None)
        values.append(value)
        first = first or value
    if sum(v is not None for v in values) == 0:
        return None
    return Course(quantity=quantity, level=of, values=tuple(values), changes=tuple(changes))


def _warnings(visits: Sequence[Visit], level: Level) -> list[str]:
    found = []
    for visit in visits:
        index = visit.assessment.index_level
        if index is not None and index != level:
            found.append(
                say(
                    "{visit} names {index} as its index vertebra; {level} is followed",
                    visit=visit.name,
                    index=index,
                    level=level,
                )
            )
        if visit.assessment.questions:
            found.append(say("{visit}: which vertebra is which was not answered", visit=visit.name))
    unsigned = [v.name for v in visits if not v.signed]
    if unsigned:
        found.append(say("not signed by a reader: {join}", join=joined(", ", unsigned)))
    return found
