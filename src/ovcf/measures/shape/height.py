"""Vertebral height loss as HAN defines it (Sci Rep 2025;15:16791, Fig. 2), and the heights it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.geometry import distance
from ovcf.language.worded import say
from ovcf.measures.declare import FromLandmarks, Points, Printed
from ovcf.measures.from_landmarks import measure
from ovcf.measures.measurement import Measurement, Method
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks

    Array = NDArray[np.float64]

VERTEBRAL_HEIGHT_LOSS = Method(
    "vhl-han",
    "Vertebral height loss (HAN)",
    "100 (R - (a + b) / 2) / R, R the mean of the anterior and posterior heights of both neighbours",
    ("han-2025",),
)


def anterior_height(points: ArrayLike) -> Array:
    """Ha: distance between the anterior corners of ``(..., n, 2)`` points in the order of ``landmarks.POINTS``."""
    p = np.asarray(points, float)
    return distance(p[..., 0, :], p[..., 2, :])


def posterior_height(points: ArrayLike) -> Array:
    """Hp: distance between the posterior corners of ``(..., n, 2)`` points."""
    p = np.asarray(points, float)
    return distance(p[..., 1, :], p[..., 3, :])


def vertebral_height_loss_percent(
    a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike, e: ArrayLike, f: ArrayLike
) -> Array:
    """VHL in percent from anterior and posterior heights of the fractured (a, b), cranial (c, d), caudal (e, f) body.

    Any one length unit, broadcasting. Signed: a vertebra taller than its neighbours gives a negative loss.
    It averages anterior and posterior height, so it is about half the anterior loss of a pure wedge: never feed it
    into Genant grading.

    Raises:
        MeasurementInputError: a height is not finite and positive.
    """
    heights = [np.asarray(h, float) for h in (a, b, c, d, e, f)]
    if not all(np.isfinite(h).all() and (h > 0).all() for h in heights):
        raise MeasurementInputError("vertebral height loss", "a height is not a positive number", "Measure it again.")
    a, b, c, d, e, f = heights
    reference = (c + d + e + f) / 4
    return np.asarray(100 * (reference - (a + b) / 2) / reference)


def vertebral_height_loss_of(cranial: Array, fractured: Array, caudal: Array) -> Array:
    """VHL in percent of ``(..., n, 2)`` points of the three vertebrae."""
    heights = (h(p) for p in (fractured, cranial, caudal) for h in (anterior_height, posterior_height))
    return vertebral_height_loss_percent(*heights)


def _heights(triple: Sequence[VertebraLandmarks]) -> tuple[tuple[str, float], ...]:
    cranial, fractured, caudal = triple
    heights = [h(v.array) for v in (fractured, cranial, caudal) for h in (anterior_height, posterior_height)]
    unit = fractured.source.length_unit.value
    return tuple(
        (say("{name} [{unit}]", name=name, unit=unit), float(h)) for name, h in zip("abcdef", heights, strict=True)
    )


def _taller(loss_percent: float) -> tuple[str, ...]:
    return ("negative: the vertebra is taller than its neighbours",) if loss_percent < 0 else ()


_LOSS = FromLandmarks(
    method=VERTEBRAL_HEIGHT_LOSS,
    unit=Unit.PERCENT,
    points=Points.ALL_THREE,
    function=vertebral_height_loss_of,
    printed=Printed.SUMMARY,
    details=_heights,
    warns=_taller,
)
MEASUREMENTS = (_LOSS,)


def vertebral_height_loss(spine: SpineLandmarks, level: Level) -> Measurement:
    """VHL of ``level`` against its two neighbours, in percent, with the uncertainty of its twelve landmarks.

    Raises:
        NeighbourError: a neighbour is missing, fractured, cemented or cut off (none is substituted).
    """
    return measure(_LOSS, spine, level)
