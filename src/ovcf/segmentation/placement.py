"""Whether bodies lie where an image shows them: their outlines fall on edges there, and on fewer when moved away.

The mean edge strength across the outlines is compared with that of the same outlines moved about in the sagittal
plane. Edges count by size, not by sign, so any contrast will do, and an edematous body too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.imaging.mid_sagittal import sagittal_volume
from ovcf.imaging.resample import resample_labels
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.imaging.volume import Volume

    Array = NDArray[np.float64]

REACH_MM, REACH_OF_FEW_MM = 40.0, 16.0
"""How far outlines are moved: beyond the next body, whose other size shows. Few bodies fit their neighbours well: they
are moved half way only."""
NEAR_MM = 5.0
"""Outlines drawn by hand, chemical shift and a patient who moved a little lie within that."""
_FEW = 3
_SURE = ((5, 1.07), (3, 1.15), (1, 1.45))
"""How many times stronger edges elsewhere must be, for at least so many bodies, to be sure that they lie elsewhere: the
fewer, the better they fit by chance (docs/decisions/007)."""
_TELLING = 5
"""So many bodies say nothing until they are sure; fewer are doubted from the first better place on."""
_STEP_MM = 2.0
_SLICES = 3
_SMOOTH_OUTLINE_MM, _SMOOTH_IMAGE_MM = 1.5, 1.0
_MAX_POINTS = 6000
_MIN_POINTS = 60
_MIN_INSIDE = 0.7


class Misplaced(NamedTuple):
    """Why bodies seem to lie elsewhere; ``sure`` where chance does not explain it."""

    why: str
    sure: bool


class _Outline(NamedTuple):
    """Points ``(slice, row, column)`` on the outlines, and the unit normals ``(row, column)`` there."""

    at: Array
    normal: Array


def misplaced(labels: Volume, image: Volume) -> Misplaced | None:
    """Why labels are not of the bodies in an image; None where they may be, or where it cannot be told.

    Raises:
        OvcfError: the image is not sagittal, or the two do not overlap.
    """
    volume = sagittal_volume(image)
    on_image = resample_labels(labels, volume).voxels
    spacing = np.array(volume.spacing_mm[1:])
    outline = _outlines(on_image, spacing)
    if len(outline.at) < _MIN_POINTS:
        return None
    count = np.count_nonzero(np.unique(on_image))
    reach = REACH_OF_FEW_MM if count < _FEW else REACH_MM
    steps = np.arange(-reach, reach + _STEP_MM / 2, _STEP_MM)
    strength = _strengths(np.asarray(volume.voxels), outline, spacing, steps)
    away = np.hypot(*np.meshgrid(steps, steps, indexing="ij"))
    here, there = (np.where(part, strength, 0.0) for part in (away <= NEAR_MM, away > NEAR_MM))
    limit = next(times for least, times in _SURE if count >= least)
    if there.max() <= here.max() * (limit if count >= _TELLING else 1.0):
        return None
    down, back = (float(steps[i]) for i in np.unravel_index(int(there.argmax()), there.shape))
    return Misplaced(
        say(
            "the outlines lie on edges of the image when moved by about {back:.0f} mm ({way}, "
            "{way_2}), not where they are",
            back=np.hypot(down, back),
            way=_way(down, "down", "up"),
            way_2=_way(back, "back", "forward"),
        ),
        sure=bool(there.max() > limit * here.max()),
    )


def _way(mm: float, positive: str, negative: str) -> str:
    return say("{mm:.0f} mm {what}", mm=abs(mm), what=positive if mm >= 0 else negative)


def _outlines(labels: NDArray[np.generic], spacing: Array) -> _Outline:
    """The outlines of every body in the slices that show most of it."""
    from scipy.ndimage import binary_erosion, find_objects, gaussian_filter

    points, normals = [], []
    for label, box in enumerate(find_objects(np.asarray(labels, np.int32)), 1):
        if box is None:
            continue
        body = labels[box] == label
        areas = body.sum(axis=(1, 2))
        for s in np.argsort(-areas, kind="stable")[:_SLICES]:
            mask = np.pad(body[s], 3)
            smooth = gaussian_filter(mask.astype(np.float32), _SMOOTH_OUTLINE_MM / spacing)
            slope = np.stack(np.gradient(smooth, *spacing), axis=-1)
            r, c = np.nonzero(mask & ~binary_erosion(mask))
            length = np.linalg.norm(slope[r, c], axis=-1)
            r, c, length = r[length > 0], c[length > 0], length[length > 0]
            points.append(
                np.column_stack([np.full(len(r), s + box[0].start), r - 3 + box[1].start, c - 3 + box[2].start])
            )
            normals.append(slope[r, c] / length[:, None])
    if not points:
        return _Outline(np.empty((0, 3)), np.empty((0, 2)))
    at, normal = np.concatenate(points), np.concatenate(normals)
    thin = len(at) // _MAX_POINTS + 1
    return _Outline(at[::thin].astype(float), normal[::thin])


def _strengths(voxels: NDArray[np.generic], outline: _Outline, spacing: Array, steps: Array) -> Array:
    """Mean edge strength across the outlines at every ``(down, back)`` of ``steps``; 0 where they leave the image."""
    from scipy.ndimage import gaussian_filter

    slices, which = np.unique(outline.at[:, 0].astype(int), return_inverse=True)
    shown = np.nan_to_num(voxels[slices].astype(np.float32))
    shown = np.minimum(shown, np.percentile(shown, 99.5))
    shown = gaussian_filter(shown, (0.0, *np.maximum(_SMOOTH_IMAGE_MM / spacing, 0.3)))
    down, back = np.gradient(shown, *spacing, axis=(1, 2))
    size = np.hypot(down, back)
    strongest = max(float(np.percentile(size, 95)), 1e-9)
    # A few very bright borders (fat, vessels) must not outweigh all others.
    scale = np.minimum(1.0, strongest / np.maximum(size, 1e-9)) / strongest
    down, back = down * scale, back * scale
    found = np.zeros((len(steps), len(steps)))
    # Rows depend on the way down alone, columns on the way back.
    rows, columns = ([np.rint(outline.at[:, k + 1] + mm / spacing[k]).astype(int) for mm in steps] for k in range(2))
    in_rows, in_columns = (
        [(at >= 0) & (at < shown.shape[k + 1]) for at in places] for k, places in enumerate((rows, columns))
    )
    # One index into all pixels is looked up several times as fast as three.
    down, back, wide = down.ravel(), back.ravel(), shown.shape[2]
    to_down, to_back = (np.ascontiguousarray(outline.normal[:, k]) for k in range(2))
    at_row = [which * shown[0].size + at * wide for at in rows]
    whole_rows, whole_columns = ([bool(inside.all()) for inside in each] for each in (in_rows, in_columns))
    for i, j in np.ndindex(found.shape):
        at, one, two = at_row[i] + columns[j], to_down, to_back
        if not (whole_rows[i] and whole_columns[j]):
            inside = in_rows[i] & in_columns[j]
            if np.count_nonzero(inside) < _MIN_INSIDE * len(inside):
                continue
            at, one, two = at[inside], one[inside], two[inside]
        across = down.take(at)
        across *= one
        across += back.take(at) * two
        found[i, j] = np.add.reduce(np.abs(across, out=across)) / len(across)
    return found
