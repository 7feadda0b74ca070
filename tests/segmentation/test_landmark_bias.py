"""What the built-in model's landmarks lie off on average is taken off along the body's own axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.body_heights import heights
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.uncertainty import monte_carlo
from ovcf.segmentation.network.landmark_maps import SINK_KNEE_MM, LandmarkBias, mri_bias, sinks_mm
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


def test_the_shipped_bias_makes_no_posterior_height_longer_than_people_trace_and_digital_patients_have_it():
    """Where the two differ it lies between them, and its uncertainty reaches both."""
    bias = mri_bias()
    added = {"Ha": bias.mean_mm[0, 1] - bias.mean_mm[2, 1], "Hp": bias.mean_mm[1, 1] - bias.mean_mm[3, 1]}
    assert -0.5 < added["Hp"] < 1.0
    assert added["Ha"] > added["Hp"] - 0.2
    assert bias.height_sd_mm[2] > 0.8
    assert 0 <= bias.share < 1


def test_an_error_that_all_vertebrae_share_tells_on_heights_and_hardly_on_height_loss():
    shared = Source(height_sd_mm=(0.8, 0.4, 1.2))
    levels = (Level.T12, Level.L1, Level.L2)
    alone, together = (
        SpineLandmarks(
            vertebrae=tuple(
                VertebraLandmarks.from_array(v, BODY + np.array([0, 34 * k]), sd=0.01, source=source)
                for k, v in enumerate(levels)
            )
        )
        for source in (Source(), shared)
    )
    assert heights(alone, Level.L1)[2].standard_uncertainty < 0.05
    assert [m.standard_uncertainty for m in heights(together, Level.L1)] == pytest.approx([0.8, 0.4, 1.2], abs=0.02)
    assert vertebral_height_loss(together, Level.L1).standard_uncertainty < 0.2
    drawn = monte_carlo(
        lambda p: np.linalg.norm(p[..., 3, :] - p[..., 1, :], axis=-1), [together[Level.L1]], draws=4000
    )
    assert drawn.std() == pytest.approx(1.2, abs=0.05)
