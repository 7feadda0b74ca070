"""Are predicted risks right? Calibration in the large, slope, curve and Brier score."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.data.splines import spline_columns, spline_knots
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.regression.logistic_fit import coefficients, fit, probability
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_BLUE, _ORANGE = COLOURS[:2]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationResult(PlottedResult):
    """How predicted risks agree with what happened.

    ``intercept`` is calibration in the large (0 ideal: with the slope held at 1), ``slope`` 1 if risks are spread as
    they should be. ``groups`` are (mean predicted, observed share) by quantile of risk; ``curve`` is (predicted,
    smoothed observed with its pointwise interval), ``integrated_error`` the mean distance of that curve from the
    predictions (None where there is no curve).
    """

    intercept: Estimate
    slope: Estimate
    observed_to_expected: Estimate
    brier: Estimate
    brier_scaled: float
    auc: Estimate
    groups: tuple[tuple[float, Estimate], ...]
    curve: tuple[tuple[float, Estimate], ...]
    integrated_error: float | None
    risks: tuple[tuple[float, int], ...] = field(repr=False)

    def plot(self, ax: Any = None) -> Any:
        """Observed against predicted, with the distribution of the risks at the foot."""
        axes = new_axes(ax)
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=(0, (2, 3)), label=tr("ideal"))
        if self.curve:
            at, smooth = zip(*self.curve, strict=True)
            axes.plot(at, [e.value for e in smooth], color=_BLUE, linewidth=1.6, label=tr("smoothed"))
            axes.fill_between(at, [e.low for e in smooth], [e.high for e in smooth], color=_BLUE, alpha=0.15, lw=0)
        for predicted, share in self.groups:
            axes.plot([predicted] * 2, [share.low, share.high], color=_ORANGE, linewidth=1)
        axes.plot(
            [p for p, _ in self.groups],
            [s.value for _, s in self.groups],
            "o",
            color=_ORANGE,
            markersize=4,
            label=tr("groups of risk"),
        )
        most = max(count for _, count in self.risks)
        axes.vlines(
            [p for p, _ in self.risks], 0, [0.1 * c / most for _, c in self.risks], color="#777777", linewidth=2
        )
        axes.set(
            xlim=(-0.02, 1.02),
            ylim=(-0.02, 1.02),
            xlabel=tr("Predicted risk"),
            ylabel=tr("Observed share"),
            aspect="equal",
        )
        axes.legend(loc="upper left", frameon=False, fontsize=8)
        return axes


def calibration(outcome: ArrayLike, risk: ArrayLike, *, groups: int = 10, coverage: float = 0.95) -> CalibrationResult:
    """Compare predicted risks (0 to 1) with a 0/1 outcome, best in patients whom the model has not seen.

    Risks of exactly 0 or 1 have no logit: for slope and intercept they count as 1e-6 and 1 - 1e-6, which is said.

    Raises:
        CohortDataError: risks outside 0 to 1 or all the same, outcome not 0/1 or constant.
    """
    from scipy.special import logit

    y, p = binary(outcome), numbers(risk, "risk")
    whole, missing = complete_rows(outcome=y, risk=p)
    y, p = binary(y[whole]), p[whole]
    if p.min() < 0 or p.max() > 1:
        raise CohortDataError("risk", "lies outside 0 to 1", "Give probabilities, not percentages or points.")
    if np.ptp(p) == 0:
        raise CohortDataError("risk", "is the same for everyone", "A constant risk has no calibration slope.")
    extreme = int(((p < 1e-6) | (p > 1 - 1e-6)).sum())
    z = logit(np.clip(p, 1e-6, 1 - 1e-6))
    slope, large, brier = calibration_slope(y, z, coverage), in_the_large(y, z, coverage), brier_score(y, p, coverage)
    area = auc(y, p, coverage=coverage)
    group = risk_groups(p, groups)
    by_group = tuple(
        (float(p[group == g].mean()), proportion(int(y[group == g].sum()), int((group == g).sum()), coverage=coverage))
        for g in np.unique(group)
    )
    counts, cuts = np.histogram(p, bins=50, range=(0, 1))
    ratio = observed_to_expected(y, p, coverage)
    scaled = 1 - brier.value / float(y.mean() * (1 - y.mean()))
    curve, integrated_error = _smooth(y, p, z, coverage)
    figures = (
        ("intercept (ideal 0)", large),
        ("slope (ideal 1)", slope),
        ("observed / expected (ideal 1)", ratio),
        ("Brier score", brier),
        ("Brier score, scaled", scaled),
        ("mean distance of the curve (ideal 0)", integrated_error),
        ("AUC", area),
    )
    return CalibrationResult(
        title="Calibration",
        method=say(
            "Logistic recalibration (intercept with the slope held at 1; slope), Brier score; curve by "
            "restricted cubic splines of the logit, pointwise intervals; observed / expected on the "
            "logarithmic scale, the expected taken as known; {by_group} groups of risk with Wilson intervals",
            by_group=len(by_group),
        ),
        references=(
            "Cox DR. Biometrika 1958;45:562-565",
            "Van Calster B et al. BMC Med 2019;17:230",
            "Brier GW. Mon Weather Rev 1950;78:1-3",
            "Austin PC, Steyerberg EW. Stat Med 2019;38:4051-4065 (integrated calibration index)",
        ),
        n=len(y),
        missing=missing,
        notes=(
            say("{events} events", events=int(y.sum())),
            *((say("{extreme} risks of 0 or 1 were taken as 1e-6 from there", extreme=extreme),) if extreme else ()),
        ),
        tables=(
            Table("Calibration", (Column("what", "Figure"), Column("value", "Value (interval)", ".3f")), figures),
            Table(
                "Groups of risk",
                (Column("predicted", "Mean predicted", ".3f"), Column("observed", "Observed (interval)", ".3f")),
                by_group,
            ),
        ),
        intercept=large,
        slope=slope,
        observed_to_expected=ratio,
        brier=brier,
        brier_scaled=scaled,
        auc=area,
        groups=by_group,
        curve=curve,
        integrated_error=integrated_error,
        risks=tuple((float(c), int(n)) for c, n in zip((cuts[:-1] + cuts[1:]) / 2, counts, strict=True) if n),
    )


def risk_groups(risk: Array, groups: int) -> NDArray[np.int64]:
    """The number of everyone's group: of equal size by quantiles, or of equal risk where there are no more risks."""
    values, at = np.unique(risk, return_inverse=True)
    if len(values) <= groups:  # such as the rates of the groups of a score
        return np.asarray(at)
    edges = np.unique(np.quantile(risk, np.linspace(0, 1, groups + 1)))
    return np.searchsorted(edges[1:-1], risk, side="left")


