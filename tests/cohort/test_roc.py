"""ROC curves and cut-offs, and P values of several comparisons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.cohort.groups.multiplicity import adjust
from ovcf.cohort.prediction.roc import compare_roc, roc
from ovcf.errors import CohortDataError

OUTCOME = [1, 1, 1, 0, 0, 0, 0]
X, Y = [8, 6, 4, 0, 2, 4, 6], [9, 3, 3, 1, 5, 2, 4]


def cohort(n=400, seed=1):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    return y, rng.normal(y * 1.2)


def test_the_hand_example_whole():
    result = roc(OUTCOME, X, rules=["youden", "closest"], cut_offs=[5])
    assert result.auc.value == pytest.approx(5 / 6)
    youden, _, given_cut = result.cut_offs
    # above 3: 3 of 3 events, 2 of 4 others; above 7: 1 of 3 and 0 of 4; J is 0.5 at 3, 0.417 at 5, 0.333 at 7
    assert (youden.value.value, youden.sensitivity.value, youden.specificity.value) == (3, 1, 0.5)
    assert (given_cut.sensitivity.value, given_cut.specificity.value) == pytest.approx((2 / 3, 3 / 4))
    assert (given_cut.ppv, given_cut.npv) == pytest.approx((2 / 3, 3 / 4))
    assert "3 events, 4 non-events" in str(result)


def test_the_curve_is_that_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    y, x = cohort()
    false, true, _ = metrics.roc_curve(y, np.round(x, 1), drop_intermediate=False)
    _, sensitivity, specificity = np.array(roc(y, np.round(x, 1), resamples=10).curve).T
    assert sensitivity == pytest.approx(true)
    assert 1 - specificity == pytest.approx(false)


def test_the_bootstrap_is_seeded_and_holds_the_cut_off():
    y, x = cohort()
    first, again = (roc(y, x, resamples=500, seed=4).cut_offs[0] for _ in range(2))
    assert first == again
    assert first.value.low <= first.value.value <= first.value.high
    assert first.sensitivity.low < first.sensitivity.value < first.sensitivity.high


def test_the_drawn_counts_are_a_bootstrap_of_patients():
    # the interval of sensitivity at Youden's cut-off, by resampling rows one by one
    y, x = cohort(120, 3)
    rng = np.random.default_rng(0)
    found = []
    for _ in range(3000):
        e, o = rng.choice(x[y == 1], (y == 1).sum()), rng.choice(x[y == 0], (y == 0).sum())
        cuts = np.concatenate([[-np.inf], np.unique(x)])
        sens, spec = (e[:, None] > cuts).mean(axis=0), (o[:, None] <= cuts).mean(axis=0)
        found.append(sens[np.argmax(np.round(sens + spec, 12))])
    ours = roc(y, x, resamples=4000).cut_offs[0].sensitivity
    assert (ours.low, ours.high) == pytest.approx(tuple(np.quantile(found, [0.025, 0.975])), abs=0.04)


def test_a_large_cohort_is_cut_at_quantiles_in_the_bootstrap_alone():
    y, x = cohort(30_000)
    result = roc(y, x, resamples=200).cut_offs[0]
    low, high = result.value.low, result.value.high
    assert low < 0.6 < high  # where the two densities cross, weighing both groups alike
    assert high - low < 0.4
    assert np.isin(result.value.value, (np.sort(x)[:-1] + np.sort(x)[1:]) / 2)


def test_a_score_may_be_called_outcome():
    assert roc(OUTCOME, X, name="outcome", resamples=10).n == 7
    assert compare_roc(OUTCOME, {"outcome": X, "y": Y}).n == 7


def test_scores_are_compared_in_the_patients_who_have_both():
    result = compare_roc([*OUTCOME, 1], {"x": [*X, None], "y": [*Y, 2]})
    assert (result.n, dict(result.missing)) == (7, {"outcome": 0, "x": 1, "y": 0})
    assert result.pairs[0][2].p == pytest.approx(0.429795, abs=1e-6)


def test_a_score_that_runs_the_other_way_is_said_and_not_turned():
    result = roc(OUTCOME, np.negative(X), resamples=10)
    assert result.auc.value == pytest.approx(1 / 6)
    assert any("other way" in note for note in result.notes)


def test_complete_separation_is_said():
    assert any("completely" in note for note in roc([0, 0, 1, 1], [1, 2, 3, 4], resamples=10).notes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(([0, 1, 0, 1], [2, 2, 2, 2]), "always 2"), (([0, 1, 0, None], [1, 2, 3, 4]), "two of each")],
)
def test_what_has_no_curve_is_refused(arguments, message):
    with pytest.raises(CohortDataError, match=message):
        roc(*arguments)


def test_an_unknown_rule_is_refused():
    with pytest.raises(CohortDataError, match="unknown"):
        roc(OUTCOME, X, rules=["best"])


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusted_p_values_are_those_of_statsmodels(p):
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    for correction in ("bonferroni", "holm"):
        theirs = multitest.multipletests(p, method=correction)[1]
        assert adjust(p, correction) == pytest.approx(theirs.tolist())


def test_the_curve_is_drawn_as_a_vector(tmp_path):
    roc(OUTCOME, X, resamples=10).save_plot(tmp_path / "roc.svg")
    assert (tmp_path / "roc.svg").read_text().startswith("<?xml")
