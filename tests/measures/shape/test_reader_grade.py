"""How likely readers give each grade: rises with every loss, explained, and silent where it was not learned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape import reader_grade as grader
from ovcf.measures.shape.reader_grade import reader_grade
from ovcf.measures.shape.reference import reference

THREE = (Level.T12, Level.L1, Level.L2)


def spine(lost=(0.0, 0.0, 0.0), at=THREE, middle=True):
    """Vertebrae of the shape usual at their level, of which the middle one has lost shares of Ha, Hm and Hp."""
    made, hp = [], 30.0
    for i, level in enumerate(at):
        normal = reference(level, None)
        if i:
            hp /= reference(at[i - 1], None)["Hp/Hp+1"].mean
        a, m, p = (1 - np.array(lost if i == 1 else (0, 0, 0))) * hp
        a, m, base = a * normal["Ha/Hp"].mean, m * normal["Hm/Hp"].mean, 50.0 * (i + 1)
        points = [(0, base - a), (36, base - p), (0, base), (36, base), (18, base - m), (18, base)]
        made.append(VertebraLandmarks.from_array(level, points[: 6 if middle else 4]))
    return SpineLandmarks(vertebrae=tuple(made))


def fractured(*lost):
    return 1 - reader_grade(spine(lost), Level.L1, sex="female", age_years=70).probability[0]


def test_probabilities_of_the_four_grades_sum_to_one():
    assert sum(reader_grade(spine((0.2, 0.2, 0)), Level.L1).probability) == pytest.approx(1)


def test_a_body_of_the_usual_shape_is_hardly_ever_graded_and_a_deep_wedge_nearly_always():
    assert fractured(0, 0, 0) < 0.01
    assert fractured(0.4, 0.2, 0) > 0.9


@given(st.lists(st.floats(0, 0.5), min_size=3, max_size=3), st.integers(0, 1), st.floats(0, 0.2))
def test_a_lower_anterior_or_middle_height_never_makes_a_grade_less_likely(lost, which, more):
    worse = [x + more if k == which else x for k, x in enumerate(lost)]
    for grade in (1, 2, 3):
        before, after = (
            sum(reader_grade(spine(x), Level.L1, sex="female", age_years=70).probability[grade:]) for x in (lost, worse)
        )
        assert after >= before - 1e-9


def test_it_says_which_loss_it_rests_on():
    assert reader_grade(spine((0.35, 0.05, 0)), Level.L1).reasons[0].startswith("Ha against")


def test_an_unknown_sex_or_age_lies_between_the_known():
    low, high = sorted(reader_grade(spine((0.2, 0.1, 0)), Level.L1, sex=s).probability[0] for s in ("female", "male"))
    assert low <= reader_grade(spine((0.2, 0.1, 0)), Level.L1).probability[0] <= high


def test_nothing_is_said_where_it_was_not_learned():
    lone = SpineLandmarks(vertebrae=(spine().vertebrae[1],))
    with pytest.raises(NeighbourError):
        reader_grade(lone, Level.L1)
    with pytest.raises(MeasurementInputError, match="middle"):
        reader_grade(spine(middle=False), Level.L1)
    low = [VertebraLandmarks.from_array(v, spine().vertebrae[1].array) for v in (Level.L4, Level.L5)]
    with pytest.raises(MeasurementInputError, match="T4 to L4"):
        reader_grade(SpineLandmarks(vertebrae=tuple(low)), Level.L5)


def test_no_weight_lets_more_loss_lower_a_grade():
    assert min(grader.table()["rising"]) >= 0
    assert (np.diff(grader.table()["limits"]) > 0).all()
