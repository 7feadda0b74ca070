"""Effects that bend: rms as authority, and what a spline finds where the truth is a bend."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.regression.logistic import logistic, regression_table
from ovcf.cohort.survival.cox import cox
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r
from tests.cohort.test_public_data_against_r import SAME, table


def test_a_logistic_spline_is_that_of_rms():
    data = table("MASS::Pima.te", "MASS").assign(ill=lambda d: (d["type"] == "Yes").astype(int))
    theirs = ask_r(
        """m <- glm(type ~ rcs(glu, 4) + bmi, binomial, Pima.te, epsilon=1e-14)
        b <- coef(m)[2:4]; v <- vcov(m)[2:4, 2:4]
        w <- function(i) c(b[i] %*% solve(v[i, i], b[i])); k <- rcspline.eval(Pima.te$glu, nk=4, knots.only=TRUE)
        q <- c(-1, 1) %*% rcspline.eval(c(100, 180), k, inclx=TRUE); e <- qnorm(.975) * sqrt(c(q %*% v %*% t(q)))
        list(b=unname(coef(m)), whole=c(w(1:3), pchisq(w(1:3), 3, lower.tail=FALSE)),
             bend=pchisq(w(2:3), 2, lower.tail=FALSE), ratio=c(q %*% b) + c(0, -e, e))""",
        ("MASS", "rms"),
    )
    found = logistic(data, "ill", ["glu", "bmi"], splines={"glu": 4})
    assert found.coefficients == pytest.approx(theirs["b"], **SAME)
    smooth = found.smooth[0]
    assert (smooth.chi_square, smooth.p) == pytest.approx(theirs["whole"], **SAME)
    assert smooth.p_bend == pytest.approx(theirs["bend"], **SAME)
    ratio = smooth.ratio(180, 100)
    assert np.log([ratio.value, ratio.low, ratio.high]) == pytest.approx(theirs["ratio"], **SAME)


def test_a_cox_spline_is_that_of_coxph():
    data = table("na.omit(rotterdam[, c('dtime', 'death', 'age', 'nodes')])", "survival")
    theirs = ask_r(
        """d <- rotterdam; m <- coxph(Surv(dtime, death) ~ rcs(age, 5) + nodes, d,
                                      control=coxph.control(eps=1e-14, iter.max=50)); v <- vcov(m)[1:4, 1:4]
        b <- coef(m)[1:4]; zph <- cox.zph(m, terms=FALSE)$table
        list(b=unname(coef(m)), chi=c(b %*% solve(v, b)), ll=m$loglik[2], c=unname(m$concordance['concordance']),
             bend=pchisq(c(b[-1] %*% solve(v[-1, -1], b[-1])), 3, lower.tail=FALSE), zph=unname(zph[, 3]))""",
        ("survival", "rms"),
    )
    found = cox(data, "dtime", "death", ["age", "nodes"], splines={"age": 5})
    assert [r.coefficient for r in found.ratios] == pytest.approx(theirs["b"], **SAME)
    assert (found.log_likelihood, found.concordance) == pytest.approx((theirs["ll"], theirs["c"]), **SAME)
    assert found.smooth[0].chi_square == pytest.approx(theirs["chi"], **SAME)
    assert found.smooth[0].p_bend == pytest.approx(theirs["bend"], **SAME)
    assert [r.p_proportional for r in found.ratios] == pytest.approx(theirs["zph"][:-1], rel=1e-5)


def bent(n=1500, seed=0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 10, n)
    event = (rng.random(n) < 1 / (1 + np.exp(-(-2 + 0.15 * (x - 5) ** 2)))).astype(int)
    return pd.DataFrame({"x": x, "other": rng.normal(size=n), "event": event})


def test_a_valley_is_found_that_a_line_does_not_see():
    line = logistic(bent(), "event", ["x", "other"])
    curve = logistic(bent(), "event", ["x", "other"], splines={"x": 5})
    assert line.effects[0].p > 0.001
    assert curve.smooth[0].p_bend < 1e-10
    at_end = curve.smooth[0].ratio(9, 5)
    assert at_end.low < np.exp(0.15 * 16) < at_end.high
    assert [row[0] for row in curve.tables[0].rows] == ["other"]  # age' alone is no odds ratio
    assert curve.tables[1].title == "Smooth effects"
    assert curve.smooth[0].plot().get_xlabel() == "x"


def test_new_patients_are_predicted_by_the_same_knots():
    model = logistic(bent(), "event", ["x"], splines={"x": 4})
    half = bent().iloc[:100]
    assert model.predict(half) == pytest.approx(model.probabilities[:100], rel=1e-12)


def test_text_takes_no_spline():
    frame = bent().assign(x=lambda f: np.where(f["x"] > 5, "high", "low"))
    with pytest.raises(CohortDataError, match="is no number"):
        logistic(frame, "event", ["x"], splines={"x": 3})
    assert regression_table(bent(), "event", ["x", "other"], splines={"x": 3}).n == 1500
