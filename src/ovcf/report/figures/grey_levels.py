"""The pixels of a view as grey levels, cut and enlarged to a window of the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.report.figures import tones
from ovcf.report.figures.bodies import near, width_of
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.report.figures.bodies import Body
    from ovcf.report.figures.window import Window
    from ovcf.workflow.slice_view import View

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

SHARPNESS = 1.25
"""Pixels of a picture per drawing unit: 250 to the inch, printed at 60 mm a panel."""
_IN_FRONT, _BEHIND = 0.05, 0.45
"""How far the strip of the spine reaches beyond the bodies on a radiograph, in body widths: lung lies in front."""
_INNER = 0.6
"""Share of a body's outline, about its centre, that stands for its marrow."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Where pixels lie: the centre of pixel [0, 0] at ``origin`` (x, y), ``spacing`` (row, column), ``shape``."""

    origin: tuple[float, float]
    spacing: tuple[float, float]
    shape: tuple[int, int]

    @property
    def extent(self) -> Array:
        """Outer borders of the first and last pixel, ``[[x0, y0], [x1, y1]]``."""
        size = np.asarray(self.spacing[::-1], float)
        low = np.asarray(self.origin, float) - size / 2
        return np.array([low, low + size * self.shape[::-1]])

    def to_pixels(self, points: Array) -> Array:
        """Plane points ``(..., 2)`` as (column, row) with the borders of a pixel at whole numbers."""
        return np.asarray((np.asarray(points, float) - self.extent[0]) / self.spacing[::-1])

    def inside(self, polygons: Iterable[Array]) -> Mask:
        """The pixels whose centre lies in one of the plane ``polygons`` ``(n, 2)``."""
        return filled([self.to_pixels(p) - 0.5 for p in polygons], self.shape)


def grid_of(view: View) -> Grid:
    """The grid of a view's pixels."""
    rows, columns = view.pixels.shape
    return Grid(view.origin, view.spacing, (rows, columns))


def filled(polygons: Iterable[Array], shape: tuple[int, int]) -> Mask:
    """A mask of ``shape`` (rows, columns) in which polygons of (column, row) points are filled."""
    from PIL import Image, ImageDraw

    picture = Image.new("1", shape[::-1])
    pen = ImageDraw.Draw(picture)
    for polygon in polygons:
        pen.polygon([(float(x), float(y)) for x, y in polygon], fill=1)
    return np.array(picture, bool)


def grey_of(view: View, window: Window, bodies: Sequence[Body], index: Level | None) -> Array:
    """The grey levels, 0 to 1, of all pixels of a view, chosen for what the window shows of it."""
    grid = grid_of(view)
    if view.modality in (Modality.RADIOGRAPH, Modality.DXA):
        reach = width_of(bodies) / view.spacing[1] if bodies else max(grid.shape) / 10
        return tones.radiograph(view.pixels, spine_strip(view, window, bodies), reach)
    return tones.of_role(view.role, view.pixels, _shown(grid, window), _marrow(view, grid, bodies, index))


def spine_strip(view: View, window: Window, bodies: Sequence[Body]) -> Mask:
    """The pixels of a radiograph along the spine that a window shows; all of them where no body was found.

    Letters of lead that lie on it are left out: they are brighter than anything in the bodies.
    """
    grid = grid_of(view)
    shown = _shown(grid, window)
    strip = grid.inside([_strip(bodies)]) & shown if bodies else shown
    bone = view.pixels[grid.inside([b.outline for b in bodies]) & shown]
    bone = bone[np.isfinite(bone)]
    if bone.size:
        low, high = np.percentile(bone, [1, 99.9])
        strip &= np.nan_to_num(view.pixels) <= high + 0.1 * (high - low)
    return strip


def _shown(grid: Grid, window: Window) -> Mask:
    (c0, r0), (c1, r1) = grid.to_pixels(np.array([window.low, window.high]))
    rows, columns = np.arange(grid.shape[0]) + 0.5, np.arange(grid.shape[1]) + 0.5
    return np.asarray(((rows > r0) & (rows < r1))[:, None] & ((columns > c0) & (columns < c1))[None])


def _strip(bodies: Sequence[Body]) -> Array:
    """The outline ``(n, 2)`` of a band along the spine, from just in front of the bodies to behind the canal."""
    unit = width_of(bodies)
    front = np.concatenate([b.corners[[0, 2]] for b in bodies]) - np.array([_IN_FRONT * unit, 0.0])
    back = np.concatenate([b.corners[[1, 3]] for b in bodies]) + np.array([_BEHIND * unit, 0.0])
    return np.concatenate([front, back[::-1]])


def _marrow(view: View, grid: Grid, bodies: Sequence[Body], index: Level | None) -> float | None:
    """The median signal of the sound bodies: the neighbours of the index vertebra, else all others, else itself."""
    others = [b for b in bodies if b.level != index]
    beside = [b for b in near(bodies, index) if b in others and b.measured] if index is not None else []
    sound = beside or [b for b in others if b.measured] or others or bodies
    inner = [b.centre + _INNER * (b.outline - b.centre) for b in sound]
    values = view.pixels[grid.inside(inner)] if inner else np.zeros(0)
    values = values[np.isfinite(values) & (values != 0)]
    return float(np.median(values)) if values.size else None


def picture(grey: Array, grid: Grid, window: Window) -> NDArray[np.uint8]:
    """Grey levels resampled to the window, ``SHARPNESS`` pixels per unit; black beyond the image's border."""
    from PIL import Image

    size = max(1, round(window.size[0] * SHARPNESS)), max(1, round(window.size[1] * SHARPNESS))
    part, box = _within(grey, grid, window)
    resized = Image.fromarray(part.astype(np.float32)).resize(size, Image.Resampling.BICUBIC, box=box)
    return np.asarray((255 * np.clip(np.asarray(resized), 0, 1)).round(), np.uint8)


def mask_in(mask: Mask, grid: Grid, window: Window) -> Mask:
    """A mask on the pixels of a view as one on the whole units of the window."""
    from PIL import Image

    size = max(1, round(window.size[0])), max(1, round(window.size[1]))
    part, box = _within(mask, grid, window)
    resized = Image.fromarray(part.astype(np.float32)).resize(size, Image.Resampling.NEAREST, box=box)
    return np.asarray(np.asarray(resized) > 0.5)


def _within(values: NDArray[np.generic], grid: Grid, window: Window) -> tuple[Array, tuple[float, float, float, float]]:
    """The pixels that a window touches, with zeros where it leaves the image, and the window in their pixels."""
    (c0, r0), (c1, r1) = grid.to_pixels(np.array([window.low, window.high]))
    first = np.floor([r0, c0]).astype(int) - 2
    last = np.ceil([r1, c1]).astype(int) + 2
    part = np.zeros(np.maximum(last - first, 1))
    low, high = np.maximum(first, 0), np.minimum(last, grid.shape)
    if (low < high).all():
        there = tuple(slice(a, b) for a, b in zip(low - first, high - first, strict=True))
        part[there] = values[low[0] : high[0], low[1] : high[1]]
    return part, (float(c0 - first[1]), float(r0 - first[0]), float(c1 - first[1]), float(r1 - first[0]))
