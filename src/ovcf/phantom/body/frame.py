"""Where things are: a vertebral body's own axes, the spine's course seen from the front, and the slice being drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid, Patch, fill, inset

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.shape import Body

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]

#: SPINEPS / TPTBox numbers of the vertebrae; 100 more is the disc below.
NUMBER = {level: i + 1 for i, level in enumerate(lv for lv in Level if lv is not Level.T13)} | {Level.T13: 28}
#: SPINEPS / TPTBox numbers of subregions.
ARCH, SPINOUS, ARTICULAR, BODY, CORD, CANAL, SACRUM, DISC = 41, 42, 45, 49, 60, 61, 26, 100
_ROUNDNESS = 2.6
"""Exponent of the superellipse that a body is from above."""
_CORNER, _FROM_PEDICLE = 0.12, 0.75
"""The back of a body is flat from pedicle to pedicle, so that a radiograph shows the mid-plane's (chosen); from
there, in half widths, it comes forwards round the corner to the side wall by this share of the depth."""
_TURN = np.linspace(0, 2 * np.pi, 24, endpoint=False)
CIRCLE = np.column_stack([np.cos(_TURN), np.sin(_TURN)])
"""Points on a circle of radius 1."""
_LAST = 0.985
"""Where the side wall ends, in half widths: beyond it a slice shows nothing of the body."""


def recess(r: Array | float) -> Array:
    """The share of its depth that a body still has at ``r`` (0 to 1) of its half width."""
    return np.asarray((1 - np.minimum(r, 1.0) ** _ROUNDNESS) ** (1 / _ROUNDNESS))


def _back(r: float) -> float:
    """How far the back lies in front of that of the mid-plane at ``r`` of the half width, a share of the depth."""
    return _CORNER * max(0.0, (r - _FROM_PEDICLE) / (1 - _FROM_PEDICLE)) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A body's own axes in the plane: centre, unit vectors to posterior and caudal, depth, height, half width (mm).

    ``waist`` is how much narrower it is at mid-height, a share of its half width. A place in it is (s, t): depth from
    anterior to posterior and height from cranial to caudal, each -0.5 to 0.5.
    """

    centre: Array
    posterior: Array
    caudal: Array
    depth: float
    height: float
    half_width: float
    waist: float = 0.0

    @classmethod
    def of(cls, body: Body, half_width: float, waist: float) -> Frame:
        """The frame of a body from its corners."""
        sa, sp, ia, ip = body.landmarks.array[:4]
        across = (sp + ip - sa - ia) / 2
        depth = float(np.linalg.norm(across))
        e = across / depth
        down = np.array([-e[1], e[0]])
        height = float(((ia + ip - sa - sp) / 2) @ down)
        return cls((sa + sp + ia + ip) / 4, e, down, depth, height, half_width, waist)

    def place(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Plane millimetres to (s, t)."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        return (
            (dx * self.posterior[0] + dy * self.posterior[1]) / self.depth,
            (dx * self.caudal[0] + dy * self.caudal[1]) / self.height,
        )

    def at(self, s: Array | float, t: Array | float) -> Array:
        """(s, t) to plane millimetres ``(..., 2)``."""
        s, t = np.asarray(s, float), np.asarray(t, float)
        along, down = self.depth * self.posterior, self.height * self.caudal
        return np.asarray(self.centre + s[..., None] * along + t[..., None] * down)

    def front_at(self, u_mm: float) -> float:
        """The s of the front at mid-height of what :meth:`cut` gives ``u_mm`` to the side."""
        r = min(abs(u_mm) / self.half_width / (1 - self.waist), _LAST)
        return float(0.5 - recess(r) - _back(abs(u_mm) / self.half_width))

    def cut(self, outline: Array, u_mm: float) -> Array | None:
        """An outline of the mid-plane as it is ``u_mm`` to the side, or None beyond the side wall."""
        r = abs(u_mm) / self.half_width
        if r >= _LAST:
            return None
        b = (outline - self.centre) @ self.caudal
        narrower = 1 - self.waist * np.clip(1 - (2 * b / self.height) ** 2, 0, None)
        share = recess(np.minimum(r / narrower, _LAST))
        a = (outline - self.centre) @ self.posterior - self.depth / 2
        # The waist is in front and at the sides; behind, the pedicle fills it.
        a = a * share + (0.5 - _back(r)) * self.depth
        b = b * (1 - 0.22 * max(0.0, (r - 0.75) / 0.25) ** 2)
        return np.asarray(self.centre + a[:, None] * self.posterior + b[:, None] * self.caudal)


class Curve:
    """The spine's course in the coronal plane: lateral shift (mm) and its slope at a height of the plane."""

    def __init__(self, cobb_deg: float, apex_y: float, length_mm: float = 260.0) -> None:
        self._k = np.pi / length_mm
        self._amplitude = np.tan(np.radians(cobb_deg) / 2) / self._k
        self._apex = apex_y

    def shift(self, y: Array | float) -> Array:
        """Lateral shift in mm, zero at the apex so that the middle slice cuts the vertebra there."""
        return np.asarray(self._amplitude * (np.cos(self._k * (np.asarray(y, float) - self._apex)) - 1))

    def slope(self, y: float) -> float:
        """Change of the shift per mm downwards."""
        return float(-self._amplitude * self._k * np.sin(self._k * (y - self._apex)))

    def beside(self, frame: Frame, lateral_mm: float) -> tuple[float, float]:
        """Lateral distance of a slice from a vertebra's mid-plane, and how far tilt moves the vertebra down there."""
        u = lateral_mm - float(self.shift(frame.centre[1]))
        return u, -u * self.slope(float(frame.centre[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """One sagittal slice being drawn, later over earlier; arrays ``(rows, columns)``.

    ``vertebra`` and ``part`` are the two label maps of SPINEPS / TPTBox.
    """

    grid: Grid
    tissue: Labels
    vertebra: Labels
    part: Labels

    def paint(
        self, outline: Array, tissue: Tissue, vertebra: int | None = None, part: int | None = None
    ) -> Patch | None:
        """Fill an outline; label maps change only where a number is given."""
        patch = fill(outline, self.grid)
        if patch is not None:
            for image, value in ((self.tissue, tissue), (self.vertebra, vertebra), (self.part, part)):
                if value is not None:
                    image[patch.rows, patch.columns][patch.mask] = value
        return patch

    def bone(
        self, outline: Array, vertebra: int, part: int, cortex_mm: float = 0.9, marrow: Tissue = Tissue.POSTERIOR_MARROW
    ) -> None:
        """Bone of the arch or the sacrum: marrow within a cortex."""
        self.paint(outline, Tissue.CORTEX, vertebra, part)
        self.paint(inset(outline, cortex_mm), marrow)


def rounded(corners: Array) -> Array:
    """A polygon with its corners cut three times (Chaikin), finely enough to be inset."""
    points = corners
    for _ in range(3):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)
    return points
