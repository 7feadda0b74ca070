"""The same numbers as R, where R and its packages are installed (Debian: r-base-core, r-cran-proc, -psych, -rms)."""

import numpy as np
import pytest

from ovcf.cohort.agreement.reliability import icc
from ovcf.cohort.prediction.delong import auc, delong_paired, delong_unpaired
from ovcf.cohort.prediction.roc import roc
from ovcf.cohort.regression.diagnostics import hosmer_lemeshow
from ovcf.cohort.regression.logistic import logistic
from tests.cohort.r_script import ask_r
from tests.shared_data import shared

pd = pytest.importorskip("pandas")
pytestmark = pytest.mark.slow


def glow_path():
    return shared("glow500") / "glow500.csv"


def test_delong_on_the_data_of_proc_paired_and_unpaired():
    theirs = ask_r(
        """
        data(aSAH)
        f <- function(s) roc(aSAH$outcome, as.numeric(aSAH[[s]]), levels=c('Good','Poor'), direction='<', quiet=TRUE)
        a <- f('wfns'); b <- f('s100b'); paired <- roc.test(a, b)
        men <- aSAH$gender == 'Male'
        g <- function(i) roc(aSAH$outcome[i], aSAH$s100b[i], levels=c('Good','Poor'), direction='<', quiet=TRUE)
        apart <- roc.test(g(men), g(!men))
        list(y=as.integer(aSAH$outcome == 'Poor'), wfns=as.numeric(aSAH$wfns), s100b=aSAH$s100b, men=men,
                    auc=as.numeric(ci.auc(a)), z=unname(paired$statistic), p=paired$p.value,
                    ci=as.numeric(paired$conf.int),
                    t=unname(apart$statistic), df=unname(apart$parameter), p2=apart$p.value,
                    cut=as.numeric(coords(b, 'best', transpose=TRUE)[1:3]))
        """,
        ("pROC",),
    )
    y, wfns, s100b, men = (np.array(theirs[k]) for k in ("y", "wfns", "s100b", "men"))
    area = auc(y, wfns)
    assert (area.low, area.value, area.high) == pytest.approx(theirs["auc"], abs=1e-10)
    paired = delong_paired(y, wfns, s100b)
    assert (paired.statistic, paired.p) == pytest.approx((theirs["z"], theirs["p"]), abs=1e-10)
    assert paired.statistic == pytest.approx(2.20898359144091, abs=1e-10)  # published
    assert (paired.difference.low, paired.difference.high) == pytest.approx(theirs["ci"], abs=1e-10)
    apart = delong_unpaired(y[men], s100b[men], y[~men], s100b[~men])
    assert (apart.statistic, apart.degrees, apart.p) == pytest.approx(
        (theirs["t"], theirs["df"], theirs["p2"]), abs=1e-8
    )
    best = roc(y, s100b, resamples=10).cut_offs[0]
    assert (best.value.value, best.specificity.value, best.sensitivity.value) == pytest.approx(theirs["cut"], abs=1e-10)


def test_logistic_regression_of_glow_with_profile_intervals_and_hosmer_lemeshow():
    theirs = ask_r(
        f"""
        d <- read.csv('{glow_path()}', stringsAsFactors=FALSE); d$y <- d$fracture == 'Yes'
        d$raterisk <- relevel(factor(d$raterisk), 'Less')
        m <- glm(y ~ age + priorfrac + raterisk, binomial, d, control=list(epsilon=1e-14))
        p <- fitted(m)
        g <- cut(p, quantile(p, seq(0, 1, .1)), include.lowest=TRUE)
        o <- tapply(m$y, g, sum); e <- tapply(p, g, sum); n <- table(g)
        list(b=unname(coef(m)), se=unname(sqrt(diag(vcov(m)))), wald=unname(confint.default(m)),
                    profile=unname(suppressMessages(confint(m))), ll=as.numeric(logLik(m)),
                    lr=drop1(m, test='LRT')[['Pr(>Chi)']][2:3], hl=sum((o-e)^2/(e*(1-e/n))))
        """,
        ("MASS",),
    )
    frame = pd.read_csv(glow_path())
    frame["fracture"] = frame["fracture"] == "Yes"
    arguments = (frame, "fracture", ["age", "priorfrac", "raterisk"])
    wald, profile = (
        logistic(*arguments, references={"raterisk": "Less"}, interval=kind) for kind in ("wald", "profile")
    )
    effects = {f"{e.term.variable} {e.term.level}".strip(): e for e in wald.effects}
    profiled = {f"{e.term.variable} {e.term.level}".strip(): e for e in profile.effects}
    # R orders the levels of raterisk Less, Greater, Same
    for i, name in enumerate(["age", "priorfrac Yes", "raterisk Greater", "raterisk Same"], start=1):
        ours, limits = effects[name], profiled[name].odds_ratio
        assert ours.coefficient == pytest.approx(theirs["b"][i], abs=1e-8)
        assert ours.standard_error == pytest.approx(theirs["se"][i], abs=1e-8)
        assert np.log([ours.odds_ratio.low, ours.odds_ratio.high]) == pytest.approx(theirs["wald"][i], abs=1e-8)
        # confint interpolates the profile with a spline: equal to its own accuracy
        assert np.log([limits.low, limits.high]) == pytest.approx(theirs["profile"][i], abs=1e-4)
    assert [profiled[k].p for k in ("age", "priorfrac Yes")] == pytest.approx(theirs["lr"], abs=1e-8)
    assert wald.log_likelihood == pytest.approx(theirs["ll"], abs=1e-8)
    assert hosmer_lemeshow(frame["fracture"], wald.probabilities)[0] == pytest.approx(theirs["hl"], abs=1e-8)


def test_intraclass_correlation_of_psych():
    theirs = ask_r(
        """
        x <- matrix(c(9,2,5,8, 6,1,3,2, 8,4,6,8, 7,1,2,6, 10,5,6,9, 6,2,4,7), 6, byrow=TRUE)
        r <- ICC(x, lmer=FALSE)$results
        list(value=r$ICC, low=r[['lower bound']], high=r[['upper bound']])
        """,
        ("psych",),
    )
    scores = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    forms = [e for _, e in icc(scores).forms]
    assert [e.value for e in forms] == pytest.approx(theirs["value"], abs=1e-9)
    assert [e.low for e in forms] == pytest.approx(theirs["low"], abs=1e-9)
    assert [e.high for e in forms] == pytest.approx(theirs["high"], abs=1e-9)
