"""Agreement of measurements: Shrout-Fleiss, pingouin, the PEFR data of Bland and Altman."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.agreement.reliability import bland_altman, icc, sdc, sem
from ovcf.errors import CohortDataError

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
# Peak flow by two meters, l/min: Bland and Altman, Lancet 1986
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("ICC(1,1)", 0.165742),
        ("ICC(2,1)", 0.289764),
        ("ICC(3,1)", 0.714841),
        ("ICC(2,k)", 0.620051),
        ("ICC(3,k)", 0.909316),
    ],
)
def test_the_published_example(form, value):
    assert icc(SHROUT_FLEISS)[form].value == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_all_six_forms_and_their_intervals_are_those_of_pingouin(seed):
    pingouin, pandas = pytest.importorskip("pingouin"), pytest.importorskip("pandas")
    rng = np.random.default_rng(seed)
    scores = SHROUT_FLEISS if seed == 0 else rng.normal(20, 5, (25, 1)) + rng.normal(0, 3, (25, 3)) + [0, 1, 2]
    n, k = scores.shape
    long = pandas.DataFrame(
        {"who": np.repeat(range(n), k), "rater": np.tile(range(k), n), "score": scores.ravel().astype(float)}
    )
    theirs = pingouin.intraclass_corr(long, targets="who", raters="rater", ratings="score")
    interval = next(c for c in theirs.columns if c.startswith("CI"))
    for (_, ours), (_, row) in zip(icc(scores).forms, theirs.iterrows(), strict=True):
        assert ours.value == pytest.approx(row["ICC"], abs=1e-9)
        assert (ours.low, ours.high) == pytest.approx(tuple(row[interval]), abs=0.0051)


@given(st.floats(0.1, 50), st.floats(-1e3, 1e3))
def test_units_change_nothing_but_the_error(scale, shift):
    here, there = icc(SHROUT_FLEISS), icc(SHROUT_FLEISS * scale + shift)
    assert there["ICC(2,1)"].value == pytest.approx(here["ICC(2,1)"].value, rel=1e-6)
    assert there.sem == pytest.approx(here.sem * scale, rel=1e-6)


def test_error_of_measurement_of_two_readings():
    # two readings: SEM (consistency) is the SD of the differences / sqrt(2), SDC 1.96 of that SD
    pairs = np.array([WRIGHT, MINI]).T
    sd = np.std(pairs[:, 0] - pairs[:, 1], ddof=1)
    assert sem(pairs, "consistency") == pytest.approx(sd / np.sqrt(2))
    assert sdc(pairs, "consistency") == pytest.approx(1.959964 * sd)
    assert sem(pairs) <= sem(pairs + np.array([0, 50]))


def test_peak_flow_as_bland_and_altman_print_it():
    result = bland_altman(WRIGHT, MINI)
    assert (result.bias.value, result.sd) == pytest.approx((-2.1, 38.8), abs=0.05)
    assert (result.bias.low, result.bias.high) == pytest.approx((-22.0, 17.8), abs=0.1)
    # they print -79.7 and 75.5 with 2 SD instead of 1.96
    assert (result.bias.value - 2 * result.sd, result.bias.value + 2 * result.sd) == pytest.approx(
        (-79.7, 75.5), abs=0.2
    )
    assert result.lower.low < result.lower.value < result.lower.high < result.bias.value


def test_the_intervals_of_the_limits_hold_what_they_promise():
    rng = np.random.default_rng(7)
    truth, hits = 1.959964, 0
    zero = np.zeros(12)
    for _ in range(1000):
        upper = bland_altman(rng.normal(size=12), zero).upper
        hits += upper.low <= truth <= upper.high
    assert hits / 1000 == pytest.approx(0.95, abs=0.02)


def test_missing_readings_are_counted():
    result = icc([[1, 2], [3, None], [4, 4], [7, 6]])
    assert (result.n, result.missing) == (3, (("rater 1", 0), ("rater 2", 1)))
    assert bland_altman([1, 2, 3, None], [1, 3, 2, 5]).n == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: icc([[1, 1], [1, 1]]), "no spread"),
        (lambda: icc([1, 2, 3]), "shape"),
        (lambda: bland_altman([1, 2], [2, 1]), "2 complete pairs"),
        (lambda: bland_altman([1, 2, 3], [2, 3, 4]), "all differences are the same"),
        (lambda: sem(SHROUT_FLEISS, "other"), "unknown"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    with pytest.raises(CohortDataError, match=message):
        call()
