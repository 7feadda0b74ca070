"""The angle with the vertebra above: landmark vectors by hand, and where it goes further than angles across."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import NeighbourError
from ovcf.measures.from_landmarks import measure
from ovcf.measures.registry import measurements
from ovcf.measures.shape.kyphosis import cobb_angle, wedge_angle
from tests.vectors import TV3, spine

ANGLE = measurements()["angle-above"]


def slope(rise, run):
    return np.degrees(np.arctan(rise / run))


@pytest.mark.parametrize(
    ("case", "by_hand"),
    [
        ("A", 0.0),
        ("B", slope(12, 40)),  # the upper plate above falls forwards by 12 on 40, the own lower plate is level
        ("C", slope(-2, 35)),
        ("D", slope(3, 30)),
    ],
)
def test_the_published_landmark_vectors(case, by_hand):
    assert measure(ANGLE, spine(TV3[case]), Level.L1).value == pytest.approx(by_hand, abs=1e-9)


def test_it_is_the_cobb_angle_less_what_lies_below_the_vertebra():
    """Vector B: the lower plate of L2 rises by 3 on 40 against the level lower plate of L1."""
    whole = spine(TV3["B"])
    assert cobb_angle(whole, Level.L1).value - measure(ANGLE, whole, Level.L1).value == pytest.approx(slope(3, 40))
    assert measure(ANGLE, whole, Level.L1).value != pytest.approx(wedge_angle(whole, Level.L1).value)


def test_a_fracture_below_does_not_keep_it_from_being_measured_one_above_does():
    whole = spine(TV3["B"])
    below, above = (whole.marked([(level, "fractured")]) for level in (Level.L2, Level.T12))
    assert measure(ANGLE, below, Level.L1).value == pytest.approx(slope(12, 40))
    with pytest.raises(NeighbourError, match="T12 is fractured"):
        measure(ANGLE, above, Level.L1)


def test_its_uncertainty_is_that_of_two_lines_of_two_points():
    """A line of length d with points of SD s turns by sqrt(2) s / d, two of them by twice the square of it."""
    made = measure(ANGLE, spine(TV3["A"], sd=0.5), Level.L1)
    assert made.standard_uncertainty == pytest.approx(np.degrees(0.5 * np.sqrt(2) / 36 * np.sqrt(2)), rel=1e-6)
