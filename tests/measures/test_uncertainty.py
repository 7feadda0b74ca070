"""From landmark error to measurement error: variances that can be written down, and the Monte Carlo beside them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ovcf.anatomy import Level
from ovcf.landmarks import Source, VertebraLandmarks
from ovcf.measures.shape.body_heights import middle_height
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.uncertainty import covariance, monte_carlo, standard_uncertainty

#: Upright, 30 mm by 24 mm.
BODY = [(0, 0), (30, 0), (0, 24), (30, 24), (15, 0), (15, 24)]


def body(level="L1", *, sd=None, shared=(0.0, 0.0, 0.0), points=BODY):
    return VertebraLandmarks.from_array(Level(level), points, sd=sd, source=Source(height_sd_mm=shared))


def x_of_first(points, *_):
    return points[..., 0, 0]


def test_a_height_errs_by_both_its_ends():
    """The variance of a difference of two independent coordinates is the sum of theirs."""
    assert standard_uncertainty(anterior_height, [body(sd=0.3)]) == pytest.approx(0.3 * np.sqrt(2))
    own = body(sd=[0.3, 0, 0.4, 0, 0, 0])
    assert standard_uncertainty(anterior_height, [own]) == pytest.approx(0.5)
    assert standard_uncertainty(posterior_height, [own]) == pytest.approx(0)


def test_measurements_that_share_landmarks_are_correlated_by_what_they_share():
    """Ha and Hp share none; Ha and Ha - Hp share Ha, and so its variance."""

    def wedge(points):
        return anterior_height(points) - posterior_height(points)

    matrix = covariance([anterior_height, posterior_height, wedge], [body(sd=0.5)])
    assert_allclose(matrix, 0.5 * np.array([[1, 0, 1], [0, 1, -1], [1, -1, 2]]), atol=1e-6)


def test_errors_of_two_vertebrae_add_up():
    def ratio(own, other):
        return anterior_height(own) / anterior_height(other)

    both = standard_uncertainty(ratio, [body(sd=0.3), body("L2", sd=0.4)])
    assert both == pytest.approx(np.sqrt(2) * 0.5 / 24)


def test_what_all_vertebrae_share_moves_heights_and_not_their_ratio():
    """Every endplate too far out by the same lengthens each Ha by one SD, each Hm and Hp by theirs."""
    shared = (0.4, 0.3, 0.2)
    own, other = body(sd=0, shared=shared), body("L2", sd=0, shared=shared)
    heights = [anterior_height, middle_height, posterior_height]
    assert [standard_uncertainty(h, [own]) for h in heights] == pytest.approx(shared)
    assert_allclose(covariance(heights, [own]), np.outer(shared, shared), atol=1e-9)

    def ratio(a, b):
        return anterior_height(a) / anterior_height(b)

    assert standard_uncertainty(ratio, [own, other]) == pytest.approx(0, abs=1e-9)


def test_what_is_shared_lies_along_the_body_however_it_is_turned():
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])  # of the triangle 3, 4, 5
    turned = body(sd=0, shared=(0.4, 0, 0), points=np.array(BODY) @ turn)
    assert standard_uncertainty(anterior_height, [turned]) == pytest.approx(0.4)
    assert standard_uncertainty(posterior_height, [turned]) == pytest.approx(0, abs=1e-6)


def test_a_body_without_middles_shares_the_rest():
    assert standard_uncertainty(posterior_height, [body(sd=0, shared=(0, 0, 0.2), points=BODY[:4])]) == pytest.approx(
        0.2
    )


@pytest.mark.parametrize("shared", [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)])
def test_the_monte_carlo_has_the_mean_and_the_spread_of_the_first_order(shared):
    own = body(sd=0.3, shared=shared)
    drawn = monte_carlo(anterior_height, [own], draws=20_000)
    expected = np.sqrt(2 * 0.3**2 + shared[0] ** 2)
    assert drawn.shape == (20_000,)
    assert np.mean(drawn) == pytest.approx(24, abs=4 * expected / np.sqrt(20_000) + 0.01)
    assert np.std(drawn) == pytest.approx(expected, rel=0.03)


def test_the_monte_carlo_draws_the_same_for_everybody_and_another_with_another_seed():
    own = body(sd=0.3)
    first, again, other = (monte_carlo(x_of_first, [own], draws=50, seed=seed) for seed in (1, 1, 2))
    assert_allclose(first, again)
    assert np.abs(first - other).min() > 0
    assert_allclose(monte_carlo(x_of_first, [own], draws=50), monte_carlo(x_of_first, [own], draws=50, seed=0))


def test_each_vertebra_errs_on_its_own():
    def apart(own, other):
        return own[..., 0, 0] - other[..., 0, 0]

    drawn = monte_carlo(apart, [body(sd=0.3), body("L2", sd=0.4)], draws=20_000)
    assert np.std(drawn) == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize("pair", [(None, None), (0.3, None), (None, 0.3)])
def test_an_error_that_nobody_knows_is_never_taken_for_none(pair):
    own, other = body(sd=pair[0]), body("L2", sd=pair[1])
    assert covariance([x_of_first], [own, other]) is None
    assert standard_uncertainty(x_of_first, [own, other]) is None
    assert monte_carlo(x_of_first, [own, other], draws=5) is None
