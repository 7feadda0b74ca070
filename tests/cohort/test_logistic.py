"""Logistic regression: HAN's printed table, the published GLOW500 models, Firth where it is needed."""

import numpy as np
import pytest

from ovcf.cohort.groups.contingency import odds_ratio
from ovcf.cohort.regression.diagnostics import hosmer_lemeshow
from ovcf.cohort.regression.logistic import logistic, regression_table, univariable
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r
from tests.shared_data import shared

pd = pytest.importorskip("pandas")
stats = pytest.importorskip("scipy.stats")

# HAN 2025, Table 1: printed OR and interval, from the counts (non-unions, n) of each level, the reference first
HAN = {
    "fracture type": ([(25, 161), (24, 47)], [(5.677, 2.781, 11.586)]),
    "height loss >= 15": ([(26, 171), (23, 37)], [(9.162, 4.181, 20.080)]),
    "kyphosis >= 15": ([(38, 191), (11, 17)], [(7.382, 2.567, 21.226)]),
    "diffuse low T2": ([(9, 103), (40, 105)], [(6.427, 2.919, 14.151)]),
    "T-score": ([(5, 91), (21, 83), (23, 34)], [(5.826, 2.083, 16.294), (35.964, 11.354, 113.909)]),
    "male": ([(42, 157), (7, 51)], [(0.436, 0.182, 1.042)]),
    "level": (
        [(9, 43), (7, 30), (10, 38), (23, 97)],
        [(1.150, 0.375, 3.526), (1.349, 0.482, 3.780), (1.174, 0.491, 2.806)],
    ),
}


def cohort_of(counts):
    """One row per patient: level, non-union."""
    rows = [(f"{i}", k < events) for i, (events, n) in enumerate(counts) for k in range(n)]
    return pd.DataFrame(rows, columns=["level", "non_union"])


@pytest.mark.parametrize("factor", HAN)
def test_every_printed_odds_ratio_of_han_comes_back(factor):
    counts, printed = HAN[factor]
    result = logistic(cohort_of(counts), "non_union", ["level"], estimator="maximum likelihood")
    assert (result.n, result.events) == (208, 49)
    for effect, (value, low, high) in zip(result.effects, printed, strict=True):
        ratio = effect.odds_ratio
        # the largest, 113.9112, is printed as 113.909: 2e-5 of it, as of a fit stopped early
        assert (ratio.value, ratio.low, ratio.high) == pytest.approx((value, low, high), abs=0.002, rel=2e-5)


def glow():
    frame = pd.read_csv(shared("glow500") / "glow500.csv")
    yes = ["priorfrac", "premeno", "momfrac", "armassist", "smoke", "fracture"]
    frame[yes] = frame[yes] == "Yes"
    return frame


def test_the_published_models_of_the_glow_study():
    # Hosmer, Lemeshow and Sturdivant, Applied Logistic Regression, 3rd ed., Tables 2.2 and 2.3
    whole = logistic(
        glow(), "fracture", ["age", "weight", "priorfrac", "premeno", "raterisk"], references={"raterisk": "Less"}
    )
    by_name = {f"{e.term.variable} {e.term.level}".strip(): e for e in whole.effects}
    printed = {
        "age": (0.050, 0.0134),
        "weight": (0.004, 0.0069),
        "priorfrac yes": (0.679, 0.2424),
        "premeno yes": (0.187, 0.2767),
        "raterisk Same": (0.534, 0.2759),
        "raterisk Greater": (0.874, 0.2892),
    }
    for name, (coefficient, error) in printed.items():
        assert by_name[name].coefficient == pytest.approx(coefficient, abs=6e-4)
        assert by_name[name].standard_error == pytest.approx(error, abs=6e-5)
    assert whole.intercept == pytest.approx(-5.606, abs=6e-4)
    assert whole.log_likelihood == pytest.approx(-259.0377, abs=6e-5)
    reduced = logistic(glow(), "fracture", ["age", "priorfrac", "raterisk"], references={"raterisk": "Less"})
    assert reduced.log_likelihood == pytest.approx(-259.4494, abs=6e-5)
    assert reduced.effects[0].coefficient == pytest.approx(0.046, abs=6e-4)


def test_firth_of_a_two_by_two_table_adds_half_a_patient_to_each_cell():
    # the saturated model under Jeffreys' prior (Firth 1993); HAN: high against low score, 30/63 and 1/47
    counts = [(1, 47), (30, 63)]
    effect = logistic(cohort_of(counts), "non_union", ["level"], estimator="Firth", interval="wald").effects[0]
    haldane = odds_ratio([[30, 33], [1, 46]], haldane=True)
    assert effect.odds_ratio.value == pytest.approx(haldane.value, rel=1e-6)
    assert effect.odds_ratio.value == pytest.approx(28.223881, abs=1e-4)


