"""How measurement error spreads over totals and groups, against simulation and scipy."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from ovcf.scores.normal import both_at_least
from ovcf.scores.prognosis.nasovcf import nasovcf

BASE = {"fracture_type": "compression", "t_score": -3.6}


def scored(vhl, ka, uncertainty, **more):
    return nasovcf(
        **{**BASE, "t2_diffuse_low": True, **more}, vhl_percent=vhl, local_kyphosis_deg=ka, uncertainty=uncertainty
    )


@given(
    vhl=st.floats(-20, 60),
    ka=st.floats(-20, 60),
    sd=st.tuples(st.floats(0, 20), st.floats(0, 20)),
    rho=st.floats(-1, 1),
    p_low=st.none() | st.floats(0, 1),
)
def test_probabilities_sum_to_one(vhl, ka, sd, rho, p_low):
    shared = rho * sd[0] * sd[1]
    result = scored(vhl, ka, [[sd[0] ** 2, shared], [shared, sd[1] ** 2]], t2_probability=p_low)
    assert sum(p for _, p in result.total_probability) == pytest.approx(1, abs=1e-9)
    assert sum(p for _, p in result.group_probability) == pytest.approx(1, abs=1e-9)
    assert all(-1e-12 <= p <= 1 + 1e-12 for _, p in result.total_probability)


@given(vhl=st.floats(-20, 60), ka=st.floats(-20, 60))
def test_without_error_the_total_is_certain(vhl, ka):
    result = scored(vhl, ka, (0, 0))
    assert dict(result.total_probability)[result.total] == 1
    assert dict(result.group_probability)[result.group] == 1


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.0, 0.5, 0.95])
def test_probabilities_agree_with_simulation(rho):
    vhl, ka, sd_vhl, sd_ka, p_low = 14.0, 16.5, 2.0, 3.0, 0.7
    cov = [[sd_vhl**2, rho * sd_vhl * sd_ka], [rho * sd_vhl * sd_ka, sd_ka**2]]
    result = scored(vhl, ka, cov, t2_probability=p_low)
    n = 200_000
    rng = np.random.default_rng(1)
    drawn = rng.multivariate_normal([vhl, ka], cov, n) >= 15
    totals = 2 * drawn.sum(axis=1) + 2 * (rng.random(n) < p_low) + 4
    for total, p in result.total_probability:
        assert p == pytest.approx((totals == total).mean(), abs=5 * math.sqrt(0.25 / n))


@given(h=st.floats(-4, 4), k=st.floats(-4, 4), rho=st.floats(-0.999, 0.999))
def test_the_bivariate_normal_agrees_with_scipy(h, k, rho):
    expected = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k])
    assert both_at_least((h, k), (0, 0), (1, 1), rho)[2] == pytest.approx(expected, abs=1e-7)


@given(h=st.floats(-4, 4), k=st.floats(-4, 4), sign=st.sampled_from([-1, 1]))
def test_fully_correlated_errors_have_a_closed_form(h, k, sign):
    assume(abs(h - sign * k) > 0.05)
    first, second, both = both_at_least((h, k), (0, 0), (1, 1), sign)
    expected = min(first, second) if sign > 0 else max(0.0, first + second - 1)
    assert both == pytest.approx(expected, abs=1e-4)


def test_exactly_on_the_limit_each_side_is_as_likely():
    result = scored(15, 0, (2, 0.001))
    assert dict(result.total_probability)[6] == pytest.approx(0.5, abs=1e-6)
    assert dict(result.total_probability)[8] == pytest.approx(0.5, abs=1e-6)


def test_correlation_matters_and_is_kept():
    together = dict(scored(15, 15, [[4, 3.9], [3.9, 4]]).total_probability)
    apart = dict(scored(15, 15, (2, 2)).total_probability)
    assert apart[8] == pytest.approx(0.5, abs=1e-6)
    assert together[8] < 0.1


def test_an_unknown_error_gives_no_probability_and_says_so():
    result = nasovcf(**BASE, vhl_percent=14, local_kyphosis_deg=3, t2_diffuse_low=True, t2_probability=0.9)
    assert result.total_probability == ()
    assert any("measurement error" in advisory for advisory in result.advisories)


def test_an_incomplete_score_has_no_probability():
    assert scored(14, 3, (1, 1), t_score=None).total_probability == ()


def test_an_item_near_its_limit_gives_both_numbers_of_points_with_their_probability():
    """14.7 degrees with an error of 1.5: z = 0.2, so that 42 of 100 give 2 points."""
    made = nasovcf(
        fracture_type="compression",
        vhl_percent=5.0,
        local_kyphosis_deg=14.7,
        t2_diffuse_low=True,
        t_score=-2.0,
        uncertainty=(2.0, 1.5),
        t2_probability=0.8,
    )
    kind, vhl, angle, t2, bone = made.items
    assert dict(angle.probability) == pytest.approx({0.0: 0.5793, 2.0: 0.4207}, abs=1e-4)
    assert dict(vhl.probability)[0.0] > 0.999
    assert dict(t2.probability) == pytest.approx({0.0: 0.2, 2.0: 0.8})
    assert kind.probability == bone.probability == ()


def test_an_item_whose_error_is_not_known_has_no_probability():
    made = nasovcf(fracture_type="burst", vhl_percent=5.0, local_kyphosis_deg=14.7, t2_diffuse_low=True, t_score=-2.0)
    assert all(item.probability == () for item in made.items)
