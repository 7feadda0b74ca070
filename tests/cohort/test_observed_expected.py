"""Observed over expected with and without the error of HAN's rates: what each interval is, and what is said of both."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.groups.contingency import jeffreys, proportion
from ovcf.cohort.groups.mover import ratio
from ovcf.cohort.missing.imputation import Imputed
from ovcf.cohort.prediction.external_validation import validate_nasovcf
from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.cohort.published.observed_expected import observed_expected, what_both_say, with_sampling_error
from ovcf.cohort.recipes.of_centres.groups_over_time import groups_over_time
from ovcf.cohort.result import Estimate
from ovcf.cohort.survival.competing_risks import incidence_as_share, incidence_of
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

HAN_MIX = (47, 98, 63)
NON_UNION = PUBLISHED["non_union"].groups


def cohort(n=HAN_MIX, events=(1, 9, 39)):
    whole = Estimate(1.0, 0.8, 1.25)
    here = [proportion(k, m) if m else None for k, m in zip(events, n, strict=True)]
    return observed_expected("non_union", n, events, here, whole)


def patients(n, events):
    """Totals of 0, 2 and 6 points, and outcomes."""
    total = np.repeat([0, 2, 6], n)
    y = np.concatenate([np.arange(m) < k for k, m in zip(events, n, strict=True)])
    return pd.DataFrame({"nasovcf": total, "non_union": y.astype(int)})


def test_han_expects_49_events_of_its_own_patients():
    found = cohort()
    assert found.whole.expected == pytest.approx(49)
    assert [g.expected for g in found.groups] == pytest.approx([1, 9, 39])
    assert [g.as_printed.value for g in found.groups] == pytest.approx([1, 1, 1])


def test_as_printed_a_group_has_the_interval_of_its_own_share():
    high = cohort(events=(1, 9, 50)).groups[2]
    share = proportion(50, 63)
    assert (high.as_printed.low, high.as_printed.high) == pytest.approx((share.low * 63 / 39, share.high * 63 / 39))


def test_of_one_group_alone_all_patients_have_the_ratio_of_that_group():
    rate = proportion(20, 40)
    printed = Estimate(*(v * 98 / 9 for v in (rate.value, rate.low, rate.high)))
    found = with_sampling_error(printed, (0, 40, 0), NON_UNION)
    group = ratio(rate, jeffreys(9, 98))
    assert (found.value, found.low, found.high) == pytest.approx((group.value, group.low, group.high))


def test_the_error_of_all_patients_follows_from_the_groups_that_they_are_in():
    """By the delta method HAN's 39 of 63 give an error of 0.099 of the logarithm, its 1 of 47 one of 0.99."""
    printed = Estimate(1.0, 1.0, 1.0)  # as if there were no end of patients here
    high, low = (with_sampling_error(printed, mix, NON_UNION) for mix in ((0, 0, 1), (1, 0, 0)))
    assert np.log(high.high / high.low) / 3.92 == pytest.approx((1 / 39 - 1 / 63) ** 0.5, rel=0.05)
    assert low.high / low.low > 20


def test_with_the_error_of_hans_rates_an_interval_is_never_narrower():
    rng = np.random.default_rng(3)
    for _ in range(100):
        value = rng.uniform(0.3, 3)
        printed = Estimate(value, value * rng.uniform(0.5, 1), value * rng.uniform(1, 2))
        found = with_sampling_error(printed, rng.integers(0, 200, 3) + 1, NON_UNION)
        assert found.low <= printed.low
        assert found.high >= printed.high
        assert found.value == pytest.approx(printed.value)


def test_with_no_end_of_published_patients_both_intervals_are_the_same():
    many = [(100_000 * k, 100_000 * m) for k, m in NON_UNION]
    printed = Estimate(1.2, 1.05, 1.4)
    found = with_sampling_error(printed, HAN_MIX, many)
    assert (found.low, found.high) == pytest.approx((printed.low, printed.high), rel=1e-3)


@pytest.mark.parametrize(
    ("printed", "with_error", "said", "not_said"),
    [
        ((1.1, 0.9, 1.3), (1.1, 0.7, 1.6), "not shown that HAN's printed rates are wrong", "fare otherwise"),
        ((1.3, 1.1, 1.5), (1.3, 0.9, 1.8), "not shown that patients here fare otherwise", "Nor does"),
        ((0.7, 0.6, 0.9), (0.7, 0.5, 1.1), "Fewer patients here had the event", "Nor does"),
        ((2.0, 1.7, 2.4), (2.0, 1.4, 2.9), "Nor does the sampling error of HAN's rates explain it", "not shown"),
    ],
)
def test_what_both_intervals_mean_is_said_in_words(printed, with_error, said, not_said):
    text = what_both_say(Estimate(*printed), Estimate(*with_error))
    assert said in text
    assert not_said not in text


def test_without_a_ratio_nothing_is_said():
    assert what_both_say(None, None) == ""


def test_groups_that_do_not_fit_are_named_though_all_together_may():
    notes = " ".join(cohort(n=(100, 300, 200), events=(2, 50, 124)).notes())
    assert "does not fit here in: medium." in notes
    assert "no group is shown to differ" in notes
    notes = " ".join(cohort(n=(100, 300, 200), events=(2, 120, 124)).notes())
    assert "a difference remains in: medium." in notes


