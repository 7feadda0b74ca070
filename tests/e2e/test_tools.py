"""Bodies are placed, added, split, merged, left out and outlined in the browser; numbers are those of the new points.

On the small reading: five bodies of 26 mm, 33 mm apart, L1 wedged, on an MR plane (set a) and on a film (set b).
"""

import math

import pytest
from playwright.sync_api import expect

from tests.e2e import han
from tests.server.small_reading import LEVELS, NORMAL, body, on_film

pytestmark = pytest.mark.slow
AROUND = (0, 4, 1, 3, 5, 2)
"""The order in which the page asks for the points, as places in their own order."""
T12, L1, L2, L3 = (body(level) for level in LEVELS[1:])
L4 = tuple((20 + x, 20 + 33 * 5 + 0.8 * y) for x, y in NORMAL)
"""Not in the reading; lower than the others, so that it changes what is measured against it."""
LIKE_THE_OTHERS = tuple((20 + x, 20 + 33 * 5 + y) for x, y in NORMAL)


@pytest.fixture
def opened(open_reading):
    return open_reading()


def vhl(opened):
    """The height loss that the score shows, as printed."""
    return opened.text("Vertebral height loss").split(" ")[0].replace("−", "-")


def place(opened, landmark_set, points):
    for k in AROUND:
        opened.click(landmark_set, points[k])
    opened.settled()


def near(opened, landmark_set):
    """Half a pixel of the screen, and what rounding adds."""
    return 0.8 / opened.camera(landmark_set)["scale"]


def same_points(found, expected, within):
    return all(math.dist(p, q) <= within * math.sqrt(2) for p, q in zip(found, expected, strict=True))


def test_the_six_points_of_a_body_that_was_withheld_are_placed_once_around(opened):
    opened.page.locator(".rail").get_by_role("button", name="L4").click()
    opened.page.keyboard.press("p")
    opened.page.get_by_text("L4: click superior anterior").wait_for()
    there = tuple(on_film(p) for p in L4)
    place(opened, "b", there)
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra) == ("place vertebra", "b6")
    assert same_points(edit.points, there, near(opened, "b"))
    opened.select("b", "L3")
    opened.page.keyboard.press("i")
    opened.settled()
    expected = han.height_loss_percent(*([on_film(p) for p in level] for level in (L2, L3)), edit.points)
    assert opened.in_table("vhl-han", "Radiograph").startswith(f"{expected:.1f}%")
    assert not opened.view()["vertebrae"]["b6"]["withheld"]


def test_a_point_placed_too_soon_is_taken_back_and_escape_leaves_all_as_it_was(opened):
    opened.page.locator(".rail").get_by_role("button", name="L4").click()
    opened.page.keyboard.press("p")
    opened.click("b", on_film(L4[0]))
    opened.page.get_by_text("click superior middle").wait_for()
    opened.page.keyboard.press("Backspace")
    opened.page.get_by_text("L4: click superior anterior").wait_for()
    opened.page.keyboard.press("Escape")
    expect(opened.page.locator(".guide")).to_be_hidden()
    assert opened.saved().edits == ()


def test_a_vertebra_is_added_where_it_lies_and_bears_the_next_name(opened):
    opened.measured_on("MR")
    opened.select("a", "L3")
    opened.page.keyboard.press("a")
    opened.page.get_by_text("L4: click superior anterior").wait_for()
    place(opened, "a", L4)
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.landmark_set, edit.drawn.level) == ("add vertebra", "a", "L4")
    assert same_points(edit.drawn.points, L4, near(opened, "a"))
    opened.select("a", "L3")
    opened.page.keyboard.press("i")
    opened.settled()
    expected = han.height_loss_percent(L2, L3, edit.drawn.points)
    assert opened.in_table("vhl-han", "MR").startswith(f"{expected:.1f}%")


def test_a_vertebra_is_added_by_keys_alone(opened):
    opened.measured_on("MR")
    opened.select("a", "L3")
    opened.page.mouse.move(5, 5)
    opened.page.keyboard.press("a")
    opened.page.keyboard.press("Enter")
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.drawn.level) == ("add vertebra", "L4")
    assert same_points(edit.drawn.points, LIKE_THE_OTHERS, 2)  # where and how the bodies above it go on


