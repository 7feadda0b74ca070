"""The pictures of a report: annotated images, drawn landmarks, and how probable each total of a score is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.report.spine_drawing import (
    Window,
    bounds,
    draw_heights,
    draw_kyphosis,
    draw_orientation,
    draw_scale,
    draw_vertebrae,
)
from ovcf.report.svg import BLUE, GREEN, PURPLE, SKY, VERMILLION, WHITE, Drawing
from ovcf.report.wording import points, share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks
    from ovcf.scores.result import ScoreResult

    Array = NDArray[np.float64]

_HEIGHT = 900.0
_GROUND, _BONE, _INK, _FAINT = "#1C2026", "#39424E", "#222222", "#D9DDE2"
_OVERLAYS = (VERMILLION, GREEN, PURPLE, BLUE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as self-contained SVG with its words as plain text; ``share`` is its part of the line's width.

    ``place`` says where the report shows it: ``front`` are the panels of page one in reading order, ``question``
    belongs to a question at the top of the report.
    """

    title: str
    caption: str
    svg: str
    share: float = 0.92
    place: Literal["front", "detail", "question", "appendix"] = "detail"

    @property
    def asks(self) -> bool:
        """Whether it belongs to a question at the top of the report."""
        return self.place == "question"


def image_figure(
    pixels: ArrayLike,
    origin: tuple[float, float],
    spacing: tuple[float, float],
    *,
    landmarks: SpineLandmarks | None = None,
    index_level: Level | None = None,
    outlines: Sequence[ArrayLike] = (),
    overlays: Mapping[str, NDArray[np.bool_]] | None = None,
    calibrated: bool = True,
    title: str = "",
    caption: str = "",
) -> Figure:
    """An image with its landmarks; the index vertebra and its neighbours also enlarged, with heights and angle.

    ``pixels`` is ``(rows cranial to caudal, columns anterior to posterior)``; the centre of pixel [0, 0] lies at
    ``origin`` (x, y) of the plane frame and pixels are ``spacing`` (row, column) apart, in the unit of ``landmarks``
    (``calibrated`` False: pixels). ``outlines`` are ``(n, 2)`` plane polygons; ``overlays`` name masks of the shape
    of ``pixels`` and are drawn as translucent colours with a legend.
    """
    image = Pixels(np.asarray(pixels, float), origin, spacing)
    masks = [
        Pixels(np.asarray(mask, float), origin, spacing, colour)
        for mask, colour in zip((overlays or {}).values(), _OVERLAYS, strict=False)
    ]
    drawing, windows = _layout(landmarks, index_level, image.extent)
    for window in windows:
        drawing.clip(*window.corner, *window.size)
        image.draw(drawing, window)
        for mask in masks:
            mask.draw(drawing, window)
        for outline in outlines:
            drawing.line(window.place(outline), SKY, 1.5, closed=True, halo=False)
        drawing.unclip()
        _annotate(drawing, window, landmarks, index_level, closer=window is not windows[0], scale=calibrated)
    for row, (name, colour) in enumerate(zip(overlays or {}, _OVERLAYS, strict=False)):
        x, y = windows[-1].corner[0] + 18, 24.0 + 30 * row
        drawing.rect(x, y, 18, 18, fill=colour, stroke=WHITE)
        drawing.text(x + 27, y + 16, name, size=18)
    return Figure(title, caption, str(drawing))


def landmark_figure(
    spine: SpineLandmarks, index_level: Level | None = None, *, title: str = "", caption: str = ""
) -> Figure:
    """Landmarks without their image, drawn as bodies on a neutral ground."""
    drawing, windows = _layout(spine, index_level, None)
    calibrated = all(v.source.calibrated for v in spine)
    for window in windows:
        drawing.rect(*window.corner, *window.size, fill=_GROUND)
        _annotate(drawing, window, spine, index_level, closer=window is not windows[0], scale=calibrated, fill=_BONE)
    return Figure(title, caption, str(drawing))


def probability_figure(result: ScoreResult, *, caption: str = "") -> Figure:
    """How probable each total and each group is under the measurement uncertainty, as bars."""
    totals = [(points(total), p, points(total) == _maybe(result.total)) for total, p in result.total_probability]
    groups = [(name, p, name == result.group) for name, p in result.group_probability]
    drawing = Drawing(900, 300)
    for left, width, heading, bars in ((40, 500, "Total", totals), (600, 260, "Group", groups)):
        if bars:
            _bars(drawing, left, width, heading, bars)
    return Figure(f"{result.score}: probability under the measurement uncertainty", caption, str(drawing), 0.6)


def _maybe(total: float | None) -> str:
    return "" if total is None else points(total)


def _bars(drawing: Drawing, left: float, width: float, heading: str, bars: list[tuple[str, float, bool]]) -> None:
    base, tallest = 250.0, 175.0
    step = width / len(bars)
    drawing.text(left, 26, heading, size=20, colour=_INK, bold=True, halo=False)
    drawing.line([[left, base], [left + width, base]], _INK, 1.2, halo=False)
    for i, (name, probability, chosen) in enumerate(bars):
        x = left + (i + 0.5) * step
        height = tallest * probability
        thick = min(0.62 * step, 64)
        drawing.rect(x - thick / 2, base - height, thick, height, fill=BLUE if chosen else "#A9BACB")
        drawing.text(x, base - height - 8, share(probability), size=17, colour=_INK, anchor="middle", halo=False)
        drawing.text(x, base + 24, name, size=18, colour=_INK, anchor="middle", bold=chosen, halo=False)


