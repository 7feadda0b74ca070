"""The prediction interval of a new centre: a published example, the distribution behind it, how often it holds."""

import os

import numpy as np
import pytest
from scipy.stats import chi2, norm

from ovcf.cohort.centres.new_centre import chance_below, prediction_interval
from ovcf.cohort.centres.pooling import pool_centres

SBP = np.array([0.00, 0.10, -0.40, -0.80, -0.63, 0.22, -0.34, -0.51, 0.03, -0.81])
SBP_ERROR = np.array(
    [0.423477, 0.219392, 0.025511, 0.198983, 0.301026, 0.301026, 0.071430, 0.102043, 0.122451, 0.301026]
)
"""Ten trials of antihypertensive treatment: Riley RD, Higgins JPT, Deeks JJ. BMJ 2011;342:d549."""
AS_PUBLISHED = [(-0.8807, 0.2240), (-0.8789, 0.2165)]
"""The R package pimeta on the same trials, in its two worked examples: 25,000 draws each, hence the difference."""

STUDIES = int(os.environ.get("OVCF_STUDIES", "100"))


def test_the_trials_of_riley_are_predicted_as_by_pimeta():
    found = prediction_interval(SBP, SBP_ERROR**2, 0.95)
    for published in AS_PUBLISHED:
        assert found == pytest.approx(published, abs=0.01)


def test_a_sum_of_squared_normals_is_chi_square_where_weights_are_alike_and_of_exponentials_in_pairs():
    for m in (1, 2, 3, 29):
        for q in (0.01, 1.0, 3.0 * m):
            assert float(chance_below(q, np.full(m, 1.7))) == pytest.approx(chi2.cdf(q / 1.7, m), abs=1e-10)
    rate = 1 / (2 * np.array([1.0, 3.0, 0.2]))
    for q in (0.1, 2.0, 30.0):
        others = [np.prod([r / (r - own) for r in rate if r != own]) for own in rate]
        assert float(chance_below(q, np.repeat([1.0, 3.0, 0.2], 2))) == pytest.approx(
            1 - float(np.exp(-rate * q) @ others), abs=1e-10
        )


def test_it_keeps_its_promise_in_few_centres_where_the_usual_one_does_not():
    """Studies of six centres; whether an interval holds a new one is taken as its normal chance, so noise is small."""
    rng = np.random.default_rng(5)
    held, usual = [], []
    for _ in range(STUDIES):
        error = rng.uniform(0.1, 0.4, 6)
        found = pool_centres(list("abcdef"), rng.normal(rng.normal(1, 0.3, 6), error), error)
        for e, chances in ((found.prediction, held), (found.prediction_by_t, usual)):
            chances.append(np.diff(norm.cdf((np.array([e.low, e.high]) - 1) / 0.3))[0])
    assert 0.92 < np.mean(held) < 0.98
    assert np.mean(usual) < np.mean(held) - 0.02


def test_units_and_names_change_nothing():
    plain = np.array(prediction_interval(SBP, SBP_ERROR**2, 0.95))
    assert np.array(prediction_interval(5 - 40 * SBP, (40 * SBP_ERROR) ** 2, 0.95)) == pytest.approx(
        5 - 40 * plain[::-1], rel=1e-5
    )
    order = np.random.default_rng(0).permutation(10)
    assert prediction_interval(SBP[order], SBP_ERROR[order] ** 2, 0.95) == pytest.approx(plain, rel=1e-5)
    assert np.diff(prediction_interval(SBP, SBP_ERROR**2, 0.8)) < np.diff(plain)


def test_centres_that_are_all_the_same_still_may_differ():
    """No spread is seen, but one cannot be ruled out: a new centre is less certain than the mean of these."""
    error = np.full(8, 0.3)
    found = pool_centres(list("abcdefgh"), np.array([0.8, 1.2] * 4), error)
    assert found.tau == 0
    assert found.prediction.high - found.prediction.low > found.pooled.high - found.pooled.low
    assert "cannot be ruled out" in str(found)
