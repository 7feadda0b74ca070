"""How exactly a reader places a point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.landmarks import POINTS

if TYPE_CHECKING:
    from ovcf.reading.observations import LandmarkSet

READER_SHARE = 0.034
"""SD of one coordinate of a point that a reader places, as a share of the height of a body. Readers' height losses
scatter by 4.2 points (PLoS ONE 2013;8:e71204, from its limits of agreement); of eight reference points and four of the
vertebra itself that is sqrt(3/2) times the SD of a point over the height."""


def placing_sd(landmarks: LandmarkSet) -> float | None:
    """SD of a point that a reader places on this image, in its unit; None where no body tells the scale."""
    heights = [
        np.linalg.norm(np.subtract(v.points[3], v.points[1])) for v in landmarks if len(v.points) >= len(POINTS) - 2
    ]
    return READER_SHARE * float(np.median(heights)) if heights else None
