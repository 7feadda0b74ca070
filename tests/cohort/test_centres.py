"""Several centres: metafor and pROC as authorities, known truth of simulated centres, and what is left out by name."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.centres.internal_external import internal_external
from ovcf.cohort.centres.mixed_logistic import clustered_logistic, mixed_logistic
from ovcf.cohort.centres.performance import performance_by_centre, pooled_performance_by_centre
from ovcf.cohort.centres.pooling import pool_centres
from ovcf.cohort.missing.imputation import impute
from ovcf.cohort.regression.logistic import logistic
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

SAME = {"rel": 1e-6, "abs": 1e-9}
REML = "method='REML', test='knha', control=list(threshold=1e-14, maxiter=10000)"


def centres(n=(90, 60, 140, 80, 200, 30), spread=0.4, seed=4) -> pd.DataFrame:
    """Patients whose events follow a and b; centres differ in how many events they see and how well a tells."""
    rng = np.random.default_rng(seed)
    parts = []
    for i, size in enumerate(n):
        a, b = rng.normal(size=(2, size))
        z = -0.7 + rng.normal(0, spread) + (1 + rng.normal(0, spread)) * a + 0.5 * b
        risk = 1 / (1 + np.exp(-(-0.6 + 1.1 * a + 0.4 * b)))
        event = (rng.random(size) < 1 / (1 + np.exp(-z))).astype(int)
        parts.append(pd.DataFrame({"centre": f"C{i}", "a": a, "b": b, "risk": risk, "event": event}))
    return pd.concat(parts, ignore_index=True)


def test_the_bcg_trials_are_pooled_as_by_metafor():
    theirs = ask_r(
        f"""d <- escalc(measure='RR', ai=tpos, bi=tneg, ci=cpos, di=cneg, data=dat.bcg)
        m <- rma(yi, vi, data=d, {REML}); p <- predict(m); t <- confint(m, control=list(tol=1e-12))$random
        list(y=as.numeric(exp(d$yi)), se=sqrt(d$vi), pooled=exp(c(p$ci.lb, p$pred, p$ci.ub)),
             prediction=exp(c(p$pi.lb, p$pi.ub)), tau=sqrt(m$tau2), tau_i=as.numeric(t[2, 2:3]), i2=m$I2 / 100,
             q=c(m$QE, m$QEp), w=as.numeric(weights(m)) / 100)""",
        ("metafor",),
    )
    names = [f"trial {i}" for i in range(13)]
    found = pool_centres(names, theirs["y"], theirs["se"], scale="log", figure="Risk ratio")
    assert (found.pooled.low, found.pooled.value, found.pooled.high) == pytest.approx(theirs["pooled"], **SAME)
    assert (found.prediction_by_t.low, found.prediction_by_t.high) == pytest.approx(theirs["prediction"], **SAME)
    assert (found.tau, found.i_squared) == pytest.approx((theirs["tau"], theirs["i2"]), **SAME)
    assert (found.tau_low, found.tau_high) == pytest.approx(theirs["tau_i"], **SAME)
    assert (found.q, found.q_p) == pytest.approx(theirs["q"], **SAME)
    assert [w for _, _, w in found.centres] == pytest.approx(theirs["w"], **SAME)


def test_performance_by_centre_is_that_of_proc_glm_and_metafor():
    data = centres()
    theirs = ask_r(
        f"""z <- qlogis(d$risk); one <- function(k) {{ r <- d$centre == k; y <- d$event[r]; p <- d$risk[r]
          a <- roc(y, p, direction='<', quiet=TRUE); v <- var(a); a <- as.numeric(auc(a))
          s <- glm(y ~ z[r], family=binomial, epsilon=1e-14)
          l <- glm(y ~ offset(z[r]), family=binomial, epsilon=1e-14)
          b <- ifelse(p >= .3, y - (1 - y) * 3 / 7, 0); n <- length(y)
          c(qlogis(a), v / (a * (1 - a))^2, coef(s)[2], vcov(s)[2, 2], coef(l), vcov(l), log(sum(y) / sum(p)),
            (1 - mean(y)) / sum(y), mean(b), var(b) / n) }}
        x <- sapply(unique(d$centre), one)
        sapply(c(1, 3, 5, 7, 9), function(i) {{ m <- rma(x[i, ], x[i + 1, ], {REML}); p <- predict(m)
          c(p$pred, p$ci.lb, p$ci.ub, p$pi.lb, p$pi.ub, m$tau2) }})""",
        ("pROC", "metafor"),
        d=data,
    )
    theirs = np.reshape(theirs, (5, 6))
    found = performance_by_centre(data, "event", "risk", "centre", threshold=0.3)
    names = ("AUC", "Calibration slope", "Calibration in the large", "Observed / expected", "Net benefit at 0.3")
    for name, row in zip(names, theirs, strict=True):
        back = {"AUC": lambda x: 1 / (1 + np.exp(-x)), "Observed / expected": np.exp}.get(name, lambda x: x)
        p, new = found[name].pooled, found[name].prediction_by_t
        assert [p.value, p.low, p.high, new.low, new.high] == pytest.approx(back(row[:5]), **SAME), name
        assert found[name].tau ** 2 == pytest.approx(row[5], rel=1e-6, abs=1e-9), name


def test_each_centre_is_predicted_by_a_model_that_has_not_seen_it():
    data = centres()
    found = internal_external(data, "event", ["a", "b"], "centre", threshold=0.3)
    first = data["centre"] == "C0"
    model = logistic(data[~first], "event", ["a", "b"])
    direct = data[first].assign(risk=model.predict(data[first]))
    both = pd.concat([direct, data[data["centre"] == "C1"]])
    alone = performance_by_centre(both, "event", "risk", "centre")
    assert found["AUC"].centres[0][1] == alone["AUC"].centres[0][1]
    assert found.n == len(data)
    assert len(found["Calibration slope"].centres) == 6


def test_a_centre_that_cannot_be_judged_is_named_and_the_others_pooled():
    data = centres((90, 60, 140, 12))
    data.loc[data["centre"] == "C3", "event"] = 0
    found = performance_by_centre(data, "event", "risk", "centre")
    assert [name for name, _, _ in found["AUC"].centres] == ["C0", "C1", "C2"]
    assert "C3 is left out of AUC, Calibration in the large, Calibration slope, Observed / expected" in str(found)
    assert len(found["Brier score"].centres) == 4  # it needs no event
    assert "C3 has 0 events and 12 non-events" in str(found)
    assert "hardly known" in str(found)


def test_a_centre_in_which_the_score_separates_stays_in_every_figure_but_the_slope():
    """To leave it out of AUC and calibration would leave out a centre in which the score does well."""
    data = centres((90, 60, 140))
    n = 40
    groups = np.repeat([0.05, 0.1, 0.6], [20, 10, 10])
    event = ((groups == 0.6) & (np.arange(n) % 10 < 8)).astype(int)  # in the highest group alone, eight of ten
    data = pd.concat([data, pd.DataFrame({"centre": "C3", "risk": groups, "event": event})])
    found = performance_by_centre(data, "event", "risk", "centre", threshold=0.3)
    without = [f.figure for f in found.figures if "C3" not in [name for name, _, _ in f.centres]]
    assert without == ["Calibration slope"]
    assert "C3 is left out of Calibration slope" in str(found)
    area = next(e for name, e, _ in found["AUC"].centres if name == "C3")
    assert area.value == pytest.approx(1 - 2 / 32 / 2, rel=1e-12)  # of 32 without the event two are tied with the 8


def test_the_auc_may_be_of_the_points_behind_the_rates():
    data = centres()
    data["group"] = np.where(data["risk"] > 0.4, 0.6, 0.2)
    found = performance_by_centre(data, "event", "group", "centre", score="risk")
    assert found["AUC"].centres == performance_by_centre(data, "event", "risk", "centre")["AUC"].centres
    assert (
        found["Brier score"].centres == performance_by_centre(data, "event", "group", "centre")["Brier score"].centres
    )


def test_imputations_are_put_together_within_centres_and_then_over_them_as_by_mice_and_metafor():
    data = centres((90, 60, 140, 80))
    data.loc[np.random.default_rng(2).random(len(data)) < 0.2, "risk"] = np.nan
    made = impute(data, ["event", "a", "b", "risk"], imputations=4, cycles=2)
    together = pd.concat([f.assign(m=m) for m, f in enumerate(made.frames)])
    theirs = ask_r(
        f"""one <- function(k, m) {{ r <- d$centre == k & d$m == m; y <- d$event[r]; p <- d$risk[r]; z <- qlogis(p)
          a <- roc(y, p, direction='<', quiet=TRUE); v <- var(a); a <- as.numeric(auc(a))
          l <- glm(y ~ offset(z), family=binomial, epsilon=1e-14)
          c(qlogis(a), v / (a * (1 - a))^2, coef(l), vcov(l)) }}
        x <- sapply(unique(d$centre), function(k) {{ s <- sapply(0:3, function(m) one(k, m))
          p <- pool.scalar(s[1, ], s[2, ]); q <- pool.scalar(s[3, ], s[4, ]); c(p$qbar, p$t, q$qbar, q$t) }})
        sapply(c(1, 3), function(i) {{ m <- rma(x[i, ], x[i + 1, ], {REML.replace("knha", "adhoc")}); p <- predict(m)
          c(p$pred, p$ci.lb, p$ci.ub, p$pi.lb, p$pi.ub) }})""",
        ("pROC", "metafor", "mice"),
        d=together,
    )
    found = pooled_performance_by_centre(made, "event", "risk", "centre")
    for name, row in zip(("AUC", "Calibration in the large"), np.reshape(theirs, (2, 5)), strict=True):
        p, new = found[name].pooled, found[name].prediction_by_t
        ours = np.array([p.value, p.low, p.high, new.low, new.high])
        assert (np.log(ours / (1 - ours)) if name == "AUC" else ours) == pytest.approx(row, **SAME), name


def test_a_patient_without_a_centre_is_counted_as_missing():
    data = centres()
    data.loc[:4, "centre"] = None
    found = performance_by_centre(data, "event", "risk", "centre")
    assert dict(found.missing)["centre"] == 5
    assert found.n == len(data) - 5


def test_one_centre_is_no_study_of_several():
    with pytest.raises(CohortDataError, match="fewer than two"):
        internal_external(centres((90,)), "event", ["a"], "centre")


def test_intervals_hold_the_mean_of_centres_and_the_new_centre():
    """400 studies of eight centres whose means vary with 0.3 about 1, each with an error of 0.2."""
    rng = np.random.default_rng(2)
    mean = new = 0
    for _ in range(400):
        own = rng.normal(1, 0.3, 8)
        found = pool_centres(list("abcdefgh"), rng.normal(own, 0.2), np.full(8, 0.2))
        mean += found.pooled.low <= 1 <= found.pooled.high
        new += found.prediction.low <= rng.normal(1, 0.3) <= found.prediction.high
    # 0.95 with a standard error of 0.011
    assert 0.925 < mean / 400 < 0.98
    assert 0.925 < new / 400 < 0.98


def test_the_forest_shows_every_centre_its_figure_and_the_new_centre():
    found = performance_by_centre(centres(), "event", "risk", "centre", threshold=0.3)
    axes = found["AUC"].plot()
    labels = [t.get_text() for t in axes.get_yticklabels()]
    assert labels == ["C0", "C1", "C2", "C3", "C4", "C5", "Mean of centres", "A new centre"]
    assert f"{found['AUC'].pooled:.2f}" in [t.get_text() for t in axes.texts]
    assert len(found.plot().figure.axes) == 6
    assert not found.further()


def test_forests_of_many_centres_go_on_further_pages_at_their_full_size():
    found = performance_by_centre(centres((40,) * 30), "event", "risk", "centre", threshold=0.3)
    pages = [found, *found.further()]
    drawn = [page.plot().figure for page in pages]
    assert [f.axes[0].get_xlabel() for f in drawn] == ["AUC", "Calibration slope", "Brier score"]
    assert max(f.get_figheight() for f in drawn) < 9.5  # A4 less its margins
    assert "Calibration slope and observed / expected" in pages[1].title


BACTERIA = """transform(bacteria, y=as.integer(y == 'y'), late=as.integer(week > 2), ID=as.character(ID),
    drug=as.integer(trt != 'placebo'))"""


def test_a_level_of_each_centre_is_that_of_glmer():
    data = pd.DataFrame(ask_r(f"as.list({BACTERIA})", ("MASS",)))
    theirs = ask_r(
        f"""m <- glmer(y ~ drug + late + (1 | ID), {BACTERIA}, binomial, nAGQ=25,
            control=glmerControl('bobyqa', optCtrl=list(rhoend=1e-10, maxfun=1e5)))
        list(b=unname(fixef(m)), se=unname(sqrt(diag(as.matrix(vcov(m, use.hessian=TRUE))))), sd=m@theta,
             ll=as.numeric(logLik(m)))""",
        ("MASS", "lme4"),
    )
    found = mixed_logistic(data, "y", ["drug", "late"], "ID")
    assert found.log_likelihood == pytest.approx(theirs["ll"], rel=1e-6)
    # glmer sees the deviance alone, and takes its curvature by differences of it
    ours = [found.intercept.value, *(e.coefficient for e in found.effects), found.spread]
    assert ours == pytest.approx([*theirs["b"], theirs["sd"]], rel=1e-3)
    errors = [found.intercept.standard_error, *(e.standard_error for e in found.effects)]
    assert errors == pytest.approx(theirs["se"], rel=1e-2)
    assert found.median_odds_ratio == pytest.approx(np.exp(0.6744897501960817 * np.sqrt(2) * theirs["sd"]), rel=1e-3)


def test_errors_that_know_the_centres_are_those_of_a_survey_of_centres():
    data = pd.DataFrame(ask_r(f"as.list({BACTERIA})", ("MASS",)))
    theirs = ask_r(
        f"""m <- svyglm(y ~ drug + late, svydesign(~ID, weights=~1, data={BACTERIA}), family=quasibinomial(),
                        epsilon=1e-14)
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), p=unname(coef(summary(m))[, 4]))""",
        ("MASS", "survey"),
    )
    found = clustered_logistic(data, "y", ["drug", "late"], "ID")
    assert [e.coefficient for e in found.effects] == pytest.approx(theirs["b"][1:], **SAME)
    assert [e.standard_error for e in found.effects] == pytest.approx(theirs["se"][1:], **SAME)
    assert [e.p for e in found.effects] == pytest.approx(theirs["p"][1:], **SAME)


def test_centres_that_do_not_differ_give_the_plain_model():
    data = centres(spread=0.0, seed=11)
    found, plain = mixed_logistic(data, "event", ["a", "b"], "centre"), logistic(data, "event", ["a", "b"])
    assert found.spread < 0.2
    assert found.p_centres > 0.05
    assert [e.coefficient for e in found.effects] == pytest.approx([e.coefficient for e in plain.effects], rel=0.02)
    assert found.log_likelihood >= plain.log_likelihood - 1e-8
