"""Three angles that are not each other: HAN's local kyphosis angle, the bisegmental Cobb angle, the wedge angle.

All are signed and positive where the endplates come closer together anteriorly (kyphosis).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import signed_angle_deg
from ovcf.measures.declare import FromLandmarks, Points, Printed
from ovcf.measures.from_landmarks import measure
from ovcf.measures.measurement import Measurement, Method
from ovcf.units import Unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks

    Array = NDArray[np.float64]

LOCAL_KYPHOSIS_ANGLE = Method(
    "ka-han",
    "Local kyphosis angle (HAN)",
    "angle from the inferior endplate of the vertebra above to the superior endplate of the vertebra below",
    ("han-2025",),
)
COBB_ANGLE = Method(
    "cobb-bisegmental",
    "Cobb angle (bisegmental)",
    "angle from the superior endplate of the vertebra above to the inferior endplate of the vertebra below",
    ("cobb-bisegmental-2015",),
)
WEDGE_ANGLE = Method(
    "wedge-angle",
    "Vertebral wedge angle",
    "angle from the superior to the inferior endplate of the same vertebra",
    ("keynan-2006",),
)


def superior_endplate(points: ArrayLike) -> Array:
    """Vector ``(..., 2)`` along the superior endplate, anterior to posterior, of ``(..., n, 2)`` points."""
    p = np.asarray(points, float)
    return np.asarray(p[..., 1, :] - p[..., 0, :])


def inferior_endplate(points: ArrayLike) -> Array:
    """Vector ``(..., 2)`` along the inferior endplate, anterior to posterior, of ``(..., n, 2)`` points."""
    p = np.asarray(points, float)
    return np.asarray(p[..., 3, :] - p[..., 2, :])


def local_kyphosis_angle_deg(cranial: ArrayLike, caudal: ArrayLike) -> Array:
    """HAN's KA in degrees from the ``(..., n, 2)`` points of the vertebrae above and below."""
    return signed_angle_deg(inferior_endplate(cranial), superior_endplate(caudal))


def cobb_angle_deg(cranial: ArrayLike, caudal: ArrayLike) -> Array:
    """Bisegmental Cobb angle in degrees from the ``(..., n, 2)`` points of the vertebrae above and below."""
    return signed_angle_deg(superior_endplate(cranial), inferior_endplate(caudal))


def wedge_angle_deg(points: ArrayLike) -> Array:
    """Angle between the endplates of one vertebra ``(..., n, 2)`` in degrees."""
    return signed_angle_deg(superior_endplate(points), inferior_endplate(points))


_LOCAL_KYPHOSIS = FromLandmarks(
    method=LOCAL_KYPHOSIS_ANGLE,
    unit=Unit.DEGREE,
    points=Points.NEIGHBOURS,
    function=local_kyphosis_angle_deg,
    printed=Printed.SUMMARY,
)
_COBB = FromLandmarks(method=COBB_ANGLE, unit=Unit.DEGREE, points=Points.NEIGHBOURS, function=cobb_angle_deg)
_WEDGE = FromLandmarks(method=WEDGE_ANGLE, unit=Unit.DEGREE, points=Points.OWN, function=wedge_angle_deg)
MEASUREMENTS = (_LOCAL_KYPHOSIS, _COBB, _WEDGE)


def local_kyphosis_angle(spine: SpineLandmarks, level: Level) -> Measurement:
    """HAN's local kyphosis angle across ``level``, in degrees. It is not the Cobb angle.

    Raises:
        NeighbourError: a neighbour is missing, fractured, cemented or cut off.
    """
    return measure(_LOCAL_KYPHOSIS, spine, level)


def cobb_angle(spine: SpineLandmarks, level: Level) -> Measurement:
    """Bisegmental Cobb angle across ``level``, in degrees.

    Raises:
        NeighbourError: a neighbour is missing, fractured, cemented or cut off.
    """
    return measure(_COBB, spine, level)


def wedge_angle(spine: SpineLandmarks, level: Level) -> Measurement:
    """Wedge angle of ``level`` itself, in degrees.

    Raises:
        NeighbourError: the level has no landmarks.
    """
    return measure(_WEDGE, spine, level)
