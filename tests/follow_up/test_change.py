"""A change is one that two measurements of an unchanged vertebra would rarely show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.follow_up.change import Obstacle, Verdict, change
from ovcf.follow_up.visit import SHAPE, Quantity, Value
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture


def value(
    number, sd=1.0, quantity=Quantity.HEIGHT_LOSS, posture=Posture.STANDING, modality=Modality.RADIOGRAPH, **more
):
    return Value(
        quantity=quantity,
        level=Level.L1,
        value=number,
        unit=more.get("unit", Unit.PERCENT),
        sd=sd,
        posture=posture,
        modality=modality,
    )


@pytest.mark.parametrize(("first", "second"), [(1.0, 1.0), (0.5, 3.0), (2.0, 0.2)])
def test_an_unchanged_vertebra_seems_changed_once_in_twenty(first, second):
    rng = np.random.default_rng(1)
    pairs = rng.normal(20.0, (first, second), (20_000, 2))
    verdicts = [change(value(a, first), value(b, second)).verdict for a, b in pairs]
    assert np.mean([v is not Verdict.WITHIN_ERROR for v in verdicts]) == pytest.approx(0.05, abs=0.006)


def test_the_smallest_detectable_change_is_that_of_the_literature():
    """SDC = 1.96 * sqrt(2) * SEM for two measurements of one error (de Vet 2006): 2.77 for an SEM of 1."""
    assert change(value(20), value(21)).smallest == pytest.approx(2.772, abs=0.001)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 5), st.floats(0.1, 5))
def test_there_and_back_is_the_opposite(a, b, s, t):
    there, back = change(value(a, s), value(b, t)), change(value(b, t), value(a, s))
    assert there.difference == -back.difference
    opposite = {Verdict.MORE: Verdict.LESS, Verdict.LESS: Verdict.MORE}
    assert back.verdict is opposite.get(there.verdict, there.verdict)


@pytest.mark.parametrize("quantity", sorted(SHAPE - {Quantity.GRADE}))
@pytest.mark.parametrize(
    ("posture", "modality", "obstacle"),
    [
        (Posture.SUPINE, Modality.RADIOGRAPH, Obstacle.POSTURE_DIFFERS),
        (Posture.UNKNOWN, Modality.RADIOGRAPH, Obstacle.POSTURE_UNKNOWN),
        (Posture.SUPINE, Modality.MR, Obstacle.MODALITY_DIFFERS),
    ],
)
def test_what_posture_or_projection_alone_can_do_is_not_called_a_change(quantity, posture, modality, obstacle):
    found = change(value(10, quantity=quantity), value(60, quantity=quantity, posture=posture, modality=modality))
    assert found.verdict is Verdict.NOT_COMPARABLE
    assert obstacle in found.obstacles
    assert found.probability_above(10) is None


def test_pixels_are_not_compared():
    found = change(value(30, unit=Unit.PIXEL), value(60, unit=Unit.PIXEL))
    assert Obstacle.UNCALIBRATED in found.obstacles


def test_an_unknown_error_is_never_taken_for_none():
    found = change(value(10, sd=None), value(60))
    assert found.verdict is Verdict.ERROR_UNKNOWN
    assert found.difference == 50
    assert found.smallest is None


def test_at_the_limit_the_probability_is_a_half():
    assert change(value(10), value(20)).probability_above(10) == pytest.approx(0.5)
