"""Vertebral height loss: the published vectors, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.height import vertebral_height_loss, vertebral_height_loss_percent
from tests.vectors import TV3, spine


@pytest.mark.parametrize(("case", "expected"), [("A", 0.0), ("B", 13.793103), ("C", 12.280702), ("D", 15.0)])
def test_the_published_landmark_vectors(case, expected):
    assert vertebral_height_loss(spine(TV3[case]), Level.L1).value == pytest.approx(expected, abs=1e-6)


def test_heights_alone():
    assert vertebral_height_loss_percent(20, 26, 26, 28, 28, 30) == pytest.approx(17.857143, abs=1e-6)


@given(
    degrees=st.floats(-44, 44), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_rotation_scale_and_translation_change_nothing(degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    moved = spine(TV3["B"], lambda p: scale * p @ turn.T + shift)
    assert vertebral_height_loss(moved, Level.L1).value == pytest.approx(13.793103448, abs=1e-6)


def test_a_missing_or_fractured_neighbour_is_refused():
    whole = spine(TV3["B"])
    with pytest.raises(NeighbourError, match="caudal neighbour of L1: L2 has no landmarks"):
        vertebral_height_loss(SpineLandmarks(vertebrae=whole.vertebrae[:2]), Level.L1)
    with pytest.raises(NeighbourError, match="T12 is fractured"):
        vertebral_height_loss(whole.marked([(Level.T12, "fractured")]), Level.L1)


@pytest.mark.parametrize("bad", [0.0, -3.0, float("nan"), float("inf")])
def test_an_impossible_height_is_refused(bad):
    with pytest.raises(MeasurementInputError, match="not a positive number"):
        vertebral_height_loss_percent(bad, 26, 26, 28, 28, 30)


def test_negative_loss_is_kept_and_warned():
    grown = spine(TV3["A"], lambda p: np.where(p > 62, p + 4, p))
    loss = vertebral_height_loss(grown, Level.L1)
    assert loss.value < 0
    assert "taller" in loss.warnings[0]


@pytest.mark.parametrize(("taller_mm", "warned"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_only_a_vertebra_that_is_taller_than_its_neighbours_is_warned_of(taller_mm, warned):
    """Vector A has no loss: L1 is 28 mm high, and so are its neighbours on average."""
    bodies = [*TV3["A"]]
    bodies[1] = [(x, y + taller_mm * (y > 50)) for x, y in bodies[1]]
    assert bool(vertebral_height_loss(spine(bodies), Level.L1).warnings) is warned


def test_a_taller_fracture_has_less_loss():
    assert vertebral_height_loss_percent(21, 26, 26, 28, 28, 30) < vertebral_height_loss_percent(20, 26, 26, 28, 28, 30)


def test_source_and_uncertainty_travel_with_the_number():
    precise = spine(TV3["B"], sd=0.5)
    assert vertebral_height_loss(precise, Level.L1).standard_uncertainty > 0
    assert vertebral_height_loss(spine(TV3["B"]), Level.L1).standard_uncertainty is None
    assert isinstance(precise[Level.L1], VertebraLandmarks)
