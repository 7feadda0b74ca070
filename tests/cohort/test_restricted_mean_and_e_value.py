"""Restricted means by R's survival, E-values as published."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.regression.e_value import e_value
from ovcf.cohort.result import Estimate
from ovcf.cohort.survival.restricted_mean import restricted_mean
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r


def test_veteran_is_that_of_survfit():
    data = pd.DataFrame(ask_r("as.list(transform(veteran, celltype=as.character(celltype)))", ("survival",)))
    theirs = ask_r(
        "x <- summary(survfit(Surv(time, status) ~ celltype, veteran), rmean=180)$table; c(x[, 5], x[, 6])",
        ("survival",),
    )
    found = restricted_mean(
        data.assign(cell=pd.Categorical(data["celltype"], ["squamous", "smallcell", "adeno", "large"])),
        "time",
        "status",
        180,
        group="cell",
        unit="days",
    )
    assert [e.value for _, e in found.means] == pytest.approx(theirs[:4], rel=1e-6)
    assert [e.standard_error for _, e in found.means] == pytest.approx(theirs[4:], rel=1e-6)
    gap = found.differences[0]
    assert (gap.first, gap.second) == ("squamous", "smallcell")
    assert gap.difference.value == pytest.approx(theirs[0] - theirs[1], rel=1e-6)
    assert gap.difference.standard_error == pytest.approx(np.hypot(theirs[4], theirs[5]), rel=1e-6)


def test_by_hand():
    # 4 patients, events at 2 and 4, one lost at 3: S is 1, 3/4 from 2, 3/8 from 4 (one of two left)... up to 5
    frame = pd.DataFrame({"t": [2, 3, 4, 6], "e": [1, 0, 1, 0]})
    found = restricted_mean(frame, "t", "e", 5)
    assert found.means[0][1].value == pytest.approx(2 + 0.75 * 2 + 0.375 * 1)
    with pytest.raises(CohortDataError, match="nobody of all is followed"):
        restricted_mean(frame, "t", "e", 7)


def test_without_censoring_it_is_the_mean_of_what_was_lived():
    rng = np.random.default_rng(0)
    t = rng.exponential(5, 200)
    found = restricted_mean(pd.DataFrame({"t": t, "e": 1}), "t", "e", 6)
    assert found.means[0][1].value == pytest.approx(np.minimum(t, 6).mean(), rel=1e-12)
    assert found.means[0][1].standard_error == pytest.approx(np.minimum(t, 6).std() / np.sqrt(200), rel=1e-9)


def test_e_values_as_published():
    # VanderWeele and Ding 2017: maternal smoking, risk ratio 3.9 (1.8 to 8.7) gives 7.26 and 3.00
    found = e_value(Estimate(3.9, 1.8, 8.7), "risk ratio", rare=False)
    assert (found.value, found.limit) == pytest.approx((7.26, 3.0), abs=5e-3)
    # a protective one is turned round; an interval that holds one needs no confounder
    assert e_value(Estimate(1 / 3.9, 1 / 8.7, 1 / 1.8), "risk ratio", rare=False).value == pytest.approx(found.value)
    assert e_value(Estimate(1.2, 0.9, 1.6), "risk ratio", rare=False).limit == 1
    # a common outcome: the square root of an odds ratio
    assert e_value(Estimate(4, 2.25, 9), "odds ratio", rare=False).value == pytest.approx(2 + np.sqrt(2))
    assert e_value(Estimate(4, 2.25, 9), "odds ratio", rare=True).value == pytest.approx(4 + np.sqrt(12))
    # a common hazard ratio of 2: (1 - 0.5^1.414) / (1 - 0.5^0.707) = 1.613
    assert e_value(Estimate(2, 1.5, 3), "hazard ratio", rare=False).value == pytest.approx(2.607, abs=2e-3)
