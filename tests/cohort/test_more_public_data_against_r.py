"""More of R's own data sets, one for each kind of difficulty; read in R, never kept here.

infert (matched sets), pbc (a competing transplant, strata, missing values), rotterdam and veteran (hazards that are not
proportional), colon (ties and strata), Melanoma (risk by a time), InsectSprays (unequal spread), airquality (gaps),
BodyWeight and Oxboys (slopes by group), HairEyeColor (a large table). The tolerance is 1e-6; a wider one says why.
"""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.centres.mixed_logistic import clustered_logistic
from ovcf.cohort.data.dataset import describe_missing
from ovcf.cohort.groups.group_tests import compare_counts, compare_numbers, pairwise_numbers
from ovcf.cohort.prediction.at_horizon import risk_at_horizon
from ovcf.cohort.regression.linear import linear
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.survival.competing_risks import cumulative_incidence, fine_gray
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from tests.cohort.r_script import LMER, ask_r

pytestmark = pytest.mark.slow
SAME = {"rel": 1e-6, "abs": 1e-9}


def both(data, code, *packages):
    """A data set of R as a frame, and what ``code`` says of it (``d`` there); in one run of R."""
    found = ask_r(f"d <- {data}; list(d=as.list(d), r={{ {code} }})", packages)
    return pd.DataFrame(found["d"]), found["r"]


def test_infert_with_errors_by_matched_set():
    data, theirs = both(
        "transform(infert, education=as.character(education), stratum=paste0('s', stratum))",
        """m <- glm(case ~ spontaneous + induced + education, binomial, d, epsilon=1e-14)
        v <- vcovCL(m, d$stratum, type='HC0', cadjust=TRUE)
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), robust=unname(sqrt(diag(v))),
             vif=unname(vif(m)[, 1]), p=unname(summary(m)$coefficients[, 4]))""",
        "car",
        "sandwich",
    )
    predictors = ["spontaneous", "induced", "education"]
    found = logistic(data, "case", predictors)
    assert found.coefficients == pytest.approx(theirs["b"], **SAME)
    assert [e.standard_error for e in found.effects] == pytest.approx(theirs["se"][1:], **SAME)
    assert [e.p for e in found.effects] == pytest.approx(theirs["p"][1:], **SAME)
    assert [v for _, v in found.vif] == pytest.approx(theirs["vif"], **SAME)
    robust = clustered_logistic(data, "case", predictors, "stratum")
    assert [e.coefficient for e in robust.effects] == pytest.approx(theirs["b"][1:], **SAME)
    assert [e.standard_error for e in robust.effects] == pytest.approx(theirs["robust"][1:], **SAME)


def test_pbc_transplants_compete_with_deaths_and_strata_have_their_own_hazards():
    data, theirs = both(
        "with(pbc, data.frame(time, status, sex=as.character(sex), logbili=log(bili), edema, age, stage, albumin))",
        """m <- coxph(Surv(time, status == 2) ~ logbili + edema + age + strata(stage), d,
                   control=coxph.control(eps=1e-14, iter.max=50))
        q <- cuminc(d$time, d$status, d$sex); w <- d[complete.cases(d[, c('logbili', 'albumin')]), ]
        f <- crr(w$time, ifelse(w$status == 2, 1, 2 * (w$status == 1)), w[, c('logbili', 'albumin')], gtol=1e-12,
                 maxiter=50)
        list(n=m$n, b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), ll=m$loglik[2],
             c=unname(m$concordance['concordance']), zph=unname(cox.zph(m)$table[, 3]), gray=q$Tests['2', 1:2],
             inc=unname(timepoints(q, c(1000, 3000))$est[3:4, ]), fg=unname(c(f$coef, f$loglik)),
             fg_se=unname(sqrt(diag(f$var))))""",
        "survival",
        "cmprsk",
    )
    model = cox(data, "time", "status", ["logbili", "edema", "age"], happened=2, strata=["stage"])
    assert model.n == theirs["n"]
    assert [r.coefficient for r in model.ratios] == pytest.approx(theirs["b"], **SAME)
    assert [r.standard_error for r in model.ratios] == pytest.approx(theirs["se"], **SAME)
    assert (model.log_likelihood, model.concordance) == pytest.approx((theirs["ll"], theirs["c"]), **SAME)
    assert [r.p_proportional for r in model.ratios] == pytest.approx(theirs["zph"][:-1], rel=1e-5)
    curves = cumulative_incidence(data, "time", "status", happened=2, competing=[1], group="sex")
    assert (curves.gray.chi_square, curves.gray.p) == pytest.approx(theirs["gray"], **SAME)
    at = [[c.at(t).value for t in (1000, 3000)] for c in curves.curves]
    assert np.array(at) == pytest.approx(np.array(theirs["inc"]), **SAME)
    fg = fine_gray(data, "time", "status", ["logbili", "albumin"], happened=2, competing=[1])
    assert [*(r.coefficient for r in fg.ratios), fg.log_likelihood] == pytest.approx(theirs["fg"], **SAME)
    # days are hardly tied; where they are, crr weakens weights at that very time (see test_survival_against_r.py)
    assert [r.standard_error for r in fg.ratios] == pytest.approx(theirs["fg_se"], rel=1e-3)