def test_a_validation_has_both_intervals_side_by_side():
    result = validate_nasovcf(patients((123, 293, 184), (9, 38, 120)), checklists=False)
    table = next(t for t in result.tables if t.title == "Observed / expected events").frame()
    assert table["group"].tolist() == ["low", "medium", "high", "all"]
    assert table["expected"].tolist() == pytest.approx([123 / 47, 293 * 9 / 98, 184 * 39 / 63, 143.42995], abs=1e-4)
    assert result.calibration.observed_to_expected.low > 1
    assert result.observed_expected.whole.with_error.low < 1
    assert "chance among those could explain it" in str(result)
    # The published odds ratio has an interval of its own, which the slope carries.
    performance = next(t for t in result.tables if t.title == "Performance").frame().set_index("figure")
    row = performance.loc["Slope of the total: ln OR here / published (ideal 1)"]
    assert row["with_error_low"] < row["here_low"]
    assert row["with_error_high"] > row["here_high"]


def test_a_group_without_patients_has_no_ratio():
    found = cohort(n=(0, 98, 63), events=(0, 9, 39))
    assert found.groups[0].with_error is None
    assert found.draw().get_xlabel() == "Observed / expected events (95% CI)"


def test_a_group_without_events_has_an_upper_limit_and_is_drawn():
    found = cohort(events=(0, 9, 39))
    assert (found.groups[0].with_error.value, found.groups[0].with_error.low) == (0, 0)
    assert found.groups[0].as_printed.high < found.groups[0].with_error.high < np.inf
    assert found.draw().get_xscale() == "log"


# ---- by time


def test_the_effective_number_of_patients_by_hand():
    # Specification TV-13: 2(1) 3(0) 6(1) 6(1) 8(0) 12(0): S(6) = 5/12; Greenwood's sum 1/(6*5) + 2/(4*2).
    data = FollowUp(np.array([2, 3, 6, 6, 8, 12.0]), np.array([1, 0, 1, 1, 0, 0]))
    events, n = incidence_as_share(data, 6)
    assert events / n == pytest.approx(7 / 12)
    assert n == pytest.approx((5 / 12) * (7 / 12) / ((5 / 12) ** 2 * (1 / 30 + 1 / 4)))


def test_without_loss_they_are_the_events_and_the_patients():
    data = FollowUp(np.array([1, 2, 3, 7, 7, 7, 7, 7.0]), np.array([1, 2, 1, 0, 0, 0, 0, 0]))
    assert incidence_as_share(data, 6) == pytest.approx((2, 8))


def test_variance_and_incidence_are_those_of_r():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"t": rng.integers(1, 12, 80).astype(float), "s": rng.integers(0, 3, 80)})
    theirs = ask_r(
        "f <- timepoints(cuminc(d$t, d$s, cencode=0), 6); c(f$est['1 1', 1], f$var['1 1', 1])", ("cmprsk",), d=frame
    )
    events, n = incidence_as_share(FollowUp(frame["t"].to_numpy(), frame["s"].to_numpy()), 6)
    assert events / n == pytest.approx(theirs[0], rel=1e-6)
    assert events / n * (1 - events / n) / n == pytest.approx(theirs[1], rel=0.02)  # cmprsk takes Aalen's variance


def test_those_lost_before_say_nothing_of_an_event_that_nobody_had():
    data = FollowUp(np.array([1.0] * 30 + [7.0] * 20), np.zeros(50, int))
    assert incidence_of(data, 6).high == pytest.approx(proportion(0, 20).high)


def followed(n=300, seed=2):
    """Everyone followed for 18 months; no loss, no death."""
    rng = np.random.default_rng(seed)
    total = rng.choice([0, 2, 6], n)
    months = np.where(rng.random(n) < np.array([0.05, 0.15, 0.6])[total // 2 - (total > 4)], rng.uniform(1, 11, n), 18)
    return pd.DataFrame({"total": total, "months": months, "event": np.where(months < 18, "non-union", "none")})


def over_time(frames, horizons=(3, 6, 12)):
    made = Imputed(tuple(frames), (), "none imputed")
    kinds = {"happened": "non-union", "competing": ["death"]}
    return groups_over_time(made, "months", "event", lambda f: f["total"], horizons, **kinds)


def test_without_loss_incidence_is_the_share_of_the_group_with_wilsons_interval():
    frame = followed()
    found = over_time([frame] * 3)
    for row in found.rows:
        group = frame[frame["total"] == {"low": 0, "medium": 2, "high": 6}[row.group]]
        share = proportion(int((group["months"] <= row.months).sum()), len(group))
        assert (row.n, row.followed) == (len(group), (group["months"] > row.months).sum())
        assert row.here.value == pytest.approx(share.value)
        assert (row.here.low, row.here.high) == pytest.approx((share.low, share.high), abs=1e-5)


def test_hans_rates_stand_at_six_months_alone_and_the_result_says_why():
    found = over_time([followed()] * 2)
    assert {r.months for r in found.rows if r.published is not None} == {6}
    assert "HAN 2025 prints union at 6 months and at no other time" in str(found)
    assert "not printed" in str(found)
    assert found.plot().get_ylabel() == "Cumulative incidence of non-union (95% CI)"


def test_a_time_beyond_follow_up_is_named_and_no_time_at_all_is_refused():
    found = over_time([followed()] * 2, (6, 24))
    assert "24 months, high: nobody is followed beyond it." in found.notes
    with pytest.raises(CohortDataError, match="none be judged"):
        over_time([followed()] * 2, (24,))
