"""What the sources call an outcome, judged on the visits: each yes or no with why, or open with what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import CleftSign, SqGrade
from ovcf.follow_up.change import change
from ovcf.follow_up.visit import Quantity
from ovcf.measures.signal.edema import bme_level
from ovcf.scores.prognosis.close_call import OF_TWO, near_progression
from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG, progressive_kyphosis
from ovcf.vocabulary import BmeLevel, Cleft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.anatomy import Level
    from ovcf.follow_up.visit import Visit

HAN_DAYS = (150, 270)
"""HAN judges at 6 months; which days count is this project's choice."""
NAGAO_DAYS = (300, 480)
"""Nagao judges at 1 year; likewise."""
NAGAO_3_MONTHS_DAYS = (60, 120)
GONE_PERCENT = 3.0
"""Measured edema up to this is within what bodies without any show (the basivertebral vein)."""
FRACTURE_GRADE = 1


class OutcomeKind(StrEnum):
    """Outcomes, as the sources define them."""

    PROGRESSIVE_KYPHOSIS = "progressive kyphosis"
    CLEFT = "intravertebral cleft"
    SEVERE_COLLAPSE = "severe collapse"
    SEVERE_EDEMA_3_MONTHS = "severe edema at 3 months"
    EDEMA_RETURNED = "edema returned"
    SECONDARY_FRACTURE = "secondary fracture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An outcome at a visit, ``days`` after the first. ``answer`` None: it cannot be said; ``because`` tells why."""

    kind: OutcomeKind
    level: Level | None
    visit: str
    answer: bool | None
    because: str
    days: int | None = None
    probability: float | None = None
    evidence: tuple[str, ...] = ()


def outcomes(visits: Sequence[Visit], level: Level) -> tuple[Outcome, ...]:
    """Every outcome that the visits of a fracture allow to judge, in the order of the visits."""
    first = visits[0]
    found: list[Outcome] = []
    for visit in visits[1:]:
        found += _kyphosis(first, visit, level)
        found += _cleft(first, visit, level)
        found += _collapse(first, visit, level)
        found += _edema(first, visit, level)
        found += _new_fractures(visits, visit, level)
    found += _returned(visits, level)
    return tuple(found)


def days_between(one: Visit, other: Visit) -> int | None:
    """Days from one visit to another; None where a day is not known."""
    return None if one.on is None or other.on is None else (other.on - one.on).days


def _within(days: int | None, window: tuple[int, int]) -> bool:
    return days is not None and window[0] <= days <= window[1]


