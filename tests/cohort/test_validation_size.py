"""Sizes of a validation: the published programs' own examples, and the width that such a study then has."""

import numpy as np
import pytest

from ovcf.cohort.planning.continuous_validation import for_continuous_validation
from ovcf.cohort.planning.validation_size import NetBenefit, for_validation, logit_of
from ovcf.cohort.prediction.calibration import calibration
from ovcf.errors import CohortDataError

IMPOSSIBLE = NetBenefit(threshold=2, sensitivity=0.8, specificity=0.5)


def test_the_example_of_pmvalsampsize():
    # prevalence 0.018, AUC 0.8, O/E 1 wide: 905 for O/E, 4252 for the AUC (its tests, version 0.1.0)
    found = dict(for_validation(0.018, 0.8, ratio_width=1.0, logit=(-5, 2.5)).parts)
    assert found["AUC, 0.1 wide"] == 4252
    assert found["observed / expected, 1 wide"] == pytest.approx(905, abs=1)  # by errors in steps of 0.0001 there
    # there by 1,000 drawn patients, 4501; the integral has no such noise
    assert found["calibration slope, 0.2 wide"] == pytest.approx(4501, rel=0.15)


def test_the_example_of_sampsizeval():
    # prevalence 0.1, AUC 0.75, standard error of the slope 0.1: 1536 patients
    found = dict(for_validation(0.1, 0.75, slope_width=2 * 1.959963985 * 0.1).parts)
    slope = next(n for name, n in found.items() if name.startswith("calibration slope"))
    assert slope == pytest.approx(1536, rel=0.02)  # mean and spread of the logit are approximate there


def test_a_study_of_that_size_has_intervals_of_that_width():
    size = for_validation(0.3, 0.75, ratio_width=0.3, slope_width=0.5, auc_width=0.12)
    mean, spread = logit_of(0.3, 0.75)
    rng = np.random.default_rng(0)
    asked = {"ratio": 0.3, "slope": 0.5, "auc": 0.12}
    demands = dict(zip(asked, (n for _, n in size.parts), strict=True))
    for name, n in demands.items():
        widths = []
        for _ in range(60):
            z = rng.normal(mean, spread, n)
            risk = 1 / (1 + np.exp(-z))
            found = calibration(rng.random(n) < risk, risk)
            e = {"ratio": found.observed_to_expected, "slope": found.slope, "auc": found.auc}[name]
            widths.append(e.high - e.low)
        assert np.mean(widths) == pytest.approx(asked[name], rel=0.05), name


def test_net_benefit_varies_as_planned():
    size = for_validation(
        0.3, 0.75, net_benefit=NetBenefit(threshold=0.2, sensitivity=0.85, specificity=0.5, width=0.2)
    )
    n = dict(size.parts)["standardised net benefit at 0.2, 0.2 wide"]
    rng = np.random.default_rng(1)
    y = rng.random((4000, n)) < 0.3
    acted = np.where(y, rng.random(y.shape) < 0.85, rng.random(y.shape) < 0.5)
    benefit = (acted & y).mean(axis=1) - 0.25 * (acted & ~y).mean(axis=1)
    assert 2 * 1.959964 * (benefit / y.mean(axis=1)).std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: for_validation(0.3, 0.5), "not above 0.5"),
        (
            lambda: for_validation(0.3, 0.8, net_benefit=NetBenefit(threshold=2, sensitivity=0.8, specificity=0.5)),
            "threshold",
        ),
        (lambda: for_validation(0.3, 0.8, auc_width=0), "not above 0"),
        (lambda: for_validation(1.3, 0.8), "not between 0 and 1"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, said):
    with pytest.raises(CohortDataError, match=said):
        call()


def test_the_residual_spread_asks_for_235_patients_as_archer_says():
    found = dict(for_continuous_validation(0.5, 100, mean_width=3).parts)
    assert found["residual standard deviation within 10%"] == pytest.approx(235, abs=1)


def test_the_demands_of_a_predicted_number_by_hand():
    """At R squared 0.5 and variance 100: 4 R2 (1 - R2)^2 / SE^2; V (1 - R2) / SE^2; (1 - R2) / (R2 SE^2) + 1."""
    found = list(for_continuous_validation(0.5, 100, mean_width=3).parts)
    z = 1.959964
    assert found[0][1] == np.ceil(4 * 0.5 * 0.25 / (0.05 / z) ** 2)
    assert found[1][1] == np.ceil(50 / (1.5 / z) ** 2)
    assert found[2][1] == np.ceil(1 / (0.1 / z) ** 2 + 1)


def test_a_predicted_number_validated_in_so_many_is_as_precise_as_asked():
    """Angles predicted with R squared 0.6: errors over 2,000 made-up studies are those that the widths ask for."""
    rng = np.random.default_rng(4)
    size = for_continuous_validation(0.6, 80, mean_width=2, r_squared_width=0.12, slope_width=0.25)
    for place, width in ((0, 0.12), (1, 2.0), (2, 0.25)):
        n = size.parts[place][1]
        predicted = rng.normal(0, np.sqrt(48), (2000, n))
        seen = predicted + rng.normal(0, np.sqrt(32), (2000, n))
        slopes = (predicted * seen).mean(1) / (predicted**2).mean(1)
        apart = (seen - predicted).mean(1)
        r = np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(predicted, seen, strict=True)]) ** 2
        assert (r, apart, slopes)[place].std() == pytest.approx(width / 2 / 1.96, rel=0.06)


@pytest.mark.parametrize("change", [{"r_squared": 1.2}, {"variance": 0}, {"mean_width": -1}, {"sd_margin": 0}])
def test_a_predicted_number_that_cannot_be_planned_is_refused(change):
    with pytest.raises(CohortDataError):
        for_continuous_validation(**{"r_squared": 0.5, "variance": 9, "mean_width": 1} | change)
