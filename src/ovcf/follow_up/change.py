"""Whether a value changed: by more than both its errors allow, in images that may be compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.follow_up.visit import SHAPE, Quantity, Value
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from ovcf.follow_up.reliability import Reliability

CONFIDENCE = 0.95


class Verdict(StrEnum):
    """What a difference means."""

    MORE = "more"
    LESS = "less"
    WITHIN_ERROR = "within the error of measurement"
    NOT_COMPARABLE = "not comparable"
    ERROR_UNKNOWN = "its error is not known"


class ErrorOf(StrEnum):
    """Where the error that a change is judged against comes from."""

    IMAGES = "both images"
    SITE = "the site's own readers"


class Obstacle(StrEnum):
    """Why two values of one vertebra must not be compared."""

    POSTURE_DIFFERS = "posture differs"
    POSTURE_UNKNOWN = "posture is not known"
    MODALITY_DIFFERS = "radiograph and cross-sectional image"
    UNCALIBRATED = "no scale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The later value less the earlier one.

    ``smallest`` is the smallest detectable change: 1.96 times the standard deviation of the difference of two such
    measurements of an unchanged vertebra; ``error_of`` says whose. ``obstacles`` say why it is not judged.
    """

    quantity: Quantity
    before: Value
    after: Value
    difference: float
    sd: float | None
    smallest: float | None
    verdict: Verdict
    obstacles: tuple[Obstacle, ...] = ()
    error_of: ErrorOf | None = None

    def probability_above(self, limit: float) -> float | None:
        """The probability that the true change exceeds a limit; None where that cannot be told."""
        if self.obstacles or self.sd is None:
            return None
        if self.sd == 0:
            return float(self.difference > limit)
        return 1 - NormalDist(self.difference, self.sd).cdf(limit)


def change(before: Value, after: Value, site: Reliability | None = None) -> Change:
    """Compare a quantity at two visits.

    Its error is that of both images, or that of the site's own readers where it is larger or the only one known. What
    patients answer has none unless the site gives one: it is told as it is.
    """
    difference = after.value - before.value
    obstacles = tuple(_obstacles(before, after))
    sd = None if before.sd is None or after.sd is None else math.hypot(before.sd, after.sd)
    error_of = None if sd is None else ErrorOf.IMAGES
    own = sd_of_difference(site, before, after)
    if own is not None and (sd is None or own > sd):
        sd, error_of = own, ErrorOf.SITE
    smallest = None if sd is None else NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * sd
    if obstacles:
        verdict = Verdict.NOT_COMPARABLE
    elif smallest is None:
        verdict = Verdict.ERROR_UNKNOWN
    elif abs(difference) <= smallest:
        verdict = Verdict.WITHIN_ERROR
    else:
        verdict = Verdict.MORE if difference > 0 else Verdict.LESS
    return Change(
        quantity=before.quantity,
        before=before,
        after=after,
        difference=difference,
        sd=sd,
        smallest=smallest,
        verdict=verdict,
        obstacles=obstacles,
        error_of=error_of,
    )


def sd_of_difference(site: Reliability | None, *values: Value) -> float | None:
    """SD of the difference of two measurements by the site's readers; None where it is of another unit or not known."""
    if site is None or any(v.unit is not site.unit for v in values):
        return None
    return math.sqrt(2) * site.sem


def _obstacles(before: Value, after: Value) -> list[Obstacle]:
    if before.quantity not in SHAPE or before.quantity is Quantity.GRADE:
        return []
    found = []
    if (before.modality is Modality.RADIOGRAPH) != (after.modality is Modality.RADIOGRAPH):
        found.append(Obstacle.MODALITY_DIFFERS)
    if Posture.UNKNOWN in (before.posture, after.posture):
        found.append(Obstacle.POSTURE_UNKNOWN)
    elif before.posture is not after.posture:
        found.append(Obstacle.POSTURE_DIFFERS)
    if Unit.PIXEL in (before.unit, after.unit):
        found.append(Obstacle.UNCALIBRATED)
    return found
