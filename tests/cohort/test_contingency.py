"""Two-by-two tables: published values and what must not change them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.groups.contingency import independence, odds_ratio, proportion, proportion_difference, two_by_two
from ovcf.errors import CohortDataError

BURST, HIGH_OR_LOW, UNION = [[24, 23], [25, 136]], [[30, 33], [1, 46]], [[46, 1], [89, 9]]


def test_burst_fracture_and_non_union():
    result = two_by_two(BURST)
    assert result.odds_ratio.value == pytest.approx(5.676522, abs=1e-6)
    assert (result.odds_ratio.low, result.odds_ratio.high) == pytest.approx((2.781267, 11.585689), abs=2e-6)
    assert math.log(result.odds_ratio.value) == pytest.approx(1.736339, abs=1e-6)
    assert result.odds_ratio.standard_error == pytest.approx(0.364003, abs=1e-6)
    pearson, yates, fisher = result.tests
    assert (pearson.statistic, yates.statistic) == pytest.approx((25.511030, 23.575857), abs=1e-6)
    assert fisher.p == pytest.approx(2.387e-6, abs=1e-9)


def test_high_against_low_score_and_haldane():
    plain, corrected = odds_ratio(HIGH_OR_LOW), odds_ratio(HIGH_OR_LOW, haldane=True)
    assert plain.value == pytest.approx(41.818182, abs=1e-6)
    assert (plain.low, plain.high) == pytest.approx((5.427150, 322.224430), abs=1e-5)
    assert plain.standard_error == pytest.approx(1.041814, abs=1e-6)
    assert corrected.value == pytest.approx(28.223881, abs=1e-6)


def test_union_by_every_test():
    pearson, yates, fisher = independence(UNION)
    assert (pearson.statistic, pearson.p) == pytest.approx((2.463, 0.1166), abs=1e-3)
    assert (yates.statistic, yates.p) == pytest.approx((1.486733, 0.222724), abs=1e-6)
    assert fisher.p == pytest.approx(0.167, abs=5e-4)


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [
        (24, 63, 0.271175, 0.504414),
        (1, 47, 0.003766, 0.111130),
        (81, 263, 0.255289, 0.366210),
        (15, 148, 0.062386, 0.160487),
        (0, 20, 0.0, 0.161125),
        (1, 29, 0.006113, 0.171755),
    ],
)
def test_wilson_intervals_as_published(events, n, low, high):
    assert (proportion(events, n).low, proportion(events, n).high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((5, 56, 0, 29), -0.0381, 0.1926)],
)
def test_the_difference_of_two_rates_as_in_newcombe_1998(counts, low, high):
    found = proportion_difference(*counts)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


CELLS = st.integers(1, 60)


@given(CELLS, CELLS, CELLS, CELLS)
def test_swapping_the_groups_inverts_the_odds_ratio(a, b, c, d):
    here, swapped = odds_ratio([[a, b], [c, d]]), odds_ratio([[c, d], [a, b]])
    assert here.value * swapped.value == pytest.approx(1)
    assert here.low * swapped.high == pytest.approx(1)


def test_an_empty_cell_is_said_and_never_a_silent_number():
    with pytest.raises(CohortDataError, match="a cell is empty"):
        odds_ratio([[5, 0], [3, 4]])
    result = two_by_two([[5, 0], [3, 4]])
    assert math.isinf(result.odds_ratio.high)
    assert "empty" in result.notes[0]


@pytest.mark.parametrize("bad", [[[1, 2]], [[1, 2], [0, 0]], [[1, -2], [3, 4]], [[1.5, 2], [3, 4]]])
def test_what_is_no_table_is_refused(bad):
    with pytest.raises(CohortDataError):
        two_by_two(bad)


def test_a_larger_table_takes_the_exact_test_of_freeman_and_halton():
    # Agresti, Categorical Data Analysis: job satisfaction by income, exact P 0.7827 (also R's fisher.test example)
    pearson, exact = independence([[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    assert pearson.statistic == pytest.approx(5.9655, abs=5e-5)
    assert exact.p == pytest.approx(0.782684938966, rel=1e-9)
