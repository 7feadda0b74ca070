"""Risks by a time with censoring and death: riskRegression as authority, and known truth of simulated patients."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.prediction.at_horizon import auc_at_horizon, risk_at_horizon
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

SAME = {"rel": 1e-6, "abs": 1e-9}


def patients(n=700, seed=1, stretch=1.0) -> pd.DataFrame:
    """Non-union by an exponential law with a known risk, death before it in some, follow-up cut short in others."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    event, death, lost = 0.06 * np.exp(0.8 * a), np.full(n, 0.03), rng.uniform(2, 24, n)
    both = event + death
    first = rng.exponential(1 / both)
    kind = np.where(rng.random(n) < event / both, 1, 2)
    rate = 0.06 * np.exp(stretch * 0.8 * a)
    risk = rate / (rate + death) * (1 - np.exp(-(rate + death) * 6))
    months = np.minimum(first, lost)
    return pd.DataFrame({"months": np.ceil(2 * months) / 2, "end": np.where(first <= lost, kind, 0), "risk": risk})


KINDS = {"happened": 1, "competing": [2]}


def test_auc_and_brier_are_those_of_risk_regression():
    data = patients()
    theirs = ask_r(
        """s <- Score(list(m=d$risk), Hist(months, end) ~ 1, d, times=6, cause=1, metrics=c('auc', 'brier'),
                  summary=NULL, se.fit=TRUE, conservative=TRUE, cens.model='km')
        a <- s$AUC$score; b <- s$Brier$score; f <- prodlim(Hist(months, end) ~ 1, d)
        list(auc=c(a$AUC, a$se), brier=b$Brier, brier_se=b$se[2], null=predict(f, times=6, cause=1))""",
        ("survival", "prodlim", "riskRegression"),
        d=data,
    )
    found = risk_at_horizon(data, "months", "end", "risk", 6, **KINDS)
    assert (found.auc.value, found.auc.standard_error) == pytest.approx(theirs["auc"], **SAME)
    same = auc_at_horizon(data.assign(points=100 * data["risk"]), "months", "end", "points", 6, **KINDS)
    assert (same.value, same.standard_error) == pytest.approx(theirs["auc"], **SAME)
    null, brier = theirs["brier"]
    assert (found.brier.value, found.brier_null) == pytest.approx((brier, null), **SAME)
    assert found.brier.standard_error == pytest.approx(theirs["brier_se"], **SAME)
    assert found.observed.value == pytest.approx(theirs["null"], **SAME)


def test_without_censoring_it_is_the_plain_auc_and_brier():
    from ovcf.cohort.prediction.calibration import calibration

    data = patients(300).assign(end=lambda d: np.where(d["end"] == 0, 2, d["end"]))
    found = risk_at_horizon(data, "months", "end", "risk", 6, **KINDS)
    plain = calibration((data["end"] == 1) & (data["months"] <= 6), data["risk"])
    assert found.auc.value == pytest.approx(plain.auc.value, rel=1e-12)
    assert found.brier.value == pytest.approx(plain.brier.value, rel=1e-12)
    assert found.observed_to_expected.value == pytest.approx(plain.observed_to_expected.value, rel=1e-12)


def test_right_risks_are_calibrated_and_exaggerated_ones_are_not():
    right = risk_at_horizon(patients(4000), "months", "end", "risk", 6, **KINDS)
    assert right.observed_to_expected.low < 1 < right.observed_to_expected.high
    assert all(e.low - 0.02 < p < e.high + 0.02 for p, e in right.groups)
    wrong = risk_at_horizon(patients(4000, stretch=2.0), "months", "end", "risk", 6, **KINDS)
    (lowest, low), (highest, high) = wrong.groups[0], wrong.groups[-1]
    assert lowest < low.low
    assert highest > high.high
    assert wrong.brier.value > right.brier.value


@pytest.mark.slow
def test_the_intervals_hold_the_truth_as_often_as_they_say():
    whole = patients(400_000, seed=99)
    rng = np.random.default_rng(5)
    a, event = whole["risk"].to_numpy(), rng.random(400_000)
    truth_auc = risk_at_horizon(
        whole.assign(months=np.where(event < a, 1.0, 9.0), end=np.where(event < a, 1, 0)),
        "months",
        "end",
        "risk",
        6,
        happened=1,
    ).auc.value
    held = {"auc": 0, "observed": 0}
    for seed in range(300):
        found = risk_at_horizon(patients(400, seed=seed), "months", "end", "risk", 6, **KINDS)
        held["auc"] += found.auc.low <= truth_auc <= found.auc.high
        held["observed"] += found.observed_to_expected.low <= 1 <= found.observed_to_expected.high
    # 0.95 with a standard error of 0.013
    assert all(0.91 < count / 300 < 0.985 for count in held.values()), held


@pytest.mark.parametrize(
    ("change", "horizon", "said"),
    [
        (lambda d: d.assign(risk=100 * d["risk"]), 6, "outside 0 to 1"),
        (lambda d: d.assign(risk=0.2), 6, "same for everyone"),
        (lambda d: d, 60, "nobody is followed"),
        (lambda d: d, 0.1, "0 events by"),
    ],
)
def test_what_cannot_be_judged_is_said(change, horizon, said):
    with pytest.raises(CohortDataError, match=said):
        risk_at_horizon(change(patients(200)), "months", "end", "risk", horizon, **KINDS)


def test_a_picture_shows_the_groups():
    axes = risk_at_horizon(patients(), "months", "end", "risk", 6, **KINDS).plot()
    assert axes.get_ylabel() == "Observed incidence"
