"""Local kyphosis, Cobb and wedge angle: the published vectors, what must not change them, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import NeighbourError
from ovcf.landmarks import SpineLandmarks
from ovcf.measures.shape.kyphosis import (
    cobb_angle,
    cobb_angle_deg,
    local_kyphosis_angle,
    local_kyphosis_angle_deg,
    wedge_angle,
    wedge_angle_deg,
)
from ovcf.measures.uncertainty import monte_carlo
from tests.vectors import TV3, spine

ANGLES = (local_kyphosis_angle, cobb_angle, wedge_angle)


@pytest.mark.parametrize(
    ("case", "ka", "wedge"),
    [("A", 0.0, 0.0), ("B", 20.988398, 14.036243), ("C", -6.519802, -3.270488), ("D", 0.0, 11.421186)],
)
def test_the_published_landmark_vectors(case, ka, wedge):
    assert local_kyphosis_angle(spine(TV3[case]), Level.L1).value == pytest.approx(ka, abs=1e-6)
    assert wedge_angle(spine(TV3[case]), Level.L1).value == pytest.approx(wedge, abs=1e-6)


@pytest.mark.parametrize(
    ("case", "cobb"), [("A", 0.0), ("B", np.degrees(np.arctan(12 / 40) + np.arctan(3 / 40))), ("D", 0.0)]
)
def test_the_cobb_angle_takes_the_outer_endplates(case, cobb):
    assert cobb_angle(spine(TV3[case]), Level.L1).value == pytest.approx(cobb, abs=1e-9)


def test_the_three_angles_are_different_quantities():
    tilted = [TV3["A"][0], TV3["B"][1], [(0, 71), (36, 71), (0, 90), (36, 100)]]
    values = [angle(spine(tilted), Level.L1).value for angle in ANGLES]
    assert values == pytest.approx([0.0, np.degrees(np.arctan(10 / 36)), np.degrees(np.arctan(0.25))])
    assert len({angle(spine(TV3["B"]), Level.L1).method.id for angle in ANGLES}) == 3


def test_the_published_transform_of_vector_b_changes_nothing():
    """Landmark vector B: turned by 30 degrees, scaled by 2, moved by (13, -7)."""
    t = np.radians(30)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    moved = spine(TV3["B"], lambda p: 2 * p @ turn.T + (13, -7))
    assert local_kyphosis_angle(moved, Level.L1).value == pytest.approx(20.988398, abs=1e-6)
    assert wedge_angle(moved, Level.L1).value == pytest.approx(14.036243, abs=1e-6)


def test_more_kyphosis_is_a_greater_angle():
    for lift in (1, 5, 9):
        flat, bent = ([(0, 36), (40, 39 - 5 + up), (0, 66), (40, 69)] for up in (0, lift))
        angles = [local_kyphosis_angle(spine([*TV3["B"][:2], caudal]), Level.L1).value for caudal in (flat, bent)]
        assert angles[0] < angles[1]


@pytest.mark.parametrize("angle", ANGLES)
@given(
    degrees=st.floats(-40, 40), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_rotation_scale_and_translation_change_nothing(angle, degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    moved = spine(TV3["B"], lambda p: scale * p @ turn.T + shift)
    assert angle(moved, Level.L1).value == pytest.approx(angle(spine(TV3["B"]), Level.L1).value, abs=1e-7)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_mirrored_spine_relabelled_front_to_back_bends_the_other_way(angle):
    swapped = [[(-x, y) for x, y in (sp, sa, ip, ia)] for sa, sp, ia, ip in TV3["B"]]
    assert angle(spine(swapped), Level.L1).value == pytest.approx(-angle(spine(TV3["B"]), Level.L1).value, abs=1e-9)


@pytest.mark.parametrize("angle", ANGLES)
def test_a_spine_turned_upside_down_and_relabelled_keeps_its_kyphosis(angle):
    turned = [[(x, -y) for x, y in (ia, ip, sa, sp)] for sa, sp, ia, ip in reversed(TV3["B"])]
    assert angle(spine(turned), Level.L1).value == pytest.approx(angle(spine(TV3["B"]), Level.L1).value, abs=1e-9)


@pytest.mark.parametrize("angle", [local_kyphosis_angle, cobb_angle])
def test_a_missing_or_fractured_neighbour_is_refused(angle):
    whole = spine(TV3["B"])
    with pytest.raises(NeighbourError, match="cranial neighbour of L1: T12 has no landmarks"):
        angle(SpineLandmarks(vertebrae=whole.vertebrae[1:]), Level.L1)
    with pytest.raises(NeighbourError, match="L2 is cemented"):
        angle(whole.marked([(Level.L2, "cemented")]), Level.L1)


def test_the_fractured_vertebra_itself_needs_no_landmarks_for_the_local_kyphosis():
    whole = spine(TV3["B"])
    around = SpineLandmarks(vertebrae=(whole.vertebrae[0], whole.vertebrae[2]))
    found = local_kyphosis_angle(around, Level.L1)
    assert found.value == pytest.approx(20.988398, abs=1e-6)
    assert found.levels == (Level.T12, Level.L1, Level.L2)


@pytest.mark.parametrize(
    ("angle", "function", "taken"),
    [
        (local_kyphosis_angle, local_kyphosis_angle_deg, (0, 2)),
        (cobb_angle, cobb_angle_deg, (0, 2)),
        (wedge_angle, wedge_angle_deg, (1,)),
    ],
)
def test_the_stated_uncertainty_is_that_of_repeated_placing(angle, function, taken):
    noisy = spine(TV3["B"], sd=0.5)
    drawn = monte_carlo(function, [noisy.vertebrae[i] for i in taken], draws=40_000, seed=7)
    assert angle(noisy, Level.L1).standard_uncertainty == pytest.approx(drawn.std(), rel=0.03)
    assert angle(spine(TV3["B"]), Level.L1).standard_uncertainty is None


def test_the_uncertainty_of_a_wedge_angle_by_hand():
    width, sd = 40.0, 0.5
    square = [[(0, 0), (width, 0), (0, 30), (width, 30)]] * 3
    at = [[(x, y + 40 * i) for x, y in body] for i, body in enumerate(square)]
    expected = np.degrees(2 * sd / width)
    assert wedge_angle(spine(at, sd=sd), Level.L1).standard_uncertainty == pytest.approx(expected, rel=1e-6)
