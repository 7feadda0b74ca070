"""The two radiograph signs of a compression fracture in the UNC teaching case: a wedge, and a body too short."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.language.worded import joined, say
from ovcf.measures.declare import FromLandmarks, Points, Printed
from ovcf.measures.from_landmarks import measured, usable_neighbours
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.shape.deformity import mean_height_loss_percent, mean_height_loss_vs_neighbours
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.uncertainty import monte_carlo
from ovcf.vocabulary import ShapeOnRadiograph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks

    Array = NDArray[np.float64]

WEDGE_THRESHOLD_MM = 3.0
SHORT_THRESHOLD_PERCENT = 20.0
_TOLERANCE = 1e-9
_DRAWS = 4000

HEIGHT_DIFFERENCE = Method("height-difference", "Posterior minus anterior height", "Hp - Ha", ("unc-case",))


@dataclass(frozen=True, slots=True)
class RadiographSign:
    """One sign. ``present`` is None where it cannot be told, ``probability`` where the landmark error is unknown."""

    sign: ShapeOnRadiograph
    present: bool | None
    probability: float | None
    measurements: tuple[Measurement, ...]
    note: str = ""


def height_difference_of(points: ArrayLike) -> Array:
    """Hp - Ha of ``(..., n, 2)`` points, in their unit; positive for a wedge."""
    return np.asarray(posterior_height(points) - anterior_height(points))


def height_difference(spine: SpineLandmarks, level: Level) -> Measurement:
    """Hp - Ha of ``level``, in mm, or pixels where uncalibrated.

    Raises:
        NeighbourError: the level has no landmarks.
    """
    vertebra = spine[level]
    return measured(HEIGHT_DIFFERENCE, height_difference_of, (vertebra,), vertebra.source.length_unit)


MEASUREMENTS = (
    FromLandmarks(
        method=HEIGHT_DIFFERENCE, unit=None, points=Points.OWN, printed=Printed.FINDING, finding="radiograph sign"
    ),
)


def _wedge(spine: SpineLandmarks, level: Level) -> RadiographSign:
    difference = height_difference(spine, level)
    sign = ShapeOnRadiograph.WEDGE
    if not difference.source.calibrated:
        return RadiographSign(sign, None, None, (difference,), "unknown: the image is not calibrated in millimetres")
    sd = difference.standard_uncertainty
    probability = 1 - NormalDist(difference.value, sd).cdf(WEDGE_THRESHOLD_MM) if sd else None
    present = difference.value > WEDGE_THRESHOLD_MM + _TOLERANCE
    return RadiographSign(sign, present, probability, (difference,))


def _short(spine: SpineLandmarks, level: Level) -> RadiographSign:
    sign = ShapeOnRadiograph.SHORT
    found, missing = usable_neighbours(spine, level)
    note = joined("; ", missing)
    if not found:
        return RadiographSign(sign, None, None, (), say("unknown: {note}", note=note))
    losses = mean_height_loss_vs_neighbours(spine, level)
    short = any(m.value > SHORT_THRESHOLD_PERCENT + _TOLERANCE for m in losses)
    if missing and not short:
        return RadiographSign(sign, None, None, losses, say("unknown: {note}; not short against the other", note=note))

    def greatest(vertebra: Array, *neighbours: Array) -> Array:
        return np.asarray(np.max([mean_height_loss_percent(vertebra, n) for n in neighbours], axis=0))

    drawn = monte_carlo(greatest, (spine[level], *found.values()), draws=_DRAWS)
    probability = None if drawn is None else float(np.mean(drawn > SHORT_THRESHOLD_PERCENT))
    return RadiographSign(sign, short, probability, losses, note)


def radiograph_signs(spine: SpineLandmarks, level: Level) -> tuple[RadiographSign, ...]:
    """Both signs at ``level``: wedge, then shortness (two separate comparisons of mean height).

    A sign that cannot be told (no calibration, no neighbour) is unknown, not absent.

    Raises:
        NeighbourError: the level has no landmarks.
    """
    return _wedge(spine, level), _short(spine, level)