def test_separation_calls_firth_and_says_so():
    frame = cohort_of([(0, 20), (9, 30)])
    result = logistic(frame, "non_union", ["level"])
    assert result.estimator == "Firth"
    assert any("separates the outcome" in note for note in result.notes)
    assert np.isfinite(result.effects[0].odds_ratio.high)
    with pytest.raises(CohortDataError, match="infinite"):
        logistic(frame, "non_union", ["level"], estimator="maximum likelihood")


def test_few_events_call_firth_and_say_so():
    result = logistic(cohort_of([(1, 20), (2, 20), (1, 20), (3, 20)]), "non_union", ["level"])
    assert result.estimator == "Firth"
    assert any("7 events for 3 coefficients" in note for note in result.notes)


def made(n=300, seed=2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)) @ [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]
    frame = pd.DataFrame(x, columns=["a", "b", "c"])
    frame["event"] = rng.random(n) < 1 / (1 + np.exp(-(x @ [0.8, -0.4, 0.2] - 0.5)))
    return frame


def test_profile_intervals_lie_where_twice_the_log_likelihood_drops_by_the_chi_square_quantile():
    optimize, api = pytest.importorskip("scipy.optimize"), pytest.importorskip("statsmodels.api")
    frame = made()
    result = logistic(frame, "event", ["a", "b"], interval="profile")
    y, x = frame["event"].to_numpy(float), frame[["a", "b"]].to_numpy()

    def drop(beta):
        held = api.GLM(
            y, np.column_stack([np.ones(len(y)), x[:, 1]]), api.families.Binomial(), offset=beta * x[:, 0]
        ).fit()
        return 2 * (result.log_likelihood - held.llf) - 3.841458821

    effect = result.effects[0]
    low = optimize.brentq(drop, effect.coefficient - 2, effect.coefficient)
    high = optimize.brentq(drop, effect.coefficient, effect.coefficient + 2)
    assert np.log([effect.odds_ratio.low, effect.odds_ratio.high]) == pytest.approx([low, high], abs=1e-6)


def test_firths_profile_intervals_by_their_definition():
    # Heinze and Schemper 2002: where twice the penalised log-likelihood, ln L + ln |I| / 2, drops by 3.84
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"a": rng.normal(size=30), "b": rng.integers(0, 2, 30)})
    frame["event"] = (frame["b"] == 1) & (rng.random(30) < 0.6)  # b = 0 has no event
    result = logistic(frame, "event", ["a", "b"])
    assert result.estimator == "Firth"
    y, x = frame["event"].to_numpy(float), np.column_stack([np.ones(30), frame[["a", "b"]]])

    def penalised(beta):
        p = 1 / (1 + np.exp(-x @ beta))
        return (y @ np.log(p) + (1 - y) @ np.log(1 - p)) + np.linalg.slogdet(x.T @ (x * (p * (1 - p))[:, None]))[1] / 2

    def profile(value, i):
        free = np.delete(np.arange(3), i)

        def held(rest):
            beta = np.zeros(3)
            beta[free], beta[i] = rest, value
            return -penalised(beta)

        return -optimize.minimize(held, result.coefficients[free], method="Nelder-Mead", tol=1e-12).fun

    top = penalised(result.coefficients)
    for i, effect in enumerate(result.effects, start=1):
        for limit in (effect.odds_ratio.low, effect.odds_ratio.high):
            assert 2 * (top - profile(np.log(limit), i)) == pytest.approx(3.841458821, abs=1e-4)
        assert effect.p == pytest.approx(stats.chi2.sf(2 * (top - profile(0.0, i)), 1), abs=1e-6)


def test_a_single_event_still_gives_finite_figures():
    frame = made(60).assign(event=np.arange(60) == 7)
    result = logistic(frame, "event", ["a"])
    assert result.estimator == "Firth"
    assert np.isfinite([result.effects[0].odds_ratio.low, result.effects[0].odds_ratio.high]).all()


