"""The IOF's indicators of secondary prevention (2020) as the timers of one patient, and as the levels of a service.

Two of the eleven count how a service finds its patients, and the last how complete its data are: a service has those, a
patient does not. Read in the abstract; what counts as "assessed" or "monitored" was not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.clinical.sections import Prevention
from ovcf.language.worded import say
from ovcf.scores.applicability import applicability
from ovcf.scores.tally import TOLERANCE, at_least

if TYPE_CHECKING:
    from ovcf.clinical.case import ClinicalCase


class Indicator(StrEnum):
    """What is to be reached after a fracture."""

    RISK_ASSESSED = "fracture risk assessed"
    DXA = "DXA done"
    FALLS = "risk of falls assessed"
    DRUG_RECOMMENDED = "osteoporosis drug recommended"
    EXERCISE = "strength and balance exercise begun"
    MONITORED = "followed up"
    DRUG_STARTED = "osteoporosis drug started"
    ON_DRUG = "osteoporosis drug prescribed at 52 weeks"


WITHIN_WEEKS = {
    Indicator.RISK_ASSESSED: 12.0,
    Indicator.DXA: 12.0,
    Indicator.EXERCISE: 16.0,
    Indicator.MONITORED: 16.0,
    Indicator.DRUG_STARTED: 16.0,
    Indicator.ON_DRUG: 52.0,
}
"""Weeks after the fracture; the others have no time."""


class Reached(StrEnum):
    """What became of an indicator."""

    YES = "reached"
    LATE = "reached late"
    NO = "not reached"
    OPEN = "open"
    OVERDUE = "overdue: nothing is recorded"
    UNKNOWN = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One indicator of one patient: within how many weeks, when it was done, and what became of it."""

    indicator: Indicator
    within_weeks: float | None
    done_weeks: float | None
    reached: Reached


FROM_YEARS = 50.0
"""Of whom the indicators speak."""


def indicators_hold(case: ClinicalCase) -> bool:
    """Not below 50 years, and not while a tumour, an infection or an injury is or may be the cause."""
    old_enough = case.age_years is None or at_least(case.age_years, FROM_YEARS)
    return old_enough and not applicability(case).cause_in_doubt


def timers(prevention: Prevention, weeks: float | None) -> tuple[Timer, ...]:
    """Every indicator of a patient, ``weeks`` after the fracture (None: not known)."""
    done: dict[Indicator, float | bool | None] = {
        Indicator.RISK_ASSESSED: prevention.risk_assessed_weeks,
        Indicator.DXA: prevention.dxa_weeks,
        Indicator.FALLS: prevention.falls_assessed,
        Indicator.DRUG_RECOMMENDED: prevention.drug_recommended,
        Indicator.EXERCISE: prevention.exercise_weeks,
        Indicator.MONITORED: prevention.monitored_weeks,
        Indicator.DRUG_STARTED: prevention.drug_started_weeks,
        Indicator.ON_DRUG: prevention.on_drug_at_52_weeks,
    }
    return tuple(_timer(indicator, answer, weeks) for indicator, answer in done.items())


def _timer(indicator: Indicator, answer: float | bool | None, weeks: float | None) -> Timer:
    within = WITHIN_WEEKS.get(indicator)
    if isinstance(answer, bool):
        reached = Reached.YES if answer else Reached.NO
    elif answer is not None:
        reached = Reached.LATE if within is not None and answer > within + TOLERANCE else Reached.YES
    elif within is None or weeks is None:
        reached = Reached.UNKNOWN
    else:
        reached = Reached.OVERDUE if weeks > within + TOLERANCE else Reached.OPEN
    when = None if answer is None or isinstance(answer, bool) else float(answer)
    return Timer(indicator=indicator, within_weeks=within, done_weeks=when, reached=reached)


LEVELS_PERCENT = (50.0, 80.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """How many patients reached an indicator in time, of all whose time has come; ``unrecorded`` count as not reached.

    ``band`` is that of the IOF: below 50, 50 to 80, above 80 %; for the recommendation of a drug below 50, or 50 and
    more. None without patients.
    """

    indicator: Indicator
    reached: int
    patients: int
    unrecorded: int
    band: str | None


def service_levels(patients: Sequence[Sequence[Timer]]) -> tuple[ServiceLevel, ...]:
    """Each indicator over patients. Open timers, and what has no time and is not recorded, are told apart."""
    found = []
    for indicator in Indicator:
        own = [t.reached for timers_ in patients for t in timers_ if t.indicator is indicator]
        counted = [r for r in own if r is not Reached.OPEN]
        yes = sum(r is Reached.YES for r in counted)
        found.append(
            ServiceLevel(
                indicator=indicator,
                reached=yes,
                patients=len(counted),
                unrecorded=sum(r in (Reached.OVERDUE, Reached.UNKNOWN) for r in counted),
                band=_band(indicator, 100 * yes / len(counted)) if counted else None,
            )
        )
    return tuple(found)


def _band(indicator: Indicator, percent: float) -> str:
    low, high = LEVELS_PERCENT
    if percent < low - TOLERANCE:
        return say("below {low:g}%", low=low)
    if indicator is Indicator.DRUG_RECOMMENDED:
        return say("{low:g}% and more", low=low)
    return (
        say("{low:g} to {high:g}%", low=low, high=high)
        if percent <= high + TOLERANCE
        else say("above {high:g}%", high=high)
    )
