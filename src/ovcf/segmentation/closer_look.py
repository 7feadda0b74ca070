"""Further readings of the slices that hold vertebral bodies, on finer pixels; the mean of all readings counts.

What errs because of where pixels happen to lie, or of how large a vertebra looks to the network, errs less in the mean.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.resample import at_rows_and_columns
from ovcf.segmentation.fusion import fused
from ovcf.segmentation.inference import (
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
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.imaging.volume import Volume
    from ovcf.segmentation.fusion import SpineMap
    from ovcf.segmentation.inference import Network

    Part = tuple[slice, slice]

FINER = (0.9, 0.8)
"""Their sizes as shares of the network's pixels; training enlarges views as much (``training/slices.py``). Against
none but 0.8, and that on the middle slices only, model 0.11 gained 0.003 of the Dice of bodies and discs and nothing of
that of canals (8 digital patients from 60830); landmarks erred by 0.31 mm where they did by 0.33 (3 from 60850)."""
_MARGIN_MM = 40.0
"""How much is read around the bodies: what the network needs to know where it is."""
_KEPT_MM = 12.0
"""How much around the bodies these readings count: beyond lies nothing that landmarks or outlines are found on."""


def read_closely(volume: Volume, network: Network, *, ct: bool = False) -> SpineMap:
    """The column in a sagittal or near-isotropic volume, its bodies read on finer pixels as well.

    Raises:
        SeriesGeometryError: no sagittal planes can be read from it, or it holds no image.
    """
    return closer_look(fused(slice_maps(volume, network, ct=ct)), volume, network, ct=ct)


def closer_look(spine: SpineMap, volume: Volume, network: Network, *, ct: bool = False) -> SpineMap:
    """The column with what all readings say of its bodies and around them; which bodies there are stays.

    ``volume`` is that of the first reading.
    """
    from scipy.ndimage import find_objects

    column = find_objects((spine.instances > 0).view(np.int8))
    if not column:
        return spine
    held, *bodies = column[0]
    kept = _around(bodies, _KEPT_MM, spine.instances.shape[1:])
    maps = np.concatenate([spine.maps.classes, spine.maps.points])
    part = maps[:, held, kept[0], kept[1]]
    readings = [_read_at(finer, spine, volume, network, held, kept, ct=ct) for finer in FINER]
    part[:] = np.mean([part, *readings], axis=0, dtype=np.float32)
    return replace(spine, maps=SliceMaps(maps[: len(CLASSES)], maps[len(CLASSES) :], spine.maps.affine))


def _read_at(
    finer: float, spine: SpineMap, volume: Volume, network: Network, held: slice, kept: Part, *, ct: bool
) -> NDArray[np.float32]:
    """What is seen of slices ``held`` on pixels so much finer, at the places ``kept`` of the first reading's."""
    count, *shape = spine.instances.shape
    beside = range(max(held.start - 1, 0), min(held.stop + 1, count))
    slices, _, inside = network_slices(volume, ct=ct, pixel_mm=finer * PIXEL_MM, only=beside)
    read = tuple(slice(int(s.start / finer), int(s.stop / finer)) for s in _around(kept, _MARGIN_MM - _KEPT_MM, shape))
    alone = np.stack([normalised(*one)[read] for one in zip(slices, inside, strict=True)])
    seen = seen_by(network, with_neighbours(alone)[held.start - beside.start :][: held.stop - held.start])
    # The borders of both grids coincide: pixel centres are half a pixel inside.
    places = [(np.arange(k.start, k.stop) + 0.5) / finer - 0.5 - r.start for k, r in zip(kept, read, strict=True)]
    return at_rows_and_columns(seen, *places)


def _around(part: Sequence[slice], mm: float, shape: Sequence[int]) -> Part:
    """A part of a slice of the first reading with so much around it."""
    more = int(mm / PIXEL_MM)
    rows, columns = (slice(max(0, s.start - more), min(n, s.stop + more)) for s, n in zip(part, shape, strict=True))
    return rows, columns
