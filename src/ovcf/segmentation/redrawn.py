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

_MIN_SHARE = 0.5
"""Of the largest area: slices that cut a body by less show its side wall."""


@kept
def redrawn(volume: Volume, plane: SagittalPlane, body: Mask, old: tuple[Point, ...], new: tuple[Point, ...]) -> Mask:
    """The body ``(slices, rows, columns)`` of ``volume`` after its outline in ``plane`` was changed from old to new.

    Outlines are closed, in plane millimetres. Towards the sides a body keeps tapering as it did: each slice lies as far
    within the new outline as it lay within the old one.
    """
    slices, rows, columns = np.nonzero(body)
    before, after = _at_pixels(volume, plane, old), _at_pixels(volume, plane, new)
    there = np.concatenate([np.stack([rows, columns], axis=1), before, after])
    low = np.maximum(np.floor(there.min(axis=0)).astype(int) - 2, 0)
    high = np.ceil(there.max(axis=0)).astype(int) + 3
    box = (slice(low[0], high[0]), slice(low[1], high[1]))
    pixel_mm = volume.spacing_mm[1:]
    size = body[0][box].shape
    change = _depth(_filled(after - low, size), pixel_mm) - _depth(_filled(before - low, size), pixel_mm)
    result = np.zeros(body.shape, bool)
    for at in np.unique(slices):
        result[at][box] = change + _depth(body[at][box], pixel_mm) > 0
    return result


@kept
def drawn_on_slices(volume: Volume, plane: SagittalPlane, outline: tuple[Point, ...], like: Mask) -> Mask:
    """The body of an outline in ``plane``, on the slices where ``like``, its neighbours, are not cut at their sides."""
    area = like.sum(axis=(1, 2))
    result = np.zeros(like.shape, bool)
    inside = _filled(_at_pixels(volume, plane, outline), volume.voxels.shape[1:])
    result[area >= max(1.0, _MIN_SHARE * float(area.max()))] = inside
    return result


def _at_pixels(volume: Volume, plane: SagittalPlane, outline: tuple[Point, ...]) -> Array:
    """(row, column) of each point of an outline, between pixels."""
    return volume.to_index(plane.to_patient(np.asarray(outline)))[:, 1:]


def _filled(outline: Array, size: tuple[int, ...]) -> Mask:
    from skimage.draw import polygon2mask

    return np.asarray(polygon2mask(size, outline))  # type: ignore[no-untyped-call]  # scikit-image has no types


def _depth(mask: Mask, pixel_mm: tuple[float, ...]) -> Array:
    from scipy.ndimage import distance_transform_edt

    if not mask.any():
        return np.full(mask.shape, -np.inf)
    inside = distance_transform_edt(np.pad(mask, 1), sampling=pixel_mm)[1:-1, 1:-1]
    outside = distance_transform_edt(~mask, sampling=pixel_mm)
    return np.asarray(inside - outside)
