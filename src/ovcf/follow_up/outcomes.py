"""What the sources call an outcome, judged on the visits: each yes or no with why, or open with what is missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import CleftSign, SqGrade
from ovcf.follow_up.change import change
from ovcf.follow_up.visit import Quantity
from ovcf.language.worded import joined, say
from ovcf.measures.shape.mobility import ANTERIOR_HEIGHT_CHANGE
from ovcf.measures.signal.edema import bme_level
from ovcf.scores.applicability import treated
from ovcf.scores.prognosis.close_call import OF_TWO, near_progression
from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG, UNION_MOBILITY_MM, non_union, progressive_kyphosis
from ovcf.units import Unit
from ovcf.vocabulary import BmeLevel, Cleft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.follow_up.reliability import Reliability
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
    NON_UNION = "non-union"
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


def outcomes(
    visits: Sequence[Visit], level: Level, site: Mapping[Quantity, Reliability] | None = None
) -> tuple[Outcome, ...]:
    """Every outcome that the visits of a fracture allow to judge, in the order of the visits.

    ``site``: errors of measurement by the site's own study of its readers.
    """
    first, site = visits[0], site or {}
    found: list[Outcome] = []
    for visit in visits[1:]:
        found += _kyphosis(first, visit, level, site.get(Quantity.KYPHOSIS))
        found += _cleft(first, visit, level)
        found += _union(first, visit, level, site.get(Quantity.ANTERIOR_HEIGHT))
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


def _kyphosis(first: Visit, visit: Visit, level: Level, site: Reliability | None) -> Iterator[Outcome]:
    before = first.value(Quantity.KYPHOSIS, level)
    after = visit.value(Quantity.KYPHOSIS, level, like=before)
    if before is None or after is None:
        return
    verdict = progressive_kyphosis(
        before.value, after.value, posture_before=before.posture, posture_after=after.posture
    )
    changed = change(before, after, site)
    answer, because = verdict.answer, verdict.because
    if changed.obstacles and answer is not None:  # radiograph against MRI: the rule knows posture only
        answer, because = (
            None,
            say(
                "{because}, but on a {modality} and a {modality_2}",
                because=because,
                modality=before.modality,
                modality_2=after.modality,
            ),
        )
    near: tuple[str, ...] = ()
    if answer is not None:
        near = near_progression(
            changed.difference,
            sd=None if changed.sd is None else changed.sd / OF_TWO,
            readers_sem=visit.assessment.case.readers.kyphosis_sem_deg,
        )
        because = joined("; ", (because, *near))
    days = days_between(first, visit)
    yield Outcome(
        kind=OutcomeKind.PROGRESSIVE_KYPHOSIS,
        level=level,
        visit=visit.name,
        answer=answer,
        because=because + _when(days, HAN_DAYS, "HAN judged at 6 months"),
        days=days,
        probability=changed.probability_above(PROGRESSION_DEG),
        evidence=(*verdict.evidence, *(("rule-close-call", "kyphosis-readers") if near else ())),
    )


def _cleft(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    """A cleft as read by hand; one that only a program suggests is a question, not an answer."""
    case, days = visit.assessment.case, days_between(first, visit)
    read = case.cleft if level == case.index_level else None
    suggested = next(
        (f.data.cleft for f in visit.assessment.findings if f.level == level and isinstance(f.data, CleftSign)), None
    )
    if read is None and suggested in (None, Cleft.NONE):
        return
    answer = None if read is None else read is not Cleft.NONE
    because = "suggested by the program, not confirmed" if read is None else say("read by hand: {read}", read=read)
    yield Outcome(
        kind=OutcomeKind.CLEFT,
        level=level,
        visit=visit.name,
        answer=answer,
        days=days,
        because=because + _when(days, HAN_DAYS, "HAN counts a cleft at 6 months as non-union"),
        evidence=("han-2025",),
    )


def _union(first: Visit, visit: Visit, level: Level, site: Reliability | None) -> Iterator[Outcome]:
    """Non-union where radiographs of this visit show the fracture standing and supine; of an augmented one, none."""
    case = visit.assessment.case
    found = _mobility(visit, level)
    if found is None or level != case.index_level or treated(case)[0]:
        return
    moved, sd = found
    cleft = None if case.cleft is None else case.cleft is not Cleft.NONE
    verdict = non_union(cleft=cleft, anterior_height_change_mm=moved)
    if site is not None and site.unit is Unit.MM:
        sd = max(sd or 0.0, math.sqrt(2) * site.sem)
    probability = None
    if sd and not cleft:
        error = NormalDist(moved, sd)
        probability = 1 - (error.cdf(UNION_MOBILITY_MM) - error.cdf(-UNION_MOBILITY_MM))
    days = days_between(first, visit)
    because = say(
        "{because}; anterior height {moved:+.1f} mm from supine to standing", because=verdict.because, moved=moved
    )
    yield Outcome(
        kind=OutcomeKind.NON_UNION,
        level=level,
        visit=visit.name,
        answer=verdict.answer,
        days=days,
        because=because + _when(days, HAN_DAYS, "HAN judged at 6 months"),
        probability=probability,
        evidence=verdict.evidence,
    )


def _mobility(visit: Visit, level: Level) -> tuple[float, float | None] | None:
    """Change of the anterior height from supine to standing (mm) and its SD: as entered, else as measured."""
    case = visit.assessment.case
    standing, supine = case.anterior_height_standing_mm, case.anterior_height_supine_mm
    if standing is not None and supine is not None:
        return standing - supine, None
    measured = next(
        (
            m
            for m in visit.assessment.measurements
            if m.method.id == ANTERIOR_HEIGHT_CHANGE.id and m.index_level == level and m.unit is Unit.MM
        ),
        None,
    )
    return None if measured is None else (measured.value, measured.standard_uncertainty)


def _grade(visit: Visit, level: Level) -> SqGrade | None:
    return next((f.data for f in visit.assessment.findings if f.level == level and isinstance(f.data, SqGrade)), None)


def _collapse(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    now, then = _grade(visit, level), _grade(first, level)
    if now is None:
        return
    days = days_between(first, visit)
    answer: bool | None = now.grade == 3
    because = say("grade {grade}", grade=now.grade)
    if then is not None and then.grade == 3:
        answer, because = None, "grade 3 at the first visit already: Nagao studied grades 0 to 2"
    yield Outcome(
        kind=OutcomeKind.SEVERE_COLLAPSE,
        level=level,
        visit=visit.name,
        answer=answer,
        days=days,
        because=because + _when(days, NAGAO_DAYS, "Nagao judged at 1 year"),
        probability=dict(now.probability).get(3),
        evidence=("nagao-2025",),
    )


def _edema(first: Visit, visit: Visit, level: Level) -> Iterator[Outcome]:
    days, value = days_between(first, visit), visit.value(Quantity.EDEMA, level)
    if value is None or not _within(days, NAGAO_3_MONTHS_DAYS):
        return
    yield Outcome(
        kind=OutcomeKind.SEVERE_EDEMA_3_MONTHS,
        level=level,
        visit=visit.name,
        days=days,
        answer=bme_level(value.value) is BmeLevel.SEVERE,
        because=say("{value:.0f}% of the body", value=value.value),
        evidence=("nagao-2025",),
    )


def _returned(visits: Sequence[Visit], level: Level) -> Iterator[Outcome]:
    """Edema that was gone and is there again."""
    seen = [(visit, value) for visit in visits if (value := visit.value(Quantity.EDEMA, level)) is not None]
    for place, (visit, value) in enumerate(seen):
        earlier = [v.value for _, v in seen[:place]]
        gone = [p for p in earlier if p <= GONE_PERCENT]
        if gone and max(earlier) > GONE_PERCENT and earlier[0] > GONE_PERCENT and value.value > GONE_PERCENT:
            yield Outcome(
                kind=OutcomeKind.EDEMA_RETURNED,
                level=level,
                visit=visit.name,
                answer=True,
                because=say(
                    "{value:.0f}% after {gone:.0f}%: look for a new fracture, here and beside",
                    value=value.value,
                    gone=gone[-1],
                ),
                days=days_between(visits[0], visit),
                evidence=("voormolen-2006",),
            )


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
                kind=OutcomeKind.SECONDARY_FRACTURE,
                level=level,
                visit=visit.name,
                answer=None,
                because=say("grade {grade}, 0 before: a reader must confirm a new fracture", grade=finding.data.grade),
                days=days_between(visits[0], visit),
                probability=1 - dict(finding.data.probability).get(0, 0.0),
                evidence=("genant-1993", "kadri-2025"),
            )


def _when(days: int | None, window: tuple[int, int], rule: str) -> str:
    if days is None:
        return say("; {rule}, and the day of a visit is not known", rule=rule)
    return "" if _within(days, window) else say("; {rule}, this is day {days}", rule=rule, days=days)
