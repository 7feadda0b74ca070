"""Grey levels: bone by the strip of the spine, marrow in the middle, the canal with its structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.imaging.study import Role
from ovcf.report.figures import tones

ROWS, COLUMNS = 240, 160
Y, X = np.mgrid[:ROWS, :COLUMNS]
STRIP = (X > 60) & (X < 110)
REACH = 40.0


def film(seed=0):
    """Bone of many fine greys in the strip, soft tissue beside it, lung in front above."""
    noise = np.random.default_rng(seed).normal(0, 30, (ROWS, COLUMNS))
    pixels = np.where(STRIP, 900.0, 600.0) + noise + 150 * ((Y // 9) % 3 == 0) * STRIP
    pixels[(X < 50) & (Y < 120)] = 20
    return pixels


@given(seed=st.integers(0, 50), gain=st.floats(0.01, 100), offset=st.floats(-1e4, 1e4))
def test_three_percent_of_the_strip_are_black_and_three_in_a_thousand_white_whatever_the_units(seed, gain, offset):
    grey = tones.radiograph(gain * film(seed) + offset, STRIP, REACH)[STRIP]
    assert np.mean(grey <= 0) == pytest.approx(0.03, abs=0.002)
    assert np.mean(grey >= 1) == pytest.approx(0.003, abs=0.001)


@pytest.mark.parametrize("outside", [0.0, 4095.0, np.nan])
def test_lung_and_air_count_for_nothing(outside):
    pixels = film()
    before = tones.radiograph(pixels, STRIP, REACH)[STRIP]
    pixels[~STRIP] = outside
    assert tones.radiograph(pixels, STRIP, REACH)[STRIP] == pytest.approx(before, abs=0.02)


def test_soft_tissue_that_grows_denser_downwards_does_not_wash_out_the_bone():
    """A slope of six times the contrast of the bone leaves the same picture of the bone."""
    flat = tones.radiograph(film(), STRIP, REACH)
    steep = tones.radiograph(film() + 900.0 * Y / ROWS, STRIP, REACH)
    inner = STRIP & (Y > 30) & (Y < ROWS - 30)
    assert np.corrcoef(flat[inner], steep[inner])[0, 1] > 0.9
    upper, lower = (float(steep[inner & rows].mean()) for rows in (ROWS / 2 > Y, ROWS / 2 < Y))
    assert abs(upper - lower) < 0.15


SHOWN = np.ones((ROWS, COLUMNS), bool)
MARROW, FAT, CSF = X < 80, (X >= 80) & (X < 120), X >= 120


def mri_of(marrow, fat, csf):
    pixels = np.select([MARROW, FAT, CSF], [marrow, fat, csf]).astype(float)
    return pixels + np.random.default_rng(1).normal(0, 0.01 * max(marrow, fat, csf), pixels.shape)


@given(
    marrow=st.floats(200, 600),
    fat=st.floats(1.2, 1.9),
    dark=st.floats(0.02, 0.2),
    gain=st.floats(0.01, 50),
    role=st.sampled_from([Role.T1, Role.T2]),
)
def test_on_t1_and_t2_marrow_is_mid_grey_and_fat_stays_below_white(marrow, fat, dark, gain, role):
    pixels = mri_of(marrow, marrow * fat, marrow * dark) * gain
    pixels[:8, :8] = 2.5 * marrow * gain  # a vessel
    grey = tones.of_role(role, pixels, SHOWN, marrow * gain)
    assert np.median(grey[MARROW]) == pytest.approx(0.5, abs=0.06)
    assert np.mean(grey[FAT] >= 1) < 0.03
    assert np.median(grey[FAT]) > np.median(grey[MARROW]) + 0.05


@given(marrow=st.floats(0.03, 0.3), gain=st.floats(0.01, 50))
def test_on_stir_marrow_shows_and_roots_show_in_the_fluid(marrow, gain):
    roots = CSF & (X % 6 == 0)
    pixels = np.where(roots, 0.75, mri_of(marrow, 0.1, 1.0)) * gain
    grey = tones.of_role(Role.STIR, pixels, SHOWN, marrow * gain)
    assert np.median(grey[MARROW]) > 0.12
    assert np.median(grey[CSF & ~roots]) - np.median(grey[roots]) > 0.05
    plain = np.clip((pixels - pixels.min()) / (pixels.max() - pixels.min()), 0, 1)
    assert np.median(grey[MARROW]) > 1.3 * np.median(plain[MARROW])


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((20, 30)), np.full((20, 30), np.nan), np.array([[0.0, np.inf], [1.0, -np.inf]]), np.ones((1, 1))],
)
@pytest.mark.parametrize("role", list(Role))
def test_odd_pixels_give_greys_from_black_to_white(pixels, role):
    shown = np.ones(pixels.shape, bool)
    grey = tones.radiograph(pixels, shown, 5.0) if role is Role.RADIOGRAPH else tones.of_role(role, pixels, shown, None)
    assert np.isfinite(grey).all()
    assert grey.min() >= 0
    assert grey.max() <= 1
