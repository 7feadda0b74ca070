"""DeLong's variance of areas under ROC curves, in O(n log n), and the tests that rest on it.

``outcome`` is 1 for the event; higher scores are taken to speak for it, and the direction is never turned silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.result import Estimate
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

REFERENCES = (
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845",
    "Sun X, Xu W. IEEE Signal Process Lett 2014;21:1389-1393 (algorithm)",
)


@dataclass(frozen=True, slots=True)
class AucDifference:
    """First AUC minus second: ``statistic`` is Z, or t when ``degrees`` of freedom are given."""

    difference: Estimate
    statistic: float
    p: float
    degrees: float | None = None


def placements(outcome: ArrayLike, score: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """DeLong's structural components V10 (one per event) and V01 (one per non-event), in their order of input.

    V10 is the share of non-events that an event outscores, ties counting half; the mean of either is the AUC.

    Raises:
        CohortDataError: a missing value, an outcome other than 0 and 1 or constant.
    """
    y, x = binary(outcome), numbers(score, "score")
    whole, missing = complete_rows(outcome=y, score=x)
    if not whole.all():
        raise CohortDataError(
            "score", say("{m} values are missing", m=sum((m for _, m in missing))), "Leave those rows out first."
        )
    events, others = x[y == 1], x[y == 0]
    return _share_below(events, others), 1 - _share_below(others, events)


def _share_below(values: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(values, kind="stable")
    ordered, reference = values[order], np.sort(reference)
    below = np.searchsorted(reference, ordered, "left") + np.searchsorted(reference, ordered, "right")
    share = np.empty(len(values))
    share[order] = below / (2 * len(reference))
    return share


def auc(outcome: ArrayLike, score: ArrayLike, *, coverage: float = 0.95) -> Estimate:
    """Area under the ROC curve with DeLong's interval, cut at 0 and 1.

    Raises:
        CohortDataError: as `placements`, or fewer than two events or non-events.
    """
    v10, v01 = placements(outcome, score)
    value, se = float(v10.mean()), float(np.sqrt(_variance(v10, v01)))
    half = NormalDist().inv_cdf(0.5 + coverage / 2) * se
    return Estimate(value, max(value - half, 0.0), min(value + half, 1.0), se, coverage)


def auc_covariance(
    outcome: ArrayLike, scores: tuple[ArrayLike, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AUC of each score measured in the same patients, and their covariance matrix."""
    parts = [placements(outcome, score) for score in scores]
    v10, v01 = np.array([p[0] for p in parts]), np.array([p[1] for p in parts])
    _enough(v10.shape[1], v01.shape[1])
    return v10.mean(axis=1), np.atleast_2d(np.cov(v10) / v10.shape[1] + np.cov(v01) / v01.shape[1])


def delong_paired(outcome: ArrayLike, first: ArrayLike, second: ArrayLike, *, coverage: float = 0.95) -> AucDifference:
    """Two scores in the same patients.

    Raises:
        CohortDataError: as `auc`, or the difference has no variance (scores that rank all patients alike).
    """
    value, covariance = auc_covariance(outcome, (first, second))
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    difference = float(value[0] - value[1])
    if variance <= 1e-15:
        raise CohortDataError("scores", "rank the patients alike", "There is no difference of AUC to test.")
    se = variance**0.5
    z = difference / se
    return AucDifference(Estimate.around(difference, se, coverage), z, two_sided_p(z))


def delong_unpaired(
    outcome: ArrayLike, score: ArrayLike, second_outcome: ArrayLike, second_score: ArrayLike, *, coverage: float = 0.95
) -> AucDifference:
    """AUC in two independent groups of patients; t with Welch's degrees of freedom, as the R package pROC does."""
    from scipy.stats import t

    parts = [placements(outcome, score), placements(second_outcome, second_score)]
    variances = [_variance(*p) for p in parts]
    sizes = [len(p[0]) + len(p[1]) for p in parts]
    variance = sum(variances)
    if variance <= 1e-15:
        raise CohortDataError("scores", "separate the events completely in both groups", "There is nothing to test.")
    difference = float(parts[0][0].mean() - parts[1][0].mean())
    degrees = float(variance**2 / sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True)))
    se = variance**0.5
    half = float(t.ppf(0.5 + coverage / 2, degrees)) * se
    interval = Estimate(difference, difference - half, difference + half, se, coverage)
    return AucDifference(interval, difference / se, float(2 * t.sf(abs(difference / se), degrees)), degrees)


def _enough(events: int, others: int) -> None:
    if min(events, others) < 2:
        raise CohortDataError(
            "outcome",
            say("{events} events and {others} non-events", events=events, others=others),
            "An interval of an AUC needs two of each.",
        )


def _variance(v10: NDArray[np.float64], v01: NDArray[np.float64]) -> float:
    _enough(len(v10), len(v01))
    return float(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))
