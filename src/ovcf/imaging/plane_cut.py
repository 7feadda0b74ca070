"""A volume cut in a sagittal plane of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume


def cut(
    volume: Volume,
    plane: SagittalPlane,
    *,
    order: int,
    like: tuple[tuple[int, ...], tuple[float, float], float] | None = None,
) -> tuple[NDArray[np.float64], tuple[float, float], float]:
    """The volume in a plane: pixels, plane position of the first pixel's centre, and the square pixel size in mm.

    The pixel size is the smallest voxel side that lies in the plane; ``like`` takes shape, origin and size from another
    cut. Pixels outside the volume, and those without signal, are 0.
    """
    from scipy.ndimage import map_coordinates

    if like is None:
        across, _ = volume.axis_towards(plane.normal)
        size = min(s for axis, s in enumerate(volume.spacing_mm) if axis != across)
        corners = plane.from_patient(
            volume.to_patient(np.array(list(np.ndindex(2, 2, 2))) * (np.array(volume.voxels.shape) - 1))
        )
        low, high = corners.min(axis=0), corners.max(axis=0)
        cols, rows = (round(float(n)) + 1 for n in (high - low) / size)
        like = (rows, cols), (float(low[0]), float(low[1])), size
    (rows, cols), origin, size = like
    x, y = np.meshgrid(origin[0] + size * np.arange(cols), origin[1] + size * np.arange(rows))
    index = volume.to_index(plane.to_patient(np.stack([x, y], axis=-1)))
    voxels = volume.voxels
    whole = voxels.dtype.kind in "iub"
    if not whole and (voxels.dtype.itemsize < 4 or not np.isfinite(voxels).all()):
        voxels = np.nan_to_num(np.asarray(voxels, float))
    # Whole volumes are not copied to be cut: pixels are computed as doubles whatever the voxels are.
    pixels = map_coordinates(voxels, np.moveaxis(index, -1, 0), np.float64, order=order, cval=0.0)
    return np.asarray(pixels), origin, size
