"""P values as the AMA Manual of Style (11th ed., 19.5) prints them."""

import pytest

from ovcf.cohort.wording import format_cell, format_p, said_p


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.012, ".012"),
        (0.5, ".500"),
        (0.0312, ".031"),
        (0.001, ".001"),
        (0.00099, "< .001"),
        (6.09e-17, "< .001"),
        (0.0, "< .001"),
        (0.9999, "> .99"),
        (1.0, "> .99"),
        (0.0499, ".0499"),
        (float("nan"), "–"),
    ],
)
def test_a_p_value_is_never_nought_nor_one_nor_rounded_over_the_line(p, shown):
    assert format_p(p) == shown


def test_within_a_sentence():
    assert [said_p(p) for p in (0.0123, 1e-9, 1)] == ["P = .012", "P < .001", "P > .99"]


@pytest.mark.parametrize(
    ("value", "style", "shown"),
    [
        (None, ".2f", ""),
        (float("nan"), ".2f", "–"),
        (float("inf"), ".2f", "∞"),
        (float("-inf"), "", "-∞"),
        (0.0123, "p", ".012"),
        (2.5, ".2f", "2.50"),
        ("burst", ".2f", "burst"),
        (7, "", "7"),
    ],
)
def test_a_cell_is_text_whatever_its_value(value, style, shown):
    assert format_cell(value, style) == shown
