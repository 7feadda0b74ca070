"""Where the bodies of a label map lie in a sagittal plane, whether they could be measured or not: for pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.segmentation.points.landmarks_from_bodies import cropped_bodies

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.landmarks import Point
    from ovcf.segmentation.label_map import VertebralBodies


@dataclass(frozen=True, slots=True)
class Place:
    """The box around one body in the plane frame; ``number`` counts the bodies of the image cranial to caudal."""

    number: int
    level: Level
    low: Point
    high: Point


def places_of(bodies: VertebralBodies, plane: SagittalPlane, unit_mm: float = 1.0) -> tuple[Place, ...]:
    """The place of every body, cranial to caudal, in units of ``unit_mm`` (a pixel of an uncalibrated radiograph)."""
    found = []
    numbers = {level: label for label, level in bodies.levels.items()}
    for level, body in cropped_bodies(bodies).items():
        points = plane.from_patient(body.to_patient(np.argwhere(body.voxels))) / unit_mm
        (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        found.append(Place(numbers[level], level, (x0, y0), (x1, y1)))
    return tuple(found)
