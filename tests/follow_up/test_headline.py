"""The headline over visits tells no verdict without its doubt."""

import math
import re

import pytest
from scipy.stats import norm

from ovcf.follow_up.change import Verdict
from ovcf.follow_up.visit import Quantity
from ovcf.render.words.course_words import summary
from tests.follow_up.test_reliability import SEM, SITE, course


def said(angle, site=SITE):
    return " ".join(summary(course({Quantity.KYPHOSIS: site} if site else None, angle=angle)))


@pytest.mark.parametrize("angle", [20.5, 23.0, 35.0])
def test_a_change_comes_with_its_interval_and_an_outcome_with_its_probability(angle):
    """From 10 degrees at the first visit; an error of SEM 2 of each, so of 2 sqrt(2) of their difference."""
    sd, change = SEM * math.sqrt(2), angle - 10
    text = said(angle)
    low, high = (float(n) for n in re.search(r"kyphosis.*? \(95% interval \+([\d.]+) to \+([\d.]+)°\)", text).groups())
    assert (low, high) == pytest.approx(norm.interval(0.95, change, sd), abs=0.051)
    told = re.search(r"Progressive kyphosis at 6 months \(probability (> 99|\d+)%\)", text).group(1)
    p = 100 * norm.sf(10, change, sd)
    assert (p > 99.4) if told == "> 99" else int(told) == pytest.approx(p, abs=0.51)


def test_an_outcome_that_is_not_reached_and_may_be_is_told():
    assert "Progressive kyphosis at 6 months not ruled out (probability 36%)" in said(19.0)  # P(N(9, 2.83) > 10)
    assert "rogressive kyphosis" not in said(12.0)


def test_without_a_known_error_the_headline_says_so():
    found = course(angle=25.0)
    assert any(c.changes[-1].verdict is Verdict.ERROR_UNKNOWN for c in found.courses if c.changes[-1])
    assert "Progressive kyphosis at 6 months (error of measurement not known)" in " ".join(summary(found))
