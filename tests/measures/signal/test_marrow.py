"""Reference marrow: which voxels, which levels, and what must not change it."""

import numpy as np
import pytest
from scipy.ndimage import median_filter

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import marrow_signal, reference_marrow, robust_sd, trabecular_roi, vein_zone

MM = (4.0, 1.0, 1.0)
LEVELS = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)


def column(signals, *, noise=0.0, seed=0):
    """A block per level, 5 slices of 24 x 30 pixels each, 10 rows apart; background 0."""
    rng = np.random.default_rng(seed)
    voxels = np.zeros((7, 20 + 34 * len(signals), 50))
    bodies = {}
    for i, (level, signal) in enumerate(zip(LEVELS, signals, strict=False)):
        mask = np.zeros(voxels.shape, bool)
        mask[1:6, 10 + 34 * i : 34 + 34 * i, 10:40] = True
        voxels[mask] = signal
        bodies[level] = mask
    return voxels + noise * rng.standard_normal(voxels.shape), bodies


def test_the_roi_leaves_out_rim_vein_and_thin_side_slices():
    _, bodies = column([100])
    body = bodies[Level.T11]
    body[5, :20] = False
    body[5, 24:] = False
    roi = trabecular_roi(body, MM, margin_mm=3)
    assert not roi[5].any()
    assert roi[3, 14, 14]
    assert not roi[3, 12, 14]
    assert not roi[3, 22, 35]  # the vein: mid-height, posterior
    assert roi[3, 22, 14]


