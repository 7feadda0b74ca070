"""The part of a picture that a panel shows, and how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.report.figures.bodies import near, width_of
from ovcf.report.figures.lettering import TEXT, TEXT_SMALL, letter_room, name_room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.report.figures.bodies import Body

    Array = NDArray[np.float64]

PORTRAIT = (480.0, 600.0)
"""Size of a panel's picture in drawing units: three stand side by side on page one."""
COLUMN = (330.0, 600.0)
"""Size of a picture that shows a whole spine."""
_FEWEST, _MOST = 2.4, 4.5
"""Body widths across a panel: fewer leave no room in front and behind, more make the body small."""
_CANAL = 0.75
"""Depth of the canal at most, in body widths: behind it one letter must find room somewhere."""
_ENDS = 0.08
"""Room above and below what must be seen, in body widths."""


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

    def shows(self, point: ArrayLike) -> bool:
        """Whether a plane point lies inside."""
        p = np.asarray(point, float)
        return bool(np.all((p > self.low) & (p < self.high)))


def around(centre: ArrayLike, width: float, size: tuple[float, float], corner: tuple[float, float] = (0, 0)) -> Window:
    """A window of ``size`` drawing units around a plane point, ``width`` plane units wide."""
    x, y = np.asarray(centre, float).tolist()
    half_x, half_y = width / 2, width / 2 * size[1] / size[0]
    return Window((x - half_x, y - half_y), (x + half_x, y + half_y), size[0] / width, corner)


def widths_across(bodies: Sequence[Body], index: Level, size: tuple[float, float]) -> float:
    """Body widths that a panel of ``size`` centred on ``index`` must show to hold both neighbours and their labels."""
    shown = near(bodies, index)
    unit = width_of(shown)
    centre = next(b.centre for b in shown if b.level == index)
    points = np.concatenate([b.outline for b in shown])
    tall = 2 * float(np.abs(points[:, 1] - centre[1]).max()) / unit + 2 * _ENDS
    forward = max(
        float(centre[0] - b.outline[:, 0].min()) / unit / (0.5 - name_room(b.measured, TEXT) / size[0]) for b in shown
    )
    behind = min(float(b.outline[:, 0].max() - centre[0]) / unit for b in shown) + _CANAL
    backward = behind / (0.5 - letter_room() / size[0])
    return float(np.clip(max(tall * size[0] / size[1], forward, backward), _FEWEST, _MOST))


def within(window: Window, extent: Array) -> Window:
    """The window moved up or down, so that it shows as little as possible of what lies beyond the image's ends."""
    (_, top), (_, bottom) = np.asarray(extent, float).tolist()
    (x0, y0), (x1, y1) = window.low, window.high
    shift = max(top - y0, 0.0) + min(bottom - y1, 0.0) if bottom - top >= y1 - y0 else 0.0
    return Window((x0, y0 + shift), (x1, y1 + shift), window.scale, window.corner)


def on_index(
    bodies: Sequence[Body], index: Level, widths: float, size: tuple[float, float], corner: tuple[float, float] = (0, 0)
) -> Window:
    """The window with the index vertebra in its middle, ``widths`` body widths wide."""
    shown = near(bodies, index)
    centre = next(b.centre for b in shown if b.level == index)
    return around(centre, widths * width_of(shown), size, corner)


def on_all(bodies: Sequence[Body], extent: Array | None, size: tuple[float, float], text: float = TEXT_SMALL) -> Window:
    """The window that shows every body with room in front for names of this size of ``text``.

    With an ``extent`` (2, 2) of the image it ends where the image ends; without bodies it shows all of it.
    """
    if bodies:
        room = name_room(all(b.measured for b in bodies), text) / size[0]
        points = np.concatenate([b.outline for b in bodies])
        unit = width_of(bodies)
        low = points.min(axis=0) - unit * np.array([0.05, 0.3])
        high = points.max(axis=0) + unit * np.array([1.1, 0.3])
        if extent is not None:  # the image from end to end, so that levels can be counted
            low[1], high[1] = (
                float(f(v, e)) for f, v, e in zip((max, min), (low[1], high[1]), extent[:, 1], strict=True)
            )
        width = max((high[0] - low[0]) / (1 - room), (high[1] - low[1]) * size[0] / size[1])
        in_front = max(room * width, 0.5 * (width - (high[0] - low[0])))
        return around([low[0] - in_front + width / 2, (low[1] + high[1]) / 2], width, size)
    whole = np.array([[0.0, 0.0], [1.0, 1.0]]) if extent is None else np.asarray(extent, float)
    wide, tall = whole[1] - whole[0]
    return around(whole.mean(axis=0), max(float(wide), float(tall) * size[0] / size[1]), size)
