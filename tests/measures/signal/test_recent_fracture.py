"""Signs of a recent fracture: each series alone, both together, and what must not change them."""

import re

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.measures.declare import Contrast
from ovcf.measures.signal.marrow import MarrowReference
from ovcf.measures.signal.recent_fracture import BodySignal, recent_fracture_signs, usual_share


def series(value, rows=10, gain=1.0):
    """A body of 20 rows of reference marrow (100, spread 10), the first ``rows`` of which have ``value``."""
    body = np.zeros((5, 40, 50), bool)
    body[1:4, 10:30, 10:40] = True
    voxels = np.where(body, 100.0, 0.0)
    voxels[:, 10 : 10 + rows][body[:, 10 : 10 + rows]] = value
    reference = MarrowReference(
        median=100 * gain, spread=10 * gain, levels=(Level.T11, Level.L2, Level.L3), n_voxels=900, between=0
    )
    return BodySignal(gain * voxels, body, reference)


NORMAL, LOW, HIGH = series(100), series(30), series(250)


@pytest.mark.parametrize(
    ("t1", "stir", "t1_low", "fluid_high", "recent", "because"),
    [
        (LOW, HIGH, True, True, True, "recent"),
        (LOW, NORMAL, True, False, False, "old fracture"),
        (NORMAL, NORMAL, False, False, False, "not recent"),
        (NORMAL, HIGH, False, True, None, "disagree"),
        (LOW, None, True, None, None, "HAN"),
        (NORMAL, None, False, None, False, "no low signal"),
        (None, HIGH, None, True, None, "T1 is missing"),
        (None, NORMAL, None, False, False, "not recent"),
    ],
)
def test_what_the_signs_say_together(t1, stir, t1_low, fluid_high, recent, because):
    signs = recent_fracture_signs(Level.L1, t1=t1, fluid_sensitive=stir)
    assert (signs.t1_low, signs.fluid_high, signs.recent) == (t1_low, fluid_high, recent)
    assert because in signs.reasons[-1]


def test_the_unc_case_is_recent_and_the_numbers_travel():
    signs = recent_fracture_signs(Level.L4, t1=LOW, fluid_sensitive=HIGH)
    assert [m.value for m in signs.measurements] == pytest.approx([50, 50])
    assert all(m.levels == (Level.L4,) and m.standard_uncertainty == 0 for m in signs.measurements)


def test_a_band_is_enough_and_a_speck_is_not():
    assert recent_fracture_signs(Level.L1, t1=series(30, rows=2)).t1_low is True
    assert recent_fracture_signs(Level.L1, t1=series(30, rows=0)).t1_low is False


def test_the_two_series_may_lie_on_different_grids():
    coarse = HIGH._replace(voxels=HIGH.voxels[:, ::2, ::2], body=HIGH.body[:, ::2, ::2], voxel_mm=(1, 2, 2))
    signs = recent_fracture_signs(Level.L1, t1=LOW, fluid_sensitive=coarse)
    assert signs.recent is True
    assert signs.measurements[1].value == pytest.approx(50)


@pytest.mark.parametrize("gain", [1e-3, 9.0])
def test_gain_changes_nothing(gain):
    once = recent_fracture_signs(Level.L1, t1=LOW, fluid_sensitive=HIGH)
    again = recent_fracture_signs(Level.L1, t1=series(30, gain=gain), fluid_sensitive=series(250, gain=gain))
    assert [m.value for m in again.measurements] == pytest.approx([m.value for m in once.measurements])


def test_slice_order_and_flips_change_nothing():
    for turn in ((slice(None, None, -1),), (slice(None), slice(None, None, -1)), ([3, 0, 4, 1, 2],)):
        turned = LOW._replace(voxels=LOW.voxels[turn], body=LOW.body[turn])
        assert recent_fracture_signs(Level.L1, t1=turned).measurements[0].value == 50


def test_bad_input_is_refused():
    with pytest.raises(MeasurementInputError, match="neither T1 nor STIR"):
        recent_fracture_signs(Level.L1)
    voxels, body = LOW.voxels, LOW.body
    with pytest.raises(MeasurementInputError, match="of L1"):
        recent_fracture_signs(Level.L1, t1=LOW._replace(voxels=voxels[1:]))
    with pytest.raises(MeasurementInputError, match="empty"):
        recent_fracture_signs(Level.L1, t1=LOW._replace(body=body & False))
    with pytest.raises(MeasurementInputError, match="has signal"):
        recent_fracture_signs(Level.L1, t1=LOW._replace(voxels=np.full_like(voxels, np.nan)))


