"""The cone beam of a radiograph, and how a patient stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.raster import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PIXEL_MM, CANVAS = 0.9, 320
"""The usual pixel in the plane through the middle of the patient, and rows and columns of what is drawn."""


@dataclass(frozen=True, slots=True)
class Beam:
    """A cone beam and how the patient stands in it.

    ``aim`` is the place (plane mm) that the perpendicular ray meets, ``aim_pixel`` where (column, row); ``pitch_mm`` a
    pixel in the plane through the middle of the patient, ``distance_mm`` from there to the source; ``lean`` how far a
    place moves (x, y) per millimetre to its left as the patient is rotated and tilted. ``fan`` spreads sideways only.
    """

    aim: Array
    aim_pixel: Array
    pitch_mm: float
    distance_mm: float
    lean: Array

    @classmethod
    def drawn(cls, rng: np.random.Generator, centre: Array) -> Beam:
        """Around a place of the patient, the aim near it or far off."""
        aim = rng.normal(0, (25, 55))
        pitch = PIXEL_MM * float(np.exp(rng.normal(0, 0.12)))
        return cls(
            aim=centre + aim,
            aim_pixel=(CANVAS - 1) / 2 + aim / pitch,
            pitch_mm=pitch,
            distance_mm=float(rng.choice([800, 1000, 1300, 1600, 1e5])) + float(rng.uniform(-100, 100)),
            lean=np.tan(np.radians(rng.normal(0, (4.0, 2.5)))),
        )

    def grid(self, lateral_mm: float) -> Grid:
        """The pixels as they lie in a plane of the patient."""
        pitch = self.pitch_mm * (1 + lateral_mm / self.distance_mm)
        x0, y0 = self.aim + self.lean * lateral_mm - pitch * self.aim_pixel
        return Grid(float(x0), float(y0), pitch, CANVAS, CANVAS)

    def seen_at(self, points: Array, lateral_mm: Array | float) -> Array:
        """(Column, row) of places ``(..., 2)`` of the patient."""
        lateral = np.asarray(lateral_mm, float)[..., None]
        pitch = self.pitch_mm * (1 + lateral / self.distance_mm)
        return np.asarray((points - self.aim - self.lean * lateral) / pitch + self.aim_pixel)
