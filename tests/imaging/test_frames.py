"""Frames of 16 bits are the volume itself: every pixel lies where its series says, turned as people look at it."""

import io
from itertools import permutations, product

import numpy as np
import pytest
from PIL import Image

from ovcf.imaging.files.frames import Frames, frames_of, thumbnail
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.vocabulary import Modality

SIZES = {0: 3, 1: 5, 2: 7}
SPACING = {0: 4.0, 1: 0.9, 2: 0.8}
TURNED = {
    0: ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    1: ((0, 1, 0), (0, 0, -1), (1, 0, 0)),
    2: ((0, 0, -1), (0, 1, 0), (1, 0, 0)),
}


def study(image, **more):
    return Study((Series(uid="1", description="T2", image=image, modality=Modality.MR, role=Role.T2, **more),))


def oblique(axes, senses):
    """A volume whose array axes run along the patient's, in any order and sense, a little turned."""
    angle = np.deg2rad(9)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine = np.eye(4)
    for column, (axis, sense) in enumerate(zip(axes, senses, strict=True)):
        affine[:3, column] = sense * SPACING[column] * turn[:, axis]
    affine[:3, 3] = (-12.0, 30.0, 55.0)
    voxels = np.random.default_rng(1).integers(-40, 900, tuple(SIZES.values()), np.int16)
    return Volume(voxels, affine)


@pytest.mark.parametrize("axes", list(permutations(range(3))))
def test_every_pixel_lies_where_its_series_says(axes):
    for senses in product((1, -1), repeat=3):
        volume = oblique(axes, senses)
        frames = Frames(frames_of(study(volume)))
        (told,) = frames.series
        on, down, across = map(np.asarray, (told.on, told.down, told.across))
        for found, wanted in zip((on, down, across), TURNED[axes[0]], strict=True):  # the coarsest axis is the first
            assert found @ np.asarray(wanted) / np.linalg.norm(found) > 0.9
        for k in range(told.frames):
            pixels = frames.frame(0, k)
            for r, c in product(range(told.rows), range(told.columns)):
                place = np.asarray(told.origin) + k * on + r * down + c * across
                index = np.round(volume.to_index(place)).astype(int)
                assert np.allclose(volume.to_patient(index), place)
                assert told.slope * pixels[r, c] + told.intercept == volume.voxels[tuple(index)]


def test_signal_that_is_no_whole_number_is_kept_to_a_65535th_of_its_range():
    voxels = np.random.default_rng(2).normal(0, 3, (3, 5, 7))
    frames = Frames(frames_of(study(Volume(voxels, np.diag([4.0, 1, 1, 1])))))
    (told,) = frames.series
    kept = np.stack([frames.frame(0, k) for k in range(told.frames)]) * told.slope + told.intercept
    assert np.abs(np.sort(kept, axis=None) - np.sort(voxels, axis=None)).max() <= np.ptp(voxels) / 65535


def test_a_film_has_no_place_in_the_patient_and_without_a_scale_no_millimetres():
    film = ImagePlane(np.arange(12, dtype=np.uint16).reshape(3, 4), None, Calibration.NONE)
    frames = Frames(frames_of(study(film)))
    (told,) = frames.series
    assert (told.origin, told.unit, told.rows, told.columns) == (None, "px", 3, 4)
    assert np.array_equal(frames.frame(0, 0), film.pixels)
    for series, number in ((0, 1), (1, 0), (-1, 0)):
        with pytest.raises(KeyError):
            frames.frame(series, number)


def test_a_thumbnail_has_the_shape_of_the_patient_not_of_the_pixels():
    volume = Volume(np.arange(3 * 10 * 20, dtype=np.int16).reshape(3, 10, 20), np.diag([4.0, 2.0, 0.5, 1]))
    image = Image.open(io.BytesIO(thumbnail(Frames(frames_of(study(volume))), side=100)))
    assert image.size == (100, 50)  # 20 mm from front to back, 10 mm from head to foot


@pytest.mark.parametrize("axes", list(permutations(range(3))))
def test_a_volume_of_equal_spacing_is_shown_sagittally_however_it_was_stored(axes):
    affine = np.zeros((4, 4))
    affine[axes, range(3)] = (1.0, 1.0, 1.0000002)
    affine[3, 3] = 1
    voxels = np.zeros([{0: 7, 1: 30, 2: 50}[axis] for axis in axes], np.int16)
    (told,) = Frames(frames_of(study(Volume(voxels, affine)))).series
    assert (told.frames, told.rows, told.columns) == (7, 50, 30)
