"""A second reading of the slices that landmarks are found on, on finer pixels; the mean of both readings counts.

What errs because of where pixels happen to lie, or of how large a vertebra looks to the network, errs less in the mean.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.segmentation.fusion import fused
from ovcf.segmentation.inference import (
    CLASSES,
    PIXEL_MM,
    SliceMaps,
    network_slices,
    normalised,
    seen_by,
    slice_maps,
)

if TYPE_CHECKING:
    from ovcf.imaging.volume import Volume
    from ovcf.segmentation.fusion import SpineMap
    from ovcf.segmentation.inference import Network

FINER = 0.8
"""Their size as a share of the network's pixels; training enlarges views as much (``training/slices.py``)."""
_MARGIN_MM = 40.0
"""How much is read around the bodies: what the network needs to know where it is."""
_KEPT_MM = 12.0
"""How much around the bodies the second reading counts: beyond lies nothing that landmarks or outlines are found on."""


def read_twice(volume: Volume, network: Network, *, ct: bool = False) -> SpineMap:
    """The column in a sagittal or near-isotropic volume, the middles of its bodies read on finer pixels as well.

    Raises:
        SeriesGeometryError: no sagittal planes can be read from it, or it holds no image.
    """
    return closer_look(fused(slice_maps(volume, network, ct=ct)), volume, network, ct=ct)


def closer_look(spine: SpineMap, volume: Volume, network: Network, *, ct: bool = False) -> SpineMap:
    """The column with what both readings say of the middle slices of its bodies; which bodies there are stays.

    ``volume`` is that of the first reading, whose slices are read again around the bodies only.
    """
    from scipy.ndimage import affine_transform

    bodies = np.argwhere(spine.instances > 0)
    if not len(bodies):
        return spine
    middles = [np.median(np.flatnonzero((spine.instances == k).any(axis=(1, 2)))) for k in range(1, len(spine) + 1)]
    near = [s for s in range(len(spine.instances)) if min(abs(s - m) for m in middles) <= 1]
    slices, _, inside = network_slices(volume, ct=ct, pixel_mm=FINER * PIXEL_MM)
    low, high = bodies[:, 1:].min(axis=0), bodies[:, 1:].max(axis=0) + 1
    read = [
        slice(max(0, int((a - _MARGIN_MM / PIXEL_MM) / FINER)), int((b + _MARGIN_MM / PIXEL_MM) / FINER))
        for a, b in zip(low, high, strict=True)
    ]
    fine = seen_by(network, np.stack([normalised(slices[s], inside[s])[tuple(read)] for s in near]))
    kept = [
        slice(max(0, int(a - _KEPT_MM / PIXEL_MM)), min(n, int(b + _KEPT_MM / PIXEL_MM)))
        for a, b, n in zip(low, high, spine.instances.shape[1:], strict=True)
    ]
    # The borders of both grids coincide: pixel centres are half a pixel inside.
    start = [(k.start + 0.5) / FINER - 0.5 - r.start for k, r in zip(kept, read, strict=True)]
    size = tuple(k.stop - k.start for k in kept)
    both = np.concatenate([spine.maps.classes, spine.maps.points])
    for i, s in enumerate(near):
        for old, new in zip(both, fine, strict=True):
            again = affine_transform(
                new[i].astype(np.float32), (1 / FINER, 1 / FINER), start, output_shape=size, order=1, mode="nearest"
            )
            old[s][tuple(kept)] = (old[s][tuple(kept)] + again) / 2
    n = len(CLASSES)
    return replace(spine, maps=SliceMaps(both[:n], both[n:], spine.maps.affine))
