"""The segmental deformity angle after Gardner: the fractured body and the disc above it.

It needs no vertebra below, so it can be measured where that one is fractured or not on the image. Two abstracts name
the method beside Cobb's; how it is drawn is written here from memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.geometry import signed_angle_deg
from ovcf.measures.declare import FromLandmarks, Points
from ovcf.measures.measurement import Method
from ovcf.measures.shape.kyphosis import inferior_endplate, superior_endplate
from ovcf.units import Unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

GARDNER_ANGLE = Method(
    "gardner-angle",
    "Segmental deformity angle (Gardner)",
    "angle from the superior endplate of the vertebra above to the inferior endplate of the vertebra itself",
    ("gardner-angle",),
)


def gardner_angle_deg(vertebra: ArrayLike, cranial: ArrayLike) -> NDArray[np.float64]:
    """The angle in degrees, kyphosis positive, from ``(..., n, 2)`` points of the vertebra and of the one above."""
    return signed_angle_deg(superior_endplate(cranial), inferior_endplate(vertebra))


MEASUREMENTS = (
    FromLandmarks(method=GARDNER_ANGLE, unit=Unit.DEGREE, points=Points.WITH_CRANIAL, function=gardner_angle_deg),
)
