"""A reconstructed cohort agrees with every printed count; contradictory margins are found out."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.published.han_2025 import SCORE_AUC, SCORE_OR, N, margins, reconstructed
from ovcf.cohort.published.reconstruct import Cells, Margin, contradicting, reconstruct
from ovcf.errors import MeasurementInputError

TWO = Cells.of({"a": (False, True), "b": (False, True), "c": ("x", "y", "z")})


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("xyz")), min_size=1, max_size=60))
def test_the_margins_of_any_real_cohort_can_be_met_exactly(people):
    rows = [dict(zip("abc", p, strict=True)) for p in people]
    printed = [Margin.of(len(rows))]
    for pair in ("ab", "bc", "ac"):
        counts = Counter(tuple((k, r[k]) for k in pair) for r in rows)
        printed += [Margin(where, n) for where, n in counts.items()]
    found = reconstruct(TWO, printed)
    assert found is not None
    assert len(found) == len(rows)
    for margin in printed:
        assert sum(all(r[k] == v for k, v in margin.where) for r in found) == margin.count


def test_margins_that_no_cohort_can_have_give_none_and_are_named():
    impossible = [Margin.of(10), Margin.of(4, a=True), Margin.of(7, a=False), Margin.of(3, c="x")]
    assert reconstruct(TWO, impossible) is None
    assert set(contradicting(TWO, impossible)) == set(impossible[:3])
    assert contradicting(TWO, impossible[:2]) == ()


def test_the_cost_chooses_among_the_tables_that_agree():
    cost = TWO.row(Margin.of(0, b=True))
    found = reconstruct(TWO, [Margin.of(5), Margin.of((1, 4), b=True)], cost=cost)
    assert sum(r["b"] for r in found) == 1


def test_an_unknown_factor_is_an_error():
    with pytest.raises(MeasurementInputError, match="no factor 'd'"):
        reconstruct(TWO, [Margin.of(1, d=True)])


@pytest.mark.slow
def test_the_han_cohort_agrees_with_every_printed_count_and_with_the_printed_score():
    import statsmodels.api as sm
    from scipy.stats import mannwhitneyu

    rows = reconstructed()
    assert len(rows) == N == 208
    for margin in margins():
        low, high = margin.bounds
        assert low <= sum(all(r[k] == v for k, v in margin.where) for r in rows) <= high, str(margin)
    score = np.array([r["nasovcf"] for r in rows], float)
    event = np.array([r["non_union"] for r in rows])
    fit = sm.Logit(event.astype(float), sm.add_constant(score)).fit(disp=0)
    assert np.exp(fit.params[1]) == pytest.approx(SCORE_OR, abs=0.001)
    assert np.exp(fit.conf_int()[1]) == pytest.approx([1.504, 2.046], abs=0.001)
    auc = mannwhitneyu(score[event], score[~event]).statistic / (event.sum() * (~event).sum())
    assert auc == pytest.approx(SCORE_AUC, abs=0.0005)
