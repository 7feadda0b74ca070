"""Fat and vessels lie in the waist of a body, outside it, where a slice cuts its flank."""

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build


def flank(share: float):
    _, patient = build(Recipe(seed=10, scoliosis_deg=0.0))
    f = patient.frames[Level.L3]
    grid = Grid(f.centre[0] - 30, f.centre[1] - 20, 0.5, 80, 120)
    patient.calibrate(grid, [0.0])
    lateral = patient.lateral_mm(Level.L3) + share * f.half_width
    return patient.plane(lateral, grid), patient.soft_tissues(lateral, grid), f, grid


def test_vessels_run_in_front_of_the_middle_of_a_flank() -> None:
    canvas, around, f, grid = flank(0.9)
    new = (canvas.tissue == Tissue.BLOOD) & (around != Tissue.BLOOD)
    assert new.any()
    rows = np.flatnonzero(new.any(axis=1)) * grid.pixel_mm + grid.y0
    assert np.abs(rows - f.centre[1]).max() < 0.35 * f.height
    assert not (canvas.vertebra[new] > 0).any()


def test_the_middle_slice_has_none() -> None:
    canvas, around, *_ = flank(0.0)
    assert not ((canvas.tissue == Tissue.BLOOD) & (around != Tissue.BLOOD)).any()
