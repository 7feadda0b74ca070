"""Cleft suggestion: fluid, air, both; and the things that look like one."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source
from ovcf.measures.signal.cleft import CleftLimits, OnGrid, cleft_suggestion
from ovcf.measures.signal.marrow import MarrowReference
from ovcf.vocabulary import Cleft, Modality

MM = (4.0, 1.0, 1.0)
SOURCE = Source(modality=Modality.MR, image="T2")


def reference(median=100.0, spread=10.0):
    return MarrowReference(
        median=median, spread=spread, levels=(Level.T11, Level.L2, Level.L3), n_voxels=900, between=0
    )


def body_with(**patches):
    """Marrow of 100 in 5 slices of 20 x 30; ``fluid`` and ``air`` give the columns of a line in the upper half."""
    body = np.zeros((7, 40, 50), bool)
    body[1:6, 10:30, 10:40] = True
    voxels = np.where(body, 100.0, 0.0)
    for name, cols in patches.items():
        voxels[2:5, 14:16, slice(*cols)] = {"fluid": 400.0, "air": 2.0}[name]
    return voxels, body


def suggest(voxels, body, marrow=None, **kw):
    return cleft_suggestion(
        OnGrid(voxels, marrow or reference()),
        body,
        **{"voxel_mm": MM, "level": Level.L1, "source": SOURCE, "csf_signal": 420.0, **kw},
    )


@pytest.mark.parametrize(
    ("patches", "expected", "fluid", "air"),
    [
        ({}, Cleft.NONE, 0, 0),
        ({"fluid": (14, 24)}, Cleft.FLUID, 60, 0),
        ({"air": (14, 24)}, Cleft.AIR, 0, 60),
        ({"fluid": (13, 22), "air": (26, 36)}, Cleft.BOTH, 54, 60),
    ],
)
def test_what_the_cleft_holds(patches, expected, fluid, air):
    result = suggest(*body_with(**patches))
    assert result.cleft is expected
    assert (result.fluid_fraction, result.air_fraction) == pytest.approx((fluid / 3000, air / 3000))
    assert result.volume.value == pytest.approx(100 * (fluid + air) / 3000)
    assert "position" in result.note


def test_edema_is_not_fluid():
    voxels, body = body_with()
    voxels[2:5, 14:20, 14:30] = 200
    assert suggest(voxels, body).cleft is Cleft.NONE


def test_a_bright_area_that_fades_into_marrow_is_not_a_cleft():
    voxels, body = body_with()
    y, x = np.mgrid[:40, :50]
    glow = 100 + 330 * np.exp(-((y - 19) ** 2 + (x - 22) ** 2) / (2 * 8.0**2))
    voxels = np.where(body, glow[None], 0.0)
    assert suggest(voxels, body).cleft is Cleft.NONE


def test_a_speck_the_vein_and_the_rim_are_not_clefts():
    voxels, body = body_with()
    voxels[3, 14:17, 14:17] = 400
    voxels[2:5, 18:22, 32:37] = 400
    voxels[:, 10:12][body[:, 10:12]] = 400
    assert suggest(voxels, body).cleft is Cleft.NONE


def test_a_patch_of_less_than_a_hundredth_of_the_body_is_not_reported():
    voxels, body = body_with()
    voxels[3, 14:16, 14:24] = 400
    assert suggest(voxels, body).cleft is Cleft.NONE
    assert suggest(voxels, body, limits=CleftLimits(min_fraction=0.005)).cleft is Cleft.FLUID


def test_scattered_bright_lace_is_not_a_cleft():
    voxels, body = body_with()
    voxels[3, 13:27, 14:36:7] = 400
    voxels[3, 13, 14:36] = 400
    assert suggest(voxels, body).cleft is Cleft.NONE


def test_with_cement_a_void_is_cement():
    result = suggest(*body_with(air=(14, 24)), cement=True)
    assert result.cleft is Cleft.NONE
    assert any("taken as cement" in r for r in result.reasons)


def test_air_must_be_void_on_every_series_given():
    voxels, body = body_with(air=(14, 24))
    marrow = np.where(body, 100.0, 0.0)
    assert suggest(voxels, body, t1=OnGrid(marrow, reference())).cleft is Cleft.NONE
    assert suggest(voxels, body, t1=OnGrid(voxels, reference())).cleft is Cleft.AIR


def test_fluid_must_be_bright_on_stir_and_not_bright_on_t1():
    voxels, body = body_with(fluid=(14, 24))
    flat = np.where(body, 100.0, 0.0)
    dark = reference(20, 4)
    assert suggest(voxels, body, stir=OnGrid(np.where(body, 20.0, 0), dark)).cleft is Cleft.NONE
    assert suggest(voxels, body, stir=OnGrid(voxels, dark)).cleft is Cleft.FLUID
    assert suggest(voxels, body, t1=OnGrid(voxels, reference())).cleft is Cleft.NONE
    assert suggest(voxels, body, t1=OnGrid(flat, reference())).cleft is Cleft.FLUID


def test_without_csf_the_doubt_is_said():
    result = suggest(*body_with(fluid=(14, 24)), csf_signal=None)
    assert result.cleft is Cleft.FLUID
    assert any("CSF signal not given" in r for r in result.reasons)


@pytest.mark.parametrize("gain", [1e-3, 9.0])
def test_gain_changes_nothing(gain):
    voxels, body = body_with(fluid=(13, 22), air=(26, 36))
    again = suggest(gain * voxels, body, reference(100 * gain, 10 * gain), csf_signal=420 * gain)
    assert again.volume.value == pytest.approx(suggest(voxels, body).volume.value)


def test_slice_order_and_flips_change_nothing():
    voxels, body = body_with(fluid=(13, 22), air=(26, 36))
    for turn in ((slice(None, None, -1),), (slice(None), slice(None, None, -1)), ([3, 0, 6, 4, 1, 2, 5],)):
        assert suggest(voxels[turn], body[turn]).volume.value == suggest(voxels, body).volume.value


def test_anisotropic_pixels_give_the_same_cleft():
    voxels, body = (np.repeat(a, 2, axis=2) for a in body_with(fluid=(14, 24)))
    result = suggest(voxels, body, voxel_mm=(4.0, 1.0, 0.5))
    assert result.fluid_fraction == pytest.approx(60 / 3000)


def test_bad_input_is_refused():
    voxels, body = body_with()
    with pytest.raises(MeasurementInputError, match="cleft of L1"):
        suggest(voxels[1:], body)
    with pytest.raises(MeasurementInputError, match="empty"):
        suggest(voxels, body & False)
    with pytest.raises(MeasurementInputError, match="has signal"):
        suggest(np.full_like(voxels, np.nan), body)
    with pytest.raises(MeasurementInputError, match="cleft of L1, STIR"):
        suggest(voxels, body, stir=OnGrid(voxels[1:], reference()))
