"""Trabecular attenuation in a region that a reader drew on CT, in Hounsfield units.

The region is the reader's: nothing here finds the vertebra. A region that holds much cortex, cement, fat or air is
told, since its mean is then not that of trabecular bone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_VOXELS = 30
"""Fewer give no mean that would be the same again (project rule)."""
DENSE_HU, SOFT_HU = 300.0, -50.0
"""Above is cortex, cement or a dense lesion, below fat or air (project rule)."""
MAX_OF_EITHER = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Attenuation:
    """Mean and standard deviation over the voxels of a region, HU; ``doubts`` say why it may not be that of bone."""

    mean_hu: float
    sd_hu: float
    voxels: int
    volume_mm3: float
    doubts: tuple[str, ...] = ()


def attenuation(values: NDArray[np.float64], voxel_volume_mm3: float) -> Attenuation:
    """The attenuation of a region from its ``(n,)`` voxels in Hounsfield units.

    Raises:
        MeasurementInputError: too few voxels, or voxels outside of what was scanned.
    """
    if values.size < FEWEST_VOXELS:
        raise MeasurementInputError(
            "L1 on CT",
            say("the region holds {size} voxels of the CT", size=values.size),
            say("Draw a region of {fewest_voxels} or more.", fewest_voxels=FEWEST_VOXELS),
        )
    if not np.isfinite(values).all():
        raise MeasurementInputError("L1 on CT", "the region reaches beyond the CT", "Draw it inside of the image.")
    dense, soft = float((values > DENSE_HU).mean()), float((values < SOFT_HU).mean())
    doubts = []
    if dense > MAX_OF_EITHER:
        doubts.append(
            say(
                "{dense:.0%} of the region lies above {dense_hu:g} HU: cortex, cement or a dense lesion?",
                dense=dense,
                dense_hu=DENSE_HU,
            )
        )
    if soft > MAX_OF_EITHER:
        doubts.append(
            say("{soft:.0%} of the region lies below {soft_hu:g} HU: fat or air?", soft=soft, soft_hu=SOFT_HU)
        )
    return Attenuation(
        mean_hu=float(values.mean()),
        sd_hu=float(values.std()),
        voxels=values.size,
        volume_mm3=values.size * voxel_volume_mm3,
        doubts=tuple(doubts),
    )
