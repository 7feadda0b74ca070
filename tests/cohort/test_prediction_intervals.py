"""Intervals of what a validation reports: by R where it has them, by hand, and by how often they hold the truth."""

import numpy as np
import pytest

from ovcf.cohort.data.splines import spline_columns, spline_knots
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from tests.cohort.r_script import ask_r
from tests.cohort.test_public_data_against_r import SAME, table

PIMA = """d <- Pima.te; p <- predict(glm(type ~ glu + bmi + age, binomial, Pima.tr, epsilon=1e-14), d, type='response')
    p <- unname(p); y <- as.numeric(d$type == 'Yes')"""


@pytest.fixture(scope="module")
def pima():
    given = ask_r(f"{PIMA}; list(y=y, p=p)", ("MASS",))
    return np.array(given["y"]), np.array(given["p"])


def test_the_calibration_curve_and_its_band_are_those_of_a_spline_in_r(pima):
    theirs = ask_r(
        f"""{PIMA}; z <- qlogis(p); at <- rcspline.eval(z, nk=5, knots.only=TRUE)
        m <- glm(y ~ rcs(z, at), family=binomial, epsilon=1e-14); q <- predict(m, se.fit=TRUE)
        o <- match(sort(p)[c(1, 80, 166, 250, 332)], p)
        list(x=p[o], value=plogis(q$fit[o]), low=plogis(q$fit - qnorm(.975) * q$se.fit)[o],
             high=plogis(q$fit + qnorm(.975) * q$se.fit)[o], ici=mean(abs(fitted(m) - p)))""",
        ("MASS", "rms"),
    )
    found = calibration(*pima)
    by_risk = {round(at, 12): e for at, e in found.curve}
    for i in (0, 4):  # the ends of the curve
        e = by_risk[round(theirs["x"][i], 12)]
        assert (e.low, e.value, e.high) == pytest.approx([theirs[k][i] for k in ("low", "value", "high")], **SAME)
    assert found.integrated_error == pytest.approx(theirs["ici"], **SAME)
    middle = [
        np.interp(theirs["x"][i], [a for a, _ in found.curve], [e.high for _, e in found.curve]) for i in (1, 2, 3)
    ]
    assert middle == pytest.approx(theirs["high"][1:4], abs=2e-3)  # between points of the curve


def test_splines_are_those_of_harrell():
    glucose = table("Pima.te['glu']", "MASS")["glu"].to_numpy(float)
    cases = [(number, n) for number in (3, 4, 5, 6, 7) for n in (60, 332)]
    for (number, n), theirs in zip(
        cases,
        ask_r(
            f"""one <- function(nk, n) {{ x <- Pima.te$glu[1:n]; k <- rcspline.eval(x, nk=nk, knots.only=TRUE)
              list(k=as.numeric(k), x=as.vector(rcspline.eval(x, k, inclx=TRUE))) }}
            list({", ".join(f"one({number}, {n})" for number, n in cases)})""",
            ("MASS", "rms"),
        ),
        strict=True,
    ):
        knots = spline_knots(glucose[:n], number)
        assert knots == pytest.approx(theirs["k"], **SAME)
        assert spline_columns(glucose[:n], tuple(theirs["k"])).T.ravel() == pytest.approx(theirs["x"], **SAME)


def test_the_error_of_brier_is_that_of_risk_regression(pima):
    theirs = ask_r(
        f"""{PIMA}; s <- Score(list(m=p), y ~ 1, data.frame(y=y), metrics='brier', summary=NULL, null.model=FALSE)
        unlist(s$Brier$score[1, c('Brier', 'se')])""",
        ("MASS", "riskRegression"),
    )
    brier = calibration(*pima).brier
    assert (brier.value, brier.standard_error) == pytest.approx(theirs, **SAME)


def test_observed_to_expected_by_hand():
    y, p = np.repeat([1, 0], [20, 80]), np.linspace(0.05, 0.45, 100)
    found = calibration(y[np.random.default_rng(0).permutation(100)], p).observed_to_expected
    # 20 / 25; variance of the logarithm (1 - 0.2) / 20
    assert (found.value, found.low, found.high) == pytest.approx(
        0.8 * np.exp(np.array([0, -1, 1]) * 1.959963985 * 0.2), rel=1e-8
    )


def test_net_benefit_is_a_mean_over_patients_and_has_its_error():
    y, p = [1, 1, 0, 0, 0], [0.9, 0.1, 0.8, 0.3, 0.1]
    found = decision_curve(y, {"m": p}, thresholds=[0.25]).intervals[0][1][0]
    each = np.array([1, 0, -1 / 3, -1 / 3, 0])
    assert (found.value, found.standard_error) == pytest.approx((each.mean(), each.std(ddof=1) / np.sqrt(5)))


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say():
    """500 patients whose risks are exaggerated: net benefit, Brier and slope of 300 samples."""
    rng = np.random.default_rng(1)
    z = rng.normal(-1, 1, 1_000_000)
    true, said = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-(0.3 + 1.5 * z)))
    acted = said >= 0.25
    truth = {
        "net benefit": np.mean(acted * (true - (1 - true) / 3)),
        "Brier": np.mean((said - true) ** 2 + true * (1 - true)),
        "slope": 1 / 1.5,
    }
    held = dict.fromkeys(truth, 0)
    for _ in range(300):
        rows = rng.integers(0, len(z), 500)
        y = rng.random(500) < true[rows]
        found = calibration(y, said[rows])
        benefit = decision_curve(y, {"m": said[rows]}, thresholds=[0.25]).intervals[0][1][0]
        for name, e in (("net benefit", benefit), ("Brier", found.brier), ("slope", found.slope)):
            held[name] += e.low <= truth[name] <= e.high
    # 0.95 with a standard error of 0.013
    assert all(0.91 < count / 300 < 0.985 for count in held.values()), held
