"""Imputed patients through every analysis: mice pools what R's own models find in the same completed tables."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.missing.imputation import Imputed, impute
from ovcf.cohort.missing.patterns import missing_patterns
from ovcf.cohort.missing.pooled import (
    Figure,
    pool_analysis,
    pooled_auc,
    pooled_cox,
    pooled_fine_gray,
    pooled_mixed_model,
    pooled_performance,
)
from ovcf.cohort.missing.pooled_comparison import pooled_comparison
from ovcf.cohort.missing.pooled_horizon import cumulative_hazard, pooled_at_horizon
from ovcf.cohort.missing.sensitivity import delta_adjusted
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

SAME = {"rel": 1e-6, "abs": 1e-9}
COLUMNS = ["a", "b", "event", "months"]


def patients(n=300, seed=3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    event, lost = rng.exponential(np.exp(2 - 0.7 * a - 0.3 * b)), rng.uniform(2, 15, n)
    end = np.where(event < lost, np.where(rng.random(n) < 0.75, 1, 2), 0)
    frame = pd.DataFrame({"a": a, "b": b, "months": np.minimum(event, lost), "end": end, "centre": np.arange(n) % 3})
    frame["event"] = (end == 1).astype(int)
    frame.loc[rng.random(n) < np.where(frame["event"] == 1, 0.35, 0.1), "a"] = np.nan
    frame.loc[rng.random(n) < 0.1, "b"] = np.nan
    return frame


@pytest.fixture(scope="module")
def completed():
    return impute(patients(), COLUMNS, imputations=6, cycles=5)


def stacked(imputed) -> pd.DataFrame:
    return pd.concat([f.assign(copy=i) for i, f in enumerate(imputed.frames)], ignore_index=True)


def risk(frame):
    return 1 / (1 + np.exp(-(-0.3 + 0.8 * frame["a"] + 0.3 * frame["b"])))


def shown(found):
    return [
        (f.estimate.value, f.estimate.low, f.estimate.high, f.pooled.degrees, f.pooled.fraction) for f in found.figures
    ]


def test_cox_fine_gray_and_auc_are_pooled_as_by_mice(completed):
    theirs = ask_r(
        """q <- function(f) { z <- sapply(split(d, d$copy), f); k <- nrow(z) / 2
          unlist(lapply(1:k, function(i) { p <- pool.scalar(z[i, ], z[k + i, ], n=Inf, k=1)
            e <- qt(.975, p$df) * sqrt(p$t); c(p$qbar, p$qbar - e, p$qbar + e, p$df, p$fmi) })) }
        c(q(function(x) { m <- coxph(Surv(months, event) ~ a + b, x, control=coxph.control(eps=1e-14, iter.max=50))
              c(coef(m), diag(vcov(m))) }),
          q(function(x) { m <- crr(x$months, x$end, x[, c('a', 'b')], gtol=1e-12, maxiter=50)
              c(m$coef, diag(m$var)) }),
          q(function(x) { r <- roc(x$event, x$a, direction='<', quiet=TRUE); v <- as.numeric(auc(r))
              c(qlogis(v), var(r) / (v * (1 - v))^2) }))""",
        ("mice", "survival", "cmprsk", "pROC"),
        d=stacked(completed),
    )
    theirs = np.reshape(theirs, (5, 5))
    models = [
        *shown(pooled_cox(completed, "months", "event", ["a", "b"])),
        *shown(pooled_fine_gray(completed, "months", "end", ["a", "b"], happened=1, competing=[2])),
    ]
    for ours, r in zip(models, theirs[:4], strict=True):
        assert [*np.log(ours[:3]), *ours[3:]] == pytest.approx(r, **SAME)
    (area,) = shown(pooled_auc(completed, "event", "a"))
    assert [*np.log(np.array(area[:3]) / (1 - np.array(area[:3]))), *area[3:]] == pytest.approx(theirs[4], **SAME)


def test_two_scores_are_compared_as_by_proc_and_mice(completed):
    theirs = ask_r(
        """z <- sapply(split(d, d$copy), function(x) { r <- roc(x$event, x$a, direction='<', quiet=TRUE)
          s <- roc(x$event, x$b, direction='<', quiet=TRUE)
          c(as.numeric(auc(r)) - as.numeric(auc(s)), var(r) + var(s) - 2 * cov(r, s)) })
        p <- pool.scalar(z[1, ], z[2, ], n=Inf, k=1); e <- qt(.975, p$df) * sqrt(p$t)
        c(p$qbar - e, p$qbar, p$qbar + e, 2 * pt(-abs(p$qbar) / sqrt(p$t), p$df))""",
        ("mice", "pROC"),
        d=stacked(completed),
    )
    found = pooled_comparison(completed, "event", {"a": "a", "b": lambda f: f["b"]})
    less = found["a less b"]
    assert [less.estimate.low, less.estimate.value, less.estimate.high, less.p] == pytest.approx(theirs, **SAME)
    assert found["AUC of a"].estimate == pooled_auc(completed, "event", "a")["AUC"].estimate


def test_calibration_and_net_benefit_are_pooled_as_by_mice(completed):
    theirs = ask_r(
        """z <- sapply(split(d, d$copy), function(x) { l <- -.3 + .8 * x$a + .3 * x$b; p <- plogis(l); y <- x$event
          s <- glm(y ~ l, family=binomial, epsilon=1e-14); i <- glm(y ~ offset(l), family=binomial, epsilon=1e-14)
          b <- ifelse(p >= .4, y - (1 - y) * 2 / 3, 0); n <- length(y)
          c(coef(i), coef(s)[2], log(sum(y) / sum(p)), mean((p - y)^2), mean(b), vcov(i), vcov(s)[2, 2],
            (1 - mean(y)) / sum(y), var((p - y)^2) / n, var(b) / n) })
        unlist(lapply(1:5, function(i) { p <- pool.scalar(z[i, ], z[5 + i, ], n=Inf, k=1)
          c(p$qbar, sqrt(p$t), p$df) }))""",
        ("mice",),
        d=stacked(completed),
    )
    found = pooled_performance(completed, "event", risk, thresholds=[0.4])
    names = (
        "Calibration in the large",
        "Calibration slope",
        "Observed / expected",
        "Brier score",
        "Net benefit at 0.4",
    )
    for name, r in zip(names, np.reshape(theirs, (5, 3)), strict=True):
        p = found[name].pooled
        assert [p.estimate.value, p.estimate.standard_error, p.degrees] == pytest.approx(r, **SAME), name
    # a slope is compared with one and not with nought; net benefit with nothing
    slope = found["Calibration slope"]
    assert slope.null == 1
    assert (slope.p < 0.05) == (not slope.estimate.low < 1 < slope.estimate.high)
    assert found["Net benefit at 0.4"].p is None


def test_a_mixed_model_with_a_missing_covariate_uses_every_patient():
    rng = np.random.default_rng(0)
    who, month = np.repeat(np.arange(80), 4), np.tile([0, 1, 3, 6], 80)
    age = rng.normal(75, 8, 80)
    vas = 6 - 0.4 * month + 0.05 * (age[who] - 75) + rng.normal(0, 0.7, 80)[who] + rng.normal(0, 0.5, 320)
    frame = pd.DataFrame({"id": who, "month": month, "vas": vas, "age": age[who]})
    frame.loc[np.isin(who, rng.choice(80, 20, replace=False)), "age"] = np.nan
    # age is one value of a patient: imputed in a table of patients and joined to the visits
    wide = frame.pivot(index="id", columns="month", values="vas").add_prefix("m").reset_index()
    wide["age"] = frame.groupby("id")["age"].first().to_numpy()
    made = impute(wide, ["age", "m0", "m1", "m3", "m6"], imputations=8, cycles=5)
    visits = tuple(frame.drop(columns="age").merge(f[["id", "age"]], on="id") for f in made.frames)
    found = pooled_mixed_model(
        Imputed(visits, made.missing, made.method),
        "vas",
        subject="id",
        visit="month",
        covariates=["age"],
        time="linear",
    )
    assert found.n == 320
    assert found["age"].estimate.low < 0.05 < found["age"].estimate.high
    assert found["age"].pooled.degrees < 78  # of patients, not of visits


def test_risk_with_death_as_a_competing_event_is_pooled_as_by_risk_regression_and_mice(completed):
    theirs = ask_r(
        """one <- function(x) { s <- Score(list(m=x$risk), Hist(months, end) ~ 1, x, times=6, cause=1,
              metrics=c('auc', 'brier'), summary=NULL, se.fit=TRUE, conservative=TRUE, cens.model='km')
          a <- s$AUC$score; b <- s$Brier$score[2, ]; f <- survfit(Surv(months, factor(end)) ~ 1, x)
          at <- summary(f, times=6); o <- at$pstate[, 2]; se <- at$std.err[, 2]
          c(qlogis(a$AUC), b$Brier, qlogis(o), log(o / mean(x$risk)),
            c(a$se / a$AUC / (1 - a$AUC), b$se, se / o / (1 - o), se / o)^2) }
        z <- sapply(split(d, d$copy), one)
        list(p=t(sapply(1:4, function(i) { p <- pool.scalar(z[i, ], z[4 + i, ], n=Inf, k=1)
          e <- qt(.975, p$df) * sqrt(p$t); c(p$qbar - e, p$qbar, p$qbar + e) })))""",
        ("survival", "prodlim", "riskRegression", "mice"),
        d=stacked(completed).assign(risk=lambda f: risk(f)),
    )
    found = pooled_at_horizon(completed, "months", "end", risk, 6, happened=1, competing=[2])

    def logit(v):
        return np.log(v / (1 - v))

    scales = {"AUC": logit, "Brier score": np.asarray, "Observed incidence": logit, "Observed / expected": np.log}
    for (name, scale), row in zip(scales.items(), theirs["p"], strict=True):
        e = found[name].estimate
        assert scale(np.array([e.low, e.value, e.high])) == pytest.approx(row, rel=1e-6, abs=1e-8), name


def test_cumulative_hazards_are_those_of_survfit():
    frame = patients().round({"months": 0})
    theirs = ask_r(
        """f <- survfit(Surv(months, event) ~ 1, d, stype=2, ctype=1); f$cumhaz[match(d$months, f$time)]""",
        ("survival",),
        d=frame[["months", "event"]],
    )
    assert cumulative_hazard(frame["months"], frame["event"] == 1) == pytest.approx(theirs, **SAME)


def test_net_benefit_over_acting_on_everyone_is_the_difference_of_the_curves(completed):
    found = pooled_performance(completed, "event", risk, thresholds=[0.3])
    curves = [decision_curve(f["event"], {"m": risk(f)}, thresholds=[0.3]) for f in completed.frames]
    gain = np.mean([c.models[0][1][0] - c.treat_all[0] for c in curves])
    assert found["Net benefit at 0.3 over acting on everyone"].estimate.value == pytest.approx(gain, rel=1e-9)


def test_a_shift_moves_the_mean_by_its_share_of_missing_values():
    frame = patients()

    def mean(imputed):
        return pool_analysis(imputed, lambda f: [Figure("mean of a", f["a"].mean(), f["a"].sem())])

    found = delta_adjusted(frame, ["a", "b", "event"], "a", [0, 1, 2], mean, "mean of a", imputations=5, cycles=3)
    values = [f.estimate.value for f in found.figures]
    share = frame["a"].isna().mean()
    assert np.diff(values) == pytest.approx([share, share], rel=0.25)
    assert "no data can tell" in str(found)
    assert found.plot().get_ylabel() == "mean of a"


def test_a_shift_of_yes_and_no_is_one_of_their_odds():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=3000), "smoker": rng.random(3000) < 0.3}).astype({"smoker": "boolean"})
    frame.loc[rng.random(3000) < 0.5, "smoker"] = pd.NA
    gaps = frame["smoker"].isna()
    made = [impute(frame, ["x", "smoker"], imputations=2, shifts={"smoker": s}).frames[0] for s in (0.0, 1.0)]
    plain, moved = (f.loc[gaps, "smoker"].astype(float).mean() for f in made)
    assert np.log(moved / (1 - moved)) - np.log(plain / (1 - plain)) == pytest.approx(1, abs=0.25)


def test_what_is_missing_together_is_counted_as_by_mice():
    frame = patients()
    code = "m <- md.pattern(d[, c('a', 'b')], plot=FALSE); as.integer(rownames(m)[-nrow(m)])"
    found = missing_patterns(frame, ["a", "b"], group="event")
    assert sorted(p.patients for p in found.patterns) == sorted(ask_r(code, ("mice",), d=frame))
    by = dict(found.p)
    assert by["a"] < 0.001  # more often missing with the event
    assert by["b"] > 0.01
    assert "patients are complete" in str(found)


def test_what_cannot_be_shifted_or_pooled_is_said(completed):
    with pytest.raises(CohortDataError, match="has no missing value"):
        delta_adjusted(patients(), COLUMNS, "event", [0], None, "x")
    with pytest.raises(CohortDataError, match="cannot be shifted"):
        impute(patients(), COLUMNS, shifts={"centre": 1.0})
    with pytest.raises(CohortDataError, match="no finite error"):
        pool_analysis(completed, lambda f: [Figure("x", 1.0, 0.0)])
