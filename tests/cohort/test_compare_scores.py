"""Scores compared: the published reclassification of Framingham, hand arithmetic, and what must hold of any scores."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.prediction.compare_scores import compare_scores, reclassification
from ovcf.errors import CohortDataError


def test_net_reclassification_of_pencina_2008():
    # HDL added to the Framingham model (Stat Med 2008;27:157-172, Table II): categories < 6, 6-20, > 20 per cent;
    # of 183 events 29 move up and 7 down, of 3081 others 173 up and 174 down: NRI 0.121.
    events = [[39, 15, 0], [4, 87, 14], [0, 3, 21]]
    others = [[1959, 142, 0], [148, 703, 31], [1, 25, 72]]
    risk, y, first, second = (0.03, 0.10, 0.30), [], [], []
    for happened, table in ((1, events), (0, others)):
        for i in range(3):
            for j in range(3):
                y += [happened] * table[i][j]
                first += [risk[i]] * table[i][j]
                second += [risk[j]] * table[i][j]
    found = reclassification(y, first, second, limits=[0.06, 0.20])
    assert found.events == pytest.approx(22 / 183)
    assert found.nri == pytest.approx(0.121, abs=5e-4)


def test_improvement_by_hand():
    # Events rise from 0.4 to 0.6 on average, the others fall from 0.3 to 0.25; all move the right way.
    found = reclassification([1, 1, 0, 0], [0.3, 0.5, 0.2, 0.4], [0.5, 0.7, 0.15, 0.35])
    assert (found.nri, found.idi) == pytest.approx((2.0, 0.25))


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=4, max_size=30))
def test_to_exchange_the_scores_turns_every_sign(rows):
    y, a, b = zip(*rows, strict=True)
    if len(set(y)) < 2:
        return
    one, other = reclassification(y, a, b), reclassification(y, b, a)
    assert (one.nri, one.idi) == pytest.approx((-other.nri, -other.idi))


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    x, noise = rng.normal(size=(2, 300))
    return pd.DataFrame(
        {"y": (rng.random(300) < 1 / (1 + np.exp(1 - 1.5 * x))).astype(int), "old": x + noise, "new": x}
    )


def test_a_better_score_is_better_in_every_way(cohort):
    result = compare_scores(cohort, "y", ["old", "new"], resamples=200)
    assert result.roc.pairs[0][2].difference.high < 0
    pair = result.reclassification[0]
    assert pair.nri.low > 0
    assert pair.idi.low > 0
    at = result.decision.thresholds.index(0.3)
    old, new = (benefit[at] for _, benefit in result.decision.models)
    assert new > old


def test_risks_are_those_of_a_logistic_regression(cohort):
    sm = pytest.importorskip("statsmodels.api")
    result = compare_scores(cohort, "y", ["old", "new"], resamples=2)
    risk = {s: sm.Logit(cohort.y, sm.add_constant(cohort[s])).fit(disp=0).predict() for s in ("old", "new")}
    assert result.reclassification[0].idi.value == pytest.approx(
        reclassification(cohort.y, risk["old"], risk["new"]).idi, abs=1e-5
    )


def test_a_rising_transformation_changes_no_auc_and_a_linear_one_nothing(cohort):
    one = compare_scores(cohort, "y", ["old", "new"], resamples=5)
    two = compare_scores(cohort.assign(old=100 * cohort.old - 500), "y", ["old", "new"], resamples=5)
    assert two.roc.curves[0].auc.value == pytest.approx(one.roc.curves[0].auc.value)
    assert two.reclassification[0].idi.value == pytest.approx(one.reclassification[0].idi.value, abs=1e-6)


def test_missing_scores_are_counted_and_left_out(cohort):
    frame = cohort.copy()
    frame.loc[:4, "new"] = None
    result = compare_scores(frame, "y", ["old", "new"], resamples=5)
    assert result.n == 295
    assert "new 5" in str(result)


@pytest.mark.parametrize(
    ("scores", "options", "said"),
    [
        (["old"], {}, "at least two"),
        (["old", "old"], {}, "each once"),
        (["old", "age"], {}, "age"),
        (["old", "new"], {"limits": [0.5, 0.2]}, "rising limits"),
    ],
)
def test_what_cannot_be_compared_is_named(cohort, scores, options, said):
    with pytest.raises(CohortDataError, match=said):
        compare_scores(cohort, "y", scores, resamples=2, **options)
