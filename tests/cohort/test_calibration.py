"""Calibration, decision curves and optimism: hand figures, other libraries, known truth."""

import numpy as np
import pytest

from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.prediction.optimism import optimism
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.regression.logistic_fit import coefficients
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r
from tests.shared_data import shared

pd = pytest.importorskip("pandas")


def forecast(n=4000, seed=1, stretch=1.0, shift=0.0):
    """Outcomes drawn from true risks; the forecast's logit is stretched and shifted."""
    rng = np.random.default_rng(seed)
    z = rng.normal(-1, 1.2, n)
    y = rng.random(n) < 1 / (1 + np.exp(-z))
    return y, 1 / (1 + np.exp(-(stretch * z + shift)))


def test_a_true_forecast_has_slope_one_and_intercept_zero():
    result = calibration(*forecast())
    assert result.slope.low < 1 < result.slope.high
    assert result.intercept.low < 0 < result.intercept.high
    assert result.observed_to_expected.value == pytest.approx(1, abs=0.1)
    assert all(abs(smooth.value - p) < 0.08 for p, smooth in result.curve)


def test_a_forecast_too_extreme_has_the_slope_that_undoes_it():
    y, p = forecast(stretch=2.0)
    assert calibration(y, p).slope.value == pytest.approx(calibration(*forecast()).slope.value / 2, rel=1e-4)


def test_a_few_risks_are_groups_of_their_own():
    y = np.array([0, 0, 1, 0, 1, 1, 0, 1, 1, 1])
    found = calibration(y, np.repeat([0.1, 0.4, 0.8], [3, 3, 4]))
    assert [p for p, _ in found.groups] == pytest.approx([0.1, 0.4, 0.8])
    assert [e.value for _, e in found.groups] == pytest.approx([1 / 3, 2 / 3, 3 / 4])


def test_the_intercept_is_that_of_a_binomial_model_with_offset():
    api = pytest.importorskip("statsmodels.api")
    y, p = forecast(500, shift=0.7)
    theirs = api.GLM(y.astype(float), np.ones(500), api.families.Binomial(), offset=np.log(p / (1 - p)))
    theirs = theirs.fit(tol=1e-14, tol_criterion="params")
    ours = calibration(y, p).intercept
    assert (ours.value, ours.standard_error) == pytest.approx((theirs.params[0], theirs.bse[0]), abs=1e-8)


def test_brier_score_by_hand():
    result = calibration([1, 0, 1, 0, 0, 1], [0.9, 0.2, 0.4, 0.3, 0.6, 0.7])
    assert result.brier.value == pytest.approx((0.01 + 0.04 + 0.36 + 0.09 + 0.36 + 0.09) / 6)
    assert result.brier_scaled == pytest.approx(1 - result.brier.value / 0.25)


def test_net_benefit_by_hand():
    # at 0.5: 2 true positives, 1 false, 6 patients: (2 - 1) / 6; at 0.2: 3 true, 3 false at odds 1/4
    y, p = [1, 0, 1, 0, 0, 1], [0.9, 0.2, 0.4, 0.3, 0.6, 0.7]
    result = decision_curve(y, {"model": p}, thresholds=[0.2, 0.5])
    assert result.models[0][1] == pytest.approx(((3 - 3 / 4) / 6, 1 / 6))
    assert result.treat_all == pytest.approx((0.5 - 0.5 / 4, 0))


def test_a_perfect_model_is_worth_the_prevalence_at_every_threshold():
    y = np.array([1, 0, 0, 1, 0])
    assert decision_curve(y, {"oracle": y}).models[0][1] == pytest.approx([0.4] * 99)


def test_noise_predictors_flatter_the_model_and_the_bootstrap_finds_out():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(120, 6)), columns=list("abcdef"))
    frame["event"] = rng.random(120) < 0.4
    model = logistic(frame, "event", list("abcdef"), estimator="maximum likelihood")
    result = optimism(model, frame, resamples=200)
    assert result["AUC"].apparent > 0.55
    assert result["AUC"].corrected == pytest.approx(0.5, abs=0.08)  # the truth
    assert result["slope"].apparent == pytest.approx(1, abs=1e-6)
    assert result["slope"].corrected < 0.7


def test_the_quick_refit_is_the_fit_of_statsmodels():
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(6)
    x = np.column_stack([np.ones(200), rng.normal(size=(200, 3))])
    y = (rng.random(200) < 1 / (1 + np.exp(-x @ [0.2, 1, -1, 0]))).astype(float)
    assert coefficients(y, x, start=np.zeros(4)) == pytest.approx(api.Logit(y, x).fit(disp=False, tol=1e-12).params)
    with pytest.raises(CohortDataError, match="separation"):
        coefficients((x[:, 1] > 0).astype(float), x, start=np.zeros(4))


@pytest.mark.slow
def test_optimism_of_the_glow_model_is_that_of_rms_but_for_chance():
    path = shared("glow500") / "glow500.csv"
    theirs = ask_r(
        f"""
        d <- read.csv('{path}', stringsAsFactors=TRUE); d$y <- as.integer(d$fracture == 'Yes')
        m <- lrm(y ~ age + priorfrac + raterisk, d, x=TRUE, y=TRUE); set.seed(1)
        v <- validate(m, B=500)
        list(dxy=unname(v['Dxy', c('index.orig', 'optimism')]), slope=unname(v['Slope', 'index.corrected']),
                    brier=unname(v['B', c('index.orig', 'optimism')]))
        """,
        ("rms",),
    )
    frame = pd.read_csv(path)
    frame["fracture"] = frame["fracture"] == "Yes"
    model = logistic(frame, "fracture", ["age", "priorfrac", "raterisk"])
    ours = optimism(model, frame, resamples=1000)
    assert 2 * ours["AUC"].apparent - 1 == pytest.approx(theirs["dxy"][0], abs=1e-8)
    assert ours["Brier"].apparent == pytest.approx(theirs["brier"][0], abs=1e-8)
    # hundreds of resamples on either side: five standard errors
    assert 2 * ours["AUC"].optimism == pytest.approx(theirs["dxy"][1], abs=0.012)
    assert ours["slope"].corrected == pytest.approx(theirs["slope"], abs=0.025)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: calibration([0, 1, 1], [20, 50, 90]), "outside 0 to 1"),
        (lambda: calibration([0, 1, 1], [0.2, 0.2, 0.2]), "same for everyone"),
        (lambda: decision_curve([0, 1], {}), "no model"),
        (lambda: decision_curve([0, 1], {"m": [0, 1]}, thresholds=[1.0]), "between 0 and 1"),
    ],
)
def test_what_is_no_risk_is_refused(call, message):
    with pytest.raises(CohortDataError, match=message):
        call()
