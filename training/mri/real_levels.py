"""What the model sees of real lumbar columns whose levels their readers drew: beside the digital ones of
``level_evidence.py``, since real sacra are taken for L5 more often.

T1 of patients learnt from (``real_mri.py``), whole and cut off below, clean and spoilt. A reader counted L1 to S1 in
the lumbar image alone, so a sixth lumbar vertebra may have been called S1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from skimage.draw import polygon2mask

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.imaging.volume import Volume
from training.mri.real_mri import DATA, T1_PIXEL_MM, grey, polygon_file, t1_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.segmentation.network.fusion import SpineMap

    Array = NDArray[np.float64]

_LEVELS = STANDARD_COLUMN.levels


def volume_of(slices: NDArray[np.float32], pixel_mm: float, across_mm: float = 4.0) -> Volume:
    """Slices ``(n, rows, columns)``, anterior on the left, as a volume of a patient."""
    affine = np.eye(4)
    affine[:3, :3] = [[across_mm, 0, 0], [0, 0, pixel_mm], [0, -pixel_mm, 0]]
    return Volume(np.asarray(slices, np.float32), affine)


def untouched_t1(name: str) -> tuple[NDArray[np.float32], dict[str, Array], float]:
    """A T1 image as it is, its polygons (row, column) and its pixel in mm."""
    drawn: Mapping[str, list[list[float]]] = polygon_file()[name]["polygons"]  # type: ignore[assignment]
    polygons = {level: np.array(p)[:, ::-1] - 0.5 for level, p in drawn.items()}
    return grey(DATA / "mri-t1-polygons/images" / name), polygons, T1_PIXEL_MM


def learnt_t1(count: int) -> list[str]:
    """Untouched images of patients learnt from."""
    listed = polygon_file()
    return [name for name in t1_names(judge=False) if listed[name]["split_of_publisher"] != "train"][:count]


def levels_of(spine: SpineMap, volume: Volume, polygons: Mapping[str, Array]) -> tuple[Level, ...] | None:
    """The level of each body found; None where one is none, or one between is missing."""
    shape = volume.voxels.shape[1:]
    masks = {Level(level): polygon2mask(shape, polygon) for level, polygon in polygons.items()}
    found: list[Level | None] = []
    for centre in spine.centres:
        row, column = np.rint(volume.to_index(centre)[1:]).astype(int).clip(0, np.array(shape) - 1)
        found.append(next((level for level, mask in masks.items() if mask[row, column]), None))
    known = [(i, _LEVELS.index(level)) for i, level in enumerate(found) if level is not None]
    if not known or len({place - i for i, place in known}) > 1:
        return None
    first = known[0][1] - known[0][0]
    # Above L1 nothing was drawn: those bodies are counted on. Below S1 there is none.
    if first < 0 or any(level is None for level in found[known[0][0] :]):
        return None
    return _LEVELS[first : first + len(found)]
