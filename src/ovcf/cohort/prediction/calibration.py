"""Are predicted risks right, and are they useful? Calibration, Brier score, decision curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.extra import extra
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.regression.logistic_fit import fit
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

_BLUE, _ORANGE = COLOURS[:2]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationResult(PlottedResult):
    """How predicted risks agree with what happened.

    ``intercept`` is calibration in the large (0 ideal: with the slope held at 1), ``slope`` 1 if risks are spread as
    they should be. ``groups`` are (mean predicted, observed share) by quantile of risk; ``curve`` is (predicted,
    smoothed observed).
    """

    intercept: Estimate
    slope: Estimate
    observed_to_expected: float
    brier: float
    brier_scaled: float
    auc: Estimate
    groups: tuple[tuple[float, Estimate], ...]
    curve: tuple[tuple[float, float], ...]
    risks: tuple[tuple[float, int], ...] = field(repr=False)

    def plot(self, ax: Any = None) -> Any:
        """Observed against predicted, with the distribution of the risks at the foot."""
        axes = new_axes(ax)
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.8, linestyle=(0, (2, 3)), label="ideal")
        if self.curve:
            axes.plot(*zip(*self.curve, strict=True), color=_BLUE, linewidth=1.6, label="smoothed")
        for predicted, share in self.groups:
            axes.plot([predicted] * 2, [share.low, share.high], color=_ORANGE, linewidth=1)
        axes.plot(
            [p for p, _ in self.groups], [s.value for _, s in self.groups], "o", color=_ORANGE, markersize=4,
            label="groups of equal size",
        )  # fmt: skip
        most = max(count for _, count in self.risks)
        axes.vlines(
            [p for p, _ in self.risks], 0, [0.1 * c / most for _, c in self.risks], color="#777777", linewidth=2
        )
        axes.set(
            xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="Predicted risk", ylabel="Observed share", aspect="equal"
        )
        axes.legend(loc="upper left", frameon=False, fontsize=8)
        return axes


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCurveResult(PlottedResult):
    """Net benefit of acting on a model, on everyone, on nobody (zero); per patient, by threshold of risk."""

    thresholds: tuple[float, ...]
    treat_all: tuple[float, ...]
    models: tuple[tuple[str, tuple[float, ...]], ...]

    def plot(self, ax: Any = None) -> Any:
        """Net benefit over thresholds; cut below, where nobody would act on it."""
        axes = new_axes(ax, size=(5.2, 3.8))
        axes.axhline(0, color="#000000", linewidth=0.8, label="nobody")
        axes.plot(self.thresholds, self.treat_all, color="#999999", linewidth=1, label="everyone")
        for i, (name, benefit) in enumerate(self.models):
            style = ("-", "--", "-.", ":")[i % 4]
            axes.plot(self.thresholds, benefit, color=COLOURS[i % 6], linestyle=style, linewidth=1.6, label=name)
        top = max(self.treat_all[0], *(max(b) for _, b in self.models))
        axes.set(ylim=(-0.15 * top, 1.1 * top), xlabel="Threshold of risk", ylabel="Net benefit")
        axes.legend(frameon=False, fontsize=8)
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
    try:
        line = fit(y, np.column_stack([np.ones_like(z), z]), coverage=coverage)
    except CohortDataError:
        raise CohortDataError(
            "risk", "separates the outcome, so its calibration slope is infinite", "Look for a leak of the outcome."
        ) from None
    low, high = (float(v) for v in line.interval[1])
    slope = Estimate(float(line.coefficients[1]), low, high, float(line.standard_errors[1]), coverage)
    large = _in_the_large(y, z, coverage)
    brier = float(((p - y) ** 2).mean())
    area = auc(y, p, coverage=coverage)
    edges = np.unique(np.quantile(p, np.linspace(0, 1, groups + 1)))
    group = np.searchsorted(edges[1:-1], p, side="left")
    by_group = tuple(
        (float(p[group == g].mean()), proportion(int(y[group == g].sum()), int((group == g).sum()), coverage=coverage))
        for g in np.unique(group)
    )
    counts, cuts = np.histogram(p, bins=50, range=(0, 1))
    ratio = float(y.sum() / p.sum())
    scaled = 1 - brier / float(y.mean() * (1 - y.mean()))
    figures = (
        ("intercept (ideal 0)", large),
        ("slope (ideal 1)", slope),
        ("observed / expected (ideal 1)", ratio),
        ("Brier score", brier),
        ("Brier score, scaled", scaled),
        ("AUC", area),
    )
    return CalibrationResult(
        title="Calibration",
        method="Logistic recalibration (intercept with the slope held at 1; slope), Brier score, LOWESS curve, "
        f"{len(by_group)} groups of risk with Wilson intervals",
        references=(
            "Cox DR. Biometrika 1958;45:562-565",
            "Van Calster B et al. BMC Med 2019;17:230",
            "Brier GW. Mon Weather Rev 1950;78:1-3",
        ),
        n=len(y),
        missing=missing,
        notes=(
            f"{int(y.sum())} events",
            *((f"{extreme} risks of 0 or 1 were taken as 1e-6 from there",) if extreme else ()),
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
        curve=_smooth(y, p),
        risks=tuple((float(c), int(n)) for c, n in zip((cuts[:-1] + cuts[1:]) / 2, counts, strict=True) if n),
    )


def decision_curve(
    outcome: ArrayLike, risks: Mapping[str, ArrayLike], *, thresholds: Sequence[float] | None = None
) -> DecisionCurveResult:
    """Net benefit of each model: true positives less false ones weighted by the odds of the threshold, per patient.

    Raises:
        CohortDataError: no model, risks or thresholds outside 0 to 1.
    """
    y = binary(outcome)
    columns = {name: numbers(values, name) for name, values in risks.items()}
    if not columns:
        raise CohortDataError("decision curve", "no model is given", "Name at least one.")
    whole, missing = complete_rows(("outcome", y), *columns.items())
    y = binary(y[whole])
    columns = {name: p[whole] for name, p in columns.items()}
    for name, p in columns.items():
        if p.min() < 0 or p.max() > 1:
            raise CohortDataError(name, "lies outside 0 to 1", "Give probabilities, not percentages or points.")
    at = np.asarray(thresholds if thresholds is not None else np.linspace(0.01, 0.99, 99), float)
    if at.min() <= 0 or at.max() >= 1:
        raise CohortDataError("thresholds", "must lie between 0 and 1", "At 0 everyone is treated, at 1 nobody.")
    odds = at / (1 - at)
    everyone = y.mean() - (1 - y.mean()) * odds

    def benefit(p: NDArray[np.float64]) -> tuple[float, ...]:
        hits = np.sort(p[y == 1])
        alarms = np.sort(p[y == 0])
        true = len(hits) - np.searchsorted(hits, at, side="left")
        false = len(alarms) - np.searchsorted(alarms, at, side="left")
        return tuple(((true - false * odds) / len(y)).tolist())

    models = tuple((name, benefit(p)) for name, p in columns.items())
    return DecisionCurveResult(
        title="Decision curve",
        method="Net benefit per patient of acting when the predicted risk is at least the threshold",
        references=("Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574",),
        n=len(y),
        missing=missing,
        notes=(f"{int(y.sum())} events",),
        tables=(
            Table(
                "Net benefit",
                (
                    Column("threshold", "Threshold", ".2f"),
                    Column("everyone", "Everyone", ".4f"),
                    *(Column(name, name, ".4f") for name in columns),
                ),
                tuple(zip(at.tolist(), everyone.tolist(), *(b for _, b in models), strict=True)),
            ),
        ),
        thresholds=tuple(at.tolist()),
        treat_all=tuple(everyone.tolist()),
        models=models,
    )


def _in_the_large(y: NDArray[np.float64], z: NDArray[np.float64], coverage: float) -> Estimate:
    """Intercept of a logistic model with ``z`` as offset, by Newton's method: one parameter."""
    from statistics import NormalDist

    from scipy.special import expit

    a = 0.0
    for _ in range(100):
        p = expit(a + z)
        step = float((y - p).sum() / (p * (1 - p)).sum())
        a += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    p = expit(a + z)
    se = float((p * (1 - p)).sum() ** -0.5)
    half = NormalDist().inv_cdf(0.5 + coverage / 2) * se
    return Estimate(a, a - half, a + half, se, coverage)


def _smooth(y: NDArray[np.float64], p: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """LOWESS of the outcome on the risk, at 101 quantiles of it; none below ten distinct risks."""
    at = np.unique(np.quantile(p, np.linspace(0, 1, 101)))
    if len(at) < 10:
        return ()
    lowess = extra("statsmodels.nonparametric.smoothers_lowess").lowess
    fitted = lowess(y, p, frac=2 / 3, it=0, delta=0.01 * float(np.ptp(p)), xvals=None)
    smooth = np.interp(at, fitted[:, 0], fitted[:, 1])
    return tuple(zip(at.tolist(), np.clip(smooth, 0, 1).tolist(), strict=True))
