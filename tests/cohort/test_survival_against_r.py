"""The same numbers as R's packages survival and cmprsk, where R is installed."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.cohort.survival.gray import gray_test
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.cohort.wording import said_p
from tests.cohort.r_script import ask_r

pytestmark = pytest.mark.slow


def cohort(tied: bool, n: int = 400) -> pd.DataFrame:
    """Refracture (1), death (2) or end of follow-up (0), months whole or not."""
    rng = np.random.default_rng(7)
    x, g = rng.normal(size=n), rng.integers(0, 3, n)
    event, death, censored = (
        rng.exponential(10 * np.exp(0.2 * g - 0.5 * x)),
        rng.exponential(15, n),
        rng.uniform(0, 20, n),
    )
    t = np.minimum(np.minimum(event, death), censored)
    s = np.where(t == censored, 0, np.where(t == event, 1, 2))
    return pd.DataFrame({"t": np.ceil(t) if tied else t, "s": s, "x": x, "g": g})


@pytest.mark.parametrize("tied", [False, True])
def test_fine_gray_is_crr_with_its_standard_errors(tied):
    data = cohort(tied)
    code = "m <- crr(d$t, d$s, d[, c('x', 'g')]); c(m$coef, sqrt(diag(m$var)), m$loglik)"
    theirs = ask_r(code, ("cmprsk",), d=data)
    result = fine_gray(data, "t", "s", ["x", "g"], happened=1, competing=[2])
    ours = [r.coefficient for r in result.ratios] + [r.standard_error for r in result.ratios] + [result.log_likelihood]
    # At a tied time crr lets a censoring weaken weights at that very time, Fine and Gray's formula only after it.
    assert ours[:2] + ours[4:] == pytest.approx(theirs[:2] + theirs[4:], rel=1e-6)
    assert ours[2:4] == pytest.approx(theirs[2:4], rel=1e-3 if tied else 1e-6)


@pytest.mark.parametrize("tied", [False, True])
def test_incidence_is_that_of_cuminc_and_its_error_that_of_survfit(tied):
    data = cohort(tied)
    theirs = ask_r("timepoints(cuminc(d$t, d$s), c(2, 5, 10))$est[1, ]", ("cmprsk",), d=data)
    curve = cumulative_incidence(data, "t", "s", happened=1, competing=[2]).curves[0]
    at = [curve.at(t) for t in (2, 5, 10)]
    assert [e.value for e in at] == pytest.approx(theirs, rel=1e-9)
    # cmprsk has Aalen's variance, survival the delta method as here; from the log(-log) interval back to the error.
    z = 1.9599639845400545
    error = [np.log(np.log(e.low) / np.log(e.high)) / (2 * z) * e.value * -np.log(e.value) for e in at]
    code = "d$f <- factor(d$s); summary(survfit(Surv(t, f) ~ 1, d), times = c(2, 5, 10))$std.err[, 2]"
    assert error == pytest.approx(ask_r(code, ("survival",), d=data), rel=1e-6)


@pytest.mark.parametrize("n", [60, 2000])
@pytest.mark.parametrize("tied", [False, True])
def test_grays_test_is_that_of_cuminc(tied, n):
    data = cohort(tied=tied, n=n)
    theirs = ask_r("q <- cuminc(d$t, d$s, d$g); q$Tests[1, 1:2]", ("cmprsk",), d=data)
    t, s = data.t.to_numpy(float), data.s.to_numpy()
    ours = gray_test([FollowUp(t[data.g == g], s[data.g == g]) for g in range(3)])
    assert (ours.chi_square, ours.p) == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize("tied", [False, True])
def test_the_check_of_proportional_hazards_is_that_of_cox_zph(tied):
    data = cohort(tied).assign(s=lambda d: (d.s == 1).astype(int), h=lambda d: d.x > 0.5)
    code = "cox.zph(coxph(Surv(t, s) ~ x + g, d), transform = 'km')$table[, 3]"
    *terms, overall = ask_r(code, ("survival",), d=data)
    result = cox(data, "t", "s", ["x", "g"])
    assert [r.p_proportional for r in result.ratios] == pytest.approx(terms, rel=1e-5)
    assert f"all terms {said_p(overall)}" in str(result)
    code = "cox.zph(coxph(Surv(t, s) ~ x + strata(g), d), transform = 'km')$table[1, 3]"
    stratified = cox(data, "t", "s", ["x"], strata=["g"]).ratios[0]
    assert stratified.p_proportional == pytest.approx(ask_r(code, ("survival",), d=data)[0], rel=1e-5)


@pytest.mark.parametrize("tied", [False, True])
def test_cox_and_kaplan_meier_are_those_of_survival(tied):
    data = cohort(tied).assign(s=lambda d: (d.s == 1).astype(int))
    code = """m <- coxph(Surv(t, s) ~ x + g, d)
              k <- summary(survfit(Surv(t, s) ~ 1, d, conf.type = 'log-log'), times = c(2, 5, 10))
              l <- survdiff(Surv(t, s) ~ g, d)
              q <- summary(survfit(Surv(t, s) ~ 1, d, conf.type = 'log-log'))$table[7:9]
              c(coef(m), sqrt(diag(vcov(m))), m$loglik[2], k$surv, k$lower, k$upper, l$chisq, q)"""
    theirs = ask_r(code, ("survival",), d=data)
    model = cox(data, "t", "s", ["x", "g"])
    result, whole = kaplan_meier(data, "t", "s", group="g"), kaplan_meier(data, "t", "s")
    at = [whole.curves[0].at(t) for t in (2, 5, 10)]
    ours = [r.coefficient for r in model.ratios] + [r.standard_error for r in model.ratios] + [model.log_likelihood]
    ours += [e.value for e in at] + [e.low for e in at] + [e.high for e in at] + [result.log_rank.chi_square]
    ours += whole.tidy()[["median", "low", "high"]].iloc[0].tolist()
    assert ours == pytest.approx(theirs, rel=1e-6)