def calibration_slope(y: Array, z: Array, coverage: float = 0.95) -> Estimate:
    """Coefficient of the logit ``z`` of the risks in a logistic model of the outcome ``y``.

    Raises:
        CohortDataError: the risks separate the outcome.
    """
    try:
        line = fit(y, np.column_stack([np.ones_like(z), z]), coverage=coverage)
    except CohortDataError:
        raise CohortDataError(
            "risk", "separates the outcome, so its calibration slope is infinite", "Look for a leak of the outcome."
        ) from None
    low, high = (float(v) for v in line.interval[1])
    return Estimate(float(line.coefficients[1]), low, high, float(line.standard_errors[1]), coverage)


def brier_score(y: Array, p: Array, coverage: float = 0.95) -> Estimate:
    """Mean squared distance of risks ``p`` from outcomes ``y``."""
    squares = (p - y) ** 2
    return Estimate.around(float(squares.mean()), float(squares.std(ddof=1)) / math.sqrt(len(y)), coverage)


def observed_to_expected(y: Array, p: Array, coverage: float = 0.95) -> Estimate:
    """Events over the sum of the risks; its standard error is that of the logarithm."""
    log_ratio = Estimate.around(math.log(y.sum() / p.sum()), math.sqrt((1 - y.mean()) / y.sum()), coverage)
    low, middle, high = (math.exp(v) for v in (log_ratio.low, log_ratio.value, log_ratio.high))
    return Estimate(middle, low, high, log_ratio.standard_error, coverage)


def in_the_large(y: Array, z: Array, coverage: float = 0.95) -> Estimate:
    """Intercept of a logistic model with ``z`` as offset, by Newton's method: one parameter."""
    from scipy.special import expit

    a = 0.0
    for _ in range(100):
        p = expit(a + z)
        step = float((y - p).sum() / (p * (1 - p)).sum())
        a += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    p = expit(a + z)
    return Estimate.around(a, float((p * (1 - p)).sum() ** -0.5), coverage)


def _smooth(y: Array, p: Array, z: Array, coverage: float) -> tuple[tuple[tuple[float, Estimate], ...], float | None]:
    """The outcome by a spline of the logit ``z`` of the risk, at quantiles of it, and its mean distance from the risk.

    None below ten distinct risks, or where too few are spread out.
    """
    from scipy.special import expit

    at = np.unique(np.quantile(p, np.linspace(0, 1, 101), method="nearest"))
    if len(at) < 10:
        return (), None
    for number in (5, 4, 3):
        try:
            knots = spline_knots(z, number)
            x = np.column_stack([np.ones_like(z), spline_columns(z, knots)])
            beta = coefficients(y, x, start=np.zeros(x.shape[1]))
        except CohortDataError:
            continue
        risk = probability(x, beta)
        covariance = np.linalg.inv(x.T @ (x * (risk * (1 - risk))[:, None]))
        order = np.argsort(p, kind="stable")
        shown = x[order[np.searchsorted(p, at, sorter=order)]]
        value, error = shown @ beta, np.sqrt(np.einsum("ip,pq,iq->i", shown, covariance, shown))
        half = NormalDist().inv_cdf(0.5 + coverage / 2) * error
        low, middle, high = (expit(value + k * half) for k in (-1, 0, 1))
        curve = tuple(
            (float(a), Estimate(float(m), float(b), float(t), coverage=coverage))
            for a, m, b, t in zip(at, middle, low, high, strict=True)
        )
        return curve, float(np.abs(risk - p).mean())
    return (), None
