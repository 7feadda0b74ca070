"""A test against a reference reader: counts by hand, R's survey for clusters, and what clustering costs."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.agreement.accuracy import diagnostic_accuracy
from ovcf.cohort.groups.contingency import proportion
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r


def vertebrae(patients=60, each=5, seed=2, alike=1.5) -> pd.DataFrame:
    """Some patients' vertebrae are easier to read than others'."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(patients), each)
    fractured = rng.random(len(who)) < 0.3
    ease = rng.normal(0, alike, patients)[who]
    right = rng.random(len(who)) < 1 / (1 + np.exp(-(1.5 + ease)))
    return pd.DataFrame(
        {"who": who, "truth": fractured.astype(int), "test": np.where(right, fractured, ~fractured) + 0}
    )


def test_counts_and_shares_by_hand():
    found = diagnostic_accuracy([1] * 10 + [0] * 20, [1] * 8 + [0] * 2 + [1] * 5 + [0] * 15)
    assert found.counts == (8, 5, 2, 15)
    assert found.sensitivity == proportion(8, 10)
    assert found.specificity == proportion(15, 20)
    assert found.ppv == proportion(8, 13)
    assert found.npv == proportion(15, 17)
    assert "Rows are taken as independent" in str(found)


def test_clusters_are_those_of_a_survey():
    data = vertebrae()
    theirs = ask_r(
        """s <- svydesign(~who, weights=~1, data=d); ours <- function(top, of) {
          r <- svyratio(top, of, s); c(coef(r), SE(r)) }
        d$hit <- d$test * d$truth; d$clear <- (1 - d$test) * (1 - d$truth); d$healthy <- 1 - d$truth
        s <- svydesign(~who, weights=~1, data=d)
        c(ours(~hit, ~truth), ours(~clear, ~healthy), ours(~hit, ~test))""",
        ("survey",),
        d=data,
    )
    found = diagnostic_accuracy(data["truth"], data["test"], patient=data["who"])
    ours = [x for e in (found.sensitivity, found.specificity, found.ppv) for x in (e.value, e.standard_error)]
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_vertebrae_of_a_patient_are_not_so_many_patients():
    data = vertebrae(each=12)
    apart = diagnostic_accuracy(data["truth"], data["test"])
    together = diagnostic_accuracy(data["truth"], data["test"], patient=data["who"])
    assert together.design_effect > 1.3
    assert together.sensitivity.high - together.sensitivity.low > apart.sensitivity.high - apart.sensitivity.low


def test_intervals_of_clusters_hold_the_truth():
    truth = np.mean(
        [vertebrae(2000, seed=s)["test"][lambda t, s=s: vertebrae(2000, seed=s)["truth"] == 1].mean() for s in range(5)]
    )
    held = 0
    for seed in range(300):
        data = vertebrae(50, seed=1000 + seed)
        e = diagnostic_accuracy(data["truth"], data["test"], patient=data["who"]).sensitivity
        held += e.low <= truth <= e.high
    assert 0.91 < held / 300 < 0.985


def test_a_test_that_misses_nothing_is_only_as_sure_as_its_patients_are_many():
    who = np.repeat(np.arange(10), 6)
    found = diagnostic_accuracy(np.tile([1, 0], 30), np.tile([1, 0], 30), patient=who)
    assert found.sensitivity == proportion(10, 10)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: diagnostic_accuracy([0, 1, 1], [0, 2, 1]), "not 0 or 1"),
        (lambda: diagnostic_accuracy([1, 1, 1], [0, 1, 1]), "always 1"),
        (lambda: diagnostic_accuracy([0, 1, 1], [0, 1, 1], patient=["a"] * 3), "same in every row"),
    ],
)
def test_what_cannot_be_judged_is_said(call, said):
    with pytest.raises(CohortDataError, match=said):
        call()
