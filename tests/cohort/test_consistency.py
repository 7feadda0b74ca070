"""Checks of published figures, against what can be computed again from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.published.consistency import (
    TwoByTwo,
    anova_p_from_summaries,
    counts_for_percent,
    cut_off_is_possible,
    grouped_auc,
    mean_is_possible,
    p_values,
    sizes_for_percent,
    tables_with_odds_ratio,
    which_test,
    youden,
)
from ovcf.cohort.published.source_check import check_sources


@pytest.mark.parametrize(
    ("n", "reference", "ratio", "interval", "table"),
    [
        (47, 161, 5.677, (2.781, 11.586), TwoByTwo(24, 23, 25, 136)),
        (37, 171, 9.162, (4.181, 20.080), TwoByTwo(23, 14, 26, 145)),
        (17, 191, 7.382, (2.567, 21.226), TwoByTwo(11, 6, 38, 153)),
        (105, 103, 6.427, (2.919, 14.151), TwoByTwo(40, 65, 9, 94)),
        (83, 91, 5.826, (2.083, 16.294), TwoByTwo(21, 62, 5, 86)),
        (34, 91, 35.964, (11.354, 113.909), TwoByTwo(23, 11, 5, 86)),
        (51, 157, 0.436, (0.182, 1.042), TwoByTwo(7, 44, 42, 115)),
    ],
)
def test_every_odds_ratio_of_han_table_1_belongs_to_one_table(n, reference, ratio, interval, table):
    assert tables_with_odds_ratio(n, reference, ratio, interval) == (table,)


def test_which_p_was_printed():
    union = [[46, 1], [89, 9]]
    p = p_values(union, 3)
    assert p["Pearson"] == pytest.approx(0.1166, abs=5e-5)
    assert p["Yates"] == pytest.approx(0.222724, abs=1e-6)
    assert p["Fisher"] == pytest.approx(0.167, abs=5e-4)
    assert which_test(0.2227, union, 3, decimals=4) == ("Yates",)


def test_percentages_and_group_sizes():
    assert counts_for_percent(71, 39) == ()  # INC-25
    assert 38 in sizes_for_percent(71, 39)
    assert counts_for_percent(34, 64) == (22,)
    assert counts_for_percent(85.6, 139, 1) == (119,)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_the_mean_of_whole_numbers_is_always_possible(values):
    assert mean_is_possible(round(float(np.mean(values)), 2), len(values), 2)


def test_an_impossible_mean():
    assert not mean_is_possible(5.19, 28, 2)  # Brown and Heathers' own example
    assert mean_is_possible(5.18, 28, 2)


def test_cut_off_youden_and_grouped_auc():
    assert not cut_off_is_possible(0.893, range(0, 13, 2))
    assert cut_off_is_possible(5, range(0, 13, 2))
    assert youden(48, 49, 113, 159) == pytest.approx(0.269, abs=5e-4)
    assert youden(39, 49, 24, 159) == pytest.approx(0.645, abs=5e-4)
    assert grouped_auc((1, 9, 39), (46, 89, 24)) == pytest.approx(0.843, abs=5e-4)


def test_anova_from_summaries_equals_scipy_on_data():
    from scipy.stats import f_oneway

    rng = np.random.default_rng(1)
    groups = [rng.normal(m, 2, n) for m, n in ((0, 12), (1, 20), (0.5, 15))]
    p, low, high = anova_p_from_summaries(
        [len(g) for g in groups], [g.mean() for g in groups], [g.std(ddof=1) for g in groups]
    )
    assert p == low == high == pytest.approx(f_oneway(*groups).pvalue, rel=1e-9)


def test_the_listed_contradictions_are_found_and_the_listed_agreements_hold():
    verdict = {c.id: c.holds for c in check_sources()}
    false = (
        "INC-01",
        "INC-02",
        "INC-03",
        "INC-04",
        "INC-05",
        "INC-06",
        "INC-07",
        "INC-08",
        "INC-09",
        "INC-13",
        "INC-25",
    )
    assert [verdict[i] for i in false] == [False] * len(false)
    assert all(verdict[i] for i in ("TABLE-1", "INC-14", "INC-15", "INC-26", "INC-30"))
