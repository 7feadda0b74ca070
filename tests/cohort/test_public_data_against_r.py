"""The same numbers as R on public data sets that come with R and its packages: read there, never kept here.

With GLOW500 and pROC's aSAH (test_against_r.py) these are birthwt, Pima (MASS), lung, mgus2 (survival), sleepstudy,
Penicillin (lme4), Orthodont (nlme), OBrienKaiser (carData), ChickWeight and Orange; more are in
test_more_public_data_against_r.py. The tolerance is 1e-6 where the method is the same; a wider one says why beside it.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.agreement.kappa import cohen_kappa
from ovcf.cohort.agreement.reliability import icc
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.optimism import optimism
from ovcf.cohort.prediction.roc import compare_roc
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from tests.cohort.r_script import LMER, ask_r

pytestmark = pytest.mark.slow
SAME = {"rel": 1e-6, "abs": 1e-9}


@cache
def read(code, *packages):
    return ask_r(f"as.list({code})", packages)


def table(code, *packages):
    """A data set of R, its text as text and NA as missing."""
    return pd.DataFrame(read(code, *packages))


def test_birthwt_logistic_model_with_profile_intervals():
    data = table("MASS::birthwt", "MASS").assign(race=lambda d: d["race"].astype(str))
    theirs = ask_r(
        """d <- birthwt; d$race <- factor(d$race)
        m <- glm(low ~ age + lwt + race + smoke, binomial, d, control=list(epsilon=1e-14))
        z <- qchisq(.95, 1) / 2
        ends <- sapply(2:6, function(j) { # where the profile deviance crosses, without confint's spline
          x <- model.matrix(m)
          drop <- function(b) -.5 * glm.fit(x[, -j], d$low, offset=b * x[, j], family=binomial(),
                                            control=list(epsilon=1e-14))$deviance + .5 * deviance(m) + z
          b <- coef(m)[j]; s <- sqrt(vcov(m)[j, j])
          c(uniroot(drop, c(b - 5 * s, b), tol=1e-12)$root, uniroot(drop, c(b, b + 5 * s), tol=1e-12)$root) })
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), p=unname(summary(m)$coefficients[, 4]),
             ends=t(ends), ll=as.numeric(logLik(m)))""",
        ("MASS",),
    )
    arguments = (data, "low", ["age", "lwt", "race", "smoke"])
    wald, profile = logistic(*arguments, interval="wald"), logistic(*arguments, interval="profile")
    assert wald.coefficients == pytest.approx(theirs["b"], **SAME)
    assert [e.standard_error for e in wald.effects] == pytest.approx(theirs["se"][1:], **SAME)
    assert [e.p for e in wald.effects] == pytest.approx(theirs["p"][1:], **SAME)
    assert wald.log_likelihood == pytest.approx(theirs["ll"], **SAME)
    for effect, ends in zip(profile.effects, theirs["ends"], strict=True):
        assert np.log([effect.odds_ratio.low, effect.odds_ratio.high]) == pytest.approx(ends, **SAME)


def test_birthwt_internal_validation_by_rms():
    data = table("MASS::birthwt", "MASS").assign(race=lambda d: d["race"].astype(str))
    theirs = ask_r(
        """d <- birthwt; d$race <- factor(d$race); set.seed(1)
        f <- lrm(low ~ age + lwt + race + smoke, d, x=TRUE, y=TRUE, tol=1e-14, eps=1e-10)
        v <- validate(f, B=500)
        auc <- v['Dxy', ] / 2 + .5
        list(apparent=c(auc[[1]], v['B', 1]), corrected=c(auc[[5]], v['B', 5], v['Slope', 5]))""",
        ("MASS", "rms"),
    )
    model = logistic(data, "low", ["age", "lwt", "race", "smoke"], estimator="maximum likelihood")
    ours = optimism(model, data, resamples=1000)
    assert [ours["AUC"].apparent, ours["Brier"].apparent] == pytest.approx(theirs["apparent"], **SAME)
    # other random resamples: 500 of them leave a standard error of about 0.001 (AUC, Brier) and 0.008 (slope)
    corrected = [ours[name].corrected for name in ("AUC", "Brier", "slope")]
    assert corrected == pytest.approx(theirs["corrected"], abs=0.04)
    assert corrected[:2] == pytest.approx(theirs["corrected"][:2], abs=0.005)


def test_pima_model_calibrated_in_other_women_and_its_predictors_compared():
    train, test = (
        table(f"MASS::Pima.{part}", "MASS").assign(ill=lambda d: d["type"] == "Yes") for part in ("tr", "te")
    )
    theirs = ask_r(
        """m <- glm(type ~ glu + bmi + age, binomial, Pima.tr, control=list(epsilon=1e-14))
        p <- predict(m, Pima.te, type='response'); y <- as.numeric(Pima.te$type == 'Yes')
        v <- val.prob(p, y, pl=FALSE); z <- qlogis(p)
        large <- glm(y ~ offset(z), family=binomial, control=list(epsilon=1e-14))
        slope <- glm(y ~ z, family=binomial, control=list(epsilon=1e-14))
        r <- function(s) roc(y, Pima.te[[s]], direction='<', quiet=TRUE)
        q <- roc.test(r('glu'), r('bmi'))
        list(c=as.numeric(auc(y, p, direction='<', quiet=TRUE)), brier=v[['Brier']], rms=v[['Slope']],
             large=c(coef(large)[[1]], sqrt(vcov(large)[1, 1])), slope=c(coef(slope)[[2]], sqrt(vcov(slope)[2, 2])),
             areas=as.numeric(c(ci.auc(r('glu')), ci.auc(r('bmi')))), z=unname(q$statistic), p=q$p.value)""",
        ("MASS", "rms", "pROC"),
    )
    risk = logistic(train, "ill", ["glu", "bmi", "age"]).predict(test)
    found = calibration(test["ill"], risk)
    assert (found.auc.value, found.brier.value) == pytest.approx((theirs["c"], theirs["brier"]), **SAME)
    assert (found.slope.value, found.slope.standard_error) == pytest.approx(theirs["slope"], **SAME)
    assert (found.intercept.value, found.intercept.standard_error) == pytest.approx(theirs["large"], **SAME)
    assert found.slope.value == pytest.approx(theirs["rms"], rel=1e-4)  # lrm stops earlier
    pair = compare_roc(test["ill"], {"glu": test["glu"], "bmi": test["bmi"]})
    areas = [x for c in pair.curves for x in (c.auc.low, c.auc.value, c.auc.high)]
    assert areas == pytest.approx(theirs["areas"], **SAME)
    difference = pair.pairs[0][2]
    assert (difference.statistic, difference.p) == pytest.approx((theirs["z"], theirs["p"]), **SAME)


def test_lung_survival_curves_log_rank_and_cox():
    data = table("lung[, c('time', 'status', 'sex', 'age', 'ph.ecog')]", "survival")
    theirs = ask_r(
        """k <- survfit(Surv(time, status) ~ sex, lung, conf.type='log-log'); at <- summary(k, times=c(180, 365, 700))
        m <- coxph(Surv(time, status) ~ age + sex + ph.ecog, lung, control=coxph.control(eps=1e-14, iter.max=50))
        s <- survdiff(Surv(time, status) ~ sex, lung)
        list(surv=at$surv, low=at$lower, high=at$upper, median=as.numeric(t(summary(k)$table[, 7:9])),
             chisq=s$chisq, expected=s$exp, b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), ll=m$loglik[2],
             zph=unname(cox.zph(m)$table[, 3]), n=m$n)""",
        ("survival",),
    )
    times = (180, 365, 700)
    result = kaplan_meier(data, "time", "status", group="sex", happened=2)
    at = [curve.at(t) for curve in result.curves for t in times]
    assert [e.value for e in at] == pytest.approx(theirs["surv"], **SAME)
    assert [e.low for e in at] == pytest.approx(theirs["low"], **SAME)
    assert [e.high for e in at] == pytest.approx(theirs["high"], **SAME)
    assert result.tidy()[["median", "low", "high"]].to_numpy().ravel() == pytest.approx(theirs["median"], **SAME)
    assert result.log_rank.chi_square == pytest.approx(theirs["chisq"], **SAME)
    assert result.log_rank.expected == pytest.approx(theirs["expected"], **SAME)
    model = cox(data, "time", "status", ["age", "sex", "ph.ecog"], happened=2)
    assert model.n == theirs["n"]
    assert [r.coefficient for r in model.ratios] == pytest.approx(theirs["b"], **SAME)
    assert [r.standard_error for r in model.ratios] == pytest.approx(theirs["se"], **SAME)
    assert model.log_likelihood == pytest.approx(theirs["ll"], **SAME)
    assert [r.p_proportional for r in model.ratios] == pytest.approx(theirs["zph"][:-1], rel=1e-5)


def test_mgus2_competing_risks():
    made = """with(mgus2, data.frame(t=ifelse(pstat == 1, ptime, futime), e=ifelse(pstat == 1, 1, 2 * death),
                                      age=age, hgb=hgb))"""
    data = table(made, "survival")
    theirs = ask_r(
        f"""d <- {made}; w <- d[complete.cases(d), ]
        m <- crr(w$t, w$e, w[, c('age', 'hgb')], gtol=1e-12, maxiter=50)
        list(est=unname(timepoints(cuminc(d$t, d$e), c(60, 120, 240))$est[1, ]), b=unname(m$coef), ll=m$loglik,
             se=unname(sqrt(diag(m$var))))""",
        ("survival", "cmprsk"),
    )
    kinds = {"happened": 1, "competing": [2]}
    curve = cumulative_incidence(data, "t", "e", **kinds).curves[0]
    assert [curve.at(t).value for t in (60, 120, 240)] == pytest.approx(theirs["est"], **SAME)
    model = fine_gray(data, "t", "e", ["age", "hgb"], **kinds)
    assert [r.coefficient for r in model.ratios] == pytest.approx(theirs["b"], **SAME)
    assert model.log_likelihood == pytest.approx(theirs["ll"], **SAME)
    # whole months are tied: crr lets a censoring weaken the weights at that very time, Fine and Gray only after it
    assert [r.standard_error for r in model.ratios] == pytest.approx(theirs["se"], rel=1e-3)


MIXED = {
    "sleepstudy": ("sleepstudy", "Reaction", "Subject", "Days"),
    # from some starts the search finds a correlation of one, 51 below the optimum
    "ChickWeight": ("as.data.frame(ChickWeight)", "weight", "Chick", "Time"),
    "Orthodont": ("as.data.frame(nlme::Orthodont)", "distance", "Subject", "age"),
    "Orange": ("as.data.frame(Orange)", "circumference", "Tree", "age"),  # level and slope are inseparable
}


def with_text(name):
    """The code of a data set, its subjects as text."""
    code, _, subject, _ = MIXED[name]
    return f"{{d <- {code}; d${subject} <- as.character(d${subject}); d}}"


@cache
def mixed_models_of_lme4():
    """Every model in one run of R: to start it with its packages takes longer than all of them."""

    def fitted(name, slope):
        _, outcome, subject, visit = MIXED[name]
        return f"told(lmer_to_the_end({outcome} ~ {visit} + ({visit if slope else 1} | {subject}), {with_text(name)}))"

    models = ", ".join(f"{name}_{slope}={fitted(name, slope)}" for name in MIXED for slope in (False, True))
    return ask_r(
        f"""{LMER}
        told <- function(m) list(b=unname(fixef(m)), se=unname(sqrt(diag(as.matrix(vcov(m))))),
                                 v=as.data.frame(VarCorr(m))$vcov, ll=as.numeric(logLik(m)))
        list({models})""",
        ("lme4", "nlme"),
    )


@pytest.mark.parametrize("slope", [False, True])
@pytest.mark.parametrize("name", MIXED)
def test_mixed_model(name, slope):
    _, outcome, subject, visit = MIXED[name]
    data, theirs = table(with_text(name), "lme4", "nlme"), mixed_models_of_lme4()[f"{name}_{slope}"]
    result = linear_mixed_model(
        data, outcome, subject=subject, visit=visit, time="linear", random_slope=slope, inference="wald"
    )
    assert [e.estimate.value for e in result.effects] == pytest.approx(theirs["b"], **SAME)
    assert [e.estimate.standard_error for e in result.effects] == pytest.approx(theirs["se"], **SAME)
    assert [v for _, v in result.variances] == pytest.approx(theirs["v"], **SAME)
    assert result.log_likelihood == pytest.approx(theirs["ll"], **SAME)


SLOPES = ("sleepstudy", "ChickWeight", "Orthodont")


@cache
def slopes_of_pbkrtest():
    def tested(name):
        _, outcome, subject, visit = MIXED[name]
        return f"""{name}={{
            m <- lmer_to_the_end({outcome} ~ {visit} + ({visit} | {subject}), {with_text(name)})
            one <- function(i) {{ k <- KRmodcomp(m, t(replace(numeric(2), i, 1)))$stats; c(k$ddf, k$p.value) }}
            list(se=unname(sqrt(diag(as.matrix(vcovAdj(m))))), df=c(one(1)[1], one(2)[1]), p=one(2)[2]) }}"""

    return ask_r(f"{LMER} list({', '.join(map(tested, SLOPES))})", ("lme4", "nlme", "pbkrtest"))


@pytest.mark.parametrize("name", SLOPES)
def test_kenward_roger_of_a_slope(name):
    _, outcome, subject, visit = MIXED[name]
    data, theirs = table(with_text(name), "lme4", "nlme"), slopes_of_pbkrtest()[name]
    result = linear_mixed_model(data, outcome, subject=subject, visit=visit, time="linear", random_slope=True)
    assert [e.estimate.standard_error for e in result.effects] == pytest.approx(theirs["se"], **SAME)
    assert [e.degrees for e in result.effects] == pytest.approx(theirs["df"], **SAME)
    assert result.effects[1].p == pytest.approx(theirs["p"], rel=1e-5)  # its logarithm to 1e-6


OBRIEN = """d <- OBrienKaiser; d$id <- paste0('p', seq_len(nrow(d)))
    d <- reshape(d, direction='long', varying=list(names(d)[3:17]), v.names='score', idvar='id')
    d$phase <- (d$time - 1) %/% 5; d <- aggregate(score ~ id + treatment + phase, d, mean)
    d$treatment <- as.character(d$treatment); d"""


def test_obrien_kaiser_effects_in_sixteen_patients():
    """Wald's P of the treatment is 0.05 and of the interaction below 0.001; with sixteen patients they are larger."""
    data = table(f"{{{OBRIEN}}}", "carData")
    theirs = ask_r(
        f"""{LMER} {OBRIEN}
        options(contrasts=c('contr.sum', 'contr.poly')); d$phase <- factor(d$phase)
        m <- lmer_to_the_end(score ~ treatment * phase + (1 | id), d)
        x <- attr(model.matrix(m), 'assign')
        sapply(1:3, function(k) {{ L <- diag(length(x))[x == k, , drop=FALSE]; s <- KRmodcomp(m, L)$stats
          c(s$Fstat, s$ndf, s$ddf, s$p.value) }})""",
        ("lme4", "pbkrtest", "carData"),
    )
    result = linear_mixed_model(data, "score", subject="id", visit="phase", group="treatment")
    by = {t.effect: t for t in result.tests}
    names = ("treatment", "phase", "treatment x phase")
    ours = [x for n in names for x in (by[n].f, by[n].degrees, by[n].denominator, by[n].p)]
    assert ours == pytest.approx(theirs, **SAME)
    wald = linear_mixed_model(data, "score", subject="id", visit="phase", group="treatment", inference="wald")
    assert by["treatment"].p > next(t.p for t in wald.tests if t.effect == "treatment")


