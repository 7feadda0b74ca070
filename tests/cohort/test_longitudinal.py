"""Visits: arithmetic that is known, pingouin and R as authorities, and what must not change the result."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ovcf.cohort.visits.longitudinal import mixed_anova, visits_as_rows
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from ovcf.cohort.visits.posthoc import groups_at_visits, visits_within_groups
from ovcf.cohort.visits.reml import fit_reml
from ovcf.errors import CohortDataError
from tests.cohort.r_script import LMER, ask_r

COLUMNS = {"subject": "id", "visit": "month", "group": "risk"}


def pain(sizes=(12, 15, 9), visits=(0, 1, 3, 6), seed=3) -> pd.DataFrame:
    """VAS of three groups that fall with time, the low group faster."""
    rng = np.random.default_rng(seed)
    rows, patient = [], 0
    for name, fall, n in zip(("low", "medium", "high"), (0.9, 0.7, 0.4), sizes, strict=False):
        for _ in range(n):
            patient += 1
            level, slope = rng.normal(0, 0.8), rng.normal(0, 0.15)
            rows += [(patient, name, m, 7 + level - (fall + slope) * m + rng.normal(0, 0.6)) for m in visits]
    frame = pd.DataFrame(rows, columns=["id", "risk", "month", "vas"])
    return frame.assign(risk=pd.Categorical(frame.risk, ["low", "medium", "high"]))


def test_equal_groups_give_the_analysis_of_pingouin():
    pingouin = pytest.importorskip("pingouin")
    frame = pain((10, 10, 10))
    theirs = pingouin.mixed_anova(
        frame.assign(risk=frame.risk.astype(str)), dv="vas", within="month", subject="id", between="risk", effsize="np2"
    )
    ours = mixed_anova(frame, "vas", **COLUMNS)
    p = "p_unc" if "p_unc" in theirs else "p-unc"
    for effect, (_, line) in zip(ours.effects, theirs.iterrows(), strict=True):
        assert effect.f == pytest.approx(line["F"], rel=1e-9)
        assert effect.p == pytest.approx(line[p], rel=1e-7)
        assert effect.partial_eta_squared == pytest.approx(line["np2"], rel=1e-9)


@pytest.mark.slow
def test_unequal_groups_give_f_p_and_sphericity_of_r():
    frame = pain()
    wide = frame.pivot(index=["id", "risk"], columns="month", values="vas").dropna().reset_index()
    wide.columns = ["id", "risk", "a", "b", "c", "d"]
    code = """
        contrasts <- options(contrasts = c('contr.sum', 'contr.poly'))
        d$risk <- factor(d$risk)
        m <- lm(cbind(a, b, c, d) ~ risk, d)
        n <- lm(cbind(a, b, c, d) ~ 0 + risk, d)
        both <- anova(m, update(m, ~ 1), X = ~1, test = 'Spherical')
        visit <- anova(m, update(m, ~ risk - 1), X = ~1, test = 'Spherical')
        w <- mauchly.test(m, X = ~1)
        f <- summary(aov((a + b + c + d) / 4 ~ risk, d))[[1]]
        whole <- anova(m, X = ~1, test = 'Spherical')
        c(f[1, 4], f[1, 5], whole['risk', 'F'], whole['risk', 'Pr(>F)'], whole['risk', 'G-G Pr'],
          whole['risk', 'H-F Pr'], w$statistic, w$p.value)
    """
    theirs = ask_r(code, d=wide)
    result = mixed_anova(frame, "vas", **COLUMNS)
    between, _, both = result.effects
    ours = [between.f, between.p, both.f, both.p, both.p_greenhouse_geisser, both.p_huynh_feldt]
    ours += [result.sphericity.w]
    assert ours == pytest.approx(theirs[:-1], rel=1e-6)
    # In Box's second term R once takes the number of visits for that of their contrasts.
    assert result.sphericity.p == pytest.approx(theirs[-1], rel=2e-4)
    first = stats.chi2.sf(result.sphericity.chi_square, 5)
    assert abs(first - theirs[-1]) > 10 * abs(result.sphericity.p - theirs[-1])


@pytest.mark.slow
def test_the_effect_of_visit_is_that_of_the_unweighted_mean_of_groups():
    frame = pain()
    wide = frame.pivot(index=["id", "risk"], columns="month", values="vas").dropna().reset_index()
    wide.columns = ["id", "risk", "a", "b", "c", "d"]
    code = """
        options(contrasts = c('contr.sum', 'contr.poly'))
        x <- model.matrix(~ factor(risk), d)
        m <- lm(cbind(a, b, c, d) ~ 0 + x, d)
        anova(m, lm(cbind(a, b, c, d) ~ 0 + x[, -1], d), X = ~1, test = 'Spherical')[2, 'F']
    """
    assert mixed_anova(frame, "vas", **COLUMNS).effects[1].f == pytest.approx(ask_r(code, d=wide)[0], rel=1e-6)


def test_two_visits_are_the_t_test_of_differences():
    # With two groups and two visits the interaction is Student's test of the change, F = t squared.
    stats = pytest.importorskip("scipy.stats")
    frame = pain((8, 11), (0, 6))
    change = frame.pivot(index=["id", "risk"], columns="month", values="vas").dropna()
    change = (change[6] - change[0]).reset_index()
    t = stats.ttest_ind(change[change.risk == "low"][0], change[change.risk == "medium"][0])
    result = mixed_anova(frame, "vas", **COLUMNS)
    assert result.effects[2].f == pytest.approx(t.statistic**2)
    assert result.effects[2].p == pytest.approx(t.pvalue)
    assert result.sphericity is None


@settings(max_examples=20, deadline=None)
@given(st.floats(-50, 50), st.floats(0.1, 40), st.randoms())
def test_neither_scale_nor_order_changes_f(shift, scale, random):
    frame = pain((5, 6, 4))
    order = list(range(len(frame)))
    random.shuffle(order)
    other = frame.iloc[order].assign(vas=lambda f: shift + scale * f.vas)
    for a, b in zip(
        mixed_anova(frame, "vas", **COLUMNS).effects, mixed_anova(other, "vas", **COLUMNS).effects, strict=True
    ):
        assert a.f == pytest.approx(b.f, rel=1e-6)


def test_a_patient_with_a_missed_visit_is_counted_not_hidden():
    frame = pain((5, 6, 4))
    frame.loc[2, "vas"] = None
    result = mixed_anova(frame, "vas", **COLUMNS)
    assert result.n == 14
    assert "1 patients without a value at every visit" in str(result)
    assert linear_mixed_model(frame, "vas", **COLUMNS).n == 15


def test_with_fewer_patients_than_visits_sphericity_cannot_be_tested():
    result = mixed_anova(pain((2, 2), (0, 1, 3, 6)), "vas", **COLUMNS)
    assert result.sphericity.p is None
    assert "too few patients to test it" in str(result)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: pd.concat([f, f.head(1)]), "more than once"),
        (lambda f: f.assign(risk=np.where(f.month == 6, "low", "high")), "more than one group"),
        (lambda f: f.assign(risk="low"), "fewer than two"),
        (lambda f: f.assign(vas=f.id), "does not vary"),
        (lambda f: f.drop(columns="vas"), "no column"),
        (lambda f: f.assign(month=f.month.astype(str) + "mo"), "'0mo' is not a number"),
    ],
)
def test_a_table_that_cannot_be_analysed_is_named(change, said):
    with pytest.raises(CohortDataError, match=said):
        mixed_anova(change(pain((5, 6, 4))), "vas", **COLUMNS)


def test_columns_of_visits_become_rows():
    wide = pd.DataFrame({"id": [1, 2], "vas_0": [7, 8], "vas_6": [2, 3]})
    long = visits_as_rows(wide, {"vas_0": 0, "vas_6": 6}, "vas", "id")
    assert long.sort_values(["id", "visit"])[["id", "visit", "vas"]].values.tolist() == [
        [1, 0, 7],
        [1, 6, 2],
        [2, 0, 8],
        [2, 6, 3],
    ]


def test_pairs_of_groups_are_students_tests_adjusted_within_each_visit():
    stats = pytest.importorskip("scipy.stats")
    frame = pain()
    result = groups_at_visits(frame, "vas", **COLUMNS)
    assert len(result.pairs) == 4 * 3
    pair = result.pairs[0]
    at = frame[frame.month == 0]
    t = stats.ttest_ind(at[at.risk == "low"].vas, at[at.risk == "medium"].vas)
    assert (pair.first, pair.second) == ("low", "medium")
    assert (pair.t, pair.p, pair.adjusted) == pytest.approx((t.statistic, t.pvalue, min(1, 3 * t.pvalue)))


def test_holm_is_never_larger_than_bonferroni_and_all_is_one_family():
    frame = pain()
    options = {"family": "all", **COLUMNS}
    bonferroni = visits_within_groups(frame, "vas", **options)
    holm = visits_within_groups(frame, "vas", correction="holm", **options)
    assert len(holm.pairs) == 3 * 6
    assert all(h.p <= h.adjusted <= b.adjusted for h, b in zip(holm.pairs, bonferroni.pairs, strict=True))


def test_the_mixed_model_of_a_balanced_table_has_the_observed_means():
    frame = pain((6, 6, 6))
    model, table = linear_mixed_model(frame, "vas", **COLUMNS), mixed_anova(frame, "vas", **COLUMNS)
    assert [m.mean.value for m in model.means] == pytest.approx([m.mean.value for m in table.means], abs=1e-8)


@pytest.mark.slow
def test_the_mixed_model_gives_the_published_sleepstudy():
    # Bates et al. (J Stat Softw 2015;67(1), section 5.2): days 10.467 (SE 1.546), variances 612.10, 35.07, 654.94.
    values = ask_r("with(sleepstudy, rbind(Reaction, Days, as.numeric(as.character(Subject))))", ("lme4",))
    frame = pd.DataFrame(np.reshape(values, (-1, 3)), columns=["reaction", "days", "id"])
    result = linear_mixed_model(
        frame, "reaction", subject="id", visit="days", time="linear", random_slope=True, inference="wald", unit="days"
    )
    mean, slope = (e.estimate for e in result.effects)
    assert (mean.value, mean.standard_error) == pytest.approx((251.405, 6.825), abs=5e-3)
    assert (slope.value, slope.standard_error) == pytest.approx((10.467, 1.546), abs=5e-3)
    variances = dict(result.variances)
    assert variances["patients"] == pytest.approx(612.10, rel=1e-3)
    assert variances["slopes of patients"] == pytest.approx(35.07, rel=1e-3)
    assert variances["residual"] == pytest.approx(654.94, rel=1e-4)


@pytest.mark.slow
def test_joint_tests_of_the_mixed_model_are_those_of_lme4():
    frame = pain().assign(risk=lambda f: f.risk.astype(str))
    frame = frame.drop(frame.index[[3, 17, 40]])
    code = f"""{LMER}
        options(contrasts = c('contr.sum', 'contr.poly'))
        m <- lmer_to_the_end(vas ~ factor(month) * risk + (1 | id), d)
        b <- fixef(m); v <- as.matrix(vcov(m)); at <- 7:12
        c(b[at] %*% solve(v[at, at]) %*% b[at], as.data.frame(VarCorr(m))$vcov)
    """
    chi_square, between, residual = ask_r(code, ("lme4",), d=frame)
    result = linear_mixed_model(frame, "vas", **COLUMNS, inference="wald")
    assert result.tests[2].chi_square == pytest.approx(chi_square, rel=1e-6)
    assert [v for _, v in result.variances] == pytest.approx([between, residual], rel=1e-6)


def restricted_log_likelihood(y, x, z, subject, random, residual):
    """By the whole covariance of all visits, as its definition reads."""
    whole = residual * np.eye(len(y)) + (z @ random @ z.T) * (subject[:, None] == subject)
    inverse = np.linalg.inv(whole)
    information = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    determinants = np.linalg.slogdet(whole)[1] + np.linalg.slogdet(information)[1]
    return -((len(y) - x.shape[1]) * np.log(2 * np.pi) + determinants + rest @ inverse @ rest) / 2


@pytest.mark.parametrize("seed", range(40))
def test_no_other_variances_make_the_visits_more_likely(seed):
    """Above all not the true ones: a search that stops where one variance is zero falls short of them."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(12), 6)
    time = np.tile(np.arange(6.0), 12) * rng.choice([0.1, 1, 30])
    unit = time.max()
    random = np.outer([9, 9 / unit], [9, 9 / unit]) * [[1, 0.8], [0.8, 1]] * rng.choice([0.01, 0.3, 1])
    z = np.column_stack([np.ones(72), time])
    own = rng.multivariate_normal([20, 5 / unit], random, 12)[subject]
    y = (z * own).sum(axis=1) + rng.normal(0, 3, 72)
    keep = rng.random(72) < 0.85
    y, z, subject = y[keep], z[keep], np.unique(subject[keep], return_inverse=True)[1]
    fit = fit_reml(y, z, z, subject)
    likelihood = [restricted_log_likelihood(y, z, z, subject, *v) for v in ((fit.random, fit.residual), (random, 9.0))]
    assert fit.log_likelihood == pytest.approx(likelihood[0], abs=1e-7)
    assert fit.log_likelihood > likelihood[1]
    for factor in rng.uniform(0.9, 1.1, (20, 2, 2)):
        other = fit.random * (factor @ factor.T / 2)
        assert fit.log_likelihood > restricted_log_likelihood(y, z, z, subject, other, fit.residual) - 1e-9


def test_the_picture_shows_every_group():
    ax = mixed_anova(pain(), "vas", **COLUMNS).plot()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["low", "medium", "high"]
