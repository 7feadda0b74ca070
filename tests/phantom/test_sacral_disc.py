"""What is left of the disc between S1 and S2 differs from person to person, and belongs to the sacrum."""

import numpy as np

from ovcf.anatomy import Level
from ovcf.geometry import polygon_area
from ovcf.phantom.body.frame import SACRUM
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build
from ovcf.phantom.shape import sample_spine


def test_people_differ_in_what_is_left_of_the_sacral_disc() -> None:
    areas = [abs(polygon_area(sample_spine(np.random.default_rng([seed, 1])).sacral_disc)) for seed in range(30)]
    assert min(areas) < 60
    assert max(areas) > 150


def test_the_sacral_disc_is_labelled_as_the_sacrum_and_not_as_a_disc() -> None:
    _, patient = build(Recipe(seed=10))
    centre = patient.frames[Level.S1].centre
    grid = Grid(centre[0] - 60, centre[1] - 50, 0.6, 200, 200)
    patient.calibrate(grid, [0.0])
    canvas = patient.plane(patient.lateral_mm(Level.S1), grid)
    column, row = ((patient.shape.sacral_disc.mean(axis=0) - (grid.x0, grid.y0)) / grid.pixel_mm).round().astype(int)
    assert canvas.part[row, column] == SACRUM
    assert canvas.vertebra[row, column] == SACRUM
