"""Sums over risk sets and pairs against what they mean, written out."""

import numpy as np
import pytest

from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.cohort.survival.partial_likelihood import concordance, fit_cox


def followed(seed, n=60, whole=True):
    rng = np.random.default_rng(seed)
    time = rng.integers(1, 15, n).astype(float) if whole else rng.exponential(5, n)
    return FollowUp(time, rng.integers(0, 2, n)), rng.normal(size=(n, 2)), rng.integers(0, 3, n)


@pytest.mark.parametrize("whole", [True, False])
def test_concordance_counts_pairs_of_a_stratum(whole):
    data, x, strata = followed(1, whole=whole)
    risk = np.round(x[:, 0], 1)
    won = pairs = 0.0
    for i in np.flatnonzero(data.status == 1):
        later = (data.time > data.time[i]) | ((data.time == data.time[i]) & (data.status == 0))
        others = risk[later & (strata == strata[i])]
        won += (others < risk[i]).sum() + (others == risk[i]).sum() / 2
        pairs += len(others)
    assert concordance(data, risk, strata) == pytest.approx(won / pairs, rel=1e-12)


@pytest.mark.parametrize("whole", [True, False])
def test_the_slope_and_curvature_are_those_of_the_likelihood_written_out(whole):
    data, x, strata = followed(2, whole=whole)
    fit, sets = fit_cox(data, x, strata)

    def likelihood(beta):
        total, hazard = 0.0, np.exp(x @ beta)
        for s in np.unique(strata):
            for t in np.unique(data.time[(strata == s) & (data.status == 1)]):
                own = (strata == s) & (data.time == t) & (data.status == 1)
                at_risk = hazard[(strata == s) & (data.time >= t)].sum()
                total += (x[own] @ beta).sum()
                total -= sum(np.log(at_risk - k / own.sum() * hazard[own].sum()) for k in range(own.sum()))
        return total

    assert fit.log_likelihood == pytest.approx(likelihood(fit.coefficients), rel=1e-12)
    assert fit.null == pytest.approx(likelihood(np.zeros(2)), rel=1e-12)
    h = 1e-4 * np.eye(2)
    slope = [likelihood(fit.coefficients + a) - likelihood(fit.coefficients - a) for a in h]
    assert slope == pytest.approx([0, 0], abs=1e-9)
    curve = [
        [
            likelihood(fit.coefficients + a + b)
            - likelihood(fit.coefficients + a - b)
            - likelihood(fit.coefficients - a + b)
            + likelihood(fit.coefficients - a - b)
            for a in h
        ]
        for b in h
    ]
    assert np.linalg.inv(-np.array(curve) / 4e-8) == pytest.approx(fit.covariance, rel=1e-4)
    assert sets.at(np.zeros(2)).log_likelihood == fit.null
