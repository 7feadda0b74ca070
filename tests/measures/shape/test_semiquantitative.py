"""Genant's grades from measured height loss: worked values, limits, shapes, and how probable each grade is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.measures.declare import Points
from ovcf.measures.shape.reference import reference
from ovcf.measures.shape.semiquantitative import (
    MEASUREMENTS,
    SemiquantitativeGrade,
    sq_from_loss_percent,
    sq_from_measurement,
    sq_grades,
)
from tests.vectors import TV3, spine


def bodies(level_heights, sd=None, at=(Level.T12, Level.L1, Level.L2)):
    """Vertebrae of given (Ha, Hm, Hp) with a level lower endplate, stacked."""
    made = []
    for i, (level, (ha, hm, hp)) in enumerate(zip(at, level_heights, strict=True)):
        base = 50.0 * (i + 1)
        points = [(0, base - ha), (36, base - hp), (0, base), (36, base), (18, base - hm), (18, base)]
        made.append(VertebraLandmarks.from_array(level, points, sd=sd))
    return SpineLandmarks(vertebrae=tuple(made))


FULL = (30, 30, 30)


@pytest.mark.parametrize(
    ("ha", "loss", "grade"), [(24.1, 19.667, 0), (24, 20, 1), (22.5, 25, 1), (18, 40, 2), (17.9, 40.333, 3)]
)
def test_the_published_grades_with_a_posterior_height_of_30(ha, loss, grade):
    found = sq_from_measurement(bodies([FULL, (ha, 30, 30), FULL]), Level.L1)
    assert found.losses[0].value == pytest.approx(loss, abs=5e-4)
    assert found.grade == grade
    assert found.shape == ("wedge" if grade else "none")
    assert sq_from_loss_percent(100 * (1 - ha / 30))[0] == grade


@pytest.mark.parametrize(("loss", "flag"), [(20, True), (25, True), (40, True), (19.667, False), (40.333, False)])
def test_a_loss_exactly_on_a_limit_is_flagged(loss, flag):
    assert sq_from_loss_percent(loss)[1] is flag
    assert sq_from_loss_percent(loss + 5e-10) == sq_from_loss_percent(loss - 5e-10) == sq_from_loss_percent(loss)


@pytest.mark.parametrize(("loss", "grade"), [(-8, 0), (0, 0), (20 - 2e-9, 0), (25 + 2e-9, 2), (40 + 2e-9, 3), (100, 3)])
def test_grades_on_either_side_of_the_limits(loss, grade):
    assert sq_from_loss_percent(loss)[0] == grade


@pytest.mark.parametrize("bad", [float("nan"), 100.1, float("inf")])
def test_an_impossible_loss_is_refused(bad):
    with pytest.raises(MeasurementInputError, match="height loss"):
        sq_from_loss_percent(bad)


@given(st.lists(st.floats(-50, 100), min_size=1, max_size=20))
def test_many_losses_are_graded_as_one_and_more_loss_is_never_a_lower_grade(losses):
    grades = sq_grades(np.sort(losses))
    assert grades.tolist() == [sq_from_loss_percent(x)[0] for x in sorted(losses)]
    assert (np.diff(grades) >= 0).all()


@pytest.mark.parametrize(
    ("body", "shape", "grade"),
    [((21, 27, 30), "wedge", 2), ((28, 22, 30), "biconcave", 2), ((22.2, 22, 22), "crush", 2), (FULL, "none", 0)],
)
def test_the_greatest_loss_names_the_shape(body, shape, grade):
    found = sq_from_measurement(bodies([FULL, body, FULL]), Level.L1)
    assert (found.shape, found.grade) == (shape, grade)
    assert [m.method.id for m in found.losses] == ["sq-loss-wedge", "sq-loss-biconcave", "sq-loss-crush"]


@pytest.mark.parametrize("unfit", [(), (Level.T12,), (Level.L2,), (Level.T12, Level.L2)])
def test_every_loss_is_of_the_graded_level_and_not_of_a_neighbour(unfit):
    marked = bodies([FULL, (22.2, 22, 22), FULL]).marked([(level, "fractured") for level in unfit])
    assert {m.index_level for m in sq_from_measurement(marked, Level.L1).losses} == {Level.L1}


def test_what_cannot_be_measured_is_noted():
    corners_only = spine(TV3["B"]).marked([(Level.T12, "fractured")])
    found = sq_from_measurement(corners_only, Level.L1)
    assert found.grade == 2
    assert [m.method.id for m in found.losses] == ["sq-loss-wedge", "sq-loss-crush"]
    assert any("T12 is fractured" in note for note in found.notes)
    assert any("biconcave" in note for note in found.notes)
    with pytest.raises(NeighbourError, match="L3"):
        sq_from_measurement(corners_only, Level.L3)


def test_the_level_normalised_rule_measures_from_the_normal_shape_of_the_level():
    normal = reference(Level.T7, "female")
    shape = (30 * normal["Ha/Hp"].mean, 30 * normal["Hm/Hp"].mean, 30)
    above, below = 30 / normal["Hp/Hp-1"].mean, 30 / normal["Hp/Hp+1"].mean
    at = (Level.T6, Level.T7, Level.T8)
    around = bodies([(above,) * 3, shape, (below,) * 3], at=at)
    found = sq_from_measurement(around, Level.T7, rule="level-normalised", sex="female")
    assert [m.value for m in found.losses] == pytest.approx([0, 0, 0], abs=1e-9)
    lower = bodies([(above,) * 3, (0.7 * shape[0], *shape[1:]), (below,) * 3], at=at)
    found = sq_from_measurement(lower, Level.T7, rule="level-normalised", sex="female")
    assert found.losses[0].value == pytest.approx(30)
    assert (found.grade, found.shape, found.rule) == (2, "wedge", "level-normalised")
    assert "nhanes-2013" in found.evidence


def test_a_level_without_a_reference_is_graded_by_plain_ratios_and_says_so():
    at = (Level.L4, Level.L5, Level.S1)
    found = sq_from_measurement(bodies([FULL, (21, 30, 30), FULL], at=at), Level.L5, rule="level-normalised")
    assert (found.rule, found.grade) == ("plain", 2)
    assert any("L5 has no normal reference" in note for note in found.notes)


@given(
    degrees=st.floats(-40, 40), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_rotation_scale_and_translation_change_no_loss(degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    still = bodies([FULL, (21, 24, 29), FULL])
    moved = SpineLandmarks(vertebrae=tuple(v.moved(lambda p: scale * p @ turn.T + shift) for v in still))
    losses = [[m.value for m in sq_from_measurement(s, Level.L1).losses] for s in (still, moved)]
    assert losses[1] == pytest.approx(losses[0], abs=1e-8)


def test_the_probabilities_are_those_of_repeated_placing():
    body, sd = (22.5, 30, 30), 0.5
    found = sq_from_measurement(bodies([FULL, body, FULL], sd=sd), Level.L1)
    rng = np.random.default_rng(11)
    points = bodies([FULL, body, FULL])[Level.L1].array
    noisy = points + sd * rng.standard_normal((50_000, *points.shape))
    ha, hp = (np.linalg.norm(noisy[:, a] - noisy[:, b], axis=-1) for a, b in ((0, 2), (1, 3)))
    loss = 1 - ha / hp
    expected = [np.mean((low < loss) & (loss <= high)) for low, high in ((-1, 0.2), (0.2, 0.25), (0.25, 0.4), (0.4, 1))]
    assert [p for _, p in found.probability] == pytest.approx(expected, abs=0.04)
    assert sum(p for _, p in found.probability) == pytest.approx(1)
    assert sq_from_measurement(bodies([FULL, body, FULL]), Level.L1).probability == ()


def test_a_grade_can_be_written_and_read_back():
    grade = sq_from_measurement(bodies([FULL, (21, 27, 30), FULL], sd=0.5), Level.L1)
    adapter = TypeAdapter(SemiquantitativeGrade)
    assert adapter.validate_json(adapter.dump_json(grade)) == grade


@pytest.mark.parametrize(
    ("loss", "points", "middle"),
    [("wedge", Points.OWN, False), ("biconcave", Points.OWN, True), ("crush", Points.ALL_THREE, False)],
)
def test_each_loss_is_declared_with_the_points_that_it_takes(loss, points, middle):
    """Ha and Hm are held against the Hp of the same body; a crush needs neighbours, a sunk endplate middles."""
    for suffix in ("", "-normalised"):
        (declared,) = (one for one in MEASUREMENTS if one.method.id == f"sq-loss-{loss}{suffix}")
        assert (declared.points, declared.middle) == (points, middle)


def test_a_crush_is_the_loss_of_posterior_height_against_the_mean_of_the_neighbours():
    """21 mm between 28 and 32 mm."""
    grade = sq_from_measurement(bodies([(28, 28, 28), (21, 21, 21), (32, 32, 32)]), Level.L1)
    (crush,) = (m for m in grade.losses if m.method.id == "sq-loss-crush")
    assert crush.value == pytest.approx(30)
    assert (grade.grade, grade.shape) == (2, "crush")