def test_the_vein_zone_follows_a_tilted_body():
    straight = np.zeros((1, 40, 30), bool)
    straight[0, 10:22] = True
    tilted = np.stack([np.roll(straight[0, :, c], c // 4) for c in range(30)], axis=1)[None]
    expected = np.stack([np.roll(vein_zone(straight)[0, :, c], c // 4) for c in range(30)], axis=1)[None]
    assert (vein_zone(tilted) & expected).sum() > 0.8 * expected.sum()


def test_median_and_spread_are_those_of_the_unaffected_levels():
    voxels, bodies = column([100, 100, 300, 100], noise=8)
    reference = reference_marrow(voxels, bodies, {Level.L1}, voxel_mm=MM)
    assert reference.levels == (Level.T11, Level.T12, Level.L2)
    assert reference.median == pytest.approx(100, abs=1)
    assert 2 < reference.spread < 8 / 2  # a 3 x 3 median leaves about 0.4 of the noise


def test_the_noise_that_the_median_leaves_is_told_from_the_spread_of_marrow_itself():
    for of_marrow, noise in ((0, 8), (6, 0), (6, 12)):
        voxels, bodies = column([100, 100, 100, 100])
        rng = np.random.default_rng(1)
        coarse = rng.normal(0, of_marrow, (7, voxels.shape[1] // 6 + 1, 9)).repeat(6, axis=1).repeat(6, axis=2)
        voxels += coarse[:, : voxels.shape[1], : voxels.shape[2]]
        reference = reference_marrow(voxels + noise * rng.standard_normal(voxels.shape), bodies, (), voxel_mm=MM)
        left = median_filter(noise * rng.standard_normal((100, 100)), 3)[1:-1, 1:-1].std()
        assert reference.noise == pytest.approx(left, rel=0.15, abs=0.3)
        assert reference.own_spread == pytest.approx(of_marrow, rel=0.25, abs=2.0)


def test_an_unnamed_outlier_is_dropped_and_said():
    voxels, bodies = column([100, 102, 180, 98, 101], noise=5)
    reference = reference_marrow(voxels, bodies, (), voxel_mm=MM)
    assert reference.dropped == (Level.L1,)
    assert "L1" in reference.warnings[0]
    assert reference.median == pytest.approx(100.5, abs=1)


def test_a_body_beyond_the_field_of_view_is_left_out_and_stops_nothing():
    voxels, bodies = column([100, 100, 100, 100], noise=4)
    voxels[:, : 10 + 34] = np.nan
    assert reference_marrow(voxels, bodies, (), voxel_mm=MM).levels == (Level.T12, Level.L1, Level.L2)


def test_a_coil_that_fades_is_followed_but_not_beyond_its_levels():
    voxels, bodies = column([140, 130, 120, 110, 100], noise=1)
    reference = reference_marrow(voxels, bodies, {Level.L1}, voxel_mm=MM)
    middle = 22 + 2 * 34 - 0.5  # of L1, the third level: its marrow would have had 120
    assert reference.median * reference.coil.at(middle, 25) == pytest.approx(120, abs=1)
    assert reference.coil.at(10_000, 25) == reference.coil.at(10 + 34 * 4 + 20, 25)


def test_three_levels_are_too_few_for_a_trend():
    voxels, bodies = column([140, 130, 120], noise=1)
    assert reference_marrow(voxels, bodies, (), voxel_mm=MM).coil.per_row == 0


@pytest.mark.parametrize("gain", [1e-3, 7.0, 1e6])
def test_gain_scales_the_reference(gain):
    voxels, bodies = column([100, 110, 90, 105, 99], noise=5)
    once, again = (reference_marrow(k * voxels, bodies, (), voxel_mm=MM) for k in (1, gain))
    assert again.median == pytest.approx(gain * once.median)
    assert again.spread == pytest.approx(gain * once.spread)
    assert again.levels == once.levels


def test_slice_order_and_flips_change_nothing():
    voxels, bodies = column([100, 110, 90, 105], noise=5)
    once = reference_marrow(voxels, bodies, (), voxel_mm=MM)
    order = np.random.default_rng(1).permutation(voxels.shape[0])
    shuffled = reference_marrow(voxels[order], {k: m[order] for k, m in bodies.items()}, (), voxel_mm=MM)
    flipped = reference_marrow(voxels[::-1], {k: m[::-1] for k, m in bodies.items()}, (), voxel_mm=MM)
    assert shuffled == flipped == once


def test_no_unaffected_level_is_an_error():
    voxels, bodies = column([100, 100])
    with pytest.raises(MeasurementInputError, match="no unaffected vertebra"):
        reference_marrow(voxels, bodies, bodies.keys(), voxel_mm=MM)


def test_an_image_clipped_to_zero_is_an_error():
    voxels, bodies = column([0, 0, 0])
    with pytest.raises(MeasurementInputError, match="no unaffected vertebra with enough trabecular bone and signal"):
        reference_marrow(voxels, bodies, (), voxel_mm=MM)
    voxels[:, 18:22] = 1
    with pytest.raises(MeasurementInputError, match="no signal at all"):
        reference_marrow(voxels, bodies, (), voxel_mm=MM)


def test_one_level_says_what_it_cannot_know():
    voxels, bodies = column([100], noise=5)
    reference = reference_marrow(voxels, bodies, (), voxel_mm=MM)
    assert "only one reference level" in reference.warnings[0]
    assert reference.standard_error == reference.spread


def test_a_noiseless_reference_still_has_a_scale():
    voxels, bodies = column([100, 100, 100])
    assert reference_marrow(voxels, bodies, (), voxel_mm=MM).spread == 1


def test_shapes_coverage_and_empty_masks_are_sample_body():
    voxels, bodies = column([100])
    body = bodies[Level.T11]
    with pytest.raises(MeasurementInputError, match="not one 3-D grid"):
        sample_body(voxels[1:], body, "x")
    with pytest.raises(MeasurementInputError, match="empty"):
        sample_body(voxels, np.zeros_like(body), "x")
    voxels[:, :16] = np.nan
    assert "25% of the body lies outside" in sample_body(voxels, body, "x").warnings[0]
    voxels[:, :22] = np.nan
    with pytest.raises(MeasurementInputError, match="only 50% of the body"):
        sample_body(voxels, body, "x")
    with pytest.raises(MeasurementInputError, match="only 0% of the body"):
        sample_body(np.full(voxels.shape, np.nan), body, "x")


def test_a_body_at_the_edge_is_said():
    body = np.zeros((3, 10, 10), bool)
    body[1, :5, 2:8] = True
    assert "reaches the edge" in sample_body(np.ones(body.shape), body, "x").warnings[0]


def test_the_rim_takes_the_signal_behind_it():
    voxels, bodies = column([100])
    body = bodies[Level.T11]
    voxels[:, 10] = 500
    assert (marrow_signal(voxels, body, MM[1:])[body] == 100).all()


def test_noise_is_taken_out_and_straight_edges_stay():
    voxels, bodies = column([100])
    body = bodies[Level.T11]
    voxels[:, 10:20][body[:, 10:20]] = 200
    clean = marrow_signal(voxels, body, MM[1:])
    assert (clean[body] == voxels[body]).all()
    noisy = marrow_signal(voxels + 20 * np.random.default_rng(0).standard_normal(voxels.shape), body, MM[1:])
    assert (noisy - voxels)[body].std() < 20 * 0.6


def test_robust_sd_of_a_normal_sample_with_outliers():
    sample = np.random.default_rng(0).normal(50, 4, 20_000)
    sample[:1000] = 1e6
    assert robust_sd(sample) == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (3, 5), (7, 5)])
@pytest.mark.parametrize("shape", [(1, 9), (12, 17)])
def test_the_median_around_each_pixel_is_that_of_scipy(size, shape):
    from scipy.ndimage import median_filter

    from ovcf.measures.signal.marrow import _median_around

    sheet = np.random.default_rng(4).integers(0, 30, shape).astype(float)  # with ties
    assert np.array_equal(_median_around(sheet, size), median_filter(sheet, size, mode="nearest"))