def test_penicillin_intraclass_correlation():
    rows = ask_r("xtabs(diameter ~ plate + sample, Penicillin)", ("lme4",))
    wide = np.reshape(rows, (6, 24)).T
    theirs = ask_r(
        """x <- unclass(xtabs(diameter ~ plate + sample, Penicillin)); r <- ICC(matrix(x, 24), lmer=FALSE)$results
        list(value=r$ICC, low=r[['lower bound']], high=r[['upper bound']])""",
        ("lme4", "psych"),
    )
    forms = [e for _, e in icc(wide).forms]
    assert [e.value for e in forms] == pytest.approx(theirs["value"], **SAME)
    assert [e.low for e in forms] == pytest.approx(theirs["low"], **SAME)
    assert [e.high for e in forms] == pytest.approx(theirs["high"], **SAME)


def test_lung_agreement_of_physician_and_patient():
    # Karnofsky's index as the physician and as the patient rates it
    data = table("lung[complete.cases(lung[, 7:8]), 7:8]", "survival")
    theirs = ask_r(
        """x <- lung[complete.cases(lung[, 7:8]), 7:8]; levels <- sort(unique(unlist(x)))
        counts <- table(factor(x[, 1], levels), factor(x[, 2], levels)); k <- cohen.kappa(counts, n.obs=nrow(x))
        # psych's variance of the weighted kappa is not this one, of Fleiss, Cohen and Everitt (1969)
        p <- counts / sum(counts); a <- rowSums(p); b <- colSums(p); w <- 1 - outer(1:8, 1:8, '-')^2 / 49
        e <- sum(w * outer(a, b)); q <- k$weighted.kappa
        v <- sum(p * (w - outer(as.vector(w %*% b), as.vector(a %*% w), '+') * (1 - q))^2) - (q - e * (1 - q))^2
        list(k=c(k$kappa, q), v=c(k$var.kappa, v / (sum(counts) * (1 - e)^2)))""",
        ("survival", "psych"),
    )
    both = [cohen_kappa(data["ph.karno"], data["pat.karno"], weights=w).estimate for w in (None, "quadratic")]
    assert [e.value for e in both] == pytest.approx(theirs["k"], **SAME)
    assert [e.standard_error**2 for e in both] == pytest.approx(theirs["v"], **SAME)
