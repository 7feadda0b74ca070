"""Figures of several centres put together: random effects by REML, with Hartung and Knapp's interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.centres.new_centre import REFERENCE, prediction_interval
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.scale import Scale, from_scale, to_scale
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

REFERENCES = (
    "Viechtbauer W. J Educ Behav Stat 2005;30:261-293 (REML)",
    "Hartung J, Knapp G. Stat Med 2001;20:3875-3889",
    REFERENCE,
    "Debray TPA et al. BMJ 2017;356:i6460 (prediction models over centres)",
)
_NARROW = (
    "{figure}: centres differ less than by chance alone, so Hartung and Knapp's interval is narrower than the plain "
    "one."
)
_SPREAD = (
    "{figure}: no spread between centres is found, but one up to tau {tau:.2f} cannot be ruled out; the "
    "prediction interval counts such spreads by their confidence."
)
FEW_CENTRES = 5
"""Below this many the spread between centres is hardly known, and so is the prediction interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledCentres(PlottedResult):
    """One figure over centres, all on the scale that is printed.

    ``pooled`` is the mean of centres like these, ``prediction`` where a new centre's own figure is expected (``value``
    is that of ``pooled``); ``prediction_by_t`` is the usual interval of Higgins, Thompson and Spiegelhalter with k - 1
    degrees of freedom, too narrow in few centres, to compare with other programs. ``tau`` is the standard deviation
    between centres on the scale of pooling (``scale``), ``tau_low`` and ``tau_high`` its Q-profile interval;
    ``i_squared`` the share of the spread that is not sampling.
    """

    figure: str
    scale: Scale
    ideal: float | None
    centres: tuple[tuple[str, Estimate, float], ...]
    pooled: Estimate
    prediction: Estimate
    prediction_by_t: Estimate
    tau: float
    tau_low: float
    tau_high: float
    i_squared: float
    q: float
    q_p: float

    def plot(self, ax: Any = None) -> Any:
        """A forest: centres with their figures, squares as large as their weight, the pooled one as a diamond."""
        rows = len(self.centres) + 2
        axes = new_axes(ax, size=(6.4, 1.0 + 0.3 * rows))
        heaviest = max(weight for _, _, weight in self.centres)
        lines: list[tuple[str, Estimate]] = []
        for y, (name, e, weight) in enumerate(self.centres):
            axes.plot([e.low, e.high], [y, y], color=COLOURS[0], linewidth=1.2)
            axes.plot(e.value, y, "s", color=COLOURS[0], markersize=3 + 5 * math.sqrt(weight / heaviest))
            lines.append((name, e))
        p, y = self.pooled, len(self.centres)
        axes.fill([p.low, p.value, p.high, p.value], [y, y - 0.3, y, y + 0.3], color=COLOURS[1])
        axes.plot([self.prediction.low, self.prediction.high], [y + 1, y + 1], color=COLOURS[1], linewidth=3)
        lines += [("Mean of centres", p), ("A new centre", self.prediction)]
        if self.ideal is not None:
            axes.axvline(self.ideal, color="#999999", linewidth=0.8, linestyle="--")
        axes.axvline(p.value, color=COLOURS[1], linewidth=0.6, linestyle=":")
        for at, (_, e) in enumerate(lines):
            axes.annotate(
                tr(say("{low:.2f} to {high:.2f}", low=e.low, high=e.high))
                if at == len(lines) - 1
                else tr(format(e, ".2f")),
                (1.02, at),
                xycoords=("axes fraction", "data"),
                va="center",
                fontsize=8,
                annotation_clip=False,
            )
        if self.scale == "log":
            ticker = optional_import("matplotlib.ticker")
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_locator(ticker.NullLocator())
        axes.set(ylim=(rows - 0.4, -0.6), xlabel=tr(self.figure))
        axes.set_yticks(range(rows), [tr(name) for name, _ in lines])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        return axes


