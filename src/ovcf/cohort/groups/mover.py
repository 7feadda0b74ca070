"""Intervals of sums, differences and ratios of independent estimates, from the limits of each.

This is the method of variance estimates recovery (MOVER): a limit of the parts tells how far each can err on the side
that matters. It needs no standard error, keeps skewed intervals skewed, and works where nobody had the event.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovcf.cohort.result import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

OF_DIFFERENCE = "Zou GY, Donner A. Stat Med 2008;27:1693-1702 (difference from two intervals)"
OF_RATIO = "Donner A, Zou GY. Stat Methods Med Res 2012;21:347-359 (ratio from two intervals, MOVER-R)"


def difference(a: Estimate, b: Estimate) -> Estimate:
    """``a`` less ``b``; of two proportions with Wilson's limits this is Newcombe's interval."""
    d = a.value - b.value
    low = d - math.hypot(a.value - a.low, b.high - b.value)
    return Estimate(d, low, d + math.hypot(a.high - a.value, b.value - b.low), None, a.coverage)


def weighted_sum(weights: Sequence[float], parts: Sequence[Estimate]) -> Estimate:
    """The sum of ``parts``, each times its weight; weights are 0 or more and known without error."""
    pairs = list(zip(weights, parts, strict=True))
    value = math.fsum(w * e.value for w, e in pairs)
    low = value - math.hypot(*(w * (e.value - e.low) for w, e in pairs))
    high = value + math.hypot(*(w * (e.high - e.value) for w, e in pairs))
    return Estimate(value, low, high, None, parts[0].coverage)


def ratio(a: Estimate, b: Estimate) -> Estimate:
    """``a`` over ``b``, for ``b`` above 0; the upper limit is infinite where ``b`` may be 0.

    ``a`` may have either sign, as Newcombe allows (Stat Methods Med Res 2016;25:1774-1778). The roots of Donner and
    Zou's quadratic are taken in the form that no limit of ``b`` divides by nought.
    """
    if a.value < 0:
        r = ratio(Estimate(-a.value, -a.high, -a.low, None, a.coverage), b)
        return Estimate(-r.value, -r.high, -r.low, None, a.coverage)
    product = a.value * b.value
    below, above = b.low * (2 * b.value - b.low), b.high * (2 * b.value - b.high)
    near = a.low * (2 * a.value - a.low)
    root = math.sqrt(max(product**2 - near * (above if a.low >= 0 else below), 0.0))
    low = near / (product + root) if product + root > 0 else 0.0
    root = math.sqrt(max(product**2 - a.high * (2 * a.value - a.high) * below, 0.0))
    high = (product + root) / below if below > 0 else math.inf
    return Estimate(a.value / b.value, low, high, None, a.coverage)
