"""The body of a vertebra that is labelled as a whole, by geometry.

In a narrow sagittal slab through the midline the canal parts the body from the arch. A plane through the posterior
wall found there, spanned by the left-right direction, then cuts the arch off everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import unit_vector
from ovcf.imaging.volume import Volume

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_MIDLINE_MM = 3.0
"""Half width of the slab around the midline, narrower than the canal."""
_BEHIND_MM, _ARCH_SHARE = 8.0, 0.02
"""An arch has at least this share of the label this far behind the posterior wall: a body has next to nothing there,
a whole vertebra a third."""
_LEFT = np.array([1.0, 0.0, 0.0])


def flatness(vertebra: Volume) -> float:
    """Height over depth (short over long axis of inertia) of a label in the sagittal slab through its centre."""
    points = _midline_body(vertebra) @ np.eye(3)[:, 1:]
    short, long = np.sqrt(np.linalg.eigvalsh(np.cov(points.T))) if len(points) > 2 else (1.0, 1.0)
    return float(short / max(long, 1e-9))


def body_of_vertebra(vertebra: Volume, caudal: ArrayLike) -> tuple[Mask, bool]:
    """The body within a binary volume cropped to one vertebra, and whether posterior elements had to be cut off.

    ``caudal`` is the direction of the spine there, patient LPS.
    """
    mask = vertebra.voxels.astype(bool)
    along_spine = np.asarray(caudal, float) * (1 - _LEFT)
    # Labels side by side tell no direction: then the spine runs down, as it mostly does.
    caudal = unit_vector(along_spine) if np.linalg.norm(along_spine) > 1e-6 else np.array([0.0, 0.0, -1.0])
    posterior = np.array([0.0, -caudal[2], caudal[1]])
    wall = _midline_body(vertebra)
    along, behind = wall @ caudal, wall @ posterior
    step = min(vertebra.spacing_mm)
    row = np.round((along - along.min()) / step).astype(int)
    deepest = np.full(row.max() + 1, -np.inf)
    np.maximum.at(deepest, row, behind)
    rows = np.arange(len(deepest))
    inner = np.isfinite(deepest) & (rows >= 0.2 * rows[-1]) & (rows <= 0.8 * rows[-1])
    if inner.sum() < 3:
        return mask, False
    slope, at = np.polyfit(rows[inner], deepest[inner], 1)
    index = np.argwhere(mask)
    points = vertebra.to_patient(index)
    beyond = points @ posterior - (at + slope * (points @ caudal - along.min()) / step)
    if (beyond > _BEHIND_MM).mean() < _ARCH_SHARE:
        return mask, False
    body = mask.copy()
    body[tuple(index[beyond > step / 2].T)] = False
    return body, True


def largest_piece(mask: Mask) -> Mask:
    """The largest connected piece of a mask: stray voxels are no part of a body."""
    from scipy.ndimage import label

    pieces, count = label(mask)
    return mask if count < 2 else pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))


def _midline_body(vertebra: Volume) -> Array:
    """Patient coordinates of the voxels of the body in the midline slab: its foremost sizeable piece."""
    from scipy.ndimage import label

    across, _ = vertebra.axis_towards(_LEFT)
    index = np.argwhere(vertebra.voxels)
    centre, half = np.median(index[:, across]), max(0.5, _MIDLINE_MM / vertebra.spacing_mm[across])
    kept = np.zeros(vertebra.voxels.shape, bool)
    aside = np.abs(index[:, across] - centre)
    near = index[aside <= max(half, aside.min())]  # of two pieces apart, the middle may hold nothing
    kept[tuple(near.T)] = True
    share = kept.sum(axis=across) / len(np.unique(near[:, across]))
    pieces, count = label(share >= 0.5)
    sizes = np.bincount(pieces.ravel(), minlength=2)[1:]
    points = vertebra.to_patient(near)
    piece = pieces[tuple(np.delete(near, across, axis=1).T)]
    sizeable = [i for i in range(1, count + 1) if sizes[i - 1] >= 0.25 * sizes.max()]
    if not sizeable:
        return points
    foremost = min(sizeable, key=lambda i: float(points[piece == i, 1].mean()))
    return np.asarray(points[piece == foremost])
