"""The six points of a vertebra: what is a body, what is not, and which neighbours may serve as a reference."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import LandmarkError, NeighbourError
from ovcf.geometry import SagittalPlane
from ovcf.landmarks import CORNERS, MIDDLES, POINTS, Source, SpineLandmarks, VertebraLandmarks
from ovcf.units import Unit
from ovcf.vocabulary import Modality

#: A body of 30 mm by 24 mm: superior anterior and posterior, inferior anterior and posterior; then the middles.
FOUR = np.array([[0, 0], [30, 0], [0, 24], [30, 24]], float)
SIX = np.array([*FOUR, [15, 1], [15, 23]], float)


def body(level="L1", points=FOUR, **more):
    return VertebraLandmarks.from_array(Level(level), points, **more)


def stacked(*levels, **more):
    """Bodies under each other, 35 mm apart."""
    return SpineLandmarks(vertebrae=tuple(body(at, np.add(SIX, [0, 35 * n])) for n, at in enumerate(levels)), **more)


# One vertebra


def test_points_stand_in_the_order_of_their_names():
    one = body(points=SIX)
    assert POINTS == CORNERS + MIDDLES
    assert [getattr(one, name) for name in POINTS] == [tuple(p) for p in SIX]
    assert_array_equal(one.array, SIX)


def test_middles_may_be_unknown():
    assert not body().has_middle
    assert body(points=SIX).has_middle
    assert body().array.shape == (4, 2)


@pytest.mark.parametrize("shape", [(3, 2), (5, 2), (7, 2), (4, 3), (4,), (0, 2)])
def test_another_number_of_points_is_refused(shape):
    with pytest.raises(LandmarkError, match="not 4 or 6 points"):
        body(points=np.zeros(shape))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", range(6))
def test_a_coordinate_that_is_no_number_is_refused(at, bad):
    points = SIX.copy()
    points[at, 1] = bad
    with pytest.raises(LandmarkError, match="not a finite number"):
        body(points=points)


@pytest.mark.parametrize("middle", MIDDLES)
def test_one_middle_alone_is_refused(middle):
    with pytest.raises(LandmarkError, match="only one endplate"):
        VertebraLandmarks(level=Level.L1, **dict(zip(CORNERS, FOUR, strict=True)), **{middle: (15.0, 1.0)})


def test_mirrored_and_upside_down_points_are_refused_with_what_is_wrong():
    with pytest.raises(LandmarkError, match="anterior lies behind posterior"):
        body(points=FOUR * [-1, 1])
    with pytest.raises(LandmarkError, match="superior endplate lies below"):
        body(points=FOUR * [1, -1])


@pytest.mark.parametrize(
    ("swapped", "what"),
    [
        ([1, 0, 3, 2], "anterior lies behind posterior"),
        ([2, 3, 0, 1], "superior endplate lies below"),
        ([1, 0, 2, 3], "cross over"),
        ([0, 1, 3, 2], "cross over"),
        ([2, 1, 0, 3], "cross over"),
        ([0, 3, 2, 1], "cross over"),
    ],
)
def test_each_way_to_swap_two_corners_is_noticed(swapped, what):
    with pytest.raises(LandmarkError, match=what):
        body(points=FOUR[swapped])


@pytest.mark.parametrize(
    ("points", "what"),
    [
        ([[5, 0], [5, 0], [5, 24], [5, 24]], "anterior lies behind posterior"),
        ([[0, 5], [30, 5], [0, 5], [30, 5]], "superior endplate lies below"),
        ([[0, 0], [30, 30], [0, 0], [30, 30]], "superior endplate lies below"),
        ([[0, 0], [10, 10], [10, 10], [20, 20]], "no area"),
    ],
)
def test_a_body_without_width_height_or_area_is_refused(points, what):
    with pytest.raises(LandmarkError, match=what):
        body(points=points)


def test_bow_ties_of_positive_area_are_refused():
    """The walls cross below a broad top, and the endplates cross beside a tall back."""
    with pytest.raises(LandmarkError, match="cross over"):
        body(points=[[0, 0], [30, 0], [16, 24], [14, 24]])
    with pytest.raises(LandmarkError, match="cross over"):
        body(points=[[0, 13], [30, 0], [0, 11], [30, 24]])


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [30, 0], [14, 24], [16, 24]],
        [[0, 11], [30, 0], [0, 13], [30, 24]],
        [[0, 0], [30, 0], [15, 24], [15, 24]],
        [[0, 12], [30, 0], [0, 12], [30, 24]],
        [[0, 0], [30, 18], [0, 24], [30, 42]],
        [[12, 0], [30, 0], [0, 24], [18, 24]],
    ],
)
def test_a_body_however_wedged_or_tilted_is_accepted(points):
    """Narrow below, flat in front, ending in one point, and leaning either way."""
    assert_array_equal(body(points=points).array, points)


@given(st.floats(-55, 55), st.floats(0.2, 5), st.floats(-500, 500), st.floats(-500, 500))
def test_a_body_stays_one_wherever_it_lies_and_however_it_is_scaled(degrees, scale, x, y):
    at = np.radians(degrees)
    turn = np.array([[np.cos(at), np.sin(at)], [-np.sin(at), np.cos(at)]])
    body(points=SIX @ turn * scale + [x, y])


# Its uncertainty


def test_one_sd_is_that_of_each_point():
    assert body(points=SIX, sd=0.5).sd == (0.5,) * 6
    assert body(sd=2).sd == (2.0,) * 4
    assert body(sd=[0, 1, 2, 3]).sd == (0, 1, 2, 3)
    assert body().sd is None


@pytest.mark.parametrize("sd", [-0.1, np.nan, np.inf, (1, 1, 1), (1, 1, 1, 1, 1), (1, 1, 1, -1), (1, np.nan, 1, 1)])
def test_an_sd_that_is_none_is_refused(sd):
    with pytest.raises(LandmarkError, match="Give 4 numbers >= 0"):
        body(sd=sd)


def test_moved_points_keep_level_sd_and_source():
    source = Source(modality=Modality.MR)
    moved = body(points=SIX, sd=0.5, source=source).moved(lambda points: np.add(points, [3, -2]))
    assert moved == body(points=np.add(SIX, [3, -2]), sd=0.5, source=source)


def test_lengths_are_millimetres_only_where_calibrated():
    assert Source().length_unit == Unit.MM
    assert Source(calibrated=True).length_unit == Unit.MM
    assert Source(calibrated=False).length_unit == Unit.PIXEL


def test_a_source_says_nothing_that_it_was_not_told():
    source = Source()
    assert source.modality == "unknown"
    assert source.posture == "unknown"
    assert source.acquired_on is None
    assert source.height_sd_mm == (0.0, 0.0, 0.0)


# Several vertebrae


def test_vertebrae_are_kept_from_the_head_down():
    upper, middle, lower = stacked("T12", "L1", "L2")
    assert [v.level for v in SpineLandmarks(vertebrae=(lower, upper, middle))] == ["T12", "L1", "L2"]


def test_a_level_that_appears_twice_is_refused():
    with pytest.raises(LandmarkError, match="appears twice"):
        stacked("T12", "T12")


def test_vertebrae_of_two_images_are_refused():
    upper, lower = stacked("T12", "L1")
    with pytest.raises(LandmarkError, match="different images"):
        SpineLandmarks(vertebrae=(upper, replace(lower, source=Source(image="another"))))


def test_names_that_run_against_the_image_are_refused():
    with pytest.raises(LandmarkError, match="from cranial to caudal"):
        stacked("L1", "T12")
    with pytest.raises(LandmarkError, match="from cranial to caudal"):
        stacked("T11", "L1", "T12")


def test_the_order_is_judged_by_the_middle_of_a_body():
    """A steep body may reach above the one above it in front, or behind."""
    for slope in ([0, 14, -10, 4], [14, 0, 4, -10]):
        upper, lower = body("T12"), body("L1", FOUR + np.transpose([[0, 0, 0, 0], slope]) + [0, 10])
        assert len(SpineLandmarks(vertebrae=(upper, lower)).vertebrae) == 2


def test_a_spine_knows_its_vertebrae_by_level():
    spine = stacked("T12", "L1", "L2")
    assert Level.L1 in spine
    assert Level.L3 not in spine
    assert spine[Level.L1].level == "L1"
    assert spine.get(Level.L2).level == "L2"
    assert spine.get(Level.L3) is None
    assert spine.get(None) is None


def test_a_missing_vertebra_is_named_with_those_that_are_there():
    with pytest.raises(NeighbourError, match=r"L3.*T12, L1"):
        _ = stacked("T12", "L1")[Level.L3]
    with pytest.raises(NeighbourError, match="none"):
        _ = SpineLandmarks(vertebrae=())[Level.L3]


def test_marks_add_up_and_the_later_reason_stands():
    spine = stacked("T12", "L1", unusable=((Level.T12, "cemented"),))
    marked = spine.marked([(Level.L1, "fractured"), (Level.T12, "cut off")])
    assert (spine.why_unusable(Level.T12), spine.why_unusable(Level.L1)) == ("cemented", None)
    assert (marked.why_unusable(Level.T12), marked.why_unusable(Level.L1)) == ("cut off", "fractured")
    assert marked.vertebrae == spine.vertebrae


@pytest.mark.parametrize(
    ("level", "steps", "near"),
    [("L1", 0, ["L1"]), ("L1", 1, ["T12", "L1", "L2"]), ("T11", 2, ["T11", "T12", "L1"]), ("L3", 1, ["L2", "L3"])],
)
def test_around_a_level_are_those_so_many_steps_away(level, steps, near):
    marks = tuple((Level(at), "cemented") for at in ("T11", "L1", "L3"))
    spine = stacked("T11", "T12", "L1", "L2", "L3", unusable=marks)
    around = spine.around(Level(level), steps)
    assert [v.level for v in around] == near
    assert [at for at, _ in around.unusable] == [at for at in ("T11", "L1", "L3") if at in near]


def test_around_the_uppermost_vertebrae_nothing_comes_in_from_the_other_end():
    assert [v.level for v in stacked("C1", "C2", "C3", "L5", "S1").around(Level.C1, 1)] == ["C1", "C2"]


def test_around_a_level_that_this_person_does_not_have_there_is_at_most_itself():
    spine = stacked("T12", "L1", column=VertebralColumn(thoracic=12))
    assert spine.around(Level.T13, 3).vertebrae == ()
    odd = stacked("T12", "T13", "L1", column=VertebralColumn(thoracic=12))
    assert [v.level for v in odd.around(Level.T13, 3)] == ["T13"]


def test_around_keeps_the_column():
    column = VertebralColumn(thoracic=11)
    around = stacked("T11", "L1", "L2", column=column).around(Level.L1, 1)
    assert around.column == column
    assert [v.level for v in around] == ["T11", "L1", "L2"]


def test_neighbours_are_those_of_this_persons_column():
    assert [v.level for v in stacked("T12", "L1", "L2").neighbours(Level.L1)] == ["T12", "L2"]
    eleven = stacked("T11", "L1", "L2", column=VertebralColumn(thoracic=11))
    assert [v.level for v in eleven.neighbours(Level.L1)] == ["T11", "L2"]


def test_a_neighbour_that_is_not_there_is_not_replaced_by_the_next():
    spine = stacked("T11", "L1", "L2")
    with pytest.raises(NeighbourError, match=r"cranial neighbour of L1.*T12 has no landmarks.*Place landmarks on T12"):
        spine.neighbours(Level.L1)
    assert spine.neighbour(Level.L1, "caudal").level == "L2"


@pytest.mark.parametrize(("side", "level"), [("cranial", "T12"), ("caudal", "L2")])
def test_a_fractured_neighbour_does_not_serve(side, level):
    spine = stacked("T12", "L1", "L2", unusable=((Level(level), "fractured"),))
    with pytest.raises(NeighbourError, match=f"{level} is fractured"):
        spine.neighbour(Level.L1, side)
    with pytest.raises(NeighbourError, match=f"{level} is fractured"):
        spine.neighbours(Level.L1)


def test_the_ends_of_the_spine_have_one_neighbour():
    spine = stacked("C1", "C2", "L5", "S1")
    with pytest.raises(NeighbourError, match=r"none has no landmarks.*None exists"):
        spine.neighbour(Level.C1, "cranial")
    with pytest.raises(NeighbourError, match=r"none has no landmarks.*None exists"):
        spine.neighbour(Level.S1, "caudal")
    assert spine.neighbour(Level.S1, "cranial").level == "L5"


def test_a_plane_is_kept_where_vertebrae_are_marked():
    plane = SagittalPlane(origin=(0, 0, 0), posterior=(0, 1, 0), caudal=(0, 0, -1))
    spine = replace(stacked("T12", "L1"), plane=plane)
    assert spine.marked([(Level.L1, "fractured")]).plane == plane


@pytest.mark.parametrize(
    ("what", "field"), [(body(), "superior_anterior"), (Source(), "calibrated"), (stacked("T12"), "vertebrae")]
)
def test_landmarks_do_not_change(what, field):
    with pytest.raises(FrozenInstanceError):
        setattr(what, field, None)