def pool_centres(
    names: Sequence[str],
    values: ArrayLike,
    standard_errors: ArrayLike,
    *,
    figure: str = "Estimate",
    scale: Scale = "identity",
    ideal: float | None = None,
    at_least_plain: bool = False,
    coverage: float = 0.95,
) -> PooledCentres:
    """Random-effects meta-analysis of one figure over centres.

    Args:
        names: of the centres.
        values: of each centre, as printed.
        standard_errors: of each value on the scale of pooling: of the logit of an AUC, of the logarithm of a ratio.
        figure: what it is, for print.
        scale: on which centres are taken to vary normally.
        ideal: a value to draw a line at.
        at_least_plain: never let Hartung and Knapp's error be smaller than the plain one (Röver, Knapp and Friede).
            Needed where centres share an imputation model, which makes them more alike than they are.
        coverage: of all intervals.

    Raises:
        CohortDataError: fewer than two centres, a value outside its scale, a standard error that is not positive.
    """
    from scipy.stats import chi2, norm, t

    raw, se = np.asarray(values, float), np.asarray(standard_errors, float)
    if not len(names) == len(raw) == len(se):
        raise CohortDataError("centres", "names, values and errors differ in number", "Give one each per centre.")
    if len(raw) < 2:
        raise CohortDataError(
            "centres", say("{raw} can be pooled", raw=len(raw)), "Two or more need the figure with its error."
        )
    y = to_scale(scale, raw)
    for name, value, error in zip(names, y, se, strict=True):
        if not (math.isfinite(value) and math.isfinite(error) and error > 0):
            raise CohortDataError(
                say("centre {name}", name=name),
                say("its {figure} has no finite error", figure=figure),
                "Leave this centre out.",
            )
    v, k = se**2, len(y)
    tau2 = _reml(y, v)
    weight, mean, spread = _weighted(y, v, tau2)
    narrow = spread < k - 1
    error = math.sqrt((k - 1 if narrow and at_least_plain else spread) / ((k - 1) * weight.sum()))
    half, z = float(t.ppf(0.5 + coverage / 2, k - 1)), float(norm.ppf(0.5 + coverage / 2))

    def printed(value: float, by: float, known: float | None = None) -> Estimate:
        low, middle, high = (float(from_scale(scale, value + sign * by)) for sign in (-1, 0, 1))
        return Estimate(middle, low, high, known, coverage)

    plain = 1 / v
    typical = (k - 1) * plain.sum() / (plain.sum() ** 2 - (plain**2).sum())
    q = _weighted(y, v, 0.0)[2]
    low, high = (_tau2_at(y, v, float(chi2.ppf(p, k - 1))) for p in (0.5 + coverage / 2, 0.5 - coverage / 2))
    centres = tuple(
        (str(n), printed(float(a), z * float(s), float(s)), float(w))
        for n, a, s, w in zip(names, y, se, weight / weight.sum(), strict=True)
    )
    pooled, i_squared = printed(mean, half * error, error), tau2 / (tau2 + typical)
    by_t = printed(mean, half * math.sqrt(error**2 + tau2))
    low_new, high_new = from_scale(scale, prediction_interval(y, v, coverage, at_least_plain=at_least_plain))
    prediction = Estimate(pooled.value, float(low_new), float(high_new), None, coverage)
    q_p = float(chi2.sf(q, k - 1))
    return PooledCentres(
        title=say("{figure} over {k} centres", figure=figure, k=k),
        method="Random effects by restricted maximum likelihood"
        + {"identity": "", "logit": ", on the logit scale", "log": ", on the logarithmic scale"}[scale]
        + "; interval of Hartung and Knapp"
        + (", never narrower than the plain one" if at_least_plain else "")
        + ", prediction interval of Nagashima, Noma and Furukawa, which does not take the spread as known",
        references=REFERENCES,
        n=k,
        assumptions=(
            say(
                "Q {q:.2f} on {k} degrees of freedom, {said_p}; I² {i_squared:.0f}%",
                q=q,
                k=k - 1,
                said_p=said_p(q_p),
                i_squared=100 * i_squared,
            ),
            say(
                "spread between centres (tau) {tau2:.3f} ({low:.3f} to {high:.3f})",
                tau2=math.sqrt(tau2),
                low=math.sqrt(low),
                high=math.sqrt(high),
            ),
        ),
        notes=tuple(
            said
            for said, holds in (
                (
                    say("{k} centres: how far they differ is hardly known, nor is the prediction interval.", k=k),
                    k < FEW_CENTRES,
                ),
                (say(_NARROW, figure=figure), tau2 == 0 and narrow and not at_least_plain),
                (say(_SPREAD, figure=figure, tau=math.sqrt(high)), tau2 == 0),
            )
            if holds
        ),
        tables=(
            Table(
                figure,
                (
                    Column("centre", "Centre"),
                    Column("value", say("{figure} ({coverage:g}% CI)", figure=figure, coverage=100 * coverage), ".3f"),
                    Column("weight", "Weight", ".1%"),
                ),
                (*centres, ("mean of centres", pooled, None), ("a new centre (prediction interval)", prediction, None)),
            ),
        ),
        figure=figure,
        scale=scale,
        ideal=ideal,
        centres=centres,
        pooled=pooled,
        prediction=prediction,
        prediction_by_t=by_t,
        tau=math.sqrt(tau2),
        tau_low=math.sqrt(low),
        tau_high=math.sqrt(high),
        i_squared=float(i_squared),
        q=q,
        q_p=q_p,
    )


def _weighted(y: Array, v: Array, tau2: float) -> tuple[Array, float, float]:
    """Weights, the mean by them, and the weighted sum of squares about it."""
    w = 1 / (v + tau2)
    mean = float(w @ y / w.sum())
    return w, mean, float(w @ (y - mean) ** 2)


def _reml(y: Array, v: Array) -> float:
    """The variance between centres where the restricted likelihood is largest; it may have more than one hill."""
    from scipy.optimize import brentq

    def rises(tau2: float) -> float:
        w, mean, _ = _weighted(y, v, tau2)
        return float((w**2) @ (y - mean) ** 2 - w.sum() + (w**2).sum() / w.sum())

    def likelihood(tau2: float) -> float:
        w, _, spread = _weighted(y, v, tau2)
        return float(np.log(w).sum() - np.log(w.sum()) - spread)

    top = float(np.ptp(y) ** 2 + v.max())
    grid = np.concatenate([[0.0], top * np.geomspace(1e-8, 1.0, 200)])
    slopes = [rises(x) for x in grid]
    hills = [
        brentq(rises, a, b, xtol=1e-15 * top, rtol=1e-14)
        for a, b, left, right in zip(grid, grid[1:], slopes, slopes[1:], strict=False)
        if left > 0 >= right
    ]
    return float(max([0.0, *hills], key=likelihood))


def _tau2_at(y: Array, v: Array, q: float) -> float:
    """The variance between centres at which the weighted sum of squares is ``q`` (Viechtbauer, Stat Med 2007;26:37)."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return _weighted(y, v, tau2)[2] - q

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.ptp(y) ** 2 + v.max())
    while excess(high) > 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-15 * high, rtol=1e-14))
