"""What the readers of a real image drew, and what they did not: for every pixel the classes that it may have.

A set of classes is a number whose bit ``k`` stands for class ``k``. What nobody drew is unknown, not background.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import distance_transform_edt, label
from skimage.draw import polygon2mask

from ovcf.segmentation.network.inference import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Sets = NDArray[np.uint8]

UNKNOWN = 2 ** len(CLASSES) - 1
LUMBAR = ("L1", "L2", "L3", "L4", "L5")
DISC, VERTEBRA, CANAL = 1, 2, 3
"""Values of the masks of whole vertebrae."""
_WALL_MM = 1.0
"""As far before and behind the canal's front a vertebra may be body or arch."""


def one_of(*names: str) -> int:
    """The set of these classes."""
    return sum(1 << CLASSES.index(name) for name in names)


def loosened(sets: Sets, reach_px: float) -> Sets:
    """Borders left to the network: a pixel may be what any pixel within ``reach_px`` may be, or the cortex between."""
    out = sets.copy()
    for k in range(len(CLASSES)):
        may = (sets >> k & 1).astype(bool)
        if may.any():
            out |= (distance_transform_edt(~may) <= reach_px).astype(np.uint8) << k
    return np.where(out == sets, sets, out | one_of("background")).astype(np.uint8)


def of_polygons(polygons: Mapping[str, Array], shape: tuple[int, int], reach_px: float) -> Sets:
    """Sets of an image in which only L1-L5 and S1 were drawn, as polygons ``(n, 2)`` of (row, column).

    Caudal to the upper endplate of L1 nothing else is a body; cranial to the lower endplate of L5 nothing is sacrum.
    """
    sets = np.full(shape, UNKNOWN, np.uint8)
    sets[_along(polygons, "L1", "L2", shape) > _ends(polygons, "L1", "L2")[0]] &= ~one_of("body") & UNKNOWN
    sets[_along(polygons, "L5", "S1", shape) < _ends(polygons, "L5", "S1")[1]] &= ~one_of("sacrum") & UNKNOWN
    for level, polygon in polygons.items():
        sets[polygon2mask(shape, polygon)] = one_of("body" if level in LUMBAR else "sacrum")
    return loosened(sets, reach_px)


def _axis(polygons: Mapping[str, Array], level: str, below: str) -> tuple[Array, Array]:
    here, there = polygons[level].mean(axis=0), polygons[below].mean(axis=0)
    return here, (there - here) / np.linalg.norm(there - here)


def _along(polygons: Mapping[str, Array], level: str, below: str, shape: tuple[int, int]) -> Array:
    here, axis = _axis(polygons, level, below)
    return (np.mgrid[: shape[0], : shape[1]].transpose(1, 2, 0) - here) @ axis


def _ends(polygons: Mapping[str, Array], level: str, below: str) -> tuple[float, float]:
    here, axis = _axis(polygons, level, below)
    along = (polygons[level] - here) @ axis
    return float(along.min()), float(along.max())


def canal_front(masks: NDArray[np.uint8], middle: NDArray[np.bool_]) -> Array:
    """The canal's anterior border (column) in every row, from the middle ones of slices ``(n, rows, columns)``."""
    canal = masks[middle] == CANAL
    first = np.where(canal.any(axis=2), canal.argmax(axis=2), np.nan)
    rows = np.flatnonzero(np.isfinite(first).any(axis=0))
    return np.interp(np.arange(masks.shape[1]), rows, np.nanmedian(first[:, rows], axis=0))


def middle_slices(masks: NDArray[np.uint8], spacing_mm: float, within_mm: float = 4.0) -> NDArray[np.bool_]:
    """The slices around the middle of the canal."""
    area = (masks == CANAL).sum(axis=(1, 2)).astype(float)
    n = np.arange(len(masks))
    return np.abs(n - (area**2 @ n) / (area**2).sum()) * spacing_mm <= within_mm


def of_mask(mask: NDArray[np.uint8], front: Array, *, middle: bool, pixel_mm: float, reach_px: float) -> Sets:
    """Sets of a slice with whole vertebrae, discs and a canal that reaches too far to the side; no sacrum.

    A vertebra before the canal's ``front`` (column by row) is body, behind it arch.
    """
    columns = np.arange(mask.shape[1])[None, :]
    away = (columns - front[:, None]) * pixel_mm
    sides = one_of("background", "canal", "cord")
    sets = np.full(mask.shape, one_of("background") if middle else sides, np.uint8)
    sets[: np.flatnonzero((mask > 0).any(axis=1))[0]] = UNKNOWN
    sets[_below_lowest_disc(mask)] = UNKNOWN & ~one_of("body", "disc")
    vertebra = mask == VERTEBRA
    sets[vertebra] = one_of("body", "arch")
    sets[vertebra & (away < -_WALL_MM)] = one_of("body")
    sets[vertebra & (away > _WALL_MM)] = one_of("arch")
    sets[mask == DISC] = one_of("disc")
    sets[mask == CANAL] = one_of("canal", "cord") if middle else sides
    return loosened(sets, reach_px)


def _below_lowest_disc(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    pieces, n = label(mask == DISC)
    if not n:
        return np.ones(mask.shape, bool)
    large = [k for k in range(1, n + 1) if (pieces == k).sum() >= 0.3 * np.bincount(pieces.ravel())[1:].max()]
    rows, columns = np.nonzero(pieces == max(large, key=lambda k: np.nonzero(pieces == k)[0].mean()))
    slope, start = np.polyfit(columns, rows, 1)
    r, c = np.mgrid[: mask.shape[0], : mask.shape[1]]
    return np.asarray(r > start + slope * c)
