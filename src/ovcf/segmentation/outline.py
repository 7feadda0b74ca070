"""The outline of a label in a sagittal plane, finer than its voxels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import polygon_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume

    Array = NDArray[np.float64]

_SMOOTHING = 0.5
"""Gaussian SD, in voxels of the two in-plane axes: takes off the staircase, moves a straight edge by nothing."""


def in_plane_axes(volume: Volume, plane: SagittalPlane) -> tuple[int, int]:
    """The two array axes of a volume that lie closest to a plane."""
    across, _ = volume.axis_towards(plane.normal)
    first, second = (axis for axis in range(3) if axis != across)
    return first, second


def pixel_mm(volume: Volume, plane: SagittalPlane) -> float:
    """The larger in-plane voxel size, millimetres."""
    return max(volume.spacing_mm[axis] for axis in in_plane_axes(volume, plane))


def outlines(body: Volume, plane: SagittalPlane, offsets_mm: NDArray[np.float64]) -> list[Array | None]:
    """The outline of a binary volume in planes parallel to ``plane``, each ``(n, 2)`` plane millimetres and closed.

    ``offsets_mm`` are distances along the plane's normal. Only the largest part is kept; None where the plane does not
    meet the label. ``body`` should be cropped to the label with a few voxels around it.
    """
    from scipy.ndimage import gaussian_filter, map_coordinates
    from skimage.measure import find_contours

    sigma = np.zeros(3)
    sigma[list(in_plane_axes(body, plane))] = _SMOOTHING
    filled = gaussian_filter(body.voxels.astype(np.float32), sigma, mode="constant")
    corners = body.to_patient(np.array(list(np.ndindex(2, 2, 2))) * (np.array(body.voxels.shape) - 1))
    step = pixel_mm(body, plane) / 2
    low, high = (f(plane.from_patient(corners), axis=0) for f in (np.min, np.max))
    x, y = (np.arange(a - step, b + 2 * step, step) for a, b in zip(low, high, strict=True))
    grid = plane.to_patient(np.stack(np.meshgrid(x, y), axis=-1))
    found: list[Array | None] = []
    for offset in offsets_mm:
        index = np.moveaxis(body.to_index(grid + offset * plane.normal), -1, 0)
        sheet = map_coordinates(filled, index, order=1, mode="constant")
        rings = [np.asarray(r) for r in find_contours(sheet, 0.5)]  # type: ignore[no-untyped-call]  # scikit-image has no types
        if not rings:
            found.append(None)
            continue
        ring = max(rings, key=lambda r: abs(polygon_area(r)))
        found.append(np.stack([x[0] + step * ring[:, 1], y[0] + step * ring[:, 0]], axis=1))
    return found
