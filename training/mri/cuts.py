"""Thick slices through a digital patient: tissues, the class of every pixel, and landmarks.

Bodies end where the cortex ends (CT) or where marrow is seen (MRI); a cut holds what both need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.frame import ARCH, ARTICULAR, BODY, CANAL, CORD, DISC, SACRUM, SPINOUS
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid, fill
from ovcf.segmentation.network.inference import CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

RIM_MM = 0.3
"""Where a body ends on MRI, outside its marrow: as those who trace it by hand and the label maps of SPINEPS have it.
How thick the dark band beyond is (cortex, cartilage, ligament) varies, and says nothing."""
SAC_MARGIN_MM = 1.8
"""How far the canal's class reaches beyond the sac, within the canal: dura and the dark band around it."""
CANVAS_MM, GRID_MM = 310.0, 0.9
_SPACING_MM = (2.0, 6.0)
"""From one slice to the next."""
_PART = np.zeros(256, np.uint8)
for _class, _parts in enumerate(((BODY,), (DISC,), (CANAL,), (CORD,), (SACRUM,), (ARCH, SPINOUS, ARTICULAR)), 1):
    _PART[list(_parts)] = _class


class Drawn(NamedTuple):
    """Class of every pixel, and landmarks ``(bodies, 6, 2)`` as (row, column)."""

    classes: NDArray[np.uint8]
    points: Array


class Slab(NamedTuple):
    """One thick slice: sub-slices of tissue, and where anything may be drawn over it."""

    tissues: tuple[NDArray[np.uint8], ...]
    free: NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """A slice and those beside it, and what is drawn in it where the cortex is seen (CT) and where it is not (MRI).

    ``outlines`` are those of the bodies' marrow (plane mm) and ``points`` its landmarks; ``front`` is the x of the
    spine's anterior border in every row (mm).
    """

    slabs: tuple[Slab, ...]
    cortex: Drawn
    outlines: tuple[Array, ...]
    points: Array
    front: Array
    grid: Grid

    def marrow(self, moved_mm: Array | tuple[float, float] = (0.0, 0.0)) -> Drawn:
        """Bodies as far as their marrow is seen, which chemical shift has moved (x, y)."""
        classes = self.cortex.classes.copy()
        classes[classes == CLASSES.index("body")] = 0
        for outline in self.outlines:
            if (patch := fill(outline + moved_mm, self.grid)) is not None:
                classes[patch.rows, patch.columns][patch.mask] = CLASSES.index("body")
        return Drawn(classes, self.points + np.array(moved_mm)[::-1] / self.grid.pixel_mm)


def cut(rng: np.random.Generator, patient: PatientVolume, lateral_mm: float, centre: Array) -> Cut:
    """A thick slice of a patient around a place of the plane (mm), and the slices to either side of it."""
    n = int(CANVAS_MM / GRID_MM)
    grid = Grid(centre[0] - CANVAS_MM / 2, centre[1] - CANVAS_MM / 2, GRID_MM, n, n)
    spacing = rng.uniform(*_SPACING_MM)
    # Thin slices are averaged in groups that overlap; others leave a gap.
    thick = rng.uniform(1.0, 1.5) * spacing if spacing < 3 and rng.random() < 0.4 else rng.uniform(0.5, 1) * spacing
    side = rng.choice([-1, 1])
    classes, own = _slab(patient, lateral_mm, grid, thick)
    beside = (_slab(patient, lateral_mm + away * spacing, grid, thick)[1] for away in (side, -side))
    # Lateral recesses and the fat behind the sac are no canal, as in the label map of the TPTBox sample, which SPINEPS
    # drew.
    classes[(classes == CLASSES.index("canal")) & ~patient.around_sac(lateral_mm, SAC_MARGIN_MM, grid)] = 0
    cortex = Drawn(classes, _points(patient, lateral_mm, grid, 0.0))
    inwards = patient.cortex_mm - RIM_MM
    outlines = (
        patient.body_outline(body, lateral_mm, inwards) for body in patient.shape.bodies if body.level is not Level.S1
    )
    points = _points(patient, lateral_mm, grid, inwards)
    drawn = tuple(o for o in outlines if o is not None)
    return Cut((own, *beside), cortex, drawn, points, patient.front(grid), grid)


def _slab(patient: PatientVolume, lateral_mm: float, grid: Grid, thick: float) -> tuple[NDArray[np.uint8], Slab]:
    """The class of every pixel in the middle of a thick slice, and the slice."""
    # Soft tissues change little over the thickness of a slice.
    around = patient.soft_tissues(lateral_mm, grid)
    middle = patient.plane(lateral_mm, grid, around)
    tissues = [middle.tissue] + [
        patient.plane(lateral_mm + across * thick, grid.moved(dx * GRID_MM, dy * GRID_MM), around).tissue
        for across, dx, dy in ((-0.35, 0.25, -0.25), (0.35, -0.25, 0.25))
    ]
    classes = _PART[middle.part]
    return classes, Slab(tuple(tissues), (classes == 0) & (middle.tissue != Tissue.AIR))


_INWARDS = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [0, 1], [0, -1]])
"""The way from each landmark into the body, to posterior and to caudal."""


def _points(patient: PatientVolume, lateral_mm: float, grid: Grid, inwards: float) -> Array:
    found = []
    for body in patient.shape.bodies:
        frame = patient.frames[body.level]
        u, dy = patient.beside(body.level, lateral_mm)
        if abs(u) > 0.7 * frame.half_width:
            continue
        six = frame.cut(body.landmarks.array, u)
        if six is None:
            continue
        if body.level is Level.S1:
            six[2:4] = six[5] = np.nan  # the sacrum's lower border is no endplate
        else:
            six = six + inwards * _INWARDS @ np.stack([frame.posterior, frame.caudal])
        found.append(np.column_stack([six[:, 1] + dy - grid.y0, six[:, 0] - grid.x0]) / grid.pixel_mm)
    return np.array(found).reshape(-1, 6, 2)
