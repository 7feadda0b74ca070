"""Intervals of ratios from two intervals: ratesci and R as authorities, Koopman's score as a neighbour."""

import math

import pytest
from scipy import stats

from ovcf.cohort.groups.contingency import jeffreys, proportion
from ovcf.cohort.groups.mover import difference, ratio, weighted_sum
from ovcf.cohort.result import Estimate
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

# moverci(x1, n1, x2, n2, contrast = "RR", type = "wilson") of ratesci 1.1.0: lower and upper limit.
RATESCI = [
    ((12, 130, 1, 47), 0.736178417200623, 25.647644833515908),
    ((40, 400, 9, 98), 0.560118347018782, 2.156759363967172),
    ((30, 60, 39, 63), 0.584121728133908, 1.103870549319949),
    ((0, 30, 1, 47), 0.0, 9.39236275343383),
    ((5, 56, 9, 98), 0.353349589051399, 2.637530471747167),
]


@pytest.mark.parametrize(("counts", "low", "high"), RATESCI)
def test_the_ratio_of_two_proportions_is_that_of_ratesci(counts, low, high):
    a, n, b, m = counts
    found = ratio(proportion(a, n), proportion(b, m))
    assert found.value == pytest.approx(a / n / (b / m))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-10)


# A limit is the ratio r at which the interval of a - r b, by the method for differences, ends at nought.
LIMITS = """
    far <- function(v, to) c(v[1] - v[2], v[3] - v[1])[to]
    end <- function(r, side)
      if (side > 0) (a[1] - r * b[1]) - sqrt(far(a, 1)^2 + (r * far(b, if (r > 0) 2 else 1))^2)
      else (a[1] - r * b[1]) + sqrt(far(a, 2)^2 + (r * far(b, if (r > 0) 1 else 2))^2)
    lower <- uniroot(function(r) end(r, 1), c(-50, a[1] / b[1]), tol=1e-14)$root
    upper <- uniroot(function(r) end(r, -1), c(a[1] / b[1], 500), tol=1e-14)$root
    c(lower, upper)
"""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((0.13, 0.10, 0.17), (0.0918, 0.049, 0.165)),
        ((0.03, 0.015, 0.06), (0.021, 0.0023, 0.093)),  # of 1 in 47: its upper limit is more than twice the share
        ((0.2, -0.1, 0.5), (0.562, 0.408, 0.716)),  # a logarithm of an odds ratio that may be below 1
    ],
)
def test_limits_are_where_the_interval_of_the_difference_ends_at_nought(a, b):
    theirs = ask_r(f"a <- c({a[0]}, {a[1]}, {a[2]}); b <- c({b[0]}, {b[1]}, {b[2]})\n{LIMITS}")
    found = ratio(Estimate(*a), Estimate(*b))
    assert (found.low, found.high) == pytest.approx(theirs, rel=1e-6)


def test_the_other_sign_is_the_same_interval_turned_over():
    b = Estimate(2.0, 1.0, 4.0)
    one, other = ratio(Estimate(0.5, -0.2, 1.5), b), ratio(Estimate(-0.5, -1.5, 0.2), b)
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_over_what_is_known_without_error_a_ratio_keeps_its_own_limits():
    found = ratio(Estimate(1.3, 1.1, 1.7), Estimate(1.0, 1.0, 1.0))
    assert (found.value, found.low, found.high) == pytest.approx((1.3, 1.1, 1.7))


def test_over_what_may_be_nought_it_has_no_upper_limit():
    found = ratio(proportion(3, 50), Estimate(0.02, 0.0, 0.1))
    assert found.high == math.inf
    assert 0 < found.low < found.value


def test_koopmans_score_interval_lies_near_where_events_are_not_few():
    # riskscoreci of PropCIs (Koopman 1985) for 40 of 400 against 9 of 98.
    found = ratio(proportion(40, 400), jeffreys(9, 98))
    assert (found.low, found.high) == pytest.approx((0.563196879494927, 2.164335698406424), rel=0.05)


def test_a_weighted_sum_by_hand():
    # 2 * 0.1 + 3 * 0.5; below sqrt(0.08^2 + 0.6^2), above sqrt(0.1^2 + 0.3^2).
    found = weighted_sum([2, 3], [Estimate(0.1, 0.06, 0.15), Estimate(0.5, 0.3, 0.6)])
    assert found.value == pytest.approx(1.7)
    assert (found.value - found.low, found.high - found.value) == pytest.approx((0.36640**0.5, 0.1**0.5))


def test_the_difference_of_two_proportions_is_newcombes():
    # Newcombe 1998, table II, method 10, (a) 56/70 - 48/80: 0.0524 to 0.3339.
    found = difference(proportion(56, 70), proportion(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_jeffreys_interval_is_the_middle_of_the_posterior_and_ends_at_the_edges():
    # Of 1 in 47 and 39 in 63: quantiles of the beta distribution, as R's qbeta gives them, too.
    for k, n in ((1, 47), (39, 63)):
        e = jeffreys(k, n)
        assert stats.beta.cdf([e.low, e.high], k + 0.5, n - k + 0.5) == pytest.approx([0.025, 0.975])
        theirs = ask_r(f"qbeta(c(0.025, 0.975), {k} + 0.5, {n} - {k} + 0.5)")
        assert (e.low, e.high) == pytest.approx(theirs, rel=1e-6)
    assert (jeffreys(0, 20).low, jeffreys(20, 20).high) == (0.0, 1.0)
    with pytest.raises(CohortDataError, match="21 of 20"):
        jeffreys(21, 20)
