"""What the chest lays over the spine of a training radiograph lies where anatomy has it."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.phantom.raster import Grid
from training.films.chest import chest, scapula
from training.mri import patients

GRID = Grid(-220.0, -260.0, 2.0, 260, 170)


@pytest.fixture(scope="module")
def patient():
    return patients.draw_patient(np.random.default_rng(3), 77_000_003)[1]


@pytest.fixture(scope="module", params=range(5))
def picture(patient, request):
    front, back = np.full(GRID.rows, -190.0), np.full(GRID.rows, 70.0)
    return chest(np.random.default_rng(request.param), GRID, patient, front, back)


def at(patient, picture, level, before_mm):
    x, y = patient.frames[level].centre - (before_mm, 0)
    row, column = round((y - GRID.y0) / GRID.pixel_mm), round((x - GRID.x0) / GRID.pixel_mm)
    return picture[row - 4 : row + 5, column - 4 : column + 5].mean()


def test_lung_lets_more_through_than_the_belly(patient, picture) -> None:
    assert at(patient, picture, Level.T7, 0) < -0.2
    assert at(patient, picture, Level.L3, 0) == pytest.approx(0, abs=1e-6)


def test_lung_lies_before_the_spine_too(patient, picture) -> None:
    """Lung fills the chest from the sternum to the gutters beside the spine, less what heart and vessels take."""
    assert at(patient, picture, Level.T7, 60) < at(patient, picture, Level.L3, 60)


def test_no_part_of_the_chest_reaches_the_pelvis(patient, picture) -> None:
    below = picture[round((patient.frames[Level.L4].centre[1] - GRID.y0) / GRID.pixel_mm) :]
    assert below == pytest.approx(0, abs=1e-6)


def test_a_scapula_lies_behind_or_over_the_upper_thorax(patient) -> None:
    spine = np.array([frame.centre for frame in patient.frames.values()])
    bone = sum(scapula(np.random.default_rng(k), GRID, spine) for k in range(20))
    rows = GRID.y[bone.sum(axis=1) > 0]
    assert bone.min() >= 0
    assert rows.max() < patient.frames[Level.L1].centre[1]
