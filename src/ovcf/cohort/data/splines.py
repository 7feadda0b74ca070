"""Restricted cubic splines: a smooth effect of a number that is straight beyond its outer knots.

As Harrell defines them (Regression Modeling Strategies, 2nd ed. Springer 2015, section 2.4.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_OUTER = {3: 0.1, 4: 0.05, 5: 0.05, 6: 0.05, 7: 0.025}
REFERENCE = "Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015 (restricted cubic splines)"


def spline_knots(values: ArrayLike, number: int, name: str = "predictor") -> tuple[float, ...]:
    """Harrell's knots: evenly spaced quantiles of the known values.

    Below 100 values the outer knots are the fifth from either end.

    Raises:
        CohortDataError: fewer than three or more than seven, or too few distinct values for them.
    """
    if number not in _OUTER:
        raise CohortDataError(name, say("{number} knots", number=number), "Give 3 to 7.")
    x = np.sort(np.asarray(values, float))
    x = x[~np.isnan(x)]
    knots = np.quantile(x, np.linspace(_OUTER[number], 1 - _OUTER[number], number))
    if 10 <= len(x) < 100:
        knots[0], knots[-1] = x[4], x[-5]
    if len(np.unique(knots)) < number or len(x) < 10:
        raise CohortDataError(
            name, say("has too few distinct values for {number} knots", number=number), "Use fewer, or a straight line."
        )
    return tuple(knots.tolist())


def spline_columns(values: Array, knots: tuple[float, ...]) -> Array:
    """``(n, k - 1)``: the number itself and ``k - 2`` bends."""
    t, width = np.asarray(knots), (knots[-1] - knots[0]) ** 2

    def cube(at: float) -> Array:
        return np.asarray(np.maximum(values - at, 0) ** 3)

    last, before = cube(t[-1]), cube(t[-2])
    bends = [(cube(k) + ((t[-2] - k) * last - (t[-1] - k) * before) / (t[-1] - t[-2])) / width for k in t[:-2]]
    return np.column_stack([values, *bends])
