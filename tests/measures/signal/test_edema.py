"""Bone marrow edema: Voormolen's four visits, exact fractions, and what must not change it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source
from ovcf.measures.signal.edema import UNEXPLAINED, Outline, bme_level, edema_mask, marrow_edema
from ovcf.measures.signal.marrow import MarrowReference, reference_marrow
from ovcf.vocabulary import BmeLevel, Modality

MM = (4.0, 1.0, 1.0)
SOURCE = Source(modality=Modality.MR, image="STIR")
REFERENCE = MarrowReference(median=50, spread=5, levels=(Level.T11, Level.T12, Level.L2), n_voxels=900, between=0)


def block(shape=(9, 40, 50), rows=(10, 30), cols=(10, 40), slices=(2, 7), signal=50.0):
    """A body of 5 slices x 20 rows x 30 columns at reference signal."""
    body = np.zeros(shape, bool)
    body[slice(*slices), slice(*rows), slice(*cols)] = True
    return np.where(body, signal, 0.0), body


def percent(voxels, body, reference=REFERENCE, **kw):
    return marrow_edema(voxels, body, reference, **{"level": Level.L1, "voxel_mm": MM, "source": SOURCE, **kw}).value


def explained(measurement):
    """The part of the uncertainty that has a cause."""
    return np.sqrt(measurement.standard_uncertainty**2 - UNEXPLAINED**2)


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (75, BmeLevel.SEVERE),
        (25, BmeLevel.MODERATE),
        (20, BmeLevel.MINOR),
        (0, BmeLevel.NONE),
        (24.5, BmeLevel.MINOR),
        (74.5, BmeLevel.MODERATE),
        (0.4, BmeLevel.MINOR),
        (100, BmeLevel.SEVERE),
    ],
)
def test_the_published_levels(value, level):
    assert bme_level(value) is level


@pytest.mark.parametrize("bad", [101, -0.1, float("nan"), float("inf")])
def test_what_is_not_a_percentage_is_refused(bad):
    with pytest.raises(MeasurementInputError, match="not a percentage"):
        bme_level(bad)


@given(st.floats(0, 100))
def test_the_level_never_falls_as_edema_grows(value):
    order = list(BmeLevel)
    assert order.index(bme_level(value)) <= order.index(bme_level(min(100, value * 1.5)))


@pytest.mark.parametrize("bright_rows", [0, 5, 10, 15, 20])
def test_a_known_fraction_is_measured_exactly(bright_rows):
    voxels, body = block()
    voxels[:, 10 : 10 + bright_rows][body[:, 10 : 10 + bright_rows]] = 120
    assert percent(voxels, body) == pytest.approx(100 * bright_rows / 20)


def test_an_outline_known_to_end_within_the_body_measures_the_whole_body():
    """A quarter of the body is bright, none of it at the border that the outline leaves out."""
    voxels, body = block()
    voxels[2:7, 15:25, 17:32] = 120
    within = np.zeros_like(body)
    within[2:7, 11:29, 11:39] = True
    whole = percent(voxels, body)
    assert whole == pytest.approx(25, abs=1)  # noise is taken out, and the block's corners with it
    assert percent(voxels, within) == pytest.approx(whole * 20 * 30 / (18 * 28))
    corrected = percent(voxels, within, outline=Outline(inside_mm=1.0))
    assert corrected == pytest.approx(whole, rel=0.01)  # but for four corners


def test_the_sum_runs_over_all_slices_not_the_middle_one():
    voxels, body = block()
    voxels[2][body[2]] = 120
    voxels[3][body[3]] = 120
    assert percent(voxels, body) == pytest.approx(40)


def test_slices_weigh_by_their_area():
    voxels, body = block()
    body[6, 20:] = False
    voxels[6][body[6]] = 120
    assert percent(voxels, body) == pytest.approx(100 * 10 / 90)


def test_a_bright_rim_of_csf_or_disc_is_not_edema():
    voxels, body = block()
    voxels[:, 10] = voxels[:, 29] = voxels[:, :, 39] = 200
    assert percent(voxels, body) == 0


def test_specks_and_the_basivertebral_vein_are_not_edema():
    voxels, body = block()
    voxels[4, 14:16, 14:16] = 200
    assert percent(voxels, body) == 0
    voxels[3:6, 18:22, 32:39] = 200
    result = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    assert result.value == 0
    assert dict(result.details)["bright vein area left out [mm2]"] == 90  # 3 slices x 30, rim and all


def test_edema_that_goes_beyond_the_vein_counts():
    voxels, body = block()
    voxels[3:6, 18:22, 20:39] = 200
    assert percent(voxels, body) == pytest.approx(100 * 3 * 4 * 20 / 3000, abs=0.3)  # the median rounds corners


def test_cement_and_cleft_stay_in_the_body_but_are_not_edema():
    voxels, body = block()
    voxels[body] = 120
    cleft = np.zeros_like(body)
    cleft[:, 18:20, 10:40] = body[:, 18:20, 10:40]
    result = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, cleft=cleft, source=SOURCE)
    assert result.value == pytest.approx(90)
    assert "cleft covers 10% of the body" in result.warnings[0]


@pytest.mark.parametrize("gain", [1e-3, 13.0])
def test_gain_changes_nothing(gain):
    voxels, body = noisy()
    scaled = MarrowReference(median=50 * gain, spread=5 * gain, levels=REFERENCE.levels, n_voxels=900, between=0)
    once = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    again = marrow_edema(gain * voxels, body, scaled, level=Level.L1, voxel_mm=MM, source=SOURCE)
    assert again.value == pytest.approx(once.value)
    assert again.standard_uncertainty == pytest.approx(once.standard_uncertainty)


def noisy():
    voxels, body = block()
    voxels[3:6, 10:19, 12:30] = 100
    return voxels + 5 * np.random.default_rng(2).standard_normal(voxels.shape), body


@settings(max_examples=15)
@given(st.permutations(range(9)))
def test_slice_order_changes_nothing(order):
    voxels, body = noisy()
    assert percent(voxels[order], body[order]) == percent(voxels, body)


def test_flips_across_and_along_the_spine_change_nothing():
    voxels, body = noisy()
    assert percent(voxels[::-1], body[::-1]) == percent(voxels, body)
    assert percent(voxels[:, ::-1], body[:, ::-1]) == pytest.approx(percent(voxels, body))


def test_anisotropic_pixels_give_the_same_percentage():
    voxels, body = block()
    voxels[:, 10:20][body[:, 10:20]] = 120
    fine = [np.repeat(a, 2, axis=2) for a in (voxels, body)]
    result = marrow_edema(*fine, REFERENCE, level=Level.L1, voxel_mm=(4.0, 1.0, 0.5), source=SOURCE)
    assert result.value == pytest.approx(50)
    assert dict(result.details)["body area, all slices [mm2]"] == pytest.approx(3000)


def test_uncertainty_knows_that_outlines_and_outermost_slices_are_doubtful():
    voxels, body = block()
    voxels[:, 10:20][body[:, 10:20]] = 120
    even = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    voxels[2][body[2]] = 50
    uneven = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    assert explained(even) < 1
    assert (even.value, uneven.value) == (pytest.approx(50), pytest.approx(40))
    # Without the slice that shows none it would be 50.
    assert uneven.standard_uncertainty > (50 - 40) / 2


def test_uncertainty_is_small_where_the_edge_is_clear_and_large_where_it_is_not():
    voxels, body = block()
    voxels[:, 10:20][body[:, 10:20]] = 200
    clear = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    ramp = np.broadcast_to(50 + 1.5 * np.arange(40)[None, :, None], voxels.shape)
    vague = marrow_edema(ramp, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    # An endplate 0.25 mm off moves 1.25 % of 20 mm, half of it edema or none; there are two.
    assert explained(clear) == pytest.approx(100 * 0.25 / 20 / 2 * 2**0.5, abs=0.1)
    assert vague.standard_uncertainty > 5


def test_the_map_shows_the_voxels_that_were_counted():
    voxels, body = block()
    voxels[:, 10:15][body[:, 10:15]] = 120
    shown = edema_mask(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM)
    assert (shown == (voxels == 120)).all()


def test_shape_mismatch_empty_body_and_missing_signal_are_refused():
    voxels, body = block()
    with pytest.raises(MeasurementInputError, match="edema of L1: image"):
        percent(voxels[1:], body)
    with pytest.raises(MeasurementInputError, match="empty"):
        percent(voxels, np.zeros_like(body))
    with pytest.raises(MeasurementInputError, match="cement mask"):
        percent(voxels, body, cement=body[1:])
    with pytest.raises(MeasurementInputError, match="has signal"):
        percent(np.full(voxels.shape, np.nan), body)


def test_a_partly_covered_body_is_measured_on_what_is_seen_and_said():
    voxels, body = block()
    voxels[:, 25:] = np.nan
    result = marrow_edema(voxels, body, REFERENCE, level=Level.L1, voxel_mm=MM, source=SOURCE)
    assert result.value == 0
    assert "25% of the body lies outside the series" in result.warnings


def test_a_bright_blurred_lesion_is_measured_at_its_edge_not_at_the_foot_of_its_blur():
    _, body = block()
    lesion = np.zeros_like(body)
    lesion[2:7, 15:25, 15:32] = True
    blurred = gaussian_filter(np.where(lesion, 400.0, np.where(body, 50.0, 0.0)), (0, 0.8, 0.8))  # blur of about 2 mm
    assert percent(blurred, body) == pytest.approx(100 * lesion.sum() / body.sum(), abs=2)


def test_faint_edema_beside_bright_edema_still_counts():
    voxels, body = block()
    voxels[2:7, 10:20, 10:40] = 90  # 8 SD
    voxels[2:7, 20:30, 10:40] = 120  # 14 SD
    assert percent(voxels, body) == pytest.approx(100)


def test_a_brighter_core_does_not_pull_the_edge_of_a_lesion_inwards():
    _, body = block()
    drawn = np.where(body, 50.0, 0.0)
    drawn[2:7, 10:24, 10:40] = 90  # 8 SD; the rest of the body is sound
    drawn[2:7, 10:18, 10:40] = 250  # 40 SD, more than half of the lesion, 6 mm from its edge
    blurred = gaussian_filter(drawn, (0, 0.5, 0.5))
    assert percent(blurred, body) == pytest.approx(70, abs=4)


def noisy_patient(seed, noise):
    """A stack of five bodies in Rician noise, the middle one with edema in half; the share drawn is 50 %."""
    rng = np.random.default_rng(seed)
    bodies = {}
    signal = np.full((9, 140, 50), 20.0)
    for i, level in enumerate((Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)):
        bodies[level] = np.zeros(signal.shape, bool)
        bodies[level][2:7, 5 + 27 * i : 25 + 27 * i, 10:40] = True
    marrow = np.any(list(bodies.values()), axis=0)
    signal[marrow] = 50 + gaussian_filter(rng.normal(0, 40, signal.shape), (0, 1.5, 1.5))[marrow]
    signal[2:7, 59:69, 10:40] += 60
    return np.hypot(signal + rng.normal(0, noise, signal.shape), rng.normal(0, noise, signal.shape)), bodies


@pytest.mark.parametrize("noise", [0, 10, 20, 30, 40, 80])
def test_noise_is_either_in_the_stated_error_or_the_percentage_is_refused(noise):
    outside = refused = 0
    for seed in range(8):
        voxels, bodies = noisy_patient(seed, noise)
        reference = reference_marrow(voxels, bodies, {Level.L1}, voxel_mm=MM)
        try:
            found = marrow_edema(voxels, bodies[Level.L1], reference, level=Level.L1, voxel_mm=MM, source=SOURCE)
        except MeasurementInputError:
            refused += 1
        else:
            # Half a row of pixels at the drawn edge is 2.5 % of the body.
            outside += abs(found.value - 50) > 1.96 * found.standard_uncertainty + 2.5
    assert outside <= 1
    if noise <= 20:
        assert not refused


def test_what_noise_may_hide_is_said():
    voxels, bodies = noisy_patient(0, 40)
    reference = reference_marrow(voxels, bodies, {Level.L1}, voxel_mm=MM)
    with pytest.raises(MeasurementInputError, match=r"so noisy that edema of \d+% of the body may not stand out"):
        percent(voxels, bodies[Level.L1], reference)
    with pytest.raises(MeasurementInputError, match="so noisy"):
        edema_mask(voxels, bodies[Level.L1], reference, level=Level.L1, voxel_mm=MM)


def test_marrow_whose_brightness_changes_from_slice_to_slice_is_refused():
    voxels, bodies = noisy_patient(0, 0)
    voxels *= np.array([1, 1, 1, 2, 4, 4, 2, 1, 1.0])[:, None, None]
    reference = reference_marrow(voxels, bodies, {Level.L1}, voxel_mm=MM)
    with pytest.raises(MeasurementInputError, match=r"varies by \d+% of its median.*slices of differing brightness"):
        percent(voxels, bodies[Level.L1], reference)