def test_variance_inflation_is_that_of_the_model_and_not_of_its_predictors_alone():
    frame = made().assign(kind=lambda f: np.where(f["a"] > 0.5, "x", np.where(f["b"] > 0, "y", "z")))
    theirs = ask_r(
        "vif(glm(event ~ a + b + c + kind, binomial, transform(d, event=event == 'True'), epsilon=1e-14))[, 1]",
        ("car",),
        d=frame,
    )
    assert [v for _, v in logistic(frame, "event", ["a", "b", "c", "kind"]).vif] == pytest.approx(theirs, rel=1e-6)


def test_hosmer_lemeshow_by_its_definition():
    frame = made()
    result = logistic(frame, "event", ["a", "b"])
    table = pd.DataFrame({"y": frame["event"].astype(float), "p": result.probabilities})
    table["decile"] = pd.qcut(table["p"], 10)
    by = table.groupby("decile", observed=True).agg(n=("y", "size"), o=("y", "sum"), e=("p", "sum"))
    expected = ((by.o - by.e) ** 2 / by.e + (by.o - by.e) ** 2 / (by.n - by.e)).sum()
    statistic, degrees, p = hosmer_lemeshow(table["y"].to_numpy(), result.probabilities)
    assert (statistic, degrees) == (pytest.approx(expected), 8)
    assert 0 < p < 1


def test_units_scale_the_odds_ratio_and_prediction_stays():
    frame = made()
    one, ten = logistic(frame, "event", ["a", "b"]), logistic(frame, "event", ["a", "b"], per={"a": 10})
    assert ten.effects[0].coefficient == pytest.approx(10 * one.effects[0].coefficient)
    assert ten.predict(frame) == pytest.approx(one.predict(frame))
    assert one.predict(frame) == pytest.approx(one.probabilities)


def test_incomplete_patients_are_counted_and_left_out():
    frame = made()
    frame.loc[[0, 1, 2], "a"] = np.nan
    result = logistic(frame, "event", ["a", "b"])
    assert result.n == 297
    assert dict(result.missing) == {"event": 0, "a": 3, "b": 0}
    assert np.isnan(result.predict(frame)[:3]).all()


def test_univariable_models_each_keep_their_patients():
    frame = made()
    frame.loc[:9, "a"] = np.nan
    result = univariable(frame, "event", ["a", "b"])
    assert [m.n for m in result.models] == [290, 300]
    assert list(result.tidy()["n"]) == [290, 300]


def test_crude_and_adjusted_odds_ratios_stand_side_by_side():
    frame = made()
    table = regression_table(frame, "event", ["a", "b", "c"], adjusted=["a", "b"]).tidy()
    assert table["crude"][2] == pytest.approx(logistic(frame, "event", ["c"]).effects[0].odds_ratio.value)
    assert table["adjusted"][0] == pytest.approx(logistic(frame, "event", ["a", "b"]).effects[0].odds_ratio.value)
    assert np.isnan(table["adjusted"][2])


@pytest.mark.parametrize(
    ("change", "predictors", "message"),
    [
        ({"event": 1}, ["a"], "always 1"),
        ({"a": 3.0}, ["a"], "single value"),
        ({}, ["a", "height"], "no column"),
        ({}, ["a", "a"], "twice"),
        ({"d": lambda f: 2 * f.a - f.b}, ["a", "b", "d"], "follows from"),
        ({"a": lambda f: f.a.round(1).astype(str)}, ["a"], "numbers as text"),
        ({"event": lambda f: f.a * 0 + 2}, ["a"], "not only 0 and 1"),
    ],
)
def test_bad_data_are_named(change, predictors, message):
    with pytest.raises(CohortDataError, match=message):
        logistic(made().assign(**change), "event", predictors)


def test_an_unknown_reference_lists_the_levels():
    with pytest.raises(CohortDataError, match="Its levels are 0, 1"):
        logistic(cohort_of([(5, 20), (9, 20)]), "non_union", ["level"], references={"level": "L7"})


def test_firths_profile_intervals_follow_the_unit_of_a_number():
    rng = np.random.default_rng(3)
    odi = rng.normal(65, 8, 90)
    frame = pd.DataFrame({"odi": odi, "male": rng.integers(0, 2, 90), "y": (rng.random(90) < 0.2).astype(int)})
    one, other = (
        logistic(f, "y", ["odi", "male"], estimator="Firth") for f in (frame, frame.assign(odi=frame["odi"] * 1000))
    )
    a, b = one.effects[0], other.effects[0]
    assert b.coefficient * 1000 == pytest.approx(a.coefficient, rel=1e-5)
    assert 1000 * np.log(b.odds_ratio.high) == pytest.approx(np.log(a.odds_ratio.high), rel=1e-5)
    assert b.p == pytest.approx(a.p, rel=1e-5)
