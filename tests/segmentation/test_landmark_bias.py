"""What the built-in model's landmarks lie off on average is taken off along the body's own axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.segmentation.landmark_maps import SINK_KNEE_MM, LandmarkBias, mri_bias, sinks_mm
from tests.segmentation.shapes import turned

BODY = np.array([[0, 0], [34, 0], [0, 26], [34, 26], [17, 1.0], [17, 25.5]])
MEAN = np.array([[0.5, 0.4], [-0.6, 0.6], [0.4, -0.5], [-0.5, -0.6], [0.0, 0.3], [0.0, -0.3]])
BIAS = LandmarkBias(MEAN, np.array([1.0, 0.5]), 0.4)


def sunk(superior_mm, inferior_mm):
    """The body with its endplates so much deeper."""
    return BODY + np.array([[0, 0]] * 4 + [[0, superior_mm], [0, -inferior_mm]])


@given(angle=st.floats(-60, 60), x=st.floats(-100, 100), y=st.floats(-100, 100))
def test_a_usual_body_loses_the_mean_in_its_own_axes(angle, x, y):
    moved = turned(BODY, angle, (x, y))
    assert np.allclose(BIAS.taken_off(moved), turned(BODY - MEAN, angle, (x, y)), atol=1e-6)


def test_a_sink_is_how_far_the_middle_of_an_endplate_lies_inside():
    assert sinks_mm(BODY) == pytest.approx([1.0, 0.5])
    assert sinks_mm(sunk(2, 3)) == pytest.approx([3.0, 3.5])


@pytest.mark.parametrize(("superior", "inferior"), [(3.0, 0.0), (0.0, 3.0), (4.0, 2.0)])
def test_corners_of_a_deeply_sunk_endplate_move_out_and_its_middle_does_not(superior, inferior):
    more = BIAS.taken_off(sunk(superior, inferior)) - (sunk(superior, inferior) - MEAN)
    up, down = (0.4 * max(mm - SINK_KNEE_MM, 0) for mm in (superior, inferior))
    assert np.allclose(more, [[0, -up], [0, -up], [0, down], [0, down], [0, 0], [0, 0]])


def test_an_endplate_that_is_sunk_a_little_changes_nothing():
    assert np.allclose(BIAS.taken_off(sunk(0.9, -2.0)), sunk(0.9, -2.0) - MEAN)


def test_the_shipped_bias_points_from_the_cortex_inwards():
    mean = mri_bias().mean_mm[:, 1]
    assert (mean[[0, 1, 4]] > 0).all()
    assert (mean[[2, 3, 5]] < 0).all()
    assert 0 <= mri_bias().share < 1
