"""Competing risks: hand arithmetic, what must hold of any incidence, and landmark counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.cohort.survival.gray import gray_test
from ovcf.cohort.survival.kaplan_meier import kaplan_meier, log_rank
from ovcf.cohort.survival.landmark_analysis import from_landmark
from ovcf.errors import CohortDataError

FIVE = pd.DataFrame({"t": [1, 2, 3, 4, 5], "end": ["refracture", "death", "lost", "refracture", "lost"]})
followed = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2)), min_size=3, max_size=50).filter(
    lambda rows: any(s == 1 for _, s in rows)
)


def incidence(frame, **options):
    return cumulative_incidence(frame, "t", "end", happened="refracture", competing=["death"], **options)


def test_incidence_by_hand():
    # Free of events just before 4: 4/5 * 3/4 = 3/5; of 2 at risk then, one refractures: 1/5 + 3/5 * 1/2.
    curve = incidence(FIVE).curves[0]
    assert curve.values == pytest.approx([0.2, 0.2, 0.2, 0.5, 0.5])


@given(followed)
def test_incidences_and_survival_add_up_to_one(rows):
    frame = pd.DataFrame(rows, columns=["t", "s"])
    result = cumulative_incidence(frame, "t", "s", happened=1, competing=[2])
    free = kaplan_meier(frame.assign(any=frame.s > 0), "t", "any").curves[0]
    total = np.array(result.curves[0].values) + result.competing[0].values + free.values
    assert total == pytest.approx(np.ones(len(total)))
    assert all(
        0 <= lo <= v <= hi <= 1 for c in result.curves for lo, v, hi in zip(c.low, c.values, c.high, strict=True)
    )


@given(followed)
def test_without_competing_events_it_is_kaplan_meier(rows):
    frame = pd.DataFrame(rows, columns=["t", "s"]).assign(s=lambda f: f.s == 1)
    curve = cumulative_incidence(frame, "t", "s", happened=True, competing=[]).curves[0]
    assert 1 - np.array(curve.values) == pytest.approx(np.array(kaplan_meier(frame, "t", "s").curves[0].values))


@given(followed)
def test_without_competing_events_grays_score_is_that_of_the_log_rank_test(rows):
    frame = pd.DataFrame(rows, columns=["t", "s"])
    status = np.where(frame.s == 1, 1, 0)
    parts = [FollowUp(frame.t.to_numpy(float)[i::2], status[i::2]) for i in (0, 1)]
    try:
        gray = gray_test(parts)
    except CohortDataError:
        return
    test = log_rank(parts)
    assert gray.score == pytest.approx(np.subtract(test.observed, test.expected), abs=1e-9)


def test_without_competing_events_fine_gray_is_cox_with_breslow_ties():
    phreg = pytest.importorskip("statsmodels.duration.hazard_regression")
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"t": rng.integers(1, 30, 120), "s": rng.integers(0, 2, 120), "x": rng.normal(size=120)})
    ours = fine_gray(frame, "t", "s", ["x"], happened=1, competing=[2]).ratios[0]
    theirs = phreg.PHReg(frame.t, frame[["x"]], status=frame.s, ties="breslow").fit()
    assert ours.coefficient == pytest.approx(theirs.params[0], abs=1e-6)


def test_a_covariate_that_separates_is_an_error():
    frame = pd.DataFrame({"t": range(1, 21), "s": [1] * 10 + [0] * 10, "x": [1.0] * 10 + [0.0] * 10})
    with pytest.raises(CohortDataError, match="does not converge"):
        fine_gray(frame, "t", "s", ["x"], happened=1, competing=[2])


def test_a_constant_covariate_is_named():
    with pytest.raises(CohortDataError, match="x: has a single value"):
        fine_gray(FIVE.assign(x=1.0), "t", "end", ["x"], happened="refracture", competing=["death"])


def test_codes_are_found_whatever_their_type_and_said():
    coded = FIVE.assign(end=[1, 2, 0, 1, 0])
    for kind in (int, float, object, "Int64"):
        result = cumulative_incidence(coded.astype({"end": kind}), "t", "end", happened=1, competing=[2])
        assert result.curves[0].values == pytest.approx([0.2, 0.2, 0.2, 0.5, 0.5])
    assert "end: event refracture; competing death; censored lost." in str(incidence(FIVE))


def test_a_landmark_counts_whom_it_leaves_out_and_groups_by_what_was_known():
    frame = FIVE.assign(braced_at=[None, 1.0, None, 1.5, 4.0])
    result = from_landmark(frame, "t", "end", 2, happened="refracture", known_at="braced_at", group="braced")
    assert (result.event_before, result.followed_too_short, result.n) == (1, 1, 3)
    assert result.frame.t.tolist() == [1, 2, 3]
    assert result.frame.braced.tolist() == ["no", "yes", "no"]


def test_a_landmark_after_all_follow_up_is_an_error():
    with pytest.raises(CohortDataError, match="leaves nobody"):
        from_landmark(FIVE, "t", "end", 5, happened="refracture")
