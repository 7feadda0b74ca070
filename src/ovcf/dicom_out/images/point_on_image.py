"""Where a point of a landmark set lies on a stored image, and back.

Image coordinates are those of SCOORD (PS3.3 C.18.6): (column, row), 0 at the outer corner of the first pixel, so that
its centre is at 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ovcf.landmarks import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane

    Array = NDArray[np.float64]

_CENTRE = 0.5
"""Of the first pixel, in image coordinates."""


@dataclass(frozen=True, slots=True)
class OnImage:
    """Points on one stored image: its instance UID, the number of the frame (from 1; None where there is but one).

    ``points`` are ``(n, 2)`` image coordinates; ``distance_mm`` is how far the farthest of them lies from the slice,
    along its normal; 0 on a radiograph.
    """

    instance: str
    frame: int | None
    points: tuple[Point, ...]
    distance_mm: float = 0.0


class Place(Protocol):
    """The images of one landmark set."""

    def onto(self, points: Sequence[Point]) -> OnImage:
        """Points of the set's frame on the image that lies nearest to all of them."""

    def back(self, on: OnImage) -> tuple[Point, ...] | None:
        """The same points in the set's frame; None where the image is none of the set."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One slice: ``corner`` is the centre of its first pixel, ``axes`` ``(3, 2)`` the steps to a column and a row."""

    instance: str
    number: int | None
    corner: Array
    axes: Array

    @property
    def normal(self) -> Array:
        """Unit normal."""
        n = np.cross(self.axes[:, 0], self.axes[:, 1])
        return np.asarray(n / np.linalg.norm(n))


@dataclass(frozen=True, slots=True, eq=False)
class OnSlices:
    """Slices of a stack, and the plane that the landmarks lie in."""

    plane: SagittalPlane
    frames: tuple[Frame, ...]

    def onto(self, points: Sequence[Point]) -> OnImage:
        """Points are moved onto the slice along its normal."""
        where = self.plane.to_patient(np.asarray(points, float))
        off = [(where - f.corner) @ f.normal for f in self.frames]
        best = int(np.argmin([np.abs(distances).max() for distances in off]))
        frame, distances = self.frames[best], off[best]
        pixels = (where - frame.corner) @ np.linalg.pinv(frame.axes).T + _CENTRE
        farthest = float(distances[int(np.argmax(np.abs(distances)))])
        return OnImage(frame.instance, frame.number, _points(pixels), farthest)

    def back(self, on: OnImage) -> tuple[Point, ...] | None:
        """Points are moved from the slice into the plane along the slice's normal: the inverse of `onto`."""
        frame = next((f for f in self.frames if f.instance == on.instance and (f.number or 1) == (on.frame or 1)), None)
        if frame is None:
            return None
        where = frame.corner + (np.asarray(on.points, float) - _CENTRE) @ frame.axes.T
        along = self.plane.normal @ frame.normal
        to_plane = (np.asarray(self.plane.origin) - where) @ self.plane.normal / along
        return _points(self.plane.from_patient(where + to_plane[:, None] * frame.normal))


@dataclass(frozen=True, slots=True, eq=False)
class OnFilm:
    """A radiograph. ``spacing`` is (row, column) in the unit of the points, of the film as it was read.

    ``turn`` ``(3, 3)`` takes (column, row, 1) of the film as it was read to that of the stored one, pixel centres at
    whole numbers.
    """

    instance: str
    spacing: tuple[float, float]
    turn: Array

    def onto(self, points: Sequence[Point]) -> OnImage:
        """Points on the stored film."""
        p = np.asarray(points, float) / (self.spacing[1], self.spacing[0])
        return OnImage(self.instance, None, _points(p @ self.turn[:2, :2].T + self.turn[:2, 2] + _CENTRE))

    def back(self, on: OnImage) -> tuple[Point, ...] | None:
        """The inverse."""
        if on.instance != self.instance:
            return None
        stored = np.asarray(on.points, float) - _CENTRE - self.turn[:2, 2]
        return _points(stored @ np.linalg.inv(self.turn[:2, :2]).T * (self.spacing[1], self.spacing[0]))


def _points(array: Array) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in array)
