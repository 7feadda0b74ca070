"""Outlines to pixels: which pixel centres lie inside, exactly and fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """Pixels of a sagittal slice: centre of pixel (0, 0) in plane mm, pixel size, rows and columns."""

    x0: float
    y0: float
    pixel_mm: float
    rows: int
    columns: int

    @property
    def x(self) -> Array:
        """Plane x of the columns."""
        return np.asarray(self.x0 + self.pixel_mm * np.arange(self.columns))

    @property
    def y(self) -> Array:
        """Plane y of the rows."""
        return np.asarray(self.y0 + self.pixel_mm * np.arange(self.rows))

    def moved(self, dx: float, dy: float) -> Grid:
        """The same grid elsewhere, mm."""
        return Grid(self.x0 + dx, self.y0 + dy, self.pixel_mm, self.rows, self.columns)


class Patch(NamedTuple):
    """A mask and where it lies in the grid."""

    rows: slice
    columns: slice
    mask: Mask


def _crossings(polygon: Array, grid: Grid) -> tuple[NDArray[np.intp], Array]:
    """Row index and x of every crossing of the outline with a pixel row."""
    x, y = polygon[:, 0], (polygon[:, 1] - grid.y0) / grid.pixel_mm
    x_next, y_next = np.concatenate((x[1:], x[:1])), np.concatenate((y[1:], y[:1]))
    first = _within(np.ceil(np.minimum(y, y_next)), grid.rows)
    count = _within(np.ceil(np.maximum(y, y_next)), grid.rows) - first
    edge = np.arange(len(x)).repeat(count)
    row = np.arange(len(edge)) + (first - count.cumsum() + count)[edge]
    share = (row - y[edge]) / (y_next[edge] - y[edge])
    return row, x[edge] + share * (x_next[edge] - x[edge])


def _within(values: Array, most: int) -> NDArray[np.intp]:
    """Whole numbers from 0 to ``most``: ``np.clip`` takes longer for a few numbers than all else that is done here."""
    return np.minimum(np.maximum(values, 0), most).astype(int)


def fill(polygon: Array, grid: Grid) -> Patch | None:
    """Pixels whose centre lies inside a closed outline ``(n, 2)`` (even-odd rule); None where there are none."""
    row, x = _crossings(polygon, grid)
    if not len(row):
        return None
    column = _within(np.ceil((x - grid.x0) / grid.pixel_mm), grid.columns)
    top, bottom, left, right = int(row.min()), int(row.max()) + 1, int(column.min()), int(column.max())
    if left >= right:
        return None
    toggles = np.bincount(
        (row - top) * (right - left + 1) + column - left, minlength=(bottom - top) * (right - left + 1)
    )
    inside = (toggles.reshape(bottom - top, -1).cumsum(axis=1)[:, :-1] & 1).astype(bool)
    return Patch(slice(top, bottom), slice(left, right), inside)


def intervals(polygon: Array, grid: Grid) -> tuple[Array, Array]:
    """Least and greatest x of an outline at every pixel row; NaN where it is not crossed."""
    row, x = _crossings(polygon, grid)
    low, high = np.full(grid.rows, np.inf), np.full(grid.rows, -np.inf)
    np.minimum.at(low, row, x)
    np.maximum.at(high, row, x)
    none = low > high
    low[none] = high[none] = np.nan
    return low, high


def inset(outline: Array, mm: float) -> Array:
    """A positively oriented outline moved inwards by ``mm`` (outwards if negative); for fine, smooth outlines."""
    around = np.concatenate([outline[-3:], outline, outline[:3]])
    tangent = around[6:] - around[:-6]
    tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=1), 1e-9)[:, None]
    return np.asarray(outline + mm * np.stack([-tangent[:, 1], tangent[:, 0]], axis=1))
