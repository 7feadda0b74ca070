"""The voxels of a body whose outline a reader drew anew on one plane, or drew where none was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.kept import kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume
    from ovcf.landmarks import Point

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_LEAST_SHARE = 0.5
"""Of the largest area: slices that cut a body by less show its side wall."""


@kept
def redrawn(volume: Volume, plane: SagittalPlane, body: Mask, old: tuple[Point, ...], new: tuple[Point, ...]) -> Mask:
    """The body ``(slices, rows, columns)`` of ``volume`` after its outline in ``plane`` was changed from old to new.

    Outlines are closed, in plane millimetres. Towards the sides a body keeps tapering as it did: each slice lies as far
    within the new outline as it lay within the old one.
    """
    within_new = _depth_in(volume, plane, new)
    within_old = _depth_in(volume, plane, old)
    rows_mm, columns_mm = volume.spacing_mm[1:]
    result = np.zeros(body.shape, bool)
    for at in np.flatnonzero(body.any(axis=(1, 2))):
        result[at] = within_new + _depth(body[at], (rows_mm, columns_mm)) - within_old > 0
    return result


@kept
def drawn_on_slices(volume: Volume, plane: SagittalPlane, outline: tuple[Point, ...], like: Mask) -> Mask:
    """The body of an outline in ``plane``, on the slices where ``like``, its neighbours, are not cut at their sides."""
    area = like.sum(axis=(1, 2))
    result = np.zeros(like.shape, bool)
    result[area >= max(1.0, _LEAST_SHARE * float(area.max()))] = _depth_in(volume, plane, outline) > 0
    return result


def _depth_in(volume: Volume, plane: SagittalPlane, outline: tuple[Point, ...]) -> Array:
    """How deep each (row, column) lies within an outline, millimetres; negative outside."""
    from skimage.draw import polygon2mask

    index = volume.to_index(plane.to_patient(np.asarray(outline)))
    rows, columns = volume.voxels.shape[1:]
    inside = polygon2mask((rows, columns), index[:, 1:])  # type: ignore[no-untyped-call]  # scikit-image has no types
    return _depth(np.asarray(inside), volume.spacing_mm[1:])


def _depth(mask: Mask, pixel_mm: tuple[float, ...]) -> Array:
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return np.full(mask.shape, -np.inf)
    inside = distance_transform_edt(np.pad(mask, 1), sampling=pixel_mm)[1:-1, 1:-1]
    outside = distance_transform_edt(~mask, sampling=pixel_mm)
    return np.asarray(inside - outside)
