"""The chart of one quantity over the visits, with the limits of the sources and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.follow_up.change import Verdict
from ovcf.follow_up.outcomes import days_between
from ovcf.follow_up.visit import OF_PATIENT, Quantity
from ovcf.language.worded import say
from ovcf.plain_text import clean
from ovcf.render.course_chart import Dot, Mark, course_chart
from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG
from ovcf.scores.prognosis.nasovcf import VHL_LIMIT_PERCENT
from ovcf.scores.questionnaire.pain import SEVERE as SEVERE_PAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.follow_up.timeline import Course, Timeline

CHARTS = (
    Quantity.HEIGHT_LOSS,
    Quantity.KYPHOSIS,
    Quantity.EDEMA,
    Quantity.GRADE,
    Quantity.VBQ,
    Quantity.PAIN,
    Quantity.DISABILITY,
)
"""What is drawn, where two visits or more give it."""
_SPANS = {
    Quantity.HEIGHT_LOSS: (0.0, 40.0),
    Quantity.KYPHOSIS: (0.0, 30.0),
    Quantity.EDEMA: (0.0, 100.0),
    Quantity.GRADE: (0.0, 3.0),
    Quantity.PAIN: (0.0, 10.0),
    Quantity.DISABILITY: (0.0, 100.0),
}
_DIGITS = {Quantity.HEIGHT_LOSS: 1, Quantity.KYPHOSIS: 1, Quantity.VBQ: 2}
_LIMITS = {
    Quantity.HEIGHT_LOSS: ((VHL_LIMIT_PERCENT, "2 points of NASOVCF (Han)"),),
    Quantity.EDEMA: ((75.0, "severe (Nagao)"), (25.0, "moderate (Nagao)")),
    Quantity.PAIN: ((float(SEVERE_PAIN), "severe (UK commissioning)"),),
    Quantity.DISABILITY: ((40.0, "severe above (ODI)"), (20.0, "moderate above (ODI)")),
}
_DAYS_A_MONTH = 30.44


def chart_of(course: Course, timeline: Timeline) -> str:
    """A course as SVG. While names of vertebrae are asked for, no value of one is joined with another."""
    asked = bool(timeline.questions) and course.quantity not in OF_PATIENT
    dots = []
    for place, (visit, value, change) in enumerate(zip(timeline.visits, course.values, course.changes, strict=True)):
        if value is not None:
            days = days_between(timeline.visits[0], visit)
            at = float(place) if days is None else days / _DAYS_A_MONTH
            label = clean(visit.name) if days is None else _months(round(at)) if days else "first"
            open_ = asked or (change is not None and change.verdict is Verdict.NOT_COMPARABLE)
            dots.append(Dot(at=at, label=label, value=value.value, sd=value.sd, open_=open_))
    first = next(v for v in course.values if v is not None)
    progression = ((first.value + PROGRESSION_DEG, "progression (Han)"),)
    return course_chart(
        dots,
        limits=progression if course.quantity is Quantity.KYPHOSIS else _LIMITS.get(course.quantity, ()),
        span=_SPANS.get(course.quantity),
        digits=_DIGITS.get(course.quantity, 0),
        marks=_marks(timeline),
    )


def _months(count: int) -> str:
    return say("{count} month", count=count) if count == 1 else say("{count} months", count=count)


def _marks(timeline: Timeline) -> Sequence[Mark]:
    first = timeline.visits[0].on
    if first is None:
        return ()
    return [
        Mark(
            at=(one.began - first).days / _DAYS_A_MONTH,
            until=None if one.ended is None else (one.ended - first).days / _DAYS_A_MONTH,
            words=clean(one.name),
        )
        for one in timeline.treatments
    ]
