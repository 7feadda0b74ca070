"""A sign near its limit shows both readings with their probability, on every route."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import Endplates, OfSuggestion, PosteriorWall
from ovcf.assessment.measured.by_outline import suggest_classes
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.outline_probability import Chances, at_least
from ovcf.clinical.case import ClinicalCase
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.vocabulary import OfClass
from tests.measures.outline.test_endplates_and_wall import HEIGHT, body

SHARE = st.floats(0, 1)
CHANCES = st.builds(
    Chances, superior=SHARE | st.none(), inferior=SHARE | st.none(), wall=SHARE, collapse=SHARE, edema=SHARE | st.none()
)


def test_half_of_the_readings_lie_above_a_limit_that_is_measured_exactly():
    assert at_least(10, 10, 3) == pytest.approx(0.5)
    assert at_least(9.4, 10, 3) == pytest.approx(0.4207, abs=1e-4)  # z = 0.2
    assert (at_least(10, 10, 0), at_least(9.999, 10, 0)) == (1, 0)


@given(CHANCES)
def test_every_set_of_shares_is_a_distribution(chances):
    for shares in (chances.endplates, chances.of):
        assert all(-1e-9 <= p <= 1 + 1e-9 for _, p in shares)
        assert not shares or sum(p for _, p in shares) == pytest.approx(1)


def test_one_endplate_surely_and_the_other_perhaps_is_of2_or_of4():
    chances = Chances(superior=1.0, inferior=0.4, wall=0.0, collapse=0.0, edema=1.0)
    assert dict(chances.of) == pytest.approx({(OfClass.OF2,): 0.6, (OfClass.OF4,): 0.4})
    assert dict(chances.endplates) == pytest.approx({"superior": 0.6, "both": 0.4, "inferior": 0, "none": 0})


def test_a_wall_in_doubt_divides_of2_from_of3():
    assert dict(Chances(superior=1.0, inferior=0.0, wall=0.3, collapse=0.0, edema=1.0).of) == pytest.approx(
        {(OfClass.OF2,): 0.7, (OfClass.OF3,): 0.3}
    )


def suggested(middle_bottom):
    """What is suggested of L1 between T12 and L2, its superior endplate sunk deep, its inferior by so many mm."""
    shapes = {Level.T12: body(), Level.L1: body(middle_top=6.0, middle_bottom=middle_bottom), Level.L2: body()}
    rings, placed = {}, []
    for n, (level, shape) in enumerate(shapes.items()):
        down = [0, n * 35.0]
        rings[level] = shape.outline + down
        placed.append(VertebraLandmarks.from_array(level, shape.corners + down, sd=0.5))
    ledger = Ledger()
    suggest_classes([(SpineLandmarks(vertebrae=tuple(placed)), rings)], [Level.L1], [], ClinicalCase(), ledger)
    return {type(f.data): f for f in ledger.findings}


@pytest.mark.parametrize(("sunk_percent", "route"), [(9.4, "OF2"), (10.9, "OF4")])
def test_an_endplate_sunk_by_9_4_and_by_10_9_percent_shows_both_classes_on_both_routes(sunk_percent, route):
    found = suggested(middle_bottom=sunk_percent / 100 * HEIGHT / 0.97)  # the deepest fifth: 97 % of the middle
    shares = dict(found[OfSuggestion].probability)
    for one in ("OF2", "OF4"):
        assert sum(p for name, p in shares.items() if one in name) > 0.2, shares
    assert found[OfSuggestion].value.startswith(("one of", route))
    sides = dict(found[Endplates].probability)
    assert sides["both"] + sides["superior"] == pytest.approx(1, abs=0.02)
    assert min(sides["both"], sides["superior"]) > 0.25
    assert dict(found[PosteriorWall].probability)["involved"] < 0.05
