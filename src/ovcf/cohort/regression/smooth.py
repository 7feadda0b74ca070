"""What a spline says: whether a number matters at all, whether its effect bends, and the ratio between two values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.splines import spline_columns
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import COLOURS, Column, Estimate, Table, new_axes
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.cohort.data.design import Coding

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SmoothEffect:
    """A number that entered by a restricted cubic spline.

    ``p`` tests that it has no effect, ``p_bend`` that its effect is a straight line, both by Wald.
    """

    variable: str
    knots: tuple[float, ...]
    coefficients: Array
    covariance: Array
    chi_square: float
    p: float
    p_bend: float
    coverage: float

    def ratio(self, value: float, reference: float) -> Estimate:
        """Odds or hazard ratio of ``value`` against ``reference``."""
        one, other = spline_columns(np.array([value, reference], float), self.knots)
        step = one - other
        log, error = float(step @ self.coefficients), float(np.sqrt(step @ self.covariance @ step))
        half = float(optional_import("scipy.stats").norm.ppf(0.5 + self.coverage / 2)) * error
        return Estimate(math.exp(log), math.exp(log - half), math.exp(log + half), error, self.coverage)

    def plot(self, ax: Any = None, *, reference: float | None = None) -> Any:
        """The ratio against ``reference`` (the middle knot if None) between the outer knots, with its band."""
        axes = new_axes(ax)
        base = self.knots[len(self.knots) // 2] if reference is None else reference
        at = np.linspace(self.knots[0], self.knots[-1], 101)
        found = [self.ratio(float(v), base) for v in at]
        axes.plot(at, [e.value for e in found], color=COLOURS[0], linewidth=1.6)
        axes.fill_between(at, [e.low for e in found], [e.high for e in found], color=COLOURS[0], alpha=0.15, lw=0)
        axes.axhline(1, color="#999999", linewidth=0.8)
        axes.plot(self.knots, np.ones(len(self.knots)), "|", color="#555555")
        axes.set(yscale="log", xlabel=tr(self.variable), ylabel=tr(say("Ratio against {base:g}", base=base)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
        return axes


def smooth_effects(
    codings: Sequence[Coding], coefficients: Array, covariance: Array, coverage: float = 0.95
) -> tuple[SmoothEffect, ...]:
    """Of every predictor with knots; ``coefficients`` and ``covariance`` without the constant."""
    chi2 = optional_import("scipy.stats").chi2.sf
    found, start = [], 0
    for c in codings:
        at = np.arange(start, start + len(c.terms))
        start += len(at)
        if not c.knots:
            continue
        b, v = coefficients[at], covariance[np.ix_(at, at)]
        whole, bend = (float(b[i:] @ np.linalg.solve(v[i:, i:], b[i:])) for i in (0, 1))
        p, p_bend = float(chi2(whole, len(at))), float(chi2(bend, len(at) - 1))
        found.append(SmoothEffect(c.variable, c.knots, b, v, whole, p, p_bend, coverage))
    return tuple(found)


def smooth_table(effects: Sequence[SmoothEffect], ratio: str) -> tuple[Table, ...]:
    """One table, or none without splines; ``ratio`` is what compares the outer knots."""
    if not effects:
        return ()
    columns = (
        Column("variable", "Variable"),
        Column("knots", "Knots"),
        Column("chi_square", "Chi-square", ".2f"),
        Column("degrees", "df", "d"),
        Column("p", "P", "p"),
        Column("p_bend", "P, bend", "p"),
        Column("contrast", "Between"),
        Column("ratio", say("{ratio} (interval)", ratio=ratio), ".3f"),
    )
    rows = []
    for e in effects:
        low, high = e.knots[0], e.knots[-1]
        knots = ", ".join(f"{k:g}" for k in e.knots)
        rows.append(
            (
                e.variable,
                knots,
                e.chi_square,
                len(e.coefficients),
                e.p,
                e.p_bend,
                say("{high:g} and {low:g}", high=high, low=low),
                e.ratio(high, low),
            )
        )
    return (Table("Smooth effects", columns, tuple(rows)),)
