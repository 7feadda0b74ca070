"""Exact tests: scipy's and R's where they exist, counted by hand where they do not."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ovcf.cohort.groups.contingency import independence
from ovcf.cohort.groups.exact import rank_sum_p, table_p
from ovcf.cohort.groups.group_tests import pairwise_numbers
from ovcf.cohort.p_value import two_sided_p
from tests.cohort.r_script import ask_r


@pytest.mark.parametrize(("n", "m"), [(3, 4), (9, 12), (49, 30)])
def test_without_ties_ranks_are_those_of_mann_and_whitney(n, m):
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=n), rng.normal(0.8, 1, size=m)
    assert rank_sum_p(a, b) == pytest.approx(stats.mannwhitneyu(a, b, method="exact").pvalue, rel=1e-9)


def test_with_ties_every_way_to_share_out_the_values_is_counted():
    a, b = np.array([1.0, 2, 2, 5]), np.array([2.0, 3, 5, 5, 6])
    ranks = stats.rankdata([*a, *b])
    far = abs(ranks[:4].sum() - 20)
    ways = [abs(sum(c) - 20) >= far for c in combinations(ranks, 4)]
    assert rank_sum_p(a, b) == pytest.approx(np.mean(ways), rel=1e-12)


def test_chickwts_in_pairs_is_that_of_coin():
    """Two feeds of twelve: the normal approximation says 1e-4 where the exact P is 6e-6."""
    data = pd.DataFrame(ask_r("as.list(transform(chickwts, feed=as.character(feed)))"))
    theirs = ask_r(
        """pairs <- combn(sort(unique(as.character(chickwts$feed))), 2)
        apply(pairs, 2, function(p) { d <- droplevels(subset(chickwts, feed %in% p))
          as.numeric(pvalue(wilcox_test(weight ~ feed, d, distribution='exact'))) })""",
        ("coin",),
    )
    feeds = sorted(data["feed"].unique())
    ours = pairwise_numbers([data["weight"][data["feed"] == f].to_numpy(float) for f in feeds], feeds, "kruskal")
    assert [pair.p for pair in ours] == pytest.approx(theirs, rel=1e-6)


TITANIC = ("Class", "Sex", "Age", "Survived")


@pytest.mark.parametrize(("first", "second"), [(1, 4), (1, 3), (1, 2)])
def test_titanic_tables_are_exact_however_small_p(first, second):
    code = f"x <- apply(Titanic, c({first}, {second}), sum)"
    counts = np.reshape(ask_r(f"{code}; as.vector(x)"), (2, 4)).T
    theirs = ask_r(f"{code}; fisher.test(x, workspace=2e8)$p.value")[0]
    name, p = (lambda t: (t.name, t.p))(independence(counts)[-1])
    assert name == "Fisher-Freeman-Halton"
    # every P there is below what 20,000 drawn tables can know
    assert p < 1e-20
    assert p == pytest.approx(theirs, rel=1e-6)


def test_a_table_with_too_many_neighbours_says_that_its_p_was_drawn():
    counts = np.array([[40, 30, 20, 35], [25, 45, 30, 30], [30, 30, 40, 20], [20, 35, 25, 45]])
    assert table_p(counts.astype(float)) is None
    assert independence(counts)[-1].name.endswith("Monte Carlo")


def test_p_does_not_end_where_one_less_the_distribution_does():
    assert two_sided_p(1.959963984540054) == pytest.approx(0.05, rel=1e-12)
    # Abramowitz and Stegun, table 26.2: -log10 of one tail
    assert np.log10(2) - np.log10(two_sided_p(10)) == pytest.approx(23.11805, abs=1e-5)
