"""What one centre, or one data set, says of predicted risks: each figure by itself, on the scale where it is pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.cohort.prediction.calibration import brier_score, calibration_slope, in_the_large, observed_to_expected
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.scale import Scale, logit_error, to_scale
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ovcf.cohort.result import Estimate

    Array = NDArray[np.float64]


class CentreFigure(NamedTuple):
    """What is pooled: its name, the scale of pooling and the ideal."""

    name: str
    scale: Scale
    ideal: float | None


AUC = CentreFigure("AUC", "logit", None)
IN_THE_LARGE = CentreFigure("Calibration in the large", "identity", 0.0)
SLOPE = CentreFigure("Calibration slope", "identity", 1.0)
RATIO = CentreFigure("Observed / expected", "log", 1.0)
# Of near nought its error is small too: on the logarithmic scale that does not give such centres all the weight.
BRIER = CentreFigure("Brier score", "log", None)


class Judged(NamedTuple):
    """A figure as printed and its standard error on the scale of pooling."""

    value: float
    standard_error: float


def figures_with(threshold: float | None) -> tuple[CentreFigure, ...]:
    """All figures, net benefit where a threshold is given."""
    benefit = (
        (CentreFigure(say("Net benefit at {threshold:g}", threshold=threshold), "identity", 0.0),)
        if threshold is not None
        else ()
    )
    return (AUC, IN_THE_LARGE, SLOPE, RATIO, BRIER, *benefit)


def judge(
    y: Array, p: Array, score: Array, threshold: float | None
) -> tuple[dict[CentreFigure, Judged], dict[CentreFigure, str]]:
    """Every figure that these patients allow, and the reason for every other: one that fails takes no other with it.

    Args:
        y: outcomes 0 and 1, ``(n,)``.
        p: predicted risks.
        score: what the AUC is of: the risks, or a finer score behind them.
        threshold: of risk, for net benefit.
    """
    from scipy.special import logit

    z = logit(np.clip(p, 1e-6, 1 - 1e-6))
    both = 0 < y.sum() < len(y)

    def area() -> Judged:
        found = auc(y, score)
        return Judged(found.value, logit_error(found))

    def brier() -> Judged:
        found = brier_score(y, p)
        return Judged(found.value, (found.standard_error or 0.0) / found.value)

    def benefit() -> Judged:
        return _plain(decision_curve(y, {"risk": p}, thresholds=[threshold or 0.0]).intervals[0][1][0])

    def slope() -> Judged:
        if np.ptp(p) == 0:
            raise CohortDataError("risk", "is the same for everyone", "A constant risk has no calibration slope.")
        return _plain(calibration_slope(y, z))

    needs_both: dict[CentreFigure, Callable[[], Judged]] = {
        AUC: area,
        IN_THE_LARGE: lambda: _plain(in_the_large(y, z)),
        SLOPE: slope,
        RATIO: lambda: _plain(observed_to_expected(y, p)),
    }
    made: dict[CentreFigure, Judged] = {}
    failed: dict[CentreFigure, str] = {}
    for figure in figures_with(threshold):
        call = needs_both.get(figure)
        if call is not None and not both:
            failed[figure] = "everyone has the event" if y.sum() else "nobody has the event"
            continue
        try:
            found = call() if call else brier() if figure == BRIER else benefit()
        except CohortDataError as problem:
            failed[figure] = say("{where} {problem}", where=problem.where, problem=problem.problem)
            continue
        error, inside = found.standard_error, bool(np.isfinite(to_scale(figure.scale, found.value)))
        if inside and np.isfinite(error) and error > 0:
            made[figure] = found
        else:
            failed[figure] = say("it is {value:.3g}, without an error", value=found.value)
    return made, failed


def _plain(e: Estimate) -> Judged:
    return Judged(e.value, e.standard_error or 0.0)
