"""What the network is given and what comes back lie at their places in the patient, whatever the file looks like."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import zoom

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.volume import Volume
from ovcf.segmentation.network.inference import (
    CLASSES,
    OUTSIDE,
    PIXEL_MM,
    POINTS,
    _enlarged,
    network_slices,
    normalised,
    slice_maps,
)
from tests.segmentation.shapes import reordered

CENTRE = np.array([3.0, -40.0, 120.0])


def bright_rod(spacing=(4.0, 0.8, 0.8), radius=14.0, size_mm=(44, 90, 100)):
    """A bright rod across all slices with its middle at CENTRE, in dim tissue; array axes left, posterior, cranial."""
    shape = [round(s / d) for s, d in zip(size_mm, spacing, strict=True)]
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = CENTRE - np.array(spacing) * (np.array(shape) - 1) / 2 + [0.0, -9.0, 5.0]
    volume = Volume(np.zeros(shape), affine)
    away = np.linalg.norm(volume.to_patient(np.moveaxis(np.indices(shape), 0, -1))[..., 1:] - CENTRE[1:], axis=-1)
    ripple = 20 * np.random.default_rng(1).random(shape)
    return Volume(np.clip((radius - away) / 0.8, 0, 1) * 200 + 300 + ripple, affine)


def bright_is_body(slices):
    """A network that takes what is brighter than its surroundings for a vertebral body."""
    out = np.zeros((len(slices), len(CLASSES) + len(POINTS), *slices.shape[2:]), np.float32)
    body = 1 / (1 + 6 * np.exp(-8 * (slices[:, 0] - 0.5)))
    out[:, CLASSES.index("body")], out[:, 0] = body, 1 - body
    return out


def centre_of_body(maps):
    p = maps.of("body")
    voxels = np.argwhere(p > 0.5)
    return maps.volume(p).to_patient(voxels.mean(axis=0))


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1)])
def test_a_body_is_found_at_its_place_whatever_the_axis_order(axes, flips):
    maps = slice_maps(reordered(bright_rod(), axes, flips), bright_is_body)
    assert centre_of_body(maps) == pytest.approx(CENTRE, abs=0.5)


@pytest.mark.parametrize("mm", [0.45, 0.7, 1.0, 1.3, 1.8])
def test_a_body_keeps_its_place_and_size_at_any_pixel_size(mm):
    maps = slice_maps(bright_rod((4.0, mm, mm)), bright_is_body)
    assert centre_of_body(maps) == pytest.approx(CENTRE, abs=0.5)
    middle = maps.of("body").max(axis=0) > 0.5
    assert middle.sum() * PIXEL_MM**2 == pytest.approx(np.pi * 14**2, rel=0.12)


def test_thin_slices_are_averaged_up_to_three_millimetres_in_groups_that_overlap():
    rod = bright_rod((0.9, 1.0, 1.0))
    across = rod.to_patient(np.moveaxis(np.indices(rod.voxels.shape), 0, -1))[..., 0]
    noise = np.random.default_rng(2).normal(0, 5, rod.voxels.shape)
    slices, affine, _ = network_slices(Volume(1000 + 4 * across + noise, rod.affine))
    assert np.linalg.norm(affine[:3, 0]) == pytest.approx(1.8)
    middles = affine[0, 3] + affine[0, 0] * np.arange(len(slices))
    assert slices.mean(axis=(1, 2)) == pytest.approx(1000 + 4 * middles, abs=0.3)
    assert np.std(slices[7] - slices[7].mean()) == pytest.approx(5 / np.sqrt(3), rel=0.05)
    assert len(slices) == (rod.voxels.shape[0] - 1) // 2
    assert centre_of_body(slice_maps(rod, bright_is_body)) == pytest.approx(CENTRE, abs=0.6)


def test_a_volume_of_fewer_thin_slices_than_a_group_is_read_as_one_slice():
    thin = Volume(bright_rod((0.9, 0.9, 0.9)).voxels[20:22], np.diag([0.9, 0.9, 0.9, 1.0]))
    slices, affine, _ = network_slices(thin)
    assert len(slices) == 1
    assert affine[0, 3] == pytest.approx(0.45)


def test_the_network_is_given_each_slice_with_those_to_either_side_and_the_ends_in_place_of_what_is_beyond():
    rod = bright_rod(size_mm=(28, 90, 100))
    given = []

    def network(slices):
        given.append(slices)
        return bright_is_body(slices)

    slice_maps(rod, network)
    own, one, other = np.moveaxis(np.concatenate(given), 1, 0)
    assert len(own) == len(rod.voxels) == 7
    assert not any(np.array_equal(a, b) for a, b in pairwise(own))
    assert np.array_equal(one, own[[0, 0, 1, 2, 3, 4, 5]])
    assert np.array_equal(other, own[[1, 2, 3, 4, 5, 6, 6]])


def test_probabilities_sum_to_one():
    maps = slice_maps(bright_rod(), bright_is_body)
    assert np.allclose(maps.classes.astype(float).sum(axis=0), 1, atol=5e-3)


def textured(seed=0, shape=(96, 80)):
    rng = np.random.default_rng(seed)
    return (100 + 50 * rng.random(shape)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(gain=st.floats(0.01, 100), offset=st.floats(-50, 2000))
def test_intensity_scale_and_offset_change_nothing(gain, offset):
    image = textured()
    assert np.allclose(normalised(gain * image + offset), normalised(image), atol=0.02)


def test_a_bright_coil_far_away_changes_nothing_here():
    image = np.tile(textured(), (1, 3))
    lit = image.copy()
    lit[:, 200:] *= 3
    here = np.s_[:, :90]
    before, after = normalised(image)[here], normalised(lit)[here]
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.99
    assert after.std() > 0.5 * before.std()


def test_what_is_outside_the_image_is_told_apart_from_dark_tissue():
    image = np.pad(textured(), 16)
    inside = np.pad(np.ones((96, 80), bool), 16)
    assert (normalised(image, inside)[~inside] == OUTSIDE).all()


def test_fill_around_a_smaller_field_of_view_is_not_image():
    rod = bright_rod()
    filled = np.pad(rod.voxels, ((0, 0), (20, 10), (0, 30)))
    _, _, inside = network_slices(Volume(filled, rod.affine))
    assert 0.3 < inside.mean() < 0.8


def test_an_axial_stack_is_refused():
    rod = bright_rod((0.8, 0.8, 5.0), size_mm=(60, 60, 60))
    with pytest.raises(SeriesGeometryError, match="off the sagittal plane"):
        slice_maps(rod, bright_is_body)


def test_an_empty_image_is_refused():
    with pytest.raises(SeriesGeometryError, match="one value only"):
        slice_maps(Volume(np.full((9, 60, 60), 7), np.diag([4.0, 1, -1, 1])), bright_is_body)


def test_local_statistics_are_enlarged_as_scipy_enlarges_them() -> None:
    image = np.random.default_rng(4).normal(size=(19, 7))

    assert _enlarged(image, 4) == pytest.approx(zoom(image, 4, order=1, grid_mode=True, mode="nearest"), abs=1e-12)
