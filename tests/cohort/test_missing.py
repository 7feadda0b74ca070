"""Multiple imputation: Rubin's rules by hand and by R, and that it mends what complete cases get wrong."""

import numpy as np
import pytest

from ovcf.cohort.missing.imputation import impute, pool, pooled_logistic
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

pd = pytest.importorskip("pandas")


def test_rubins_rules_by_hand():
    # within 2, between 1 (estimates 1, 2, 3): total 2 + 4/3
    found = pool([1, 2, 3], [2, 2, 2])
    assert found.estimate.value == 2
    assert found.estimate.standard_error**2 == pytest.approx(10 / 3)
    assert found.degrees == pytest.approx(2 / (4 / 10) ** 2)


def test_rubins_rules_by_the_r_package_mice():
    q, u = [0.8, 1.1, 0.9, 1.3, 1.0], [0.04, 0.05, 0.045, 0.05, 0.04]
    theirs = ask_r(f"x <- pool.scalar(c{tuple(q)}, c{tuple(u)}, n=60, k=3); list(t=x$t, df=x$df, fmi=x$fmi)", ("mice",))
    ours = pool(q, u, complete_degrees=57)
    assert ours.estimate.standard_error**2 == pytest.approx(theirs["t"], abs=1e-10)
    assert (ours.degrees, ours.fraction) == pytest.approx((theirs["df"], theirs["fmi"]), abs=1e-8)


def with_gaps(n=600, seed=11):
    """The event depends on a; a is more often missing in patients with the event and with high b."""
    rng = np.random.default_rng(seed)
    b = rng.normal(size=n)
    a = b + rng.normal(size=n)
    frame = pd.DataFrame({"a": a, "b": b, "sex": rng.choice(["female", "male"], n)})
    frame["event"] = rng.random(n) < 1 / (1 + np.exp(-(a - 0.5)))
    whole = frame.copy()
    frame.loc[rng.random(n) < np.where(frame["event"] & (b > 0), 0.7, 0.05), "a"] = np.nan
    frame["sex"] = frame["sex"].mask(rng.random(n) < 0.2)
    return whole, frame


def test_what_was_known_stays_and_what_was_not_is_a_value_that_occurs():
    _, frame = with_gaps()
    imputed = impute(frame, ["a", "b", "sex", "event"], imputations=2, cycles=3)
    for made in imputed.frames:
        known = frame["a"].notna()
        assert (made["a"][known] == frame["a"][known]).all()
        assert set(made["a"]) <= set(frame["a"].dropna())
        assert set(made["sex"]) == {"female", "male"}
        assert not made[["a", "b", "sex", "event"]].isna().any(axis=None)
    assert dict(imputed.missing)["a"] == frame["a"].isna().sum()


def test_imputation_undoes_the_bias_of_complete_cases():
    whole, frame = with_gaps(2000)
    imputed = impute(frame, ["a", "b", "event"], imputations=5, cycles=5)
    truth, complete = whole["a"].mean(), frame["a"].mean()
    mended = np.mean([f["a"].mean() for f in imputed.frames])
    assert abs(mended - truth) < 0.25 * abs(complete - truth)


def test_a_pooled_model_says_how_much_was_missing():
    _, frame = with_gaps()
    result = pooled_logistic(impute(frame, ["a", "b", "sex", "event"], imputations=10, cycles=5), "event", ["a", "b"])
    a = result.coefficients[1]
    assert a.estimate.low < 1.0 < a.estimate.high  # the truth it was drawn from
    assert 0.05 < a.fraction < 0.7
    assert result.n == 600
    assert "missing at random" in str(result)


def test_booleans_with_gaps_stay_booleans():
    whole, _ = with_gaps(200)
    frame = whole.astype({"event": "boolean"})
    frame.loc[:20, "event"] = pd.NA
    made = impute(frame, ["a", "event"], imputations=2, cycles=1).frames[0]
    assert made["event"].dtype == "boolean"
    assert not made["event"].isna().any()


def test_the_seed_decides():
    _, frame = with_gaps(150)
    first, again = (impute(frame, ["a", "b", "event"], imputations=2, cycles=2, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first.frames[1], again.frames[1])
    assert not first.frames[0].equals(first.frames[1])


def difference(frame):
    """Of the means of y between both values of x, with its squared standard error."""
    one, none = (frame.loc[frame["x"] == value, "y"].dropna() for value in (1, 0))
    return one.mean() - none.mean(), one.var() / len(one) + none.var() / len(none)


def test_donors_are_drawn_among_all_who_are_as_near_whatever_the_order_of_the_rows():
    """With a predictor of two values half the table is equally near; in sorted rows five neighbours are alike."""
    errors = []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        x = np.repeat([0.0, 1.0], 300)
        frame = pd.DataFrame({"x": x, "y": 10 * x + rng.normal(0, 20, 600)})
        frame = frame.sort_values(["x", "y"], ignore_index=True)
        frame.loc[rng.random(600) < 0.5, "y"] = np.nan
        made = impute(frame, ["x", "y"], imputations=20, seed=seed).frames
        pooled = pool(*zip(*map(difference, made), strict=True), complete_degrees=598).estimate
        # Nothing but x says anything about y, so that what is pooled is what the complete cases say, but for the draws.
        value, variance = difference(frame)
        errors.append((pooled.value - value) / variance**0.5)
        assert pooled.standard_error == pytest.approx(variance**0.5, rel=0.35)
    assert np.sqrt(np.mean(np.square(errors))) < 0.5  # sqrt(within / 20 imputations) and rounding would be 0.32


def test_the_nearest_donors_give_and_the_last_one_no_more_than_his_share():
    """Beyond the last donor the five nearest give alike often: he is not counted again for those who are not there."""
    rng = np.random.default_rng(5)
    x = np.arange(40.0)
    beyond = np.full(2000, 60.0)
    frame = pd.DataFrame({"x": [*x, *beyond], "y": [*(x + rng.normal(0, 1e-6, 40)), *(beyond * np.nan)]})
    given = impute(frame, ["x", "y"], imputations=2).frames[0]["y"].iloc[40:].round().value_counts(normalize=True)
    assert sorted(given.index) == [35, 36, 37, 38, 39]
    assert given.to_numpy() == pytest.approx([0.2] * 5, abs=0.04)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: impute(pd.DataFrame({"a": [np.nan], "b": [1]}), ["a", "b"]), "no known value"),
        (lambda: impute(pd.DataFrame({"a": [1]}), ["a", "c"]), "no column"),
        (lambda: impute(pd.DataFrame({"a": [1], "b": [1]}), ["a", "b"], imputations=1), "two imputations"),
        (lambda: pool([1, 2], [1]), "as many variances"),
    ],
)
def test_what_cannot_be_imputed_is_said(call, message):
    with pytest.raises(CohortDataError, match=message):
        call()
