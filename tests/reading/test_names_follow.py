"""What was put in, taken out, split or merged moves the names of the others, where the reader says so."""

import pytest

from ovcf.anatomy import Level
from ovcf.errors import ReadingError
from ovcf.reading.editing.edits import Drawn
from ovcf.reading.editing.lay_over import edited
from tests.reading.words import edit, vertebra
from tests.server.small_reading import small_reading


def names(seen, case, *edits):
    """The names of the vertebrae from above to below, as they lie on the image."""
    (s, *_) = edited(seen, edits, case).sets
    lying = sorted(s.vertebrae.values(), key=lambda v: sum(y for _, y in v.seen.points[:4]))
    return [s.levels[v.id].value for v in lying]


def halves(v, first, second):
    """A body cut across its middle."""
    sa, sp, ia, ip = v.points[:4]
    front, back = [tuple((p + q) / 2 for p, q in zip(a, b, strict=True)) for a, b in ((sa, ia), (sp, ip))]
    gap = 1.0
    return (
        Drawn(vertebra="n1", level=first, points=(sa, sp, (front[0], front[1] - gap), (back[0], back[1] - gap))),
        Drawn(vertebra="n2", level=second, points=((front[0], front[1] + gap), (back[0], back[1] + gap), ia, ip)),
    )


def test_the_names_below_a_split_body_move_down(seen, case):
    l2 = vertebra(seen, "L2")
    assert names(seen, case) == ["T12", "L1", "L2", "L3", "L4"]
    split = edit("SplitVertebra", vertebra=l2.id, into=halves(l2, Level.L2, Level.L3), follow="image")
    assert names(seen, case, split) == ["T12", "L1", "L2", "L3", "L4", "L5"]


def test_the_names_above_move_up_where_the_upper_half_is_the_new_one(seen, case):
    l2 = vertebra(seen, "L2")
    split = edit("SplitVertebra", vertebra=l2.id, into=halves(l2, Level.L1, Level.L2), follow="image")
    assert names(seen, case, split) == ["T11", "T12", "L1", "L2", "L3", "L4"]


def test_the_names_below_merged_bodies_move_up_and_a_split_brings_them_back(seen, case):
    l2, l3 = vertebra(seen, "L2"), vertebra(seen, "L3")
    both = Drawn(vertebra="n0", level=Level.L2, points=(*l2.points[:2], *l3.points[2:4]))
    merged = edit("MergeVertebrae", vertebrae=(l2.id, l3.id), into=both, follow="image")
    assert names(seen, case, merged) == ["T12", "L1", "L2", "L3"]
    into = halves(l2, Level.L2, Level.L3)
    again = edit("SplitVertebra", vertebra="n0", into=into, follow="image")
    assert names(seen, case, merged, again) == names(seen, case)


def test_what_was_no_vertebra_leaves_no_gap(seen, case):
    gone = edit("DeleteVertebra", vertebra=vertebra(seen, "L2").id, follow="image")
    assert names(seen, case, gone) == ["T12", "L1", "L2", "L3"]
    assert names(seen, case, edit("DeleteVertebra", vertebra=vertebra(seen, "L2").id)) == ["T12", "L1", "L3", "L4"]


@pytest.mark.parametrize(
    ("level", "expected"),
    [(Level.L2, ["T12", "L1", "L2", "L3", "L4", "L5"]), (Level.L1, ["T11", "T12", "L1", "L2", "L3", "L4"])],
)
def test_a_vertebra_put_between_two_pushes_those_on_the_side_of_its_name(seen, case, level, expected):
    l1, l2 = vertebra(seen, "L1"), vertebra(seen, "L2")
    between = tuple(((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(l1.points[:4], l2.points[:4], strict=True))
    drawn = Drawn(vertebra="n1", level=level, points=between)
    assert names(seen, case, edit("AddVertebra", landmark_set="a", drawn=drawn, follow="image")) == expected


def test_nobody_moves_where_the_name_is_free_and_nobody_beyond_the_spine(seen, case):
    l4 = vertebra(seen, "L4")
    below = tuple((x, y + 38) for x, y in l4.points)
    free = edit(
        "AddVertebra", landmark_set="a", drawn=Drawn(vertebra="n1", level=Level.L5, points=below), follow="image"
    )
    assert names(seen, case, free) == ["T12", "L1", "L2", "L3", "L4", "L5"]
    named = edit("NameVertebra", vertebra=l4.id, level=Level.S1)
    split = edit(
        "SplitVertebra",
        vertebra=vertebra(seen, "L2").id,
        follow="image",
        into=halves(vertebra(seen, "L2"), Level.L4, Level.L5),
    )
    with pytest.raises(ReadingError, match="beyond the ends"):
        edited(seen, (named, split), case)


def test_bodies_of_two_images_are_not_one():
    file = small_reading()
    both = Drawn(vertebra="n0", level=Level.L2, points=vertebra(file.current, "L2").points)
    with pytest.raises(ReadingError, match="different images"):
        edited(file.current, [edit("MergeVertebrae", vertebrae=("a4", "b5"), into=both)], file.reading.current.case)


@pytest.mark.parametrize(
    ("outline", "why"),
    [
        (((0.0, 0.0), (9.0, 9.0), (9.0, 0.0), (0.0, 9.0)), "crosses itself"),
        (((0.0, 0.0), (9.0, 0.0)), "has 2 points"),
        (((0.0, 0.0), (9.0, 0.0), (18.0, 0.0)), "encloses nothing"),
    ],
)
def test_a_line_that_is_no_outline_is_refused(seen, case, outline, why):
    with pytest.raises(ReadingError, match=rf"outline of L1.*{why}"):
        edited(seen, [edit("RedrawOutline", vertebra=vertebra(seen, "L1").id, outline=outline)], case)
