"""The outline of every vertebral body of a label map in its own sagittal plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.segmentation.outline import outlines
from ovcf.segmentation.points.landmarks_from_bodies import cropped_bodies, shift_mm

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.segmentation.label_map import VertebralBodies


def body_outlines(
    bodies: VertebralBodies, plane: SagittalPlane, levels: Collection[Level]
) -> dict[Level, NDArray[np.float64]]:
    """Closed outlines ``(n, 2)`` in plane millimetres, where the landmarks are found too; what has none is left out."""
    found = {}
    for level, body in cropped_bodies(bodies).items():
        if level in levels and level not in bodies.unfit:
            ring = outlines(body, plane, np.array([shift_mm(body, plane)[0]]))[0]
            if ring is not None:
                found[level] = ring
    return found