def test_rotterdam_deaths_without_relapse_by_menopause():
    """The data set on which Gray's test was once found to differ."""
    data, theirs = both(
        """with(rotterdam, data.frame(t=pmin(rtime, dtime), e=ifelse(recur == 1, 1, 2 * death), meno,
                                      grade, size=as.character(size)))""",
        """q <- cuminc(d$t, d$e, d$meno)
        m <- coxph(Surv(t, e == 1) ~ meno + grade + size, d, control=coxph.control(eps=1e-14, iter.max=50))
        list(relapse=q$Tests['1', 1:2], death=q$Tests['2', 1], b=unname(coef(m)),
             zph=unname(cox.zph(m, terms=FALSE)$table[, 3]))""",
        "survival",
        "cmprsk",
    )
    relapse = cumulative_incidence(data, "t", "e", happened=1, competing=[2], group="meno").gray
    death = cumulative_incidence(data, "t", "e", happened=2, competing=[1], group="meno").gray
    assert (relapse.chi_square, relapse.p) == pytest.approx(theirs["relapse"], **SAME)
    assert death.chi_square == pytest.approx(theirs["death"], **SAME)
    model = cox(data, "t", "e", ["meno", "grade", "size"], happened=1, references={"size": "<=20"})
    by_name = sorted(zip((r.coefficient for r in model.ratios), (r.p_proportional for r in model.ratios), strict=True))
    expected = sorted(zip(theirs["b"], theirs["zph"][:-1], strict=True))
    assert [b for b, _ in by_name] == pytest.approx([b for b, _ in expected], **SAME)
    assert [p for _, p in by_name] == pytest.approx([p for _, p in expected], rel=1e-5)


def test_veteran_whose_hazards_are_not_proportional():
    data, theirs = both(
        "transform(veteran, celltype=as.character(celltype))",
        """m <- coxph(Surv(time, status) ~ trt + karno + age + strata(celltype), d,
                   control=coxph.control(eps=1e-14, iter.max=50)); z <- cox.zph(m)$table
        k <- survfit(Surv(time, status) ~ celltype, d, conf.type='log-log')
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), zph=unname(z[, 3]),
             chi=survdiff(Surv(time, status) ~ celltype, d)$chisq,
             at=unname(as.matrix(as.data.frame(summary(k, times=100)[c('surv', 'lower', 'upper')]))))""",
        "survival",
    )
    model = cox(data, "time", "status", ["trt", "karno", "age"], strata=["celltype"])
    assert [r.coefficient for r in model.ratios] == pytest.approx(theirs["b"], **SAME)
    assert [r.standard_error for r in model.ratios] == pytest.approx(theirs["se"], **SAME)
    assert [r.p_proportional for r in model.ratios] == pytest.approx(theirs["zph"][:-1], rel=1e-5)
    assert "karno" in str(model.assumptions)  # the textbook example of an effect that wears off
    curves = kaplan_meier(data, "time", "status", group="celltype")
    at = [c.at(100) for c in curves.curves]
    assert np.array([(e.value, e.low, e.high) for e in at]) == pytest.approx(np.array(theirs["at"]), **SAME)
    assert curves.log_rank.chi_square == pytest.approx(theirs["chi"], **SAME)


