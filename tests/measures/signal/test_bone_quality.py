"""VBQ: the published vectors, the rules of level and CSF, and what must not change it."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source
from ovcf.measures.declare import Acquisition
from ovcf.measures.signal.bone_quality import csf_roi, vbq, vertebral_bone_quality
from ovcf.vocabulary import Modality

SOURCE = Source(modality=Modality.MR, image="T1")
LEVELS = (Level.L1, Level.L2, Level.L3, Level.L4)
PROTOCOL = Acquisition(field_strength_t=1.5, repetition_time_ms=500, echo_time_ms=10, contrast_agent=False)
TV6 = [((220, 240, 210, 230), 220 / 70, True, 225 / 70), ((200, 300, 205, 215), 205 / 70, False, 210 / 70)]


def lumbar(signals):
    """A T1 slice with one body per level (24 x 30) and their masks."""
    pixels, bodies = np.full((200, 60), 10.0), {}
    for i, (level, signal) in enumerate(zip(LEVELS, signals, strict=False)):
        bodies[level] = np.zeros(pixels.shape, bool)
        bodies[level][10 + 34 * i : 34 + 34 * i, 10:40] = True
        pixels[bodies[level]] = signal
    return pixels, bodies


def measure(signals=(220, 240, 210, 230), csf=None, gain=1.0, **kw):
    pixels, bodies = lumbar(signals)
    csf = {Level.L3: 70.0} if csf is None else csf
    csf = {level: gain * value for level, value in csf.items()}
    return vertebral_bone_quality(gain * pixels, bodies, csf, **{"acquisition": PROTOCOL, "source": SOURCE, **kw})


@pytest.mark.parametrize(("signals", "excluding", "high", "including"), TV6)
def test_the_published_vectors(signals, excluding, high, including):
    result = measure(signals, exclude={Level.L2})
    assert result.excluding.value == pytest.approx(excluding)
    assert result.including.value == pytest.approx(including)
    assert result.high is high
    values = dict(zip(LEVELS, signals, strict=True))
    assert vbq(values, 70, {Level.L2}) == pytest.approx(excluding)
    assert vbq(values, 70) == pytest.approx(including)


def test_exactly_three_is_high():
    assert measure((200, 300, 205, 215)).high is True  # the second vector, nothing excluded: 210 / 70


def test_csf_is_taken_at_l3_then_l2_then_l4_and_the_variant_is_said():
    every = {Level.L4: 50.0, Level.L2: 60.0, Level.L3: 70.0}
    assert measure(csf=every).csf_level is Level.L3
    del every[Level.L3]
    result = measure(csf=every)
    assert (result.csf_level, result.csf) == (Level.L2, 60)
    assert result.variant.startswith("CSF at L2")
    assert any("CSF taken at L2" in w for w in result.warnings)
    assert measure(csf={Level.L4: 50.0}).csf_level is Level.L4
    with pytest.raises(MeasurementInputError, match="no CSF region"):
        measure(csf={Level.L1: 50.0})


def test_fewer_than_two_levels_is_missing_not_zero():
    result = measure((220, 240), exclude={Level.L2})
    assert result.excluding is None
    assert result.high is None
    assert result.reason == "1 of L1-L4 usable, at least 2 are needed"
    assert result.including.value == pytest.approx(230 / 70)


def test_contrast_is_refused():
    with pytest.raises(MeasurementInputError, match="contrast-enhanced"):
        measure(acquisition=replace(PROTOCOL, contrast_agent=True))


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"field_strength_t": 3.0}, "3 T"),
        ({"field_strength_t": None}, "field strength unknown"),
        ({"repetition_time_ms": 1200}, "TR 1200 ms"),
        ({"echo_time_ms": 30}, "TE 30 ms"),
        ({"contrast_agent": None}, "not known whether contrast"),
    ],
)
def test_another_protocol_is_warned_of(change, warning):
    assert measure().warnings == ()
    assert any(warning in w for w in measure(acquisition=replace(PROTOCOL, **change)).warnings)


@pytest.mark.parametrize("gain", [1e-3, 12.0])
def test_gain_changes_nothing(gain):
    assert measure(gain=gain).excluding.value == pytest.approx(measure().excluding.value)


def test_cortex_disc_and_vein_are_outside_the_region():
    pixels, bodies = lumbar((220, 240, 210, 230))
    pixels[10:12] = 0
    pixels[20:24, 31:40] = 900
    result = vertebral_bone_quality(pixels, bodies, {Level.L3: 70.0}, acquisition=PROTOCOL, source=SOURCE)
    assert dict(result.level_values)[Level.L1] == pytest.approx(220)


def test_a_collapsed_body_without_a_region_is_left_out_and_said():
    pixels, bodies = lumbar((220, 240, 210, 230))
    bodies[Level.L4][115:] = False
    result = vertebral_bone_quality(pixels, bodies, {Level.L3: 70.0}, acquisition=PROTOCOL, source=SOURCE)
    assert Level.L4 not in dict(result.level_values)
    assert any("L4 is too small" in w for w in result.warnings)


def test_the_repeat_scan_error_travels_with_the_number():
    # SD 0.82 and ICC .749: 0.82 * sqrt(0.251)
    assert measure().excluding.standard_uncertainty == pytest.approx(0.41082, abs=1e-4)


def test_the_threshold_itself_is_an_even_chance():
    assert measure((200, 300, 205, 215)).high_probability == pytest.approx(0.5)
    assert measure().high_probability > 0.5 > measure((100, 110, 105, 99)).high_probability


@pytest.mark.parametrize("bad", [0.0, -4.0, float("nan")])
def test_a_signal_that_is_not_positive_is_refused(bad):
    with pytest.raises(MeasurementInputError, match="CSF"):
        vbq(dict.fromkeys(LEVELS, 200.0), bad)
    with pytest.raises(MeasurementInputError, match="L1"):
        vbq({Level.L1: bad, Level.L2: 200}, 70)


def canal():
    """L3 with the canal behind it: CSF 70 in front, roots 140 behind, noise of 5."""
    pixels, bodies = lumbar((220, 220, 220, 220))
    tube = np.zeros(pixels.shape, bool)
    tube[:, 41:55] = True
    pixels[:, 41:48], pixels[:, 48:55] = 70, 140
    return pixels + 5 * np.random.default_rng(0).standard_normal(pixels.shape), tube, bodies[Level.L3]


def test_the_csf_region_lies_in_csf_behind_the_body():
    pixels, tube, body = canal()
    roi = csf_roi(pixels, tube, body)
    rows, cols = np.nonzero(roi)
    assert cols.max() < 48
    assert rows.min() >= 78
    assert rows.max() < 102


def test_noise_does_not_choose_the_darkest_csf():
    found = []
    for seed in range(5):
        pixels, tube, body = canal()
        pixels = pixels + 8 * np.random.default_rng(seed).standard_normal(pixels.shape)
        found.append(np.median(pixels[csf_roi(pixels, tube, body)]))
    assert np.mean(found) == pytest.approx(70, rel=0.02)


def test_the_dark_ligament_along_the_wall_of_the_canal_is_no_csf():
    pixels, tube, body = canal()
    wall = pixels[:, 53:57]
    tube[:, 55:57], wall[:] = True, 20 + 0.1 * wall  # at the back, two pixels of it within the margin
    roi = csf_roi(pixels, tube, body)
    assert np.nonzero(roi)[1].max() < 48
    assert np.median(pixels[roi]) == pytest.approx(70, abs=3)


def test_on_t2_csf_is_the_brightest():
    pixels, tube, body = canal()
    assert np.nonzero(csf_roi(pixels, tube, body, sequence="T2"))[1].min() >= 48


def test_the_csf_region_needs_a_canal_and_a_sequence():
    pixels, tube, body = canal()
    with pytest.raises(MeasurementInputError, match="does not lie behind"):
        csf_roi(pixels, tube[:, ::-1] & (np.arange(60) < 20), body)
    with pytest.raises(MeasurementInputError, match="not known"):
        csf_roi(pixels, tube, body, sequence="PD")


def test_shapes_must_match():
    pixels, bodies = lumbar((220, 220))
    with pytest.raises(MeasurementInputError, match="VBQ, L1"):
        vertebral_bone_quality(pixels[1:], bodies, {Level.L3: 70.0}, source=SOURCE)
    with pytest.raises(MeasurementInputError, match="VBQ, CSF at L3"):
        vertebral_bone_quality(pixels, bodies, {Level.L3: np.zeros((3, 3), bool)}, source=SOURCE)
