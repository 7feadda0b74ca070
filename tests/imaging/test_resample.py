"""A slice at other rows and columns, against scipy's interpolation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import map_coordinates

from ovcf.imaging.resample import at_rows_and_columns, resample_image, same_voxels
from ovcf.imaging.volume import Volume

INDICES = arrays(float, st.integers(1, 9), elements=st.floats(-3, 12))


@given(rows=INDICES, columns=INDICES, shape=st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7)))
def test_between_pixels_it_is_linear_and_beyond_the_border_the_nearest_pixel(rows, columns, shape):
    images = np.random.default_rng(0).random(shape).astype(np.float16)
    expected = [
        map_coordinates(one.astype(float), np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest")
        for one in images
    ]
    assert at_rows_and_columns(images, rows, columns) == pytest.approx(np.array(expected), abs=1e-5)


def test_at_its_own_pixels_an_image_stays_as_it_is_and_is_not_touched():
    image = np.arange(12.0).reshape(3, 4)
    given_ = image.copy()
    assert (at_rows_and_columns(image, np.arange(3), np.arange(4)) == image).all()
    assert (image == given_).all()


def test_on_the_same_voxels_nothing_is_read_between_them():
    rng = np.random.default_rng(4)
    affine = np.diag([4.0, 0.7, 0.7, 1.0])
    one = Volume(rng.integers(0, 4000, (3, 20, 15)).astype(np.int16), affine)
    shifted = affine.copy()
    shifted[1, 3] = 1e-3
    assert same_voxels(one, Volume(one.voxels, affine.copy()))
    assert np.array_equal(resample_image(one, Volume(one.voxels, affine.copy())).voxels, one.voxels)
    assert not same_voxels(one, Volume(one.voxels, shifted))
    assert not same_voxels(one, Volume(one.voxels[:, :, 1:], affine))
