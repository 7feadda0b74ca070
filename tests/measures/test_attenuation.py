"""Attenuation of a region drawn on CT: by hand on blocks of known Hounsfield units."""

import numpy as np
import pytest

from ovcf.errors import MeasurementInputError
from ovcf.imaging.volume import Volume
from ovcf.measures.signal.attenuation import attenuation
from ovcf.segmentation.points.l1_region import disc

SPACING = np.array([0.5, 0.5, 2.0])
AFFINE = np.diag([*SPACING, 1.0])


def ct(value=120.0, affine=AFFINE, shape=(60, 60, 10)):
    return Volume(np.full(shape, value, np.float32), affine)


def test_mean_and_sd_are_those_of_the_voxels():
    image = ct()
    image.voxels[:, ::2] = 100.0  # every other row: mean 110, SD 10
    found = attenuation(image.voxels.ravel(), 0.5)
    assert (found.mean_hu, found.sd_hu, found.doubts) == (110.0, 10.0, ())
    assert found.volume_mm3 == pytest.approx(60 * 60 * 10 * 0.5)


def test_a_circle_is_of_one_slice_and_of_its_radius():
    image = ct()
    region = disc(image, (15.0, 15.0, 8.9), 5.0)
    assert {int(k) for k in np.nonzero(region)[2]} == {4}  # 8.9 mm lie nearest to 4 x 2.0
    area = region.sum() * 0.25
    assert area == pytest.approx(np.pi * 25, rel=0.03)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_a_circle_holds_the_same_however_the_ct_is_stored(order):
    image = ct()
    turned = Volume(image.voxels.transpose(order), AFFINE[:, [*order, 3]])
    found = disc(turned, (15.0, 15.0, 8.0), 5.0)
    assert np.array_equal(np.moveaxis(found, range(3), order), disc(image, (15.0, 15.0, 8.0), 5.0))


@pytest.mark.parametrize(
    ("value", "share", "told"),
    [
        (301, 0.05, False),
        (301, 0.06, True),
        (300, 0.5, False),
        (-51, 0.06, True),
        (-51, 0.05, False),
        (-50, 0.5, False),
    ],
)
def test_cortex_cement_fat_or_air_in_the_region_is_told(value, share, told):
    image = ct(shape=(10, 10, 10))
    image.voxels.reshape(-1)[: round(1000 * share)] = value
    assert bool(attenuation(image.voxels.ravel(), 0.5).doubts) is told


def test_what_gives_no_mean_is_refused():
    with pytest.raises(MeasurementInputError, match="29 voxels"):
        attenuation(np.full(29, 120.0), 0.5)
    with pytest.raises(MeasurementInputError, match="beyond the CT"):
        attenuation(np.full(30, np.nan), 0.5)
    with pytest.raises(MeasurementInputError, match="outside of the CT"):
        disc(ct(), (15.0, 15.0, 21.1), 5.0)
