"""Landmarks drawn as a reader checks them: names, corners, heights a and b, and the lines of the kyphosis angle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import NeighbourError
from ovcf.geometry import unit_vector
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.report.svg import ORANGE, SKY, WHITE, YELLOW, Drawing
from ovcf.report.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks

    Array = NDArray[np.float64]

_TEXT = 23
_TICK = np.array([[-6.0, 0.0], [6.0, 0.0]])


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the plane, ``low`` to ``high`` (x, y), shown ``scale`` times larger at ``corner`` of the drawing."""

    low: tuple[float, float]
    high: tuple[float, float]
    scale: float
    corner: tuple[float, float] = (0.0, 0.0)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in drawing units."""
        return (self.high[0] - self.low[0]) * self.scale, (self.high[1] - self.low[1]) * self.scale

    def place(self, points: ArrayLike) -> Array:
        """Plane points ``(..., 2)`` in drawing units."""
        return np.asarray((np.asarray(points, float) - self.low) * self.scale + self.corner)


def bounds(vertebrae: Sequence[VertebraLandmarks], before: float, behind: float, ends: float) -> Array:
    """``[[x0, y0], [x1, y1]]`` around vertebrae; margins in widths of an endplate."""
    points = np.concatenate([v.array for v in vertebrae])
    width = float(np.median([np.linalg.norm(v.array[1] - v.array[0]) for v in vertebrae]))
    return np.array(
        [points.min(axis=0) - np.array([before, ends]) * width, points.max(axis=0) + np.array([behind, ends]) * width]
    )


def draw_vertebrae(drawing: Drawing, window: Window, spine: SpineLandmarks, index: Level | None, *, fill: str) -> None:
    """Every body that the window shows: outline, corners, name; the index vertebra stands out. ``fill`` may be none."""
    for vertebra in spine:
        points = window.place(vertebra.array)
        centre = points[:4].mean(axis=0)
        if not np.all((centre > window.corner) & (centre < np.add(window.corner, window.size))):
            continue
        marked = vertebra.level == index
        colour = ORANGE if marked else SKY
        outline = points[[0, 4, 1, 3, 5, 2]] if vertebra.has_middle else points[[0, 1, 3, 2]]
        if fill != "none":
            drawing.polygon(outline, fill, "none")
        drawing.line(outline, colour, 3.5 if marked else 2, closed=True)
        drawing.dots(points, colour, 4.5 if marked else 3)
        reason = spine.why_unusable(vertebra.level)
        name = vertebra.level.value + ("" if reason is None or marked else " ×")
        drawing.text(
            centre[0], centre[1] + 8, name, size=_TEXT + 3 * marked, colour=WHITE, anchor="middle", bold=marked
        )


def draw_heights(drawing: Drawing, window: Window, spine: SpineLandmarks, index: Level) -> None:
    """Anterior and posterior height of the index vertebra (a, b) and the names of those of its neighbours (c to f)."""
    fractured = spine[index]
    unit = fractured.source.length_unit
    points = window.place(fractured.array)
    for name, height, (top, bottom), side in (
        ("a", anterior_height, (0, 2), -1),
        ("b", posterior_height, (1, 3), +1),
    ):
        wall = points[[top, bottom]] + [side * 14, 0]
        drawing.line(wall, WHITE, 2)
        for end in wall:
            drawing.line(end + _TICK, WHITE, 2)
        x, y = wall.mean(axis=0)
        words = f"{name} {quantity(float(height(fractured.array)), unit)}"
        drawing.text(x + side * 12, y + 7, words, size=_TEXT, anchor="start" if side > 0 else "end", bold=True)
    for level, names in ((spine.column.above(index), "cd"), (spine.column.below(index), "ef")):
        vertebra = spine.get(level)
        if vertebra is None:
            continue
        p = window.place(vertebra.array)
        for name, (top, bottom), side in ((names[0], (0, 2), -1), (names[1], (1, 3), +1)):
            x, y = p[[top, bottom]].mean(axis=0)
            drawing.text(x + side * 18, y + 7, name, size=_TEXT - 2, anchor="middle")


def draw_kyphosis(drawing: Drawing, window: Window, spine: SpineLandmarks, index: Level) -> None:
    """HAN's angle: both endplates drawn on, perpendiculars that meet behind the spine, the angle where they cross.

    Nothing is drawn where a neighbour cannot serve as a reference.
    """
    try:
        angle = local_kyphosis_angle(spine, index)
        cranial, caudal = (window.place(v.array) for v in spine.neighbours(index))
    except NeighbourError:
        return
    endplates = cranial[2:4], caudal[0:2]
    everything = np.concatenate([cranial, caudal, window.place(spine[index].array)])
    width = float(np.linalg.norm(endplates[0][1] - endplates[0][0]))
    meet = np.array([everything[:, 0].max() + 0.62 * width, np.concatenate(endplates)[:, 1].mean()])
    feet = []
    for anterior, posterior in endplates:
        along = unit_vector(posterior - anterior)
        foot = anterior + along * float((meet - anterior) @ along)
        drawing.line([anterior, foot + 14 * along], YELLOW, 2.5)
        feet.append(foot)
    from_above, to_below = unit_vector(meet - feet[0]), unit_vector(feet[1] - meet)
    reach = min(0.45 * width, 0.9 * float(np.linalg.norm(feet[1] - meet)))
    drawing.line([feet[0], meet + (reach + 14) * from_above], YELLOW, 1.8, dash="7 5")
    drawing.line([meet, feet[1]], YELLOW, 1.8, dash="7 5")
    start, end = (float(np.arctan2(d[1], d[0])) for d in (from_above, to_below))
    turn = (end - start + np.pi) % (2 * np.pi) - np.pi
    t = start + turn * np.linspace(0, 1, 24)
    drawing.line(meet + reach * np.stack([np.cos(t), np.sin(t)], axis=1), YELLOW, 2.5)
    x, y = float(meet[0]) + 18, float(meet[1]) + 7
    drawing.text(x, y, f"KA {quantity(angle.value, angle.unit)}", size=_TEXT + 1, colour=YELLOW, bold=True)


def draw_orientation(drawing: Drawing, window: Window) -> None:
    """Anterior, posterior, head and foot at the borders of the window."""
    (x, y), (w, h) = window.corner, window.size
    for letter, dx, dy in (("A", 16, h / 2), ("P", w - 16, h / 2), ("H", w / 2, 26), ("F", w / 2, h - 12)):
        drawing.text(x + dx, y + dy, letter, size=_TEXT - 2, anchor="middle")


def draw_scale(drawing: Drawing, window: Window) -> None:
    """A bar of 10 mm in the lower left corner; the window must be in millimetres."""
    (x, y), (_, h) = window.corner, window.size
    left, base = x + 18, y + h - 20
    bar = np.array([[left, base], [left + 10 * window.scale, base]])
    drawing.line(bar, WHITE, 3)
    drawing.text(left, base - 9, "10 mm", size=_TEXT - 4)
