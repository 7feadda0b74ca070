"""The thecal sac of digital patients: as wide as people's, and not the same in all."""

from __future__ import annotations

import numpy as np
import pytest

from ovcf.phantom.body_volume import BodyVolume
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build
from ovcf.phantom.tissue import Tissue

STEP_MM = 0.5


@pytest.fixture(scope="module")
def patients() -> list[BodyVolume]:
    return [build(Recipe(seed=seed))[1] for seed in (3, 4, 5, 6)]


def around(patient: BodyVolume) -> Grid:
    x, y = patient.middle
    return Grid(x - 30, y - 10, 0.5, 40, 160)


def width_mm(patient: BodyVolume, margin_mm: float = 0.0) -> float:
    middle = float(patient.curve.shift(patient.middle[1]))
    slices = np.arange(-15, 15, STEP_MM) + middle
    return STEP_MM * sum(patient.around_sac(float(u), margin_mm, around(patient)).any() for u in slices)


def test_it_is_14_to_19_mm_wide_and_differs_between_patients(patients: list[BodyVolume]) -> None:
    widths = [width_mm(patient) for patient in patients]
    assert all(13.5 <= width <= 19.5 for width in widths)
    assert max(widths) - min(widths) >= 1


def test_a_margin_widens_it_on_both_sides(patients: list[BodyVolume]) -> None:
    assert width_mm(patients[0], 2.0) - width_mm(patients[0]) == pytest.approx(4.0, abs=2 * STEP_MM)


def test_csf_lies_in_the_sac_only(patients: list[BodyVolume]) -> None:
    for patient in patients:
        grid, middle = around(patient), float(patient.curve.shift(patient.middle[1]))
        for u in (0.0, 5.0, 8.0):
            drawn = patient.plane(middle + u, grid).tissue == Tissue.CSF
            assert not (drawn & ~patient.around_sac(middle + u, 0.0, grid)).any()
