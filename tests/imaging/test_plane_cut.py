"""A volume cut in a plane: the same whatever its voxels are stored as."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from ovcf.geometry import SagittalPlane
from ovcf.imaging.plane_cut import cut
from ovcf.imaging.volume import Volume

PLANE = SagittalPlane((3.3, 1.0, 2.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def volume(dtype, **wrong):
    voxels = np.random.default_rng(3).integers(0, 200, (7, 20, 24)).astype(dtype)
    for value in wrong.values():
        voxels[3, 5, 5] = value
    return Volume(voxels, np.diag([1.5, 1.0, 1.0, 1.0]))


@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float16, np.float32, np.float64, ">i2", ">f4"]
)
def test_pixels_are_those_of_the_voxels_as_doubles(dtype):
    one = volume(dtype)
    pixels, *like = cut(one, PLANE, order=1)
    as_doubles, *_ = cut(Volume(one.voxels.astype(float), one.affine), PLANE, order=1)
    assert pixels.dtype == float
    assert np.array_equal(pixels, as_doubles)
    assert pixels.any()
    (x, y), size = like
    index = one.to_index(PLANE.to_patient(np.array([x + 4 * size, y + 6 * size])))
    assert pixels[6, 4] == map_coordinates(one.voxels.astype(float), index[:, None], order=1)[0]


def test_a_mask_is_cut_too():
    mask = Volume(volume(np.uint8).voxels > 100, np.diag([1.5, 1.0, 1.0, 1.0]))
    pixels, *_ = cut(mask, PLANE, order=0)
    assert set(np.unique(pixels)) == {0.0, 1.0}


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_no_number_is_no_signal(wrong):
    pixels, *_ = cut(volume(np.float32, at=wrong), PLANE, order=1)
    assert np.isfinite(pixels).all()
