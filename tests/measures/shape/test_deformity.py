"""Height loss against the neighbours: the published vectors, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import NeighbourError
from ovcf.landmarks import SpineLandmarks
from ovcf.measures.shape.deformity import (
    anterior_height_loss,
    anterior_height_loss_percent,
    anterior_vertebral_height_ratio,
    mean_height_loss_vs_neighbours,
)
from ovcf.measures.uncertainty import monte_carlo
from tests.vectors import TV3, spine


@pytest.mark.parametrize(("case", "loss"), [("A", 0.0), ("B", 31.034483), ("D", 30.0)])
def test_the_anterior_loss_of_the_published_vectors(case, loss):
    assert anterior_height_loss(spine(TV3[case]), Level.L1).value == pytest.approx(loss, abs=1e-6)


def test_avhr_is_what_the_anterior_loss_leaves():
    b = spine(TV3["B"])
    assert anterior_vertebral_height_ratio(b, Level.L1).value == pytest.approx(100 * 20 / 29)
    assert anterior_vertebral_height_ratio(b, Level.L1).method.id == "avhr"


def test_the_mean_height_loss_of_the_published_vector_b():
    above, below = mean_height_loss_vs_neighbours(spine(TV3["B"]), Level.L1)
    assert above.value == pytest.approx(10.714, abs=5e-4)
    assert below.value == pytest.approx(16.667, abs=5e-4)


def test_both_neighbours_are_needed_except_where_each_is_compared_alone():
    whole = spine(TV3["B"]).marked([(Level.T12, "fractured")])
    for measure in (anterior_height_loss, anterior_vertebral_height_ratio):
        with pytest.raises(NeighbourError, match="T12 is fractured"):
            measure(whole, Level.L1)
    (below,) = mean_height_loss_vs_neighbours(whole, Level.L1)
    assert below.levels == (Level.L1, Level.L2)
    with pytest.raises(NeighbourError, match="neighbours of L1"):
        mean_height_loss_vs_neighbours(SpineLandmarks(vertebrae=whole.vertebrae[1:2]), Level.L1)


@given(
    degrees=st.floats(-44, 44), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_rotation_scale_and_translation_change_nothing(degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    moved = spine(TV3["B"], lambda p: scale * p @ turn.T + shift)
    assert anterior_height_loss(moved, Level.L1).value == pytest.approx(31.0344827586)
    assert [m.value for m in mean_height_loss_vs_neighbours(moved, Level.L1)] == pytest.approx([75 / 7, 50 / 3])


def test_turned_upside_down_and_relabelled_the_two_comparisons_change_places():
    turned = [[(x, -y) for x, y in (ia, ip, sa, sp)] for sa, sp, ia, ip in reversed(TV3["B"])]
    assert anterior_height_loss(spine(turned), Level.L1).value == pytest.approx(31.0344827586)
    assert [m.value for m in mean_height_loss_vs_neighbours(spine(turned), Level.L1)] == pytest.approx([50 / 3, 75 / 7])


def test_the_stated_uncertainty_is_that_of_repeated_placing():
    noisy = spine(TV3["B"], sd=0.5)
    drawn = monte_carlo(anterior_height_loss_percent, noisy.vertebrae, draws=40_000, seed=7)
    assert anterior_height_loss(noisy, Level.L1).standard_uncertainty == pytest.approx(drawn.std(), rel=0.03)
