"""The timers of secondary prevention over the visits of a fracture."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ovcf.clinical.sections import Prevention
from ovcf.scores.prevention.indicators import indicators_hold, timers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ovcf.follow_up.visit import Visit
    from ovcf.scores.prevention.indicators import Timer


def prevention_timers(visits: Sequence[Visit], today: date | None = None) -> tuple[Timer, ...]:
    """Each indicator on the day of the last visit, or ``today``. What was recorded last goes before earlier answers.

    None at all where the last visit says that they are not meant for this patient.
    """
    if not visits or not indicators_hold(visits[-1].assessment.case):
        return ()
    known: dict[str, Any] = {}
    for visit in visits:
        section = visit.assessment.case.prevention
        known |= {f.name: answer for f in fields(section) if (answer := getattr(section, f.name)) is not None}
    return timers(Prevention(**known), weeks_since_fracture(visits, today))


def weeks_since_fracture(visits: Sequence[Visit], today: date | None = None) -> float | None:
    """Weeks from the onset of pain to ``today``, or to the last visit; None where no visit tells the onset."""
    for visit in reversed(visits):
        weeks = visit.assessment.case.weeks_since_onset
        last = today or visits[-1].on
        if weeks is None:
            continue
        if visit is visits[-1] and today is None:
            return weeks
        return None if visit.on is None or last is None else weeks + (last - visit.on).days / 7
    return None
