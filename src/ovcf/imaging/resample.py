"""One volume on the grid of another, through patient coordinates; a slice at other rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import GridMismatchError
from ovcf.imaging.volume import Volume

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Image = NDArray[np.float32]


def at_rows_and_columns(images: NDArray[np.generic], rows: ArrayLike, columns: ArrayLike) -> Image:
    """Images ``(..., n, m)`` between their pixels: linear, at every one of ``rows`` and ``columns`` (fractional
    indices); beyond the border the nearest pixel."""
    places = [_between(index, size) for index, size in zip((rows, columns), images.shape[-2:], strict=True)]
    # Only what is asked for is turned into floats, and once: that takes longer than all else.
    box = [slice(int(low.min()), int(high.max()) + 1) if low.size else slice(0, 0) for low, high, _ in places]
    found = images[..., box[0], box[1]].astype(np.float32)
    for axis, (low, high, share), side in zip((-2, -1), places, box, strict=True):
        below = found.take(low - side.start, axis)
        above = found.take(high - side.start, axis)
        above -= below
        above *= share.reshape(-1, *(1,) * (-1 - axis))
        above += below
        found = above
    return found


def _between(index: ArrayLike, size: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Image]:
    """The pixels of a line of ``size`` before and behind each place, and the share of the one behind."""
    at = np.clip(np.asarray(index, float), 0, size - 1)
    low = np.minimum(at.astype(np.intp), max(size - 2, 0))
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)


def resample_labels(labels: Volume, onto: Volume) -> Volume:
    """The nearest label at every voxel of ``onto``; 0 outside the label map.

    Raises:
        GridMismatchError: no label falls inside ``onto``.
    """
    from scipy.ndimage import affine_transform

    there = labels.voxels != 0
    if not there.any():
        raise GridMismatchError("label map", "is empty", "Give a label map with at least one label.")
    if labels.same_grid(onto, tolerance_mm=1e-3):
        return Volume(labels.voxels, onto.affine)
    # Only the box around the labels is computed: a label map is mostly background.
    sides = [np.flatnonzero(there.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3)]
    first, last = (np.array([side[at] for side in sides]) for at in (0, -1))
    box = np.array(list(np.ndindex(2, 2, 2))) * (last - first + 1) + first - 0.5
    inside = onto.to_index(labels.to_patient(box))
    low = np.clip(np.floor(inside.min(axis=0)), 0, onto.voxels.shape).astype(int)
    high = np.clip(np.ceil(inside.max(axis=0)) + 1, 0, onto.voxels.shape).astype(int)
    voxels = np.zeros(onto.voxels.shape, labels.voxels.dtype)
    if (high > low).all():
        matrix, offset = _index_map(onto, labels)
        target = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        voxels[target] = affine_transform(
            labels.voxels, matrix, offset + matrix @ low, tuple(high - low), order=0, mode="grid-constant"
        )
    if not voxels.any():
        raise GridMismatchError(
            "label map",
            "has no label inside the image",
            "Give the label map that was made on this patient's image, with its geometry.",
        )
    return Volume(voxels, onto.affine)


def resample_image(image: Volume, onto: Volume, order: int = 1) -> Volume:
    """The image interpolated at every voxel centre of ``onto`` (float32); NaN outside, which is not zero signal.

    ``order`` is that of the spline: 0 nearest, 1 linear, 3 cubic.

    Raises:
        GridMismatchError: the two do not overlap.
    """
    from scipy.ndimage import affine_transform

    matrix, offset = _index_map(onto, image)
    voxels = affine_transform(
        image.voxels.astype(np.float32), matrix, offset, onto.voxels.shape, order=order, mode="nearest"
    )
    covered = affine_transform(
        np.ones(image.voxels.shape, np.uint8), matrix, offset, onto.voxels.shape, order=0, mode="grid-constant"
    )
    if not covered.any():
        raise GridMismatchError(
            "image",
            "does not overlap the image it is to be compared with",
            "Give series of one patient in one position; register them first if they were taken apart.",
        )
    voxels[covered == 0] = np.nan
    return Volume(voxels, onto.affine)


def same_voxels(image: Volume, onto: Volume) -> bool:
    """Whether both have their voxels at the same places, so that nothing would be read between them."""
    matrix, offset = _index_map(onto, image)
    same = image.voxels.shape == onto.voxels.shape
    return same and bool((matrix == np.eye(3)).all()) and not offset.any()


def _index_map(onto: Volume, source: Volume) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The affine from indices of ``onto`` to indices of ``source``, rounded so that equal grids map exactly."""
    both = np.linalg.inv(source.affine) @ onto.affine
    return np.round(both[:3, :3], 9), np.round(both[:3, 3], 6)
