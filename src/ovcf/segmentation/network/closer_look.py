"""A second reading of the slices that landmarks are found on, on finer pixels; the mean of both readings counts.

What errs because of where pixels happen to lie, or of how large a vertebra looks to the network, errs less in the mean.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.resample import at_rows_and_columns
from ovcf.segmentation.network.fusion import fused
from ovcf.segmentation.network.inference import (
    CLASSES,
    PIXEL_MM,
    SliceMaps,
    network_slices,
    normalised,
    seen_by,
    slice_maps,
    with_neighbours,
)

if TYPE_CHECKING:
    from ovcf.imaging.volume import Volume
    from ovcf.segmentation.network.fusion import SpineMap
    from ovcf.segmentation.network.inference import Network

_REACH_MM = 3.0
"""To either side of a body's middle, or as far as the next slice."""
FINER = 0.8
"""Their size as a share of the network's pixels; training enlarges views as much (``training/mri/slices.py``)."""
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
    from scipy.ndimage import find_objects

    boxes = find_objects(spine.instances)
    if not boxes:
        return spine
    middles = [(box[0].start + box[0].stop - 1) / 2 for box in boxes]
    spacing = float(np.linalg.norm(spine.maps.affine[:3, 0]))
    reach = max(spacing, _REACH_MM) / spacing
    near = [s for s in range(len(spine.instances)) if min(abs(s - m) for m in middles) <= reach]
    read_too = sorted({k for s in near for k in (s - 1, s, s + 1)} & set(range(len(spine.instances))))
    slices, _, inside = network_slices(volume, ct=ct, pixel_mm=FINER * PIXEL_MM, only=read_too)
    bodies = find_objects((spine.instances > 0).view(np.int8))[0][1:]
    read = tuple(
        slice(max(0, int((s.start - _MARGIN_MM / PIXEL_MM) / FINER)), int((s.stop + _MARGIN_MM / PIXEL_MM) / FINER))
        for s in bodies
    )
    alone = np.stack([normalised(*one)[read] for one in zip(slices, inside, strict=True)])
    fine = seen_by(network, with_neighbours(alone)[np.isin(read_too, near)])
    kept = tuple(
        slice(max(0, int(s.start - _KEPT_MM / PIXEL_MM)), min(n, int(s.stop + _KEPT_MM / PIXEL_MM)))
        for s, n in zip(bodies, spine.instances.shape[1:], strict=True)
    )
    # The borders of both grids coincide: pixel centres are half a pixel inside.
    places = [(np.arange(k.start, k.stop) + 0.5) / FINER - 0.5 - r.start for k, r in zip(kept, read, strict=True)]
    both = [spine.maps.classes.copy(), spine.maps.points.copy()]
    for old, new in zip(both, np.split(fine, [len(CLASSES)]), strict=True):
        part = old[:, :, kept[0], kept[1]]
        part[:, near] = (part[:, near] + at_rows_and_columns(new, *places)) / 2
    return replace(spine, maps=SliceMaps(both[0], both[1], spine.maps.affine))
