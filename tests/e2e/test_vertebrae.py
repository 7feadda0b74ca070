"""A vertebra is added, left out, split and merged on a film as on MRI; its outline goes along and the names follow."""

import pytest

from tests.e2e import han
from tests.e2e.test_outlines import shoelace
from tests.server.small_reading import LEVELS, NORMAL, body, on_film, small_reading

pytestmark = pytest.mark.slow
AROUND = (0, 4, 1, 3, 5, 2)
T12, L1, L2, L3 = (body(level) for level in LEVELS[1:])
L4 = tuple((20 + x, 20 + 33 * 5 + 0.8 * y) for x, y in NORMAL)


@pytest.fixture
def opened(reopened):
    return reopened(small_reading())


def names(opened, landmark_set):
    found = [v for v in opened.view()["vertebrae"].values() if v["set"] == landmark_set and v["points"]]
    return [v["level"] for v in sorted(found, key=lambda v: v["points"][0][1])]


def height_loss(opened):
    return float(opened.in_table("vhl-han", "Radiograph").split("%")[0])


def film(*bodies):
    return [[on_film(p) for p in points] for points in bodies]


def test_on_a_film_a_body_is_split_and_the_names_below_follow(opened):
    opened.measured_on("Radiograph")
    opened.select("b", "L2")
    opened.page.keyboard.press("x")
    opened.page.keyboard.press("Enter")
    opened.settled()
    upper, lower = (half.points for half in opened.saved().edits[-1].into)
    assert upper[:2] == tuple(on_film(p) for p in L2[:2])
    assert lower[2:4] == tuple(on_film(p) for p in L2[2:4])
    assert names(opened, "b") == ["T11", "T12", "L1", "L2", "L3", "L4"]
    above, index = film(T12, L1)
    assert height_loss(opened) == pytest.approx(han.height_loss_percent(above, index, upper), abs=0.051)


def test_on_a_film_two_pieces_are_merged_and_undo_parts_them_again(opened):
    opened.measured_on("Radiograph")
    before = height_loss(opened)
    opened.select("b", "L2")
    opened.page.keyboard.press("m")
    opened.page.keyboard.press("Enter")
    opened.settled()
    assert names(opened, "b") == ["T11", "T12", "L1", "L2"]
    above, index, both = film(T12, L1, (*L2[:2], *L3[2:4]))
    assert height_loss(opened) == pytest.approx(han.height_loss_percent(above, index, both), abs=0.051)
    opened.page.keyboard.press("Control+z")
    opened.settled()
    assert names(opened, "b") == ["T11", "T12", "L1", "L2", "L3"]
    assert height_loss(opened) == before


def test_on_a_film_a_vertebra_is_left_out_or_is_none(opened):
    opened.select("b", "L2")
    opened.page.keyboard.press("Delete")
    opened.settled()
    assert names(opened, "b") == ["T11", "T12", "L1", "L3"]
    opened.page.keyboard.press("Control+z")
    opened.settled()
    opened.select("b", "L2")
    opened.page.keyboard.press("Shift+Delete")
    opened.settled()
    assert names(opened, "b") == ["T11", "T12", "L1", "L2"]


def test_on_a_film_a_vertebra_is_added_by_six_presses(opened):
    opened.select("b", "L3")
    opened.page.keyboard.press("a")
    opened.page.get_by_text("L4: click superior anterior").wait_for()
    (there,) = film(L4)
    for k in AROUND:
        opened.click("b", there[k])
    opened.settled()
    edit = opened.saved().edits[-1]
    assert edit.kind in {"add vertebra", "place vertebra"}  # L4 is known on the film, and has no points yet
    assert names(opened, "b") == ["T11", "T12", "L1", "L2", "L3", "L4"]


def test_the_outline_is_cut_with_its_body_and_joined_with_another(opened):
    opened.select("a", "L2")
    opened.page.keyboard.press("x")
    opened.click("a", (37, L2[0][1] + 13))
    opened.settled()
    upper, lower = opened.saved().edits[-1].into
    assert shoelace(upper.outline) + shoelace(lower.outline) == pytest.approx(34 * 26 * 0.88, abs=1)  # a disc between
    assert max(y for _, y in upper.outline) < min(y for _, y in lower.outline)
    opened.page.keyboard.press("m")
    opened.page.get_by_text("Merge L2 and L3").wait_for()
    opened.page.keyboard.press("Enter")
    opened.settled()
    into = opened.saved().edits[-1].into
    assert shoelace(into.outline) == pytest.approx(34 * 26, rel=0.01)
    assert opened.view()["outlines"][into.vertebra] == [list(p) for p in into.outline]