def _layout(
    spine: SpineLandmarks | None, index: Level | None, extent: Array | None
) -> tuple[Drawing, tuple[Window, ...]]:
    """The drawing and its windows: the whole spine, then (where the index vertebra is known) its neighbourhood."""
    vertebrae = () if spine is None else spine.vertebrae
    if not vertebrae:
        whole = extent if extent is not None else np.array([[0.0, 0.0], [1.0, 1.0]])
        return side_by_side([whole])
    if spine is None or index is None or index not in spine:
        around = bounds(vertebrae, 1.2, 1.2, 0.4)
        return side_by_side([around if extent is None else _union(around, extent)])
    overview = bounds(vertebrae, 0.6, 0.6, 0.35)
    if extent is not None:  # the image from end to end, so that levels can be counted
        overview[:, 1] = _union(overview, extent)[:, 1]
    near = [spine.get(level) for level in (spine.column.above(index), index, spine.column.below(index))]
    closer = bounds([v for v in near if v is not None], 0.7, 1.4, 0.2)
    return side_by_side([overview, closer])


def _union(a: Array, b: Array) -> Array:
    return np.array([np.minimum(a[0], b[0]), np.maximum(a[1], b[1])])


def side_by_side(parts: list[Array]) -> tuple[Drawing, tuple[Window, ...]]:
    """Windows of equal height next to each other; a part too wide for its place is given more room above and below."""
    gap, left, windows = 14.0, 0.0, []
    widest = (0.42, 1.1) if len(parts) > 1 else (1.5,)
    for ((x0, y0), (x1, y1)), most in zip(parts, widest, strict=True):
        height = max(y1 - y0, (x1 - x0) / most)
        top = (y0 + y1 - height) / 2
        windows.append(Window((float(x0), float(top)), (float(x1), float(top + height)), _HEIGHT / height, (left, 0.0)))
        left += windows[-1].size[0] + gap
    return Drawing(left - gap, _HEIGHT), tuple(windows)


def _annotate(
    drawing: Drawing, window: Window, spine: SpineLandmarks | None, index: Level | None, *, closer: bool, scale: bool,
    fill: str = "none",
) -> None:  # fmt: skip
    """Letters and scale, the landmarks, and in the closer window what was measured."""
    draw_orientation(drawing, window)
    if scale:
        draw_scale(drawing, window)
    if spine is None:
        return
    draw_vertebrae(drawing, window, spine, index, fill=fill)
    if closer and index is not None:
        draw_kyphosis(drawing, window, spine, index)
        draw_heights(drawing, window, spine, index)


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """Pixels in the plane; with a ``colour`` they are a mask, else grey values."""

    values: Array
    origin: tuple[float, float]
    spacing: tuple[float, float]
    colour: str = ""

    @property
    def extent(self) -> Array:
        """Outer borders of the first and last pixel, ``[[x0, y0], [x1, y1]]``."""
        size = np.asarray(self.spacing[::-1])
        low = np.asarray(self.origin) - size / 2
        return np.array([low, low + size * self.values.shape[::-1]])

    def draw(self, drawing: Drawing, window: Window) -> None:
        """The part that the window shows, resampled to drawing units so that every viewer shows it alike."""
        size = np.asarray(self.spacing[::-1])
        first = np.floor((np.asarray(window.low) - self.extent[0]) / size).astype(int)
        last = np.ceil((np.asarray(window.high) - self.extent[0]) / size).astype(int)
        (c0, r0), (c1, r1) = np.maximum(first, 0), np.minimum(last, self.values.shape[::-1])
        if not self.colour:
            drawing.rect(*window.corner, *window.size, fill="#000000")
        if c0 >= c1 or r0 >= r1:
            return
        x, y = window.place(self.extent[0] + size * [c0, r0])
        width, height = size * [c1 - c0, r1 - r0] * window.scale
        shown = self._mask(r0, r1, c0, c1) if self.colour else self._grey(r0, r1, c0, c1, width, height)
        drawing.image(shown, float(x), float(y), float(width), float(height))

    def _grey(self, r0: int, r1: int, c0: int, c1: int, width: float, height: float) -> NDArray[np.uint8]:
        from PIL import Image

        part = self.values[r0:r1, c0:c1]
        finite = part[np.isfinite(part)]
        dark, bright = np.percentile(finite[:: max(1, finite.size // 200_000)], [1, 99]) if finite.size else (0, 1)
        part = np.nan_to_num(part, nan=dark, posinf=bright, neginf=dark)
        grey = (255 * np.clip((part - dark) / max(bright - dark, 1e-12), 0, 1)).round().astype(np.uint8)
        resized = Image.fromarray(grey).resize((max(1, round(width)), max(1, round(height))), Image.Resampling.BICUBIC)
        return np.asarray(resized)

    def _mask(self, r0: int, r1: int, c0: int, c1: int) -> NDArray[np.uint8]:
        rgba = np.zeros((r1 - r0, c1 - c0, 4), np.uint8)
        rgba[self.values[r0:r1, c0:c1] > 0] = [*bytes.fromhex(self.colour[1:]), 130]
        # Blown up without smoothing, so that every viewer shows the very pixels that were counted.
        factor = max(1, 600 // max(rgba.shape[:2]))
        return np.repeat(np.repeat(rgba, factor, axis=0), factor, axis=1)
