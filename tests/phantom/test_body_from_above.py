"""Bodies of digital patients from above: a flat back between the pedicles, a waist in front and at the sides."""

from __future__ import annotations

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build


@pytest.fixture(scope="module")
def patients() -> list[PatientVolume]:
    return [build(Recipe(seed=seed, scoliosis_deg=0.0))[1] for seed in (3, 4, 5, 6)]


def edges_mm(patient: PatientVolume, level: Level, share: float) -> tuple[float, float]:
    """Front and back of a body at mid-height, ``share`` of its half width to the side, along its own depth."""
    frame = patient.frames[level]
    body = next(b for b in patient.shape.bodies if b.level == level)
    outline = patient.body_outline(body, patient.lateral_mm(level) + share * frame.half_width)
    assert outline is not None
    along, down = ((outline - frame.centre) @ axis for axis in (frame.posterior, frame.caudal))
    middle = along[np.abs(down) < 0.1 * frame.height]
    return float(middle.min()), float(middle.max())


def test_the_back_is_flat_as_far_as_the_pedicles_while_the_front_recedes(patients: list[PatientVolume]) -> None:
    for patient in patients:
        for level in (Level.T12, Level.L2, Level.L4):
            front, back = edges_mm(patient, level, 0.0)
            front_beside, back_beside = edges_mm(patient, level, 0.7)
            assert back_beside == pytest.approx(back, abs=0.3)
            assert front_beside - front > 2


def test_the_back_comes_round_the_corner_at_the_side_wall(patients: list[PatientVolume]) -> None:
    for patient in patients:
        assert edges_mm(patient, Level.L2, 0.0)[1] - edges_mm(patient, Level.L2, 0.9)[1] > 1


def test_waists_differ_between_patients_within_8_to_18_percent(patients: list[PatientVolume]) -> None:
    waists = [patient.frames[Level.L2].waist for patient in patients]
    assert all(0.08 <= waist <= 0.18 for waist in waists)
    assert max(waists) - min(waists) > 0.02
