"""What was read on a lateral radiograph, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.imaging.study import Series
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.places import Place


@dataclass(frozen=True, slots=True, eq=False)
class RadiographReading:
    """Landmarks found on a radiograph. ``series`` is the image they lie on, anterior at the left.

    Coordinates are millimetres where the image is calibrated, else pixels (of a row's height), the centre of the first
    pixel at 0. ``mm_per_pixel`` is the scale at the patient that was read at. ``withheld`` names levels without
    landmarks, with the reason; where even the level is not sure, it is None. ``places`` are those of all bodies found,
    ``doubts`` what a reader must check about how the film is held.
    """

    series: Series
    spine: SpineLandmarks
    mm_per_pixel: float
    notes: tuple[str, ...]
    withheld: tuple[tuple[Level | None, str], ...]
    places: tuple[Place, ...] = ()
    doubts: tuple[str, ...] = ()
