"""T2 patterns: the strict half, exact fractions, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source
from ovcf.measures.measurement import Measurement
from ovcf.measures.signal.marrow import MarrowReference, reference_marrow
from ovcf.measures.signal.t2_pattern import LOW_T2_AREA, T2PatternResult, beyond_reference, classify_t2, t2_pattern
from ovcf.units import Unit
from ovcf.vocabulary import Modality, T2Pattern
from tests.tptbox import tptbox

SOURCE = Source(modality=Modality.MR, image="T2")
DARK, NORMAL, BRIGHT = 20.0, 100.0, 220.0


def reference(gain=1.0):
    return MarrowReference(
        median=100 * gain, spread=10 * gain, levels=(Level.T11, Level.T12, Level.L2), n_voxels=900, between=3 * gain
    )


def body_with(value, rows):
    """A body of 20 rows x 30 columns, the first ``rows`` of which have ``value``, the rest is normal."""
    mask = np.zeros((40, 50), bool)
    mask[10:30, 10:40] = True
    pixels = np.where(mask, NORMAL, 0.0)
    pixels[10 : 10 + rows, 10:40] = value
    return pixels, mask


def measure(pixels, mask, ref=None, **kw):
    return t2_pattern(pixels, mask, ref or reference(), level=Level.L1, source=SOURCE, **kw)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, 0.0, T2Pattern.CONFINED_LOW),
        (0.5 + 1e-12, 0.0, T2Pattern.CONFINED_LOW),
        (0.5 + 1e-6, 0.0, T2Pattern.DIFFUSE_LOW),
        (0.0, 0.5, T2Pattern.CONFINED_HIGH),
        (0.2, 0.51, T2Pattern.DIFFUSE_HIGH),
        (0.51, 0.49, T2Pattern.DIFFUSE_LOW),
        (0.3, 0.2, T2Pattern.CONFINED_LOW),
        (0.2, 0.3, T2Pattern.CONFINED_HIGH),
        (0.2, 0.2, T2Pattern.CONFINED_HIGH),
        (0.09, 0.09, T2Pattern.NONE),
        (0.1, 0.0, T2Pattern.CONFINED_LOW),
        (0.0, 0.0, T2Pattern.NONE),
    ],
)
def test_more_than_half_is_diffuse_and_exactly_half_is_not(low, high, expected):
    assert classify_t2(low, high) is expected


@pytest.mark.parametrize("bad", [(float("nan"), 0), (-0.1, 0), (1.1, 0), (0.6, 0.6)])
def test_what_is_not_a_part_of_one_area_is_refused(bad):
    with pytest.raises(MeasurementInputError, match="parts of one area"):
        classify_t2(*bad)


@pytest.mark.parametrize(
    ("value", "rows", "expected"),
    [
        (DARK, 10, T2Pattern.CONFINED_LOW),  # exactly 50 %, "just under" by definition
        (DARK, 11, T2Pattern.DIFFUSE_LOW),
        (BRIGHT, 10, T2Pattern.CONFINED_HIGH),
        (BRIGHT, 11, T2Pattern.DIFFUSE_HIGH),
        (NORMAL, 20, T2Pattern.NONE),
        (DARK, 20, T2Pattern.DIFFUSE_LOW),
    ],
)
def test_a_known_area_gives_its_fraction_and_pattern(value, rows, expected):
    result = measure(*body_with(value, rows))
    assert result.pattern is expected
    assert result.low.value == pytest.approx(5 * rows if value == DARK else 0)
    assert result.high.value == pytest.approx(5 * rows if value == BRIGHT else 0)


def test_dark_cortex_and_bright_csf_at_the_rim_make_no_pattern():
    pixels, mask = body_with(NORMAL, 0)
    pixels[10] = pixels[29] = DARK
    pixels[:, 39] = BRIGHT
    result = measure(pixels, mask)
    assert (result.low.value, result.high.value) == (0, 0)
    assert result.pattern is T2Pattern.NONE


@pytest.mark.parametrize("gain", [1e-3, 40.0])
def test_gain_changes_nothing(gain):
    pixels, mask = body_with(DARK, 12)
    pixels = pixels + 10 * np.random.default_rng(0).standard_normal(pixels.shape)
    once, again = measure(pixels, mask), measure(gain * pixels, mask, reference(gain))
    assert again.low.value == pytest.approx(once.low.value)
    assert again.probability == once.probability


@given(st.booleans(), st.booleans())
def test_flips_change_nothing(up, back):
    pixels, mask = body_with(DARK, 12)
    turned = [a[:: -1 if up else 1, :: -1 if back else 1] for a in (pixels, mask)]
    assert measure(*turned).low.value == measure(pixels, mask).low.value


def test_anisotropic_pixels_give_the_same_fraction():
    pixels, mask = (np.repeat(a, 2, axis=1) for a in body_with(DARK, 12))
    assert measure(pixels, mask, pixel_mm=(1.0, 0.5)).low.value == pytest.approx(60)


def test_probabilities_sum_to_one_and_doubt_the_edge():
    clear = dict(measure(*body_with(DARK, 20)).probability)
    assert clear[T2Pattern.DIFFUSE_LOW] == 1
    mask = np.zeros((40, 50), bool)
    mask[10:30, 10:40] = True
    ramp = np.broadcast_to(np.linspace(55, 95, 50)[None, :], mask.shape)  # no border, and just dark enough at one end
    doubtful = dict(measure(ramp, mask).probability)
    assert sum(doubtful.values()) == pytest.approx(1)
    assert 0.05 < doubtful[T2Pattern.DIFFUSE_LOW] < 0.95
    assert measure(ramp, mask).low.standard_uncertainty > 5


def test_the_same_input_gives_the_same_answer():
    assert measure(*body_with(DARK, 12)) == measure(*body_with(DARK, 12))


def test_a_stricter_threshold_never_finds_more():
    pixels, mask = body_with(DARK, 12)
    pixels = pixels + 30 * np.random.default_rng(0).standard_normal(pixels.shape)
    areas = [measure(pixels, mask, threshold_sd=k).low.value for k in (1, 2, 3, 4)]
    assert areas == sorted(areas, reverse=True)


def test_the_sound_body_of_the_real_sample_shows_no_pattern():
    import nibabel as nib

    # Axes of these files: posterior, inferior, right; label 6 is the one whole vertebra, subregion 49 its body.
    names = ("sub-mri_label-6_T2w", "sub-mri_seg-vert_label-6_msk", "sub-mri_seg-subreg_label-6_msk")
    images = [nib.load(tptbox(f"{name}.nii.gz")) for name in names]
    voxels, vertebrae, parts = (np.moveaxis(np.asarray(i.dataobj), 2, 0).swapaxes(1, 2) for i in images)
    mm = (1.5, 1.5, 1.5)
    bodies = {level: (vertebrae == i) & (parts == 49) for level, i in ((Level.L1, 5), (Level.L2, 6), (Level.L3, 7))}
    middle = int(np.median(np.nonzero(bodies[Level.L2])[0]))
    marrow = reference_marrow(voxels, bodies, {Level.L2}, voxel_mm=mm)
    result = t2_pattern(
        voxels[middle], bodies[Level.L2][middle], marrow, level=Level.L2, source=SOURCE, pixel_mm=mm[1:]
    )
    assert result.pattern is T2Pattern.NONE


def test_bad_input_is_refused():
    pixels, mask = body_with(DARK, 12)
    with pytest.raises(MeasurementInputError, match="T2 pattern of L1"):
        measure(pixels[1:], mask)
    with pytest.raises(MeasurementInputError, match="not one 2-D grid"):
        measure(pixels[None], mask[None])
    with pytest.raises(MeasurementInputError, match="empty"):
        measure(pixels, np.zeros_like(mask))
    with pytest.raises(MeasurementInputError, match="has signal"):
        measure(np.full_like(pixels, np.nan), mask)


@pytest.mark.parametrize(
    ("reference", "side"),
    [
        ((Level.T12, Level.L2), ""),
        ((Level.L2, Level.L3), "above"),
        ((Level.T11, Level.T12), "below"),
        ((Level.L2,), "above"),
    ],
)
def test_a_body_at_the_end_of_the_view_has_no_yardstick_on_one_side(reference, side):
    found = MarrowReference(median=100, spread=10, levels=reference, n_voxels=900, between=0)
    assert beyond_reference(Level.L1, found) == side


@pytest.mark.parametrize(
    ("share", "told"), [(0.95, T2Pattern.CONFINED_HIGH), (0.9, T2Pattern.CONFINED_HIGH), (0.58, None)]
)
def test_a_pattern_near_a_limit_is_left_to_the_reader_with_both_that_it_may_be(share, told):
    rest = 1 - share
    area = Measurement(method=LOW_T2_AREA, value=0.0, unit=Unit.PERCENT)
    result = T2PatternResult(
        pattern=T2Pattern.CONFINED_HIGH,
        low=area,
        high=area,
        probability=((T2Pattern.CONFINED_HIGH, share), (T2Pattern.DIFFUSE_HIGH, 0.0), (T2Pattern.NONE, rest)),
    )
    assert result.told == told
    assert result.likely == (T2Pattern.CONFINED_HIGH, T2Pattern.NONE)
