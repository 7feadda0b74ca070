"""The thecal sac of digital patients: as wide as people's, and not the same in all."""

from __future__ import annotations

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build

STEP_MM = 0.5


@pytest.fixture(scope="module")
def patients() -> list[PatientVolume]:
    return [build(Recipe(seed=seed))[1] for seed in (3, 4, 5, 6)]


def around(patient: PatientVolume) -> Grid:
    x, y = patient.middle
    return Grid(x - 30, y - 10, 0.5, 40, 160)


def width_mm(patient: PatientVolume, margin_mm: float = 0.0) -> float:
    middle = float(patient.curve.shift(patient.middle[1]))
    slices = np.arange(-15, 15, STEP_MM) + middle
    return STEP_MM * sum(patient.around_sac(float(u), margin_mm, around(patient)).any() for u in slices)


def test_it_is_14_to_19_mm_wide_and_differs_between_patients(patients: list[PatientVolume]) -> None:
    widths = [width_mm(patient) for patient in patients]
    assert all(13.5 <= width <= 19.5 for width in widths)
    assert max(widths) - min(widths) >= 1


def test_a_margin_widens_it_on_both_sides(patients: list[PatientVolume]) -> None:
    assert width_mm(patients[0], 2.0) - width_mm(patients[0]) == pytest.approx(4.0, abs=2 * STEP_MM)


def test_csf_lies_in_the_sac_only(patients: list[PatientVolume]) -> None:
    for patient in patients:
        grid, middle = around(patient), float(patient.curve.shift(patient.middle[1]))
        for u in (0.0, 5.0, 8.0):
            drawn = patient.plane(middle + u, grid).tissue == Tissue.CSF
            assert not (drawn & ~patient.around_sac(middle + u, 0.0, grid)).any()


def edges_mm(patient: PatientVolume, level: Level, lateral_mm: float) -> tuple[float, float]:
    """x of the front and of the back of the sac at the height of a body."""
    x, y = patient.frames[level].centre
    grid = Grid(x - 10, y, 0.25, 1, 240)
    columns = np.flatnonzero(patient.around_sac(patient.lateral_mm(level) + lateral_mm, 0.0, grid)[0])
    return grid.x[columns[0]], grid.x[columns[-1]]


def test_it_is_flat_in_front_in_the_lumbar_spine_and_round_in_the_thoracic(patients: list[PatientVolume]) -> None:
    for patient in patients:
        in_front = {}
        for level in (Level.T10, Level.L3):
            (front, back), (front_beside, back_beside) = (edges_mm(patient, level, u) for u in (0.0, 6.0))
            in_front[level] = (front_beside - front) / (front_beside - front + back - back_beside)
        assert in_front[Level.L3] < 0.15
        assert in_front[Level.T10] == pytest.approx(0.35, abs=0.1)
