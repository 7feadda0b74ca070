"""Published sizes that the survey does not hold: T1-T3, L5, the sacrum, widths, canal, cord, posterior elements.

Marks: S read in the source, M from memory and to be verified, P chosen here so that the drawing looks right. Body
sizes follow Panjabi 1991 and 1992 (M; thoracic: Spine 16:888; lumbar: Spine 17:299; 12 cadaver spines); only ratios
to the neighbouring survey level and to the body's depth are used, but for the canal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ovcf.anatomy import VertebralColumn


class Sizes(NamedTuple):
    """Millimetres of one level: posterior height, superior depth, superior width, canal depth (M, Panjabi)."""

    height: float
    depth: float
    width: float
    canal: float


POSITIONS = (*(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6)))
PANJABI = dict(
    zip(
        POSITIONS,
        map(
            Sizes._make,
            (
                (14.1, 18.5, 24.5, 16.4),
                (15.6, 19.6, 24.9, 15.7),
                (15.7, 22.7, 24.6, 15.8),
                (16.2, 23.3, 24.5, 16.1),
                (16.2, 24.3, 24.9, 16.3),
                (17.4, 26.0, 26.2, 16.5),
                (18.2, 27.4, 27.8, 16.4),
                (18.7, 27.9, 29.5, 16.4),
                (19.3, 29.3, 30.6, 15.9),
                (20.2, 30.5, 31.9, 15.8),
                (21.3, 31.9, 34.9, 16.3),
                (22.7, 32.8, 39.0, 17.7),
                (23.8, 34.1, 41.2, 19.0),
                (24.3, 34.6, 42.6, 18.2),
                (23.8, 35.2, 44.1, 17.5),
                (24.1, 35.5, 46.6, 18.6),
                (22.9, 34.7, 47.3, 19.7),
            ),
        ),
        strict=True,
    )
)

#: Anterior over posterior height: L5 30.3 / 26.3 mm (S, CT of 196 adults, Cook and Baker 2021, Int J Spine Surg
#: 15:1072); T1-T3 nearly square (chosen).
ANTERIOR_RATIO = {"T1": 0.97, "T2": 0.96, "T3": 0.95, "L5": 1.15}
#: Disc below the level: angle in degrees (kyphosis positive) and SD, height in mm. L4-S1 lordosis of 627 healthy people
#: is 29.8 degrees, SD 8.0, recumbent (S, PMC6680033): some 8 of it in the bodies of L4 and L5 (S, PMC2899959), the rest
#: in the discs. Heights M; upper thoracic discs nearly parallel (chosen).
DISC_BELOW = {
    "T1": (1.0, 1.5, 4.2),
    "T2": (1.0, 1.5, 3.8),
    "T3": (1.5, 1.5, 3.6),
    "L4": (-9.5, 4.5, 9.5),
    "L5": (-12.0, 5.0, 9.0),
}
#: S1 to S3: anterior height, posterior height, superior depth, inferior depth as fractions of the L5 posterior height
#: and superior depth; and the angle and height (mm) of the joint below (chosen, from the sacral curve of adults).
SACRUM = ((1.15, 1.00, 0.97, 0.62, 9.0, 1.8), (0.92, 0.85, 0.60, 0.46, 13.0, 1.0), (0.78, 0.72, 0.45, 0.32, 0.0, 0.0))
#: What is left of the disc between S1 and S2, by the types of O'Driscoll 1996: none, a remnant, a whole disc, a whole
#: disc below a squared S1. How many people have it; its height (mm), low and high; the inferior depth of S1; how much
#: of the joint's angle is left. Types M, figures P.
SACRAL_DISC = (
    (0.25, (0.8, 1.6), 0.62, 1.0),
    (0.45, (1.4, 3.0), 0.66, 0.9),
    (0.20, (2.5, 5.0), 0.74, 0.7),
    (0.10, (3.5, 7.0), 0.88, 0.4),
)
#: Depth of the sacral canal at S1, S2, S3 as a fraction of L5's (chosen).
SACRAL_CANAL = (0.75, 0.55, 0.40)
#: Depth of the cord (M: about 6.5 mm in the thoracic canal, lumbar enlargement 8 mm) by position, T1 = 0.
CORD_DEPTH_MM = (np.array([0.0, 2.0, 4.0, 8.0, 10.5, 11.5]), np.array([7.2, 6.6, 6.4, 6.6, 8.0, 7.6]))
#: Tip of the conus, by position with L1 = 12: lower third of L1, SD one body (M: Saifuddin 1998, 504 adults).
CONUS = (12.3, 0.8)
#: Fall of the spinous process below the canal's normal, degrees, and its length in body depths (chosen, atlases).
SPINOUS_FALL_DEG = (
    np.array([0.0, 3.0, 6.0, 9.0, 11.0, 12.0, 16.0]),
    np.array([30.0, 45.0, 55.0, 45.0, 20.0, 10.0, 5.0]),
)
SPINOUS_LENGTH = (np.array([0.0, 3.0, 7.0, 11.0, 14.0, 16.0]), np.array([1.55, 1.35, 1.2, 0.85, 0.85, 0.6]))


def of_position(table: dict[str, Sizes], field: str) -> np.ndarray:
    """One column of :data:`PANJABI`, T1 to L5."""
    return np.array([getattr(table[p], field) for p in POSITIONS])


def positions(column: VertebralColumn, *, with_s1: bool = False) -> np.ndarray:
    """Where each vertebra of a column stands on the standard scale T1 = 0 to L5 = 16.

    A variant number of vertebrae is spread evenly over its region, so its last one still looks like a last one.
    """
    found = np.concatenate([np.linspace(0, 11, column.thoracic), np.linspace(12, 16, column.lumbar)])
    return np.append(found, 16.0) if with_s1 else found
