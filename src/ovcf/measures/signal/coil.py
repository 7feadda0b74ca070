"""How the receive coil's sensitivity varies over a sagittal image, told from the marrow of unaffected vertebrae.

A spine coil is nearest to the spinous processes and ends somewhere: marrow fades towards the front of each body and
towards both ends of the field of view, by 5 to 15 % per centimetre in ordinary exams. Left alone, that fading is taken
for heterogeneity of the marrow, and hides low and high signal in the middle or makes it up at the ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_LEAST = 0.2
"""A sensitivity is never taken as lower: dividing by less would only make noise."""
_LINEAR_FROM, _CURVED_FROM = 4, 6
"""Levels needed for a straight and for a curved trend along the spine, so that one odd level cannot make it."""


class LevelSample(NamedTuple):
    """Trabecular signal of one level and where each voxel lies, in rows and columns of the image."""

    values: Array
    rows: Array
    cols: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class CoilSensitivity:
    """Relative sensitivity, 1 at (``row``, ``col``): (1 + a r + b r^2)(1 + c x), r rows and x columns from there.

    It is not carried on beyond the rows and columns (``within``) of the marrow it was fitted to.
    """

    row: float = 0.0
    col: float = 0.0
    per_row: float = 0.0
    per_row_squared: float = 0.0
    per_col: float = 0.0
    within: tuple[float, float, float, float] = (-np.inf, np.inf, -np.inf, np.inf)

    def at(self, rows: ArrayLike, cols: ArrayLike) -> Array:
        """Sensitivity at image rows and columns, broadcasting."""
        top, bottom, front, back = self.within
        r = np.clip(np.asarray(rows, float), top, bottom) - self.row
        x = np.clip(np.asarray(cols, float), front, back) - self.col
        along = 1 + self.per_row * r + self.per_row_squared * r**2
        return np.asarray(np.maximum(along, _LEAST) * np.maximum(1 + self.per_col * x, _LEAST))

    def over(self, box: tuple[slice, ...]) -> Array:
        """Sensitivity over a box of an array whose last two axes are rows and columns, ``(rows, cols)``."""
        rows, cols = (np.arange(side.start, side.stop) for side in box[-2:])
        return self.at(rows[:, None], cols[None, :])


def fit_sensitivity(levels: Sequence[LevelSample]) -> CoilSensitivity:
    """The sensitivity that explains how marrow varies within levels (along columns) and between them (along rows).

    All steps are medians (Theil-Sen), so a minority of odd levels does not move them. A trend along the rows is used
    only where it at least halves the robust spread of the level medians.
    """
    medians = np.array([np.median(s.values) for s in levels])
    rows = np.array([s.rows.mean() for s in levels])
    within = (
        min(float(s.rows.min()) for s in levels),
        max(float(s.rows.max()) for s in levels),
        min(float(s.cols.min()) for s in levels),
        max(float(s.cols.max()) for s in levels),
    )
    row, col = float(np.median(rows)), float(np.median([s.cols.mean() for s in levels]))
    if (medians <= 0).any():
        return CoilSensitivity(row=row, col=col, within=within)
    per_col = float(np.median([_slope_along_columns(s) / m for s, m in zip(levels, medians, strict=True)]))
    only_cols = CoilSensitivity(row=row, col=col, per_col=per_col, within=within)
    flat = np.array([np.median(s.values / only_cols.at(s.rows, s.cols)) for s in levels])
    level, slope, curvature = _along_rows(rows - row, flat)
    return CoilSensitivity(
        row=row, col=col, per_row=slope / level, per_row_squared=curvature / level, per_col=per_col, within=within
    )


def _slope_along_columns(sample: LevelSample) -> float:
    """Signal per column at equal row, by least squares within one level; 0 where the level is too narrow to tell."""
    x, r = sample.cols - sample.cols.mean(), sample.rows - sample.rows.mean()
    (xx, xr), (_, rr) = np.array([x, r]) @ np.array([x, r]).T
    determinant = xx * rr - xr**2
    if determinant <= 1e-9 * max(xx, 1.0) * max(rr, 1.0):
        return 0.0
    v = sample.values - sample.values.mean()
    # Rounded, so that the order of the voxels does not show in the last digit.
    return round(float((x @ v * rr - r @ v * xr) / determinant), 9)


def _along_rows(r: Array, medians: Array) -> tuple[float, float, float]:
    """Level, slope and curvature of the level medians over rows: as simple as explains them."""

    def rest(slope: float, curvature: float) -> tuple[float, float]:
        left = medians - slope * r - curvature * r**2
        middle = float(np.median(left))
        return middle, float(np.median(np.abs(left - middle)))

    best = (*rest(0.0, 0.0), 0.0, 0.0)
    for curved in (False, True):
        if len(r) < (_CURVED_FROM if curved else _LINEAR_FROM):
            break
        curvature = _median_curvature(r, medians) if curved else 0.0
        straightened = medians - curvature * r**2
        slope = float(np.median([(straightened[j] - straightened[i]) / (r[j] - r[i]) for i, j in _pairs(r)]))
        middle, spread = rest(slope, curvature)
        if middle > 0 and spread <= best[1] / 2:
            best = (middle, spread, slope, curvature)
    middle, _, slope, curvature = best
    return middle, slope, curvature


def _pairs(r: Array) -> list[tuple[int, int]]:
    return [(i, j) for i, j in combinations(range(len(r)), 2) if r[i] != r[j]]


def _median_curvature(r: Array, y: Array) -> float:
    """Median over all triples of levels of the second divided difference."""
    found = []
    for i, j, k in combinations(range(len(r)), 3):
        first, second = (y[j] - y[i]) / (r[j] - r[i]), (y[k] - y[j]) / (r[k] - r[j])
        found.append((second - first) / (r[k] - r[i]))
    return float(np.median(found))