def _kyphosis(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    before = first.value(Quantity.KYPHOSIS, level)
    after = visit.value(Quantity.KYPHOSIS, level, like=before)
    if before is None or after is None:
        return
    verdict = progressive_kyphosis(
        before.value, after.value, posture_before=before.posture, posture_after=after.posture
    )
    changed = change(before, after)
    answer, because = verdict.answer, verdict.because
    if changed.obstacles and answer is not None:  # radiograph against MRI: the rule knows posture only
        answer, because = None, f"{because}, but on a {before.modality} and a {after.modality}"
    near: tuple[str, ...] = ()
    if answer is not None:
        near = near_progression(
            changed.difference, sd=None if changed.sd is None else changed.sd / OF_TWO,
            readers_sem=visit.assessment.case.readers.kyphosis_sem_deg,
        )  # fmt: skip
        because = "; ".join((because, *near))
    days = days_between(first, visit)
    yield Outcome(
        kind=OutcomeKind.PROGRESSIVE_KYPHOSIS, level=level, visit=visit.name, answer=answer,
        because=because + _when(days, HAN_DAYS, "HAN judged at 6 months"), days=days,
        probability=changed.probability_above(PROGRESSION_DEG),
        evidence=(*verdict.evidence, *(("rule-close-call", "kyphosis-readers") if near else ())),
    )  # fmt: skip


def _cleft(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    """A cleft as read by hand; one that only a program suggests is a question, not an answer."""
    case, days = visit.assessment.case, days_between(first, visit)
    read = case.cleft if level == case.index_level else None
    suggested = next((f.data.cleft for f in visit.assessment.findings
                      if f.level == level and isinstance(f.data, CleftSign)), None)  # fmt: skip
    if read is None and suggested in (None, Cleft.NONE):
        return
    answer = None if read is None else read is not Cleft.NONE
    because = "suggested by the program, not confirmed" if read is None else f"read by hand: {read}"
    yield Outcome(
        kind=OutcomeKind.CLEFT, level=level, visit=visit.name, answer=answer, days=days,
        because=because + _when(days, HAN_DAYS, "HAN counts a cleft at 6 months as non-union"), evidence=("han-2025",),
    )  # fmt: skip


def _grade(visit: Visit, level: Level) -> SqGrade | None:
    return next((f.data for f in visit.assessment.findings
                 if f.level == level and isinstance(f.data, SqGrade)), None)  # fmt: skip


def _collapse(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    now, then = _grade(visit, level), _grade(first, level)
    if now is None:
        return
    days = days_between(first, visit)
    answer: bool | None = now.grade == 3
    because = f"grade {now.grade}"
    if then is not None and then.grade == 3:
        answer, because = None, "grade 3 at the first visit already: Nagao studied grades 0 to 2"
    yield Outcome(
        kind=OutcomeKind.SEVERE_COLLAPSE, level=level, visit=visit.name, answer=answer, days=days,
        because=because + _when(days, NAGAO_DAYS, "Nagao judged at 1 year"),
        probability=dict(now.probability).get(3), evidence=("nagao-2025",),
    )  # fmt: skip


def _edema(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    days, value = days_between(first, visit), visit.value(Quantity.EDEMA, level)
    if value is None or not _within(days, NAGAO_3_MONTHS_DAYS):
        return
    yield Outcome(
        kind=OutcomeKind.SEVERE_EDEMA_3_MONTHS, level=level, visit=visit.name, days=days,
        answer=bme_level(value.value) is BmeLevel.SEVERE, because=f"{value.value:.0f}% of the body",
        evidence=("nagao-2025",),
    )  # fmt: skip


def _returned(visits: Sequence[Visit], level: Level) -> Iterator[Outcome]:
    """Edema that was gone and is there again."""
    seen = [(visit, value) for visit in visits if (value := visit.value(Quantity.EDEMA, level)) is not None]
    for place, (visit, value) in enumerate(seen):
        earlier = [v.value for _, v in seen[:place]]
        gone = [p for p in earlier if p <= GONE_PERCENT]
        if gone and max(earlier) > GONE_PERCENT and earlier[0] > GONE_PERCENT and value.value > GONE_PERCENT:
            yield Outcome(
                kind=OutcomeKind.EDEMA_RETURNED, level=level, visit=visit.name, answer=True,
                because=f"{value.value:.0f}% after {gone[-1]:.0f}%: look for a new fracture, here and beside",
                days=days_between(visits[0], visit), evidence=("voormolen-2006",),
            )  # fmt: skip


def _new_fractures(visits: Sequence[Visit], visit: Visit, index: Level) -> Iterator[Outcome]:
    """A vertebra that is fractured now and was graded sound at an earlier visit."""
    place = visits.index(visit)
    for finding in visit.assessment.findings:
        level = finding.level
        if level is None or level == index or not isinstance(finding.data, SqGrade):
            continue
        if finding.data.grade < FRACTURE_GRADE:
            continue
        before = [grade.grade for v in visits[:place] if (grade := _grade(v, level)) is not None]
        if before and max(before) == 0:
            yield Outcome(
                kind=OutcomeKind.SECONDARY_FRACTURE, level=level, visit=visit.name, answer=None,
                because=f"grade {finding.data.grade}, 0 before: a reader must confirm a new fracture",
                days=days_between(visits[0], visit), probability=1 - dict(finding.data.probability).get(0, 0.0),
                evidence=("genant-1993", "kadri-2025"),
            )  # fmt: skip


def _when(days: int | None, window: tuple[int, int], rule: str) -> str:
    if days is None:
        return f"; {rule}, and the day of a visit is not known"
    return "" if _within(days, window) else f"; {rule}, this is day {days}"
