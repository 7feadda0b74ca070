"""A share of patients over imputations, with Wilson's interval: it keeps to 0 to 1 where events are few."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.result import Estimate
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

REFERENCE = "Lott A, Reiter JP. Am Stat 2020;74:109-115 (Wilson's interval over imputations)"


def pooled_proportion(events: ArrayLike, n: ArrayLike, *, coverage: float = 0.95) -> Estimate:
    """The share over imputations: limits are the shares that t, with Rubin's error of them, does not reject.

    Args:
        events: how many had the event in each completed data set, ``(m,)``, two or more.
        n: of how many; it may differ, where who belongs to the group is imputed too.
        coverage: of the interval.

    Raises:
        CohortDataError: fewer than two data sets, or one in which nobody belongs to the group.
    """
    from scipy.stats import t

    k, size = np.asarray(events, float), np.asarray(n, float)
    m = len(k)
    if m < 2 or len(size) != m or (size < 1).any() or (k < 0).any() or (k > size).any():
        raise CohortDataError("share", "needs events of patients in two data sets at least", "Merge rare groups.")
    q = k / size
    mean, within, between = float(q.mean()), float((q * (1 - q) / size).mean()), float(q.var(ddof=1))
    more = (1 + 1 / m) * between / within if within > 0 else 0.0
    degrees = (m - 1) * (1 + 1 / more) ** 2 if more > 1e-12 else math.inf
    wide = float(t.ppf(0.5 + coverage / 2, degrees)) ** 2 * (1 + more) / float(size.mean())
    half = math.sqrt(max((2 * mean + wide) ** 2 - 4 * (1 + wide) * mean**2, 0.0))
    low, high = ((2 * mean + wide + sign * half) / (2 * (1 + wide)) for sign in (-1, 1))
    return Estimate(mean, max(low, 0.0), min(high, 1.0), math.sqrt(within * (1 + more)), coverage)
