"""DeLong: an example worked by hand, the definition itself, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.prediction.delong import auc, auc_covariance, delong_paired, delong_unpaired, placements
from ovcf.errors import CohortDataError

OUTCOME = [1, 1, 1, 0, 0, 0, 0]
X, Y = [8, 6, 4, 0, 2, 4, 6], [9, 3, 3, 1, 5, 2, 4]


def test_the_hand_example():
    assert placements(OUTCOME, X)[0] == pytest.approx([1, 0.875, 0.625])
    assert placements(OUTCOME, Y)[0] == pytest.approx([1, 0.5, 0.5])
    value, covariance = auc_covariance(OUTCOME, (X, Y))
    assert value == pytest.approx([0.833333, 0.666667], abs=1e-6)
    assert np.diag(covariance) == pytest.approx([0.026042, 0.064815], abs=1e-6)
    assert covariance[0, 1] == pytest.approx(0.023148, abs=1e-6)
    test = delong_paired(OUTCOME, X, Y)
    assert test.difference.standard_error == pytest.approx(0.211093, abs=1e-6)
    assert (test.statistic, test.p) == pytest.approx((0.789542, 0.429795), abs=1e-6)


COHORT = st.lists(st.tuples(st.integers(0, 1), st.integers(-5, 5)), min_size=6, max_size=40).filter(
    lambda rows: 2 <= sum(y for y, _ in rows) <= len(rows) - 2
)


@given(COHORT)
def test_the_fast_way_is_the_definition(rows):
    y, x = np.array(rows).T
    wins = np.sign(x[y == 1][:, None] - x[y == 0][None, :]) / 2 + 0.5
    v10, v01 = placements(y, x)
    assert v10 == pytest.approx(wins.mean(axis=1))
    assert v01 == pytest.approx(wins.mean(axis=0))


@given(COHORT, st.randoms(use_true_random=False))
def test_neither_order_nor_a_rising_scale_matter_and_a_falling_one_mirrors(rows, random):
    shuffled = random.sample(rows, len(rows))
    (y, x), (ys, xs) = np.array(rows).T, np.array(shuffled).T
    here = auc(y, x)
    there = auc(ys, np.exp(xs / 3) * 7)
    assert (there.value, there.standard_error) == pytest.approx((here.value, here.standard_error))
    assert auc(y, -x).value == pytest.approx(1 - here.value)


def test_independent_groups_are_compared_without_covariance():
    rng = np.random.default_rng(5)
    y = np.repeat([0, 1], 60)
    a, b = rng.normal(y * 1.5), rng.normal(y * 0.5)
    test = delong_unpaired(y, a, y, b)
    assert test.difference.standard_error**2 == pytest.approx(
        auc(y, a).standard_error ** 2 + auc(y, b).standard_error ** 2
    )
    assert test.degrees is not None


@pytest.mark.parametrize(
    ("outcome", "score", "message"),
    [
        ([1, 1, 1], [1, 2, 3], "always 1"),
        ([0, 1, 2], [1, 2, 3], "not only 0 and 1"),
        ([0, 1, 1], [1, np.nan, 3], "missing"),
        ([0, 0, 1], [1, 2, 3], "two of each"),
        ([0, 1], [1, 2, 3], "differ in length"),
        ([0, 0, 1, 1], ["low", 2, 3, 4], "'low' is not a number"),
    ],
)
def test_what_has_no_area_is_refused(outcome, score, message):
    with pytest.raises(CohortDataError, match=message):
        auc(outcome, score)


def test_two_equal_scores_cannot_be_compared():
    with pytest.raises(CohortDataError, match="alike"):
        delong_paired(OUTCOME, X, np.array(X) * 2)
