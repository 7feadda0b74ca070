"""Heights and their ratios: worked by hand, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.body_heights import biconcave_ratio, crush_ratio_of, crush_ratios, heights, wedge_ratio
from ovcf.measures.uncertainty import monte_carlo
from ovcf.units import Unit
from tests.vectors import TV3, spine


def with_middle(sag, transform=None, sd=None):
    """Vector B with endplate middles, those of the fractured body drawn together to ``sag`` of their distance."""
    bodies = []
    for i, corners in enumerate(TV3["B"]):
        sa, sp, ia, ip = np.array(corners, float)
        top, bottom = (sa + sp) / 2, (ia + ip) / 2
        shrink = (1 - (sag if i == 1 else 1)) / 2 * (bottom - top)
        bodies.append([sa, sp, ia, ip, top + shrink, bottom - shrink])
    return spine(bodies, transform, sd)


@pytest.mark.parametrize(("case", "ratio"), [("A", 1.0), ("B", 2 / 3), ("C", 1.083333), ("D", 0.7)])
def test_the_wedge_ratio_of_the_published_vectors(case, ratio):
    assert wedge_ratio(spine(TV3[case]), Level.L1).value == pytest.approx(ratio, abs=1e-6)


def test_the_heights_of_the_published_vector_b():
    assert [m.value for m in heights(spine(TV3["B"]), Level.L1)] == [20, 30]
    ha, hm, hp = heights(with_middle(0.8), Level.L1)
    assert (ha.value, hm.value, hp.value) == pytest.approx((20, 20, 30))


def test_the_biconcave_ratio_and_its_refusal_without_middle_points():
    assert biconcave_ratio(with_middle(0.8), Level.L1).value == pytest.approx(20 / 30)
    with pytest.raises(MeasurementInputError, match="no middle points"):
        biconcave_ratio(spine(TV3["B"]), Level.L1)


def test_crush_ratios_against_each_neighbour():
    above, below = crush_ratios(spine(TV3["B"]), Level.L1)
    assert (above.value, below.value) == pytest.approx((30 / 28, 1.0))
    assert (above.method.id, below.method.id) == ("crush-ratio-above", "crush-ratio-below")
    assert above.levels == (Level.L1, Level.T12)


def test_one_usable_neighbour_gives_one_crush_ratio_and_none_is_refused():
    whole = spine(TV3["B"])
    (below,) = crush_ratios(whole.marked([(Level.T12, "fractured")]), Level.L1)
    assert below.method.id == "crush-ratio-below"
    alone = SpineLandmarks(vertebrae=whole.vertebrae[1:2])
    with pytest.raises(NeighbourError, match="cranial neighbour T12 has no landmarks; caudal neighbour L2 has no"):
        crush_ratios(alone, Level.L1)


def test_an_uncalibrated_image_gives_heights_in_pixels():
    pixels = VertebraLandmarks.from_array(Level.L1, TV3["B"][1], source=Source(calibrated=False))
    alone = SpineLandmarks(vertebrae=(pixels,))
    assert {m.unit for m in heights(alone, Level.L1)} == {Unit.PIXEL}
    assert wedge_ratio(alone, Level.L1).unit is Unit.RATIO


@given(
    degrees=st.floats(-40, 40), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_ratios_ignore_rotation_scale_and_translation_and_heights_follow_the_scale(degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    still, moved = with_middle(0.8), with_middle(0.8, lambda p: scale * p @ turn.T + shift)
    for ratio in (wedge_ratio, biconcave_ratio):
        assert ratio(moved, Level.L1).value == pytest.approx(ratio(still, Level.L1).value)
    for a, b in zip(crush_ratios(moved, Level.L1), crush_ratios(still, Level.L1), strict=True):
        assert a.value == pytest.approx(b.value)
    for a, b in zip(heights(moved, Level.L1), heights(still, Level.L1), strict=True):
        assert a.value == pytest.approx(scale * b.value)


def test_mirrored_and_relabelled_the_wedge_ratio_is_its_reciprocal():
    swapped = [[(-x, y) for x, y in (sp, sa, ip, ia)] for sa, sp, ia, ip in TV3["B"]]
    assert wedge_ratio(spine(swapped), Level.L1).value == pytest.approx(30 / 20)


def test_the_uncertainty_of_a_height_is_that_of_two_points():
    ha, *_ = heights(spine(TV3["B"], sd=0.5), Level.L1)
    assert ha.standard_uncertainty == pytest.approx(0.5 * np.sqrt(2), rel=1e-6)


def test_the_stated_uncertainty_of_a_crush_ratio_is_that_of_repeated_placing():
    noisy = spine(TV3["B"], sd=0.5)
    drawn = monte_carlo(crush_ratio_of, noisy.vertebrae[1::-1], draws=40_000, seed=7)
    assert crush_ratios(noisy, Level.L1)[0].standard_uncertainty == pytest.approx(drawn.std(), rel=0.03)
