"""A measured number with what travels with it: its vertebra, its interval, and how it reads."""

import math

import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.measures.measurement import Measurement, Method
from ovcf.units import Unit

METHOD = Method("ha", "Anterior height Ha", "distance between the anterior corners", ("genant-1993",))


def measured(value=21.04, unit=Unit.MM, *, sd=None, levels=("L1",)):
    return Measurement(
        method=METHOD, value=value, unit=unit, standard_uncertainty=sd, levels=tuple(Level(at) for at in levels)
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_a_measurement(value):
    with pytest.raises(MeasurementInputError, match="Anterior height Ha: does not come to a finite number"):
        measured(value)


@pytest.mark.parametrize(
    ("levels", "index"),
    [((), None), (("L1",), "L1"), (("L1", "L2"), "L1"), (("T12", "L1", "L2"), "L1"), (("L1", "L2", "L3", "L4"), "L1")],
)
def test_the_measured_vertebra_is_the_middle_of_three_and_else_the_first(levels, index):
    assert measured(levels=levels).index_level == index


@pytest.mark.parametrize(("coverage", "quantile"), [(0.95, 1.959964), (0.90, 1.644854), (0.99, 2.575829)])
def test_the_interval_is_that_of_the_normal_distribution(coverage, quantile):
    """Two-sided quantiles as every table prints them; 95 % unless another is asked for."""
    low, high = measured(20, sd=2).interval(coverage)
    assert (low, high) == (pytest.approx(20 - 2 * quantile, abs=1e-5), pytest.approx(20 + 2 * quantile, abs=1e-5))
    assert measured(20, sd=2).interval() == measured(20, sd=2).interval(0.95)


def test_without_an_uncertainty_there_is_no_interval():
    assert measured(20).interval() is None
    assert measured(20, sd=0).interval() == (20, 20)


@pytest.mark.parametrize(
    ("unit", "read"),
    [
        (Unit.MM, "21.0 ± 0.6 mm"),
        (Unit.PIXEL, "21.0 ± 0.6 px"),
        (Unit.DEGREE, "21.0 ± 0.6°"),
        (Unit.PERCENT, "21.0 ± 0.6%"),
        (Unit.RATIO, "21.040 ± 0.550"),
        (Unit.STANDARD_DEVIATION, "21.040 ± 0.550 SD"),
    ],
)
def test_lengths_angles_and_percent_have_one_digit_and_ratios_three(unit, read):
    """0.55 has no exact double: it lies above, and is rounded up."""
    assert measured(21.04, unit, sd=0.55).text == read


def test_a_measurement_reads_as_vertebra_name_and_value():
    assert str(measured()) == "L1 Anterior height Ha 21.0 mm"
    assert str(measured(levels=())) == "Anterior height Ha 21.0 mm"
