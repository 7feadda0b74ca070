"""Where the points of a landmark set lie on the images as DICOM stores them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.stored import StoredFrame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.landmarks import Point
    from ovcf.reading.observations import LandmarkSet, ObservedSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class OnImage:
    """Points of one landmark set on the one stored image that they lie on, or nearest to.

    ``points`` are (column, row) in DICOM's count: 0 at the outer corner of the first pixel, 0.5 at its centre
    (PS3.3 C.18.6.1.1). ``off_mm`` is the distance of that image from the plane of the landmarks, 0 for a radiograph.
    """

    series_uid: str
    sop_class: str
    frame: StoredFrame
    points: tuple[Point, ...]
    off_mm: float = 0.0


def on_image(series: ObservedSeries | None, landmarks: LandmarkSet, points: Sequence[Point]) -> OnImage | None:
    """Points in the frame of a landmark set on a stored image of a series that shows it, usually ``landmarks.series``.

    None where the series is no DICOM or not known, where no slice lies within half a slice distance of the plane, or
    where the slices run across it.
    """
    stored = None if series is None else series.stored
    if series is None or stored is None:
        return None
    if landmarks.plane is not None:
        number = stored.slice_of(landmarks.plane)
        if number is None:
            return None
        placed = stored.on_slice(number, landmarks.plane.to_patient(points))
        off = abs(float(landmarks.plane.distance_off_plane(stored.middle(number))))
    else:
        down, across = series.spacing_mm or (1.0, 1.0)
        if not landmarks.source.calibrated:
            down, across = 1.0, across / down
        number, off = 0, 0.0
        placed = stored.on_film(np.asarray(points, float) / (across, down))
    return OnImage(
        series_uid=stored.series_uid,
        sop_class=stored.sop_class,
        frame=stored.frames[number],
        points=tuple((float(column), float(row)) for column, row in placed.tolist()),
        off_mm=off,
    )
