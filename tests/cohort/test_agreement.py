"""Agreement on categories: published figures, other libraries, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.agreement.kappa import cohen_kappa, fleiss_kappa, gwet_ac1
from ovcf.errors import CohortDataError

# Twelve subjects, four raters, as in Gwet's Handbook of Inter-Rater Reliability (4th ed., 2014)
GWET = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, None, 3, None],
]


def test_kappa_of_the_hand_example():
    assert cohen_kappa([[20, 5], [10, 15]]).estimate.value == pytest.approx(0.4)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_and_its_standard_error_are_those_of_statsmodels(weights):
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    table = np.array([[30, 8, 2, 1], [5, 25, 6, 0], [1, 7, 20, 4], [0, 2, 3, 11]])
    theirs = inter_rater.cohens_kappa(table, wt=weights)
    ours = cohen_kappa(table, weights=weights).estimate
    assert ours.value == pytest.approx(theirs.kappa, abs=1e-12)
    assert ours.standard_error == pytest.approx(theirs.std_kappa, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx((theirs.kappa_low, theirs.kappa_upp), abs=1e-9)


def test_fleiss_kappa_and_ac1_with_missing_ratings_print_as_published():
    fleiss, ac1 = fleiss_kappa(GWET), gwet_ac1(GWET)
    assert fleiss.estimate.value == pytest.approx(0.76117, abs=5e-6)
    assert fleiss.estimate.standard_error == pytest.approx(0.15302, abs=5e-6)
    assert ac1.estimate.value == pytest.approx(0.77544, abs=5e-6)
    assert ac1.estimate.standard_error == pytest.approx(0.14295, abs=5e-6)
    assert ac1.missing == (("ratings", 7),)


def test_fleiss_kappa_is_that_of_statsmodels():
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    ratings = np.random.default_rng(3).integers(0, 4, (40, 5))
    counts, _ = inter_rater.aggregate_raters(ratings)
    assert fleiss_kappa(ratings).estimate.value == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=8, max_size=40))
def test_kappa_knows_neither_the_order_of_raters_nor_that_of_subjects(pairs):
    a, b = zip(*pairs, strict=True)
    if len(set(a) | set(b)) < 2 or (len(set(a)) == 1 and len(set(b)) == 1):
        return
    here = cohen_kappa(a, b, weights="linear", categories=range(4)).estimate
    swapped = cohen_kappa(b[::-1], a[::-1], weights="linear", categories=range(4)).estimate
    assert here.value == pytest.approx(swapped.value)
    assert here.standard_error == pytest.approx(swapped.standard_error, abs=1e-6)


def test_unrated_subjects_are_counted():
    result = cohen_kappa(["mild", "severe", None, "mild"], ["mild", "severe", "mild", "severe"])
    assert (result.n, result.missing) == (3, (("ratings", 1),))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa([[1, 2, 3]]), "not a square"),
        (lambda: cohen_kappa([1, 2], [1]), "2 and 1 subjects"),
        (lambda: cohen_kappa([1, 1, 1], [1, 1, 1]), "one and the same category"),
        (lambda: cohen_kappa([1, "a"], [1, 1]), "different kinds"),
        (lambda: cohen_kappa([1, 2], [1, 3], categories=[1, 2]), "not among the categories"),
        (lambda: cohen_kappa([[1, 2], [3, 4]], weights="cubic"), "unknown"),
        (lambda: gwet_ac1([[1, 1], [1, 1]]), "same category"),
        (lambda: fleiss_kappa([1, 2, 3]), "subjects x raters"),
    ],
)
def test_what_cannot_be_agreed_on_is_refused(call, message):
    with pytest.raises(CohortDataError, match=message):
        call()


def test_the_result_says_what_was_done():
    text = str(cohen_kappa([[20, 5], [10, 15]]))
    assert "Cohen's kappa" in text
    assert "0.400" in text
    assert "n: 50" in text
