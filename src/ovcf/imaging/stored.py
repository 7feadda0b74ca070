"""The DICOM images that a series was read from, and where a point lies on one of them as it is stored.

A point is measured in the plane of the landmarks or on a turned radiograph. A structured report refers to the stored
image instead: its SOP instance UID, the number of the frame, column and row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ovcf.geometry import SagittalPlane

    Array = NDArray[np.float64]

Row = tuple[float, ...]
AS_STORED: tuple[Row, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
_PARALLEL = float(np.cos(np.radians(1.0)))
_CENTRE = 0.5
"""DICOM counts columns and rows from the outer corner of the first pixel (PS3.3 C.18.6.1.1), here from its centre."""


@dataclass(frozen=True, slots=True)
class StoredFrame:
    """One stored image: its SOP instance UID, and the number of the frame in it, from 1."""

    instance: str
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImages:
    """The frames of one series, all of one size and class.

    ``size`` is (rows, columns). Of a stack ``frames`` are in the order of its slices, and the three rows of ``affine``
    map (slice, row, column) of a pixel's centre to patient LPS millimetres. A radiograph has no ``affine``; the two
    rows of ``turned`` map (column, row) of the picture as it is read and shown to (column, row) as it is stored, since
    it may have been turned or mirrored. ``series_uid`` is DICOM's even where the series was split into several.
    """

    series_uid: str
    sop_class: str
    frame_of_reference: str = ""
    size: tuple[int, int]
    frames: tuple[StoredFrame, ...]
    affine: tuple[Row, ...] = ()
    turned: tuple[Row, ...] = AS_STORED

    def slice_of(self, plane: SagittalPlane) -> int | None:
        """The slice nearest to a plane; None where the slices run across it or none is nearer than half their gap."""
        if not self.affine:
            return None
        affine = np.array(self.affine)
        step = affine[:, 0]
        across = np.cross(affine[:, 1], affine[:, 2])
        if abs(float(across @ plane.normal)) < _PARALLEL * float(np.linalg.norm(across)):
            return None
        at = -float(plane.distance_off_plane(self.middle(0))) / float(step @ plane.normal)
        nearest = min(max(round(at), 0), len(self.frames) - 1)
        return nearest if abs(at - nearest) <= _CENTRE + 1e-6 else None

    def middle(self, number: int) -> Array:
        """The middle of a slice, patient LPS millimetres ``(3,)``."""
        return np.asarray(np.array(self.affine) @ [number, (self.size[0] - 1) / 2, (self.size[1] - 1) / 2, 1.0])

    def on_slice(self, number: int, points: ArrayLike) -> Array:
        """Patient LPS millimetres ``(..., 3)``, dropped onto a slice at right angles, to DICOM's (column, row)."""
        affine = np.array(self.affine)
        corner = affine[:, 3] + number * affine[:, 0]
        along = affine[:, [2, 1]]  # the steps of column and row, at right angles to each other
        return np.asarray((np.asarray(points, float) - corner) @ (along / (along**2).sum(axis=0)) + _CENTRE)

    def on_film(self, pixels: ArrayLike) -> Array:
        """(column, row) ``(..., 2)`` of a radiograph as it is read, centres at whole numbers, to DICOM's."""
        matrix = np.array(self.turned)
        return np.asarray(np.asarray(pixels, float) @ matrix[:, :2].T + matrix[:, 2] + _CENTRE)


def transposed(turned: tuple[Row, ...]) -> tuple[Row, ...]:
    """The map to stored pixels after rows and columns of the picture were exchanged."""
    return tuple((row, column, shift) for column, row, shift in turned)


def flipped_along(turned: tuple[Row, ...], axis: int, length: int) -> tuple[Row, ...]:
    """The map to stored pixels after a flip along the rows (axis 0) or columns (1), of so many pixels."""
    k = 1 - axis  # the coordinates are (column, row)
    made = []
    for one in turned:
        values = list(one)
        values[2] += values[k] * (length - 1)
        values[k] = -values[k]
        made.append(tuple(values))
    return tuple(made)