def test_a_body_is_cut_where_the_disc_lies_and_the_names_below_follow(opened):
    opened.measured_on("MR")
    opened.select("a", "L2")
    opened.page.keyboard.press("x")
    opened.click("a", (37, L2[0][1] + 0.7 * 26))
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.follow) == ("split vertebra", "image")
    upper, lower = (half.points for half in edit.into)
    assert [half.level for half in edit.into] == ["L2", "L3"]
    assert upper[:2] == L2[:2]
    assert lower[2:4] == L2[2:4]
    middle = (upper[2][1] + lower[0][1]) / 2
    assert middle == pytest.approx(L2[0][1] + 0.7 * 26, abs=near(opened, "a"))
    names = sorted(v["level"] for v in opened.view()["vertebrae"].values() if v["set"] == "a")
    assert names == ["L1", "L2", "L3", "L4", "T11", "T12"]
    assert vhl(opened) == f"{han.height_loss_percent(T12, L1, upper):.1f}%"


def test_two_bodies_become_one_and_the_names_below_move_up(opened):
    opened.measured_on("MR")
    opened.select("a", "L2")
    opened.page.keyboard.press("m")
    opened.page.get_by_text("Merge L2 and L3").wait_for()
    opened.page.keyboard.press("Enter")
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebrae, edit.into.level) == ("merge vertebrae", ("a4", "a5"), "L2")
    assert edit.into.points == (*L2[:2], *L3[2:4], L2[4], L3[5])
    assert vhl(opened) == f"{han.height_loss_percent(T12, L1, edit.into.points):.1f}%"


def test_what_is_no_vertebra_leaves_no_gap_and_comes_back_with_undo(opened):
    opened.measured_on("MR")
    before = vhl(opened)
    opened.select("a", "L2")
    opened.page.keyboard.press("Shift+Delete")
    opened.settled()
    assert opened.view()["vertebrae"]["a5"]["level"] == "L2"
    assert vhl(opened) == f"{han.height_loss_percent(T12, L1, L3):.1f}%"
    opened.page.keyboard.press("Control+z")
    opened.settled()
    assert opened.view()["vertebrae"]["a4"]["level"] == "L2"
    assert vhl(opened) == before


def test_the_menu_of_the_right_button_offers_it_all_and_works_by_keys(opened):
    opened.select("a", "L2")
    opened.page.mouse.click(*opened.on_screen("a", (37, L2[0][1] + 13)), button="right")
    menu = opened.page.get_by_role("menu")
    words = menu.get_by_role("menuitem").all_inner_texts()
    verbs = [text.split() for text in words]
    assert verbs[0] == ["Name", "it", "N"]
    assert verbs[1] == ["Assess", "L2", "I"]
    assert ["Split", "in", "two", "X"] in verbs
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    opened.settled()
    expect(menu).to_be_hidden()
    assert opened.view()["index"] == "L2"


def shoelace(ring):
    return abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(ring, [*ring[1:], ring[0]], strict=True))) / 2


def test_an_outline_drawn_in_one_go_closes_itself(opened):
    opened.select("a", "L1")
    opened.page.keyboard.press("o")
    centre, radii = (37, L1[0][1] + 12), (15, 9)
    circle = [
        (centre[0] + radii[0] * math.cos(t), centre[1] + radii[1] * math.sin(t))
        for t in (2 * math.pi * k / 90 for k in range(88))
    ]
    opened.page.mouse.move(*opened.on_screen("a", circle[0]))
    opened.page.mouse.down()
    for p in circle[1:]:
        opened.page.mouse.move(*opened.on_screen("a", p))
    opened.page.mouse.up()
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra) == ("redraw outline", "a3")
    assert 8 < len(edit.outline) < 88
    assert shoelace(edit.outline) == pytest.approx(math.pi * radii[0] * radii[1], rel=0.03)
    assert opened.view()["outlines"]["a3"] == [list(p) for p in edit.outline]


def test_a_line_that_encloses_nothing_is_no_outline_and_the_tool_stays(opened):
    opened.select("a", "L1")
    opened.page.keyboard.press("o")
    opened.page.mouse.move(*opened.on_screen("a", (30, 95)))
    opened.page.mouse.down()
    opened.page.mouse.move(*opened.on_screen("a", (40, 95)))
    opened.page.mouse.up()
    opened.page.get_by_text("That line encloses too little.").wait_for()
    assert opened.saved().edits == ()
    opened.page.keyboard.press("Enter")  # the line through the points instead
    opened.settled()
    through = [L1[k] for k in AROUND]
    assert shoelace(opened.saved().edits[-1].outline) == pytest.approx(shoelace(through), rel=0.05)