def test_colon_deaths_with_ties_and_strata():
    data, theirs = both(
        "with(subset(colon, etype == 2), data.frame(time, status, rx=as.character(rx), node4, extent))",
        """d$rx <- relevel(factor(d$rx), 'Obs')
        m <- coxph(Surv(time, status) ~ rx + node4 + strata(extent), d, control=coxph.control(eps=1e-14, iter.max=50))
        s <- survdiff(Surv(time, status) ~ rx, d)
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), ll=m$loglik, chi=s$chisq, expected=s$exp)""",
        "survival",
    )
    model = cox(data, "time", "status", ["rx", "node4"], references={"rx": "Obs"}, strata=["extent"])
    assert [r.coefficient for r in model.ratios] == pytest.approx(theirs["b"], **SAME)
    assert [r.standard_error for r in model.ratios] == pytest.approx(theirs["se"], **SAME)
    assert model.log_likelihood == pytest.approx(theirs["ll"][1], **SAME)
    test = kaplan_meier(data, "time", "status", group="rx").log_rank
    assert test.chi_square == pytest.approx(theirs["chi"], **SAME)
    assert sorted(test.expected) == pytest.approx(sorted(theirs["expected"]), **SAME)


def test_melanoma_deaths_by_five_years_with_other_deaths_competing():
    data, theirs = both(
        """with(MASS::Melanoma, data.frame(years=time / 365.25, status=c(1, 0, 2)[status],
                                           risk=pmin(.9, .08 + .07 * thickness)))""",
        """s <- Score(list(m=d$risk), Hist(years, status) ~ 1, d, times=5, cause=1, metrics=c('auc', 'brier'),
                  summary=NULL, se.fit=TRUE, conservative=TRUE, cens.model='km')
        a <- s$AUC$score; b <- s$Brier$score
        list(auc=c(a$AUC, a$se), brier=b$Brier, se=b$se[2])""",
        "survival",
        "prodlim",
        "riskRegression",
    )
    found = risk_at_horizon(data, "years", "status", "risk", 5, happened=1, competing=[2], unit="years")
    assert (found.auc.value, found.auc.standard_error) == pytest.approx(theirs["auc"], **SAME)
    assert (found.brier_null, found.brier.value) == pytest.approx(theirs["brier"], **SAME)
    assert found.brier.standard_error == pytest.approx(theirs["se"], **SAME)


def test_insect_sprays_by_every_test_of_numbers():
    data, theirs = both(
        "transform(InsectSprays, spray=as.character(spray))",
        """w <- oneway.test(count ~ spray, d); a <- summary(aov(count ~ spray, d))[[1]]
        k <- kruskal.test(count ~ factor(spray), d)
        p <- pairwise.t.test(d$count, d$spray, pool.sd=FALSE, p.adjust.method='holm')$p.value
        list(welch=c(w$statistic, w$p.value), anova=c(a[1, 4], a[1, 5]), kruskal=unname(c(k$statistic, k$p.value)),
             pairs=as.numeric(p[lower.tri(p, diag=TRUE)]))""",
    )
    names = sorted(data["spray"].unique())
    groups = [data.loc[data["spray"] == name, "count"].to_numpy(float) for name in names]
    for test in ("welch", "anova", "kruskal"):
        found = compare_numbers(groups, test)
        assert (found.statistic, found.p) == pytest.approx(theirs[test], rel=1e-6, abs=1e-300), test
    pairs = pairwise_numbers(groups, names, "welch", "holm")
    assert sorted(q.p_adjusted for q in pairs) == pytest.approx(sorted(theirs["pairs"]), **SAME)


