"""Survival: the specification's vectors, hand arithmetic, lifelines as an authority, and what must not change it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.errors import CohortDataError

TV13 = pd.DataFrame({"months": [2, 3, 6, 6, 8, 12], "event": [1, 0, 1, 1, 0, 0]})
TWO_ARMS = pd.DataFrame(
    {"months": [2, 4, 6, 9, 12, 5, 10, 12, 12, 12], "event": [1, 1, 0, 1, 0, 0, 1, 0, 0, 0], "arm": list("AAAAABBBBB")}
)

followed = st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=2, max_size=40).filter(
    lambda rows: any(e for _, e in rows)
)


def test_the_curve_of_tv_13():
    result = kaplan_meier(TV13, "months", "event", at=[1, 2, 6, 12, 13])
    shares = result.tables[1].frame()
    assert shares.share.tolist()[:4] == pytest.approx([1, 5 / 6, 5 / 12, 5 / 12])
    assert shares.at_risk.tolist() == [6, 6, 4, 1, 0]
    assert pd.isna(shares.share[4])  # nobody is followed to month 13
    assert result.tidy()["median"].tolist() == [6]


def test_the_log_rank_test_of_tv_13():
    test = kaplan_meier(TWO_ARMS, "months", "event", group="arm").log_rank
    assert test.chi_square == pytest.approx(2.635725, abs=1e-6)
    assert test.p == pytest.approx(0.104484, abs=1e-6)


@given(followed)
def test_curve_and_intervals_are_those_of_lifelines(rows):
    lifelines = pytest.importorskip("lifelines")
    frame = pd.DataFrame(rows, columns=["t", "e"])
    curve = kaplan_meier(frame, "t", "e").curves[0]
    theirs = lifelines.KaplanMeierFitter().fit(frame.t, frame.e)
    assert curve.values == pytest.approx(theirs.survival_function_at_times(curve.times).to_numpy(), abs=1e-12)
    interval = theirs.confidence_interval_.loc[list(curve.times)].to_numpy()
    open_ = (np.array(curve.values) < 1) & (np.array(curve.values) > 0)
    assert np.array(curve.low)[open_] == pytest.approx(interval[open_, 0], abs=1e-9)
    assert np.array(curve.high)[open_] == pytest.approx(interval[open_, 1], abs=1e-9)


@given(followed, st.randoms())
def test_neither_the_order_of_patients_nor_the_unit_of_time_changes_the_curve(rows, random):
    frame = pd.DataFrame(rows, columns=["t", "e"])
    shuffled = random.sample(rows, len(rows))
    other = pd.DataFrame(shuffled, columns=["t", "e"]).assign(t=lambda f: f.t * 30.4)
    assert kaplan_meier(frame, "t", "e").curves[0].values == pytest.approx(
        kaplan_meier(other, "t", "e").curves[0].values
    )


def test_three_groups_compare_like_lifelines():
    statistics = pytest.importorskip("lifelines.statistics")
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"t": rng.integers(1, 24, 150), "e": rng.random(150) < 0.5, "g": rng.integers(0, 3, 150)})
    ours = kaplan_meier(frame, "t", "e", group="g").log_rank
    theirs = statistics.multivariate_logrank_test(frame.t, frame.g, frame.e)
    assert ours.degrees == 2
    assert ours.chi_square == pytest.approx(theirs.test_statistic, rel=1e-9)


def test_cox_gives_the_published_hazard_ratio_of_freireich():
    # 6-mercaptopurine in leukaemia (Freireich 1963): textbooks give ln HR 1.57, SE 0.41, with Efron's ties.
    drug = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    frame = pd.DataFrame({"t": drug + placebo, "e": relapse + [1] * 21, "placebo": [0] * 21 + [1] * 21})
    result = cox(frame, "t", "e", ["placebo"])
    assert result.ratios[0].coefficient == pytest.approx(1.5721, abs=5e-5)
    assert result.ratios[0].standard_error == pytest.approx(0.4124, abs=5e-5)
    assert kaplan_meier(frame, "t", "e", group="placebo").log_rank.chi_square == pytest.approx(16.79, abs=0.005)


def test_missing_values_are_counted_and_said():
    frame = pd.concat([TV13, pd.DataFrame({"months": [None, 4], "event": [1, None]})])
    result = kaplan_meier(frame, "months", "event")
    assert result.n == 6
    assert "months 1, event 1" in str(result)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (TV13.assign(months=-1), "negative or infinite"),
        (TV13.assign(event=0), "has no event"),
        (TV13.assign(event="dead"), "Say which value is the event"),
        (TV13.assign(months="soon"), "not a number"),
        (TV13.drop(columns="event"), "no column"),
    ],
)
def test_a_table_that_cannot_be_used_is_named(frame, said):
    with pytest.raises(CohortDataError, match=said):
        kaplan_meier(frame, "months", "event")


def test_one_group_cannot_be_compared():
    with pytest.raises(CohortDataError, match="only one group"):
        kaplan_meier(TV13.assign(arm="A"), "months", "event", group="arm")


def test_separation_is_an_error_in_cox():
    frame = TWO_ARMS.assign(marker=TWO_ARMS.event)
    with pytest.raises(CohortDataError, match="does not converge"):
        cox(frame, "months", "event", ["marker"])


def test_covariates_that_repeat_one_another_are_named():
    frame = TWO_ARMS.assign(age=range(60, 70), born=[1960 - i for i in range(10)])
    with pytest.raises(CohortDataError, match="age, born: repeat one another"):
        cox(frame, "months", "event", ["age", "born"])


def test_one_event_is_said_to_be_too_few():
    frame = TWO_ARMS.assign(event=[0, 1] + [0] * 8, age=[70, 66, 71, 64, 69, 62, 75, 66, 68, 72])
    said = str(cox(frame, "months", "event", ["age"]))
    assert "1 events for 1 coefficients" in said
    assert "events at too few times to tell" in said


def test_the_picture_carries_the_numbers_at_risk():
    ax = kaplan_meier(TWO_ARMS, "months", "event", group="arm").plot()
    texts = [t.get_text() for t in ax.texts]
    assert "At risk" in texts
    assert "5" in texts
    assert len({line.get_linestyle() for line in ax.lines}) == 2  # told apart without colour, too
