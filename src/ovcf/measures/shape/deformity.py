"""Height lost against the neighbours: anterior loss (LOVBH), AVHR, and loss of mean height.

What AVHR compares the anterior height with is not said in the abstract of Qasem 2014; here it is the neighbours' mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.language.worded import say
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

ANTERIOR_HEIGHT_LOSS = Method(
    "lovbh",
    "Anterior height loss (LOVBH)",
    "100 ((A1 + A2) - 2 A0) / (A1 + A2), A the anterior heights above, below and of the vertebra itself",
    ("keynan-2006",),
)
ANTERIOR_VERTEBRAL_HEIGHT_RATIO = Method(
    "avhr",
    "Anterior vertebral height ratio (AVHR)",
    "100 Ha / mean anterior height of both neighbours",
    ("qasem-2014",),
)
MEAN_HEIGHT_LOSS = {
    side: Method(
        f"mean-height-loss-{word}",
        say("Mean height loss against the vertebra {word}", word=word),
        say("100 (1 - (Ha + Hp) / (Ha + Hp of the vertebra {word}))", word=word),
        ("unc-case",),
    )
    for side, word in (("cranial", "above"), ("caudal", "below"))
}


def anterior_height_loss_percent(cranial: ArrayLike, vertebra: ArrayLike, caudal: ArrayLike) -> Array:
    """LOVBH in percent from ``(..., n, 2)`` points; negative where the vertebra is taller than its neighbours."""
    return 100 - anterior_vertebral_height_ratio_percent(cranial, vertebra, caudal)


def anterior_vertebral_height_ratio_percent(cranial: ArrayLike, vertebra: ArrayLike, caudal: ArrayLike) -> Array:
    """AVHR in percent from ``(..., n, 2)`` points: 100 where as tall in front as the neighbours' mean."""
    reference = (anterior_height(cranial) + anterior_height(caudal)) / 2
    return np.asarray(100 * anterior_height(vertebra) / reference)


def mean_height_loss_percent(vertebra: ArrayLike, neighbour: ArrayLike) -> Array:
    """Loss of mean height (Ha + Hp) / 2 against one neighbour in percent, from ``(..., n, 2)`` points."""
    mean, reference = (anterior_height(p) + posterior_height(p) for p in (vertebra, neighbour))
    return np.asarray(100 * (1 - mean / reference))


_ANTERIOR_LOSS = FromLandmarks(
    method=ANTERIOR_HEIGHT_LOSS, unit=Unit.PERCENT, points=Points.ALL_THREE, function=anterior_height_loss_percent
)
_ANTERIOR_RATIO = FromLandmarks(
    method=ANTERIOR_VERTEBRAL_HEIGHT_RATIO,
    unit=Unit.PERCENT,
    points=Points.ALL_THREE,
    function=anterior_vertebral_height_ratio_percent,
)
_MEAN_LOSS = {
    side: FromLandmarks(
        method=MEAN_HEIGHT_LOSS[side], unit=Unit.PERCENT, points=points, function=mean_height_loss_percent
    )
    for side, points in (("cranial", Points.WITH_CRANIAL), ("caudal", Points.WITH_CAUDAL))
}
MEASUREMENTS = (_ANTERIOR_LOSS, _ANTERIOR_RATIO, *_MEAN_LOSS.values())


def anterior_height_loss(spine: SpineLandmarks, level: Level) -> Measurement:
    """Anterior height loss (LOVBH, also PAHC) of ``level`` against both neighbours, in percent.

    Raises:
        NeighbourError: a neighbour is missing, fractured, cemented or cut off.
    """
    return measure(_ANTERIOR_LOSS, spine, level)


def anterior_vertebral_height_ratio(spine: SpineLandmarks, level: Level) -> Measurement:
    """AVHR of ``level`` in percent; above 75 % it tells acute from six-month-old fractures, not fractured from intact.

    Raises:
        NeighbourError: a neighbour is missing, fractured, cemented or cut off.
    """
    return measure(_ANTERIOR_RATIO, spine, level)


def mean_height_loss_vs_neighbours(spine: SpineLandmarks, level: Level) -> tuple[Measurement, ...]:
    """Loss of mean height of ``level`` against the vertebra above, and against the one below, in percent.

    Two separate comparisons (radiograph sign 2); one is left out where that neighbour may not serve.

    Raises:
        NeighbourError: the level has no landmarks, or neither neighbour may serve as a reference.
    """
    return measure_beside(_MEAN_LOSS, spine, level)
