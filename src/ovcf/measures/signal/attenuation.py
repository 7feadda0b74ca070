"""Trabecular attenuation in a region that a reader drew on CT, in Hounsfield units.

The region is the reader's: nothing here finds the vertebra. A region that holds much cortex, cement, fat or air is
told, since its mean is then not that of trabecular bone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.imaging.volume import Volume

    Mask = NDArray[np.bool_]

FEWEST_VOXELS = 30
"""Fewer give no mean that would be the same again (project rule)."""
DENSE_HU, SOFT_HU = 300.0, -50.0
"""Above is cortex, cement or a dense lesion, below fat or air (project rule)."""
MOST_OF_EITHER = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Attenuation:
    """Mean and standard deviation over the voxels of a region, HU; ``doubts`` say why it may not be that of bone."""

    mean_hu: float
    sd_hu: float
    voxels: int
    volume_mm3: float
    doubts: tuple[str, ...] = ()


def attenuation(ct: Volume, region: Mask) -> Attenuation:
    """The attenuation of a region of the shape of ``ct``, whose voxels are Hounsfield units.

    Raises:
        MeasurementInputError: another shape, too few voxels, or voxels outside of what was scanned.
    """
    if region.shape != ct.voxels.shape:
        raise MeasurementInputError("L1 on CT", "the region lies on another grid", "Draw it on this CT.")
    values = np.asarray(ct.voxels[region], float)
    if values.size < FEWEST_VOXELS:
        raise MeasurementInputError(
            "L1 on CT", f"the region holds {values.size} voxels of the CT", f"Draw a region of {FEWEST_VOXELS} or more."
        )
    if not np.isfinite(values).all():
        raise MeasurementInputError("L1 on CT", "the region reaches beyond the CT", "Draw it inside of the image.")
    dense, soft = float((values > DENSE_HU).mean()), float((values < SOFT_HU).mean())
    doubts = []
    if dense > MOST_OF_EITHER:
        doubts.append(f"{dense:.0%} of the region lies above {DENSE_HU:g} HU: cortex, cement or a dense lesion?")
    if soft > MOST_OF_EITHER:
        doubts.append(f"{soft:.0%} of the region lies below {SOFT_HU:g} HU: fat or air?")
    return Attenuation(
        mean_hu=float(values.mean()),
        sd_hu=float(values.std()),
        voxels=values.size,
        volume_mm3=values.size * ct.voxel_volume_mm3,
        doubts=tuple(doubts),
    )


def disc(ct: Volume, centre_mm: Sequence[float], radius_mm: float) -> Mask:
    """A circle across the spine: voxels of the one slice towards the head that holds the centre, within the radius.

    ``centre_mm`` is (3,) LPS, as are the axes of the CT. What lies outside of the CT is left out.

    Raises:
        MeasurementInputError: the centre lies outside of the CT.
    """
    index = ct.to_index(centre_mm)
    if (index < -0.5).any() or (index > np.array(ct.voxels.shape) - 0.5).any():
        raise MeasurementInputError("L1 on CT", "the centre of the region lies outside of the CT", "Give it in LPS mm.")
    axis, _ = ct.axis_towards((0.0, 0.0, 1.0))
    within = np.zeros(ct.voxels.shape, bool)
    at: list[slice | int] = [slice(None)] * 3
    at[axis] = round(float(index[axis]))
    here = np.moveaxis(np.indices(within[tuple(at)].shape, dtype=float), 0, -1)
    places = np.insert(here, axis, float(index[axis]), axis=-1)
    away = np.linalg.norm(ct.to_patient(places) - np.asarray(centre_mm, float), axis=-1)
    within[tuple(at)] = away <= radius_mm + 1e-9
    return within
