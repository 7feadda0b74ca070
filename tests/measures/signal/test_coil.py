"""The coil's sensitivity, told from marrow: a known fading is found, an odd level does not make one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.measures.signal.coil import CoilSensitivity, LevelSample, fit_sensitivity


def levels(n=8, sensitivity=lambda r, c: 1.0, signals=None, noise=0.0, seed=0):
    """``n`` bodies of 20 x 25 pixels, 34 rows apart, whose true marrow signal is 100 unless given."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        r, c = (a.ravel().astype(float) for a in np.mgrid[34 * i : 34 * i + 20, 30:55])
        true = 100.0 if signals is None else signals[i]
        found.append(LevelSample(true * sensitivity(r, c) + noise * rng.standard_normal(len(r)), r, c))
    return found


def flattened(samples):
    coil = fit_sensitivity(samples)
    return np.concatenate([s.values / coil.at(s.rows, s.cols) for s in samples])


@given(st.floats(-0.015, 0.015), st.floats(-0.002, 0.002))
def test_a_fading_along_columns_and_rows_is_taken_out(per_col, per_row):
    samples = levels(sensitivity=lambda r, c: (1 + per_row * (r - 130)) * (1 + per_col * (c - 42)))
    flat = flattened(samples)
    assert np.ptp(flat) <= 0.02 * np.median(flat)


def test_a_coil_that_is_strongest_in_the_middle_is_followed():
    samples = levels(sensitivity=lambda r, c: np.exp(-(((r - 120) / 200) ** 2)), noise=1)
    raw = np.concatenate([s.values for s in samples])
    assert np.std(flattened(samples)) < np.std(raw) / 3


def test_one_odd_level_among_eight_makes_no_trend():
    signals = [100, 100, 100, 100, 30, 100, 100, 100]
    coil = fit_sensitivity(levels(signals=signals, noise=2))
    assert coil.at(34 * 4 + 10, 42) == pytest.approx(1, abs=0.02)


def test_three_levels_show_the_fading_towards_the_front_but_no_trend_along_the_spine():
    samples = levels(3, lambda r, c: (1 + 0.003 * r) * (1 + 0.01 * (c - 42)))
    coil = fit_sensitivity(samples)
    assert coil.per_row == coil.per_row_squared == 0
    assert coil.per_col == pytest.approx(0.01, rel=0.02)


def test_uniform_marrow_has_a_uniform_coil():
    coil = fit_sensitivity(levels(noise=5))
    assert coil.at([0, 130, 260], [30, 42, 54]) == pytest.approx(1, abs=0.03)


def test_it_is_not_carried_on_beyond_its_marrow():
    coil = fit_sensitivity(levels(sensitivity=lambda r, c: 1 - 0.002 * r + 0.004 * c))
    assert coil.at(-500, 0) == coil.at(0, 30)
    assert coil.at(5000, 500) == coil.at(34 * 7 + 19, 54)


def test_over_a_box_is_at_its_rows_and_columns():
    coil = CoilSensitivity(row=10, col=20, per_row=0.01, per_row_squared=-1e-4, per_col=0.02)
    box = (slice(0, 3), slice(5, 9), slice(18, 24))
    assert coil.over(box).shape == (4, 6)
    assert coil.over(box)[2, 5] == coil.at(7, 23) == pytest.approx((1 - 0.03 - 9e-4) * 1.06)


def test_marrow_without_signal_tells_nothing():
    assert fit_sensitivity(levels(signals=[0] * 8)).at(100, 40) == 1
