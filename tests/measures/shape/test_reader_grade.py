"""How likely readers give each grade: rises with every loss, explained, and silent where it was not learned."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape import reader_grade as grader
from ovcf.measures.shape.reader_grade import greatest_loss, losses_of, probabilities, reader_grade, regressors
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
    found = reader_grade(spine((0.2, 0.2, 0)), Level.L1).probability
    assert len(found) == grader.GRADES == 4
    assert sum(found) == pytest.approx(1)


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


# The regression, step by step


def against(level, lost, sides=("cranial", "caudal")):
    """A vertebra of 30 mm that has lost shares of Ha, Hm and Hp, between neighbours of just the usual Hp beside it."""
    normal, column = reference(level, None), STANDARD_COLUMN
    a, m, p = (1 - np.array(lost)) * 30
    heights = {level: (a * normal["Ha/Hp"].mean, m * normal["Hm/Hp"].mean, p)}
    if "cranial" in sides:
        heights[column.above(level)] = (30 / normal["Hp/Hp-1"].mean,) * 3
    if "caudal" in sides:
        heights[column.below(level)] = (30 / normal["Hp/Hp+1"].mean,) * 3
    made = []
    for at, (ha, hm, hp) in heights.items():
        base = 50.0 * at.rank
        points = [(0, base - ha), (36, base - hp), (0, base), (36, base), (18, base - hm), (18, base)]
        made.append(VertebraLandmarks.from_array(at, points))
    return SpineLandmarks(vertebrae=tuple(made))


@pytest.mark.parametrize(
    ("lost", "losses"),
    [
        ((0, 0, 0), (0, 0, 0, 0, 0)),
        ((0.2, 0.1, 0), (20, 10, 0, 20, 10)),
        ((0.3, 0.3, 0.3), (0, 0, 30, 30, 30)),
        ((0.52, 0.4, 0.2), (40, 25, 20, 52, 40)),
        ((-0.1, -0.1, -0.1), (0, 0, -10, -10, -10)),
    ],
)
def test_the_losses_are_those_that_were_made(lost, losses):
    """Shares of Ha, Hm and Hp taken from the usual shape; against Hp and against what the neighbours let expect."""
    assert losses_of(against(Level.L1, lost), Level.L1) == pytest.approx(losses, abs=1e-9)


@pytest.mark.parametrize("side", ["cranial", "caudal"])
def test_one_neighbour_is_enough_to_tell_what_is_expected(side):
    alone = against(Level.L1, (0.3, 0.3, 0.3), [side])
    assert losses_of(alone, Level.L1) == pytest.approx((0, 0, 30, 30, 30), abs=1e-9)


def test_a_neighbour_of_which_the_table_knows_nothing_does_not_count():
    """The table ends at L4: of L5 nothing is expected."""
    l3_alone = against(Level.L4, (0.3, 0.3, 0.3), ["cranial"])
    shape = next(iter(l3_alone)).array
    l5 = VertebraLandmarks.from_array(Level.L5, np.add(shape, [0, 200]))
    both = SpineLandmarks(vertebrae=(*l3_alone, l5))
    assert losses_of(both, Level.L4) == pytest.approx((0, 0, 30, 30, 30), abs=1e-9)
    with pytest.raises(MeasurementInputError, match="neighbour has no normal reference"):
        losses_of(both.marked([(Level.L3, "fractured")]), Level.L4)


@pytest.mark.parametrize(
    ("loss", "parts"),
    [
        (0, (0, 0, 0, 0)),
        (5, (0, 0, 0, 0)),
        (8, (3, 0, 0, 0)),
        (12, (7, 0, 0, 0)),
        (25, (7, 8, 5, 0)),
        (30, (7, 8, 10, 0)),
        (45, (7, 8, 10, 15)),
        (90, (7, 8, 10, 15)),
        (-20, (0, 0, 0, 0)),
    ],
)
def test_a_loss_counts_between_5_and_45_percent_in_steps_at_12_20_and_30(loss, parts):
    rising, _ = regressors(np.array([loss, 0, 0, 0, 0.0]), 0, 40, Level.L1, "male")
    assert rising == pytest.approx([*parts, *[0] * 16, 0, 0])


@pytest.mark.parametrize(("elsewhere", "counts"), [(0, 0), (10, 0), (20, 1), (45, 3.5), (80, 3.5)])
def test_the_greatest_loss_elsewhere_counts_from_10_to_45_percent_in_tens(elsewhere, counts):
    rising, _ = regressors(np.zeros(5), elsewhere, 40, Level.L1, "male")
    assert rising[-2] == pytest.approx(counts)


@pytest.mark.parametrize(("age", "counts"), [(30, 0), (40, 0), (55, 1.5), (80, 4), (99, 4), (None, 2)])
def test_age_counts_in_decades_from_40_to_80_and_is_60_where_unknown(age, counts):
    rising, _ = regressors(np.zeros(5), 0, age, Level.L1, "male")
    assert rising[-1] == pytest.approx(counts)


@pytest.mark.parametrize(("sex", "counts"), [("female", 1), ("male", 0), (None, 0.5)])
def test_level_and_sex_are_one_of_a_row(sex, counts):
    names = [f"T{n}" for n in range(4, 13)] + [f"L{n}" for n in range(1, 5)]
    for at, name in enumerate(names):
        _, other = regressors(np.zeros(5), 0, 40, Level(name), sex)
        assert other == pytest.approx([*np.eye(13)[at], counts])


def test_grades_are_cumulative_odds():
    """At a limit the chance of a grade beyond it is one half; e to the distance are the odds of one beyond."""
    limits = np.array([1.0, 3.0, 6.0])
    for k, limit in enumerate(limits):
        assert probabilities(limit, limits)[k + 1 :].sum() == pytest.approx(0.5)
    zero, one, two, three = probabilities(2.0, limits)
    assert (one + two + three) / zero == pytest.approx(np.e)
    assert (two + three) / (zero + one) == pytest.approx(np.exp(-1))
    assert three / (zero + one + two) == pytest.approx(np.exp(-4))


def test_a_usual_body_of_a_man_of_forty_has_the_weight_of_its_level_alone():
    fitted = grader.table()
    score = fitted["other"][fitted["levels"].index("L1")]
    found = reader_grade(spine(), Level.L1, sex="male", age_years=40, elsewhere=0)
    assert found.probability[0] == pytest.approx(1 / (1 + np.exp(score - fitted["limits"][0])))


def test_what_speaks_for_a_fracture_is_added_up_with_its_weight():
    """A wedge of 20 %: two steps of Ha, against Hp and against the neighbours. 25 % elsewhere; a woman of 60."""
    fitted = grader.table()
    weights = np.array(fitted["rising"])
    steps = weights[:-2].reshape(5, 4)[:, :2] @ [7, 8]
    score = steps[0] + steps[3] + weights[-2] * 1.5 + weights[-1] * 2 + fitted["other"][-1]
    score += fitted["other"][fitted["levels"].index("L1")]
    found = reader_grade(against(Level.L1, (0.2, 0, 0)), Level.L1, sex="female", age_years=60, elsewhere=25)
    assert found.probability[3] == pytest.approx(1 / (1 + np.exp(fitted["limits"][2] - score)))


@pytest.mark.parametrize("at", [(Level.T11, Level.T12, Level.L1), (Level.L1, Level.L2, Level.L3)])
def test_the_loss_elsewhere_is_that_of_any_other_vertebra_of_the_image(at):
    """T12 or L2 is the one that has lost height, above or below L1."""
    image = spine((0.3, 0.3, 0.3), at=at)
    assert greatest_loss(image, at[1]) == pytest.approx(30, abs=0.1)
    told = reader_grade(image, Level.L1, elsewhere=max(greatest_loss(image, level) for level in at if level != "L1"))
    assert reader_grade(image, Level.L1) == told


def test_a_vertebra_that_cannot_be_measured_has_lost_nothing():
    lone = SpineLandmarks(vertebrae=(spine().vertebrae[1],))
    assert greatest_loss(lone, Level.L1) == 0
    assert greatest_loss(spine(middle=False), Level.L1) == 0


def test_at_most_two_reasons_are_given_and_none_for_a_body_of_the_usual_shape():
    assert reader_grade(spine(), Level.L1).reasons == ()
    deep = reader_grade(spine((0.5, 0.5, 0.2)), Level.L1).reasons
    assert len(deep) == 2
    (biconcave,) = {text.partition(" against")[0] for text in reader_grade(spine((0, 0.3, 0)), Level.L1).reasons}
    assert biconcave == "Hm"
