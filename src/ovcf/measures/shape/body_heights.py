"""Heights of one vertebral body and their ratios: Ha, Hm, Hp, wedge, biconcave and crush (Eastell 1991)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.geometry import distance
from ovcf.measures.declare import FromLandmarks, Points
from ovcf.measures.from_landmarks import measure, measure_beside
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.units import Unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks

    Array = NDArray[np.float64]

_SIX_POINTS = ("genant-1993",)
_RATIOS = ("eastell-1991",)
ANTERIOR_HEIGHT = Method("ha", "Anterior height Ha", "distance between the anterior corners", _SIX_POINTS)
MIDDLE_HEIGHT = Method("hm", "Middle height Hm", "distance between the middles of the endplates", _SIX_POINTS)
POSTERIOR_HEIGHT = Method("hp", "Posterior height Hp", "distance between the posterior corners", _SIX_POINTS)
WEDGE_RATIO = Method("wedge-ratio", "Wedge ratio Ha/Hp", "Ha / Hp", _RATIOS)
BICONCAVE_RATIO = Method("biconcave-ratio", "Biconcave ratio Hm/Hp", "Hm / Hp", _RATIOS)
CRUSH_RATIOS = {
    "cranial": Method("crush-ratio-above", "Crush ratio Hp/Hp above", "Hp / Hp of the vertebra above", _RATIOS),
    "caudal": Method("crush-ratio-below", "Crush ratio Hp/Hp below", "Hp / Hp of the vertebra below", _RATIOS),
}


def middle_height(points: ArrayLike) -> Array:
    """Hm: distance between the endplate middles of ``(..., 6, 2)`` points in the order of ``landmarks.POINTS``.

    Raises:
        MeasurementInputError: there are no middle points.
    """
    p = np.asarray(points, float)
    if p.shape[-2] < 6:
        raise MeasurementInputError("middle height", "the endplates have no middle points", "Place all six points.")
    return distance(p[..., 4, :], p[..., 5, :])


def wedge_ratio_of(points: ArrayLike) -> Array:
    """Ha/Hp of ``(..., n, 2)`` points."""
    return np.asarray(anterior_height(points) / posterior_height(points))


def biconcave_ratio_of(points: ArrayLike) -> Array:
    """Hm/Hp of ``(..., 6, 2)`` points."""
    return np.asarray(middle_height(points) / posterior_height(points))


def crush_ratio_of(points: ArrayLike, neighbour: ArrayLike) -> Array:
    """Hp over the neighbour's Hp, each from ``(..., n, 2)`` points."""
    return np.asarray(posterior_height(points) / posterior_height(neighbour))


_HEIGHTS = (
    FromLandmarks(method=ANTERIOR_HEIGHT, unit=None, points=Points.OWN, function=anterior_height),
    FromLandmarks(method=MIDDLE_HEIGHT, unit=None, points=Points.OWN, function=middle_height, middle=True),
    FromLandmarks(method=POSTERIOR_HEIGHT, unit=None, points=Points.OWN, function=posterior_height),
)
_WEDGE = FromLandmarks(method=WEDGE_RATIO, unit=Unit.RATIO, points=Points.OWN, function=wedge_ratio_of)
_BICONCAVE = FromLandmarks(
    method=BICONCAVE_RATIO, unit=Unit.RATIO, points=Points.OWN, function=biconcave_ratio_of, middle=True
)
_CRUSH = {
    side: FromLandmarks(method=CRUSH_RATIOS[side], unit=Unit.RATIO, points=points, function=crush_ratio_of)
    for side, points in (("cranial", Points.WITH_CRANIAL), ("caudal", Points.WITH_CAUDAL))
}
MEASUREMENTS = (*_HEIGHTS, _WEDGE, _BICONCAVE, *_CRUSH.values())


def heights(spine: SpineLandmarks, level: Level) -> tuple[Measurement, ...]:
    """Ha, Hm (where the middle points are known) and Hp of ``level``, in mm, or pixels where uncalibrated.

    Raises:
        NeighbourError: the level has no landmarks.
    """
    known = spine[level].has_middle
    return tuple(measure(one, spine, level) for one in _HEIGHTS if known or not one.middle)


def wedge_ratio(spine: SpineLandmarks, level: Level) -> Measurement:
    """Ha/Hp of ``level``.

    Raises:
        NeighbourError: the level has no landmarks.
    """
    return measure(_WEDGE, spine, level)


def biconcave_ratio(spine: SpineLandmarks, level: Level) -> Measurement:
    """Hm/Hp of ``level``.

    Raises:
        NeighbourError: the level has no landmarks.
        MeasurementInputError: its endplates have no middle points.
    """
    return measure(_BICONCAVE, spine, level)


def crush_ratios(spine: SpineLandmarks, level: Level) -> tuple[Measurement, ...]:
    """Hp of ``level`` over that of the vertebra above, and over that of the one below, where each may serve.

    Raises:
        NeighbourError: the level has no landmarks, or neither neighbour may serve as a reference.
    """
    return measure_beside(_CRUSH, spine, level)
