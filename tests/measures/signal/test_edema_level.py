"""Nagao's level of a measured percentage carries its probability; noise is no edema."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.measures.measurement import Measurement
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.measures.signal.edema_level import level_of_measured
from ovcf.units import Unit
from ovcf.vocabulary import BmeLevel


def measured(percent, sd):
    return Measurement(method=BONE_MARROW_EDEMA, value=percent, unit=Unit.PERCENT, standard_uncertainty=sd)


@pytest.mark.parametrize("percent", [0.0, 1.5, 2.8])
def test_what_bodies_without_edema_measure_is_none(percent):
    level, shares = level_of_measured(measured(percent, 1.4))
    assert level is BmeLevel.NONE
    assert dict(shares)[BmeLevel.NONE] > 0.5


def test_three_quarters_measured_as_74_4_give_both_levels():
    """True 75 %, measured 74.4 +- 2.9: z = 0.207, so that 58 of 100 lie below."""
    level, shares = level_of_measured(measured(74.4, 2.9))
    assert level is BmeLevel.MODERATE
    assert dict(shares)[BmeLevel.MODERATE] == pytest.approx(0.582, abs=1e-3)
    assert dict(shares)[BmeLevel.SEVERE] == pytest.approx(0.418, abs=1e-3)


@pytest.mark.parametrize(("percent", "level"), [(24.9, "minor"), (25, "moderate"), (74.9, "moderate"), (75, "severe")])
def test_the_published_limits_hold(percent, level):
    assert level_of_measured(measured(percent, 1.0))[0] == level


@given(st.floats(0, 100), st.floats(0.01, 40))
def test_the_shares_are_a_distribution_and_the_level_is_a_likely_one(percent, sd):
    level, shares = level_of_measured(measured(percent, sd))
    assert sum(p for _, p in shares) == pytest.approx(1)
    assert all(p >= 0 for _, p in shares)
    assert dict(shares)[level] > 0


@pytest.mark.parametrize("sd", [None, 0.0])
def test_an_unknown_error_gives_no_probability(sd):
    assert level_of_measured(measured(50, sd)) == (BmeLevel.MODERATE, ())
