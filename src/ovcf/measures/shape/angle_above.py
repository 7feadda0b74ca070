"""The angle of a fractured body together with the disc above it.

It needs no vertebra below, so it can be measured where that one is fractured or not on the image. Its definition is
this project's: abstracts that name an angle of Gardner's beside Cobb's do not say how it is drawn.
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

ANGLE_ABOVE = Method(
    "angle-above",
    "Angle with the vertebra above",
    "angle from the superior endplate of the vertebra above to the inferior endplate of the vertebra itself",
    ("angle-above",),
)


def angle_above_deg(vertebra: ArrayLike, cranial: ArrayLike) -> NDArray[np.float64]:
    """The angle in degrees, kyphosis positive, from ``(..., n, 2)`` points of the vertebra and of the one above."""
    return signed_angle_deg(superior_endplate(cranial), inferior_endplate(vertebra))


MEASUREMENTS = (
    FromLandmarks(method=ANGLE_ABOVE, unit=Unit.DEGREE, points=Points.WITH_CRANIAL, function=angle_above_deg),
)