def test_air_quality_in_complete_cases_with_errors_by_month():
    data, theirs = both(
        "airquality",
        """m <- lm(Ozone ~ Solar.R + Wind + Temp, d); s <- summary(m); i <- confint(m)
        u <- d[complete.cases(d), ]; m2 <- lm(Ozone ~ Solar.R + Wind + Temp, u)
        v <- vcovCL(m2, u$Month, type='HC1')
        list(b=unname(coef(m)), low=unname(i[, 1]), p=unname(s$coefficients[, 4]), r=c(s$r.squared, s$adj.r.squared),
             sd=s$sigma, robust=unname(sqrt(diag(v))), gaps=unname(colSums(is.na(d))), whole=sum(complete.cases(d)))""",
        "sandwich",
    )
    predictors = ["Solar.R", "Wind", "Temp"]
    found = linear(data, "Ozone", predictors)
    assert [e.difference.value for e in found.effects] == pytest.approx(theirs["b"][1:], **SAME)
    assert [e.difference.low for e in found.effects] == pytest.approx(theirs["low"][1:], **SAME)
    assert [e.p for e in found.effects] == pytest.approx(theirs["p"][1:], **SAME)
    assert (found.r_squared, found.adjusted_r_squared) == pytest.approx(theirs["r"], **SAME)
    assert found.residual_sd == pytest.approx(theirs["sd"], **SAME)
    by_month = linear(data, "Ozone", predictors, cluster="Month")
    robust = [e.difference.standard_error for e in by_month.effects]
    assert robust == pytest.approx(theirs["robust"][1:], **SAME)
    gaps = describe_missing(data)
    assert [count for _, count in gaps.missing] == theirs["gaps"]
    assert f"{theirs['whole']} of 153 patients are complete" in str(gaps)


SLOPES = {
    "BodyWeight": ("weight", "Rat", "Time", "Diet"),  # sixteen rats on three diets
    "Oxboys": ("height", "Subject", "age", None),
}


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_over_time(name):
    outcome, subject, visit, group = SLOPES[name]
    fixed = f"{visit} * {group}" if group else visit
    data, theirs = both(
        f"""{{ x <- as.data.frame({name}); x${subject} <- paste0('s', x${subject})
        {f"x${group} <- paste0('g', x${group});" if group else ""} x }}""",
        f"""{LMER} options(contrasts=c('contr.sum', 'contr.poly'))
        m <- lmer_to_the_end({outcome} ~ {fixed} + ({visit} | {subject}), d)
        x <- attr(model.matrix(m), 'assign')
        list(ll=as.numeric(logLik(m)), v=as.data.frame(VarCorr(m))$vcov, kr=sapply(1:max(x), function(k) {{
          L <- diag(length(x))[x == k, , drop=FALSE]; s <- KRmodcomp(m, L)$stats
          c(s$Fstat, s$ndf, s$ddf, s$p.value) }}))""",
        "lme4",
        "nlme",
        "pbkrtest",
    )
    found = linear_mixed_model(
        data, outcome, subject=subject, visit=visit, group=group, time="linear", random_slope=True
    )
    assert found.log_likelihood == pytest.approx(theirs["ll"], **SAME)
    assert [v for _, v in found.variances] == pytest.approx(theirs["v"], **SAME)
    by = {t.effect: t for t in found.tests}
    names = [visit, group, f"{group} x {visit}"] if group else [visit]
    ours = np.array([(by[n].f, by[n].degrees, by[n].denominator) for n in names])
    assert ours == pytest.approx(np.array(theirs["kr"]).T[:, :3], **SAME)
    assert [by[n].p for n in names] == pytest.approx(np.array(theirs["kr"]).T[:, 3], rel=1e-5)  # its logarithm to 1e-6


def test_hair_and_eyes_in_a_table_too_large_to_count_out():
    theirs = ask_r("x <- apply(HairEyeColor, 1:2, sum); c(chisq.test(x)$statistic, chisq.test(x)$p.value, t(x))")
    found = compare_counts(np.array(theirs[2:]).reshape(4, 4), "chi-square")
    assert (found.statistic, found.p) == pytest.approx(theirs[:2], rel=1e-6, abs=1e-300)