def near_the_limit(t1_share, fluid_share, series="both"):
    """Signs of a body whose marrow fades in from its top, so many percent of it beyond 3 SD on T1 and on STIR."""
    made = []
    for share, sign in ((t1_share, -1), (fluid_share, 1)):
        body = np.zeros((5, 120, 50), bool)
        body[1:4, 10:110, 10:40] = True
        z = 3 + 0.1 * (100 * share - 0.5 - np.arange(-10, 110))
        voxels = np.where(body, 100 + sign * 10 * z[None, :, None], 0.0)
        reference = MarrowReference(median=100, spread=10, levels=(Level.T11, Level.L2), n_voxels=900, between=0)
        made.append(BodySignal(voxels, body, reference))
    t1, fluid = (one if series in (name, "both") else None for one, name in zip(made, ("t1", "fluid"), strict=True))
    return recent_fracture_signs(Level.L2, t1=t1, fluid_sensitive=fluid, rim_mm=0.0)


def test_an_intact_body_just_above_the_limit_is_not_called_recent_but_left_to_the_reader():
    """15 % and 11 % of the body against a limit of 10 %, each with its error."""
    signs = near_the_limit(0.15, 0.11)
    assert (signs.t1_low, signs.fluid_high) == (True, True)
    assert signs.recent is None
    shares = dict(signs.probability)
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares[True], shares[False]) > 0.05
    assert "near the limit" in signs.reasons[-1]


def test_just_below_the_limit_it_is_not_called_old_either():
    assert near_the_limit(0.15, 0.09).recent is None


def test_far_from_the_limit_the_answer_is_sure():
    assert dict(recent_fracture_signs(Level.L1, t1=LOW, fluid_sensitive=HIGH).probability)[True] == 1
    assert dict(recent_fracture_signs(Level.L1, t1=LOW, fluid_sensitive=NORMAL).probability)[False] == 1


@pytest.mark.parametrize("sound", [0, 3])
def test_what_sound_bodies_have_too_is_no_sign(sound):
    """A seventh of every body is dark on T1 (veins, islands): only what goes beyond that speaks for a fracture."""
    usual = {level: series(30, rows=sound) for level in (Level.T11, Level.L2, Level.L3)}
    share = usual_share(Contrast.T1, usual)
    assert share == pytest.approx(5 * sound)
    assert recent_fracture_signs(Level.L2, t1=series(30, rows=sound), t1_usual=share).t1_low is False
    assert recent_fracture_signs(Level.L1, t1=series(30, rows=sound + 1), t1_usual=share).t1_low is False
    fractured = recent_fracture_signs(Level.L1, t1=series(30, rows=sound + 3), t1_usual=share)
    assert fractured.t1_low is True
    assert f"limit {5 * sound + 10}%" in fractured.reasons[0]


def test_one_or_two_sound_bodies_say_nothing_of_what_is_usual():
    dark = {level: series(30, rows=6) for level in (Level.T11, Level.L2)}
    assert usual_share(Contrast.T1, dark) == 0
    affected = {level: series(250, rows=6) for level in (Level.T12, Level.L1, Level.L4)}  # no yardstick
    assert usual_share(Contrast.FLUID, affected) == 0


@pytest.mark.parametrize("low", [0.02, 0.09, 0.11, 0.2])
@pytest.mark.parametrize("high", [0.09, 0.11, 0.12])
@pytest.mark.parametrize("series", ["both", "t1", "fluid"])
def test_what_is_near_the_limit_is_said_of_the_likelier_answer(low, high, series):
    """Never "recent with a probability of 0%": a share so small is no reason to be near a limit."""
    signs = near_the_limit(low, high, series)
    for reason in signs.reasons:
        if "near the limit" in reason:
            assert float(re.search(r"(\d+)%", reason)[1]) >= 25


def test_fluid_near_its_limit_without_low_t1_is_near_not_recent():
    signs = near_the_limit(0.02, 0.09)
    assert signs.recent is None
    assert "near the limit: not recent" in signs.reasons[-1]
