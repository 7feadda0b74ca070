"""Numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.clinical.number import parse_decimal, parse_quantity
from ovcf.errors import ClinicalDataError
from ovcf.units import Unit


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("-2.5", -2.5),
        ("\u22122.5", -2.5),
        ("\u20132.5", -2.5),
        (" - 2.5 ", -2.5),
        ("2.5\u00a0", 2.5),
        ("+3", 3.0),
        (".5", 0.5),
        ("7.", 7.0),
        ("1e1", 10.0),
        (4, 4.0),
        (-3.6, -3.6),
    ],
)
def test_every_way_to_write_a_number_is_read(written, meant):
    assert parse_decimal(written, field="T-score") == meant


@pytest.mark.parametrize("written", ["-2,5", "\u22122,5"])
def test_a_decimal_comma_is_refused_with_the_number_to_write(written):
    with pytest.raises(ClinicalDataError, match=r"T-score: .* has a decimal comma\. Write a decimal point: -2\.5\."):
        parse_decimal(written, field="T-score")


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "nan",
        "inf",
        "abc",
        "1_0",
        "1 2 x",
        "1 2",
        "7 0",
        "--2",
        "17%",
        "1.2.3",
        float("nan"),
        float("inf"),
        10**400,
        True,
        None,
    ],
)
def test_what_is_no_number_is_refused_by_name(junk):
    with pytest.raises(ClinicalDataError, match=r"VHL: .*number"):
        parse_decimal(junk, field="VHL")


def test_an_impossible_value_names_the_possible_range():
    with pytest.raises(ClinicalDataError, match=r"T-score: 250 is not possible\. Give a number from -8 to 6\."):
        parse_decimal(250, field="T-score", low=-8, high=6)
    with pytest.raises(ClinicalDataError, match="at least 0"):
        parse_decimal(-1, field="SD", low=0)
    with pytest.raises(ClinicalDataError, match="at most 3"):
        parse_decimal("4", field="class", high=3)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value):
    assert parse_decimal(repr(value), field="x") == value
    assert parse_decimal(repr(value).replace("-", "\u2212"), field="x") == value


@pytest.mark.parametrize(
    ("typed", "unit", "meant"),
    [
        ("17.8", Unit.PERCENT, 17.8),
        ("17.8%", Unit.PERCENT, 17.8),
        (" 17.8 % ", Unit.PERCENT, 17.8),
        ("0.5%", Unit.PERCENT, 0.5),
        ("1", Unit.PERCENT, 1.0),
        ("0", Unit.PERCENT, 0.0),
        ("-1", Unit.PERCENT, -1.0),
        ("12°", Unit.DEGREE, 12.0),
        ("0.3", Unit.DEGREE, 0.3),
        ("21 mm", Unit.MM, 21.0),
        ("0.178", Unit.RATIO, 0.178),
        ("0.178", None, 0.178),
    ],
)
def test_a_quantity_is_read_with_or_without_its_unit(typed, unit, meant):
    assert parse_quantity(typed, field="VHL", unit=unit) == meant


@pytest.mark.parametrize(("typed", "meant"), [("0.178", "17.8%"), ("-0.02", "-2%"), ("0.99", "99%")])
def test_a_percentage_below_one_may_be_a_fraction_and_is_asked_about(typed, meant):
    with pytest.raises(ClinicalDataError, match=f"Did you mean {meant}") as asked:
        parse_quantity(typed, field="VHL", unit=Unit.PERCENT)
    assert f"or {typed}%" in str(asked.value)


@pytest.mark.parametrize(
    ("typed", "unit"), [("21 mm", Unit.PERCENT), ("12%", Unit.DEGREE), ("12%", None), ("%", Unit.PERCENT)]
)
def test_the_unit_of_something_else_is_refused(typed, unit):
    with pytest.raises(ClinicalDataError, match="not a number"):
        parse_quantity(typed, field="VHL", unit=unit)


@pytest.mark.parametrize("value", [10**400, -(10**400), True, None, [1]])
def test_what_is_no_number_of_a_patient_is_refused(value):
    with pytest.raises(ClinicalDataError, match="VHL"):
        parse_decimal(value, field="VHL")
