"""On a tablet: a corner is put right, a stack is turned, the menu opened, with fingers alone; and all that is dragged
can be done by taps, too (WCAG 2.5.7)."""

import pytest
from playwright.sync_api import expect

from ovcf.reading.file import write_reading
from tests.e2e import han, wcag
from tests.e2e.conftest import page_of
from tests.server.small_reading import LEVELS, body, small_reading

pytestmark = pytest.mark.slow
T12, L1, L2 = (body(level) for level in LEVELS[1:4])
AROUND = (0, 4, 1, 3, 5, 2)
"""The order in which the page asks for the points, as places in their own order."""
FINGER = 40
"""The least side of what a finger presses (pixels)."""
HELD_MS = 700
"""Longer than a press may last that is no long one."""


@pytest.fixture
def opened(browser, served):
    write_reading(small_reading(), served[0])
    found = page_of(browser, served, 820, 1180, has_touch=True)
    yield found
    found.page.context.close()


@pytest.fixture
def touch(opened):
    """``touch(kind, *places of the screen)``: one event of fingers, as the browser gets it from a tablet."""
    session = opened.page.context.new_cdp_session(opened.page)

    def send(kind, *places):
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def swipe(touch, start, by, steps=5):
    touch("touchStart", start)
    for k in range(1, steps + 1):
        touch("touchMove", (start[0] + by[0] * k / steps, start[1] + by[1] * k / steps))
    touch("touchEnd")


def hold(opened, touch, at):
    """A long press; its menu."""
    touch("touchStart", at)
    opened.page.wait_for_timeout(HELD_MS)
    touch("touchEnd")
    menu = opened.page.get_by_role("menu")
    menu.wait_for()
    return menu


def brightness(opened):
    """The mean grey level of what the MR view shows."""
    return opened.page.locator('[data-set="a"] canvas').first.evaluate(
        """canvas => { const d = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        let sum = 0; for (let i = 0; i < d.length; i += 4) sum += d[i]; return sum / (d.length / 4); }"""
    )


def test_a_corner_is_put_right_by_a_finger_that_lands_beside_it(opened, touch):
    x, y = opened.handle("a", "superior_anterior")
    scale = opened.camera("a")["scale"]
    swipe(touch, (x - 14, y - 8), (2 * scale, -3 * scale))  # within the 44 pixels that a finger takes it by
    opened.settled()
    (edit,) = opened.saved().edits
    assert (edit.kind, edit.vertebra, edit.point) == ("move point", "a3", "superior_anterior")
    assert edit.to == pytest.approx((L1[0][0] + 2, L1[0][1] - 3), abs=1 / scale)
    expect(opened.page.locator(".spoken")).to_contain_text("Vertebral height loss")  # said to readers of the screen
    expected = han.height_loss_percent(T12, [edit.to, *L1[1:]], L2)
    assert float(opened.in_table("vhl-han", "MR").split("%")[0]) == pytest.approx(expected, abs=0.051)


def test_one_finger_turns_a_stack_and_moves_a_single_picture_and_taps_turn_it_too(opened, touch):
    page, strip = opened.page, opened.page.locator(".view", has_text="T2").locator(".strip").first
    expect(strip).to_contain_text("slice 2 of 3")
    before = opened.camera("a")
    ground = opened.on_screen("a", (80, 60))
    swipe(touch, ground, (0, 20))
    expect(strip).to_contain_text("slice 3 of 3")
    swipe(touch, ground, (3, -50))
    expect(strip).to_contain_text("slice 1 of 3")
    assert opened.camera("a") == before
    page.get_by_role("button", name="Slice before").tap(force=True)
    strip.get_by_role("button", name="Next slice").tap()
    expect(strip).to_contain_text("slice 2 of 3")
    film = opened.camera("b")
    stage = page.locator('[data-set="b"]').bounding_box()
    swipe(touch, (stage["x"] + 12, stage["y"] + 12), (30, 0))
    page.wait_for_function(
        "(x) => JSON.parse(document.querySelector('[data-set=b]').dataset.camera).centre[0] !== x",
        arg=film["centre"][0],
    )
    assert opened.camera("b")["centre"][0] == pytest.approx(film["centre"][0] - 30 / film["scale"], abs=1)
    assert opened.saved().edits == ()


def test_a_long_press_offers_what_can_be_done_with_a_body_and_its_points_are_placed_by_taps(opened, touch):
    page = opened.page
    menu = hold(opened, touch, opened.on_screen("a", (37, L1[0][1] + 12)))
    expect(menu).to_have_accessible_name("L1")
    menu.get_by_role("menuitem", name="Place its points anew").tap()
    for k in AROUND:
        page.touchscreen.tap(*opened.on_screen("a", (L1[k][0] + 1, L1[k][1] + 2)))
    opened.settled()
    (edit,) = opened.saved().edits
    assert (edit.kind, edit.vertebra) == ("place vertebra", "a3")
    within = 1 / opened.camera("a")["scale"]
    for found, (x, y) in zip(edit.points, L1, strict=True):
        assert found == pytest.approx((x + 1, y + 2), abs=within)


def test_a_long_press_beside_the_bodies_zooms_and_turns_the_greys_by_taps(opened, touch):
    page = opened.page
    before, grey = opened.camera("a"), brightness(opened)
    menu = hold(opened, touch, opened.on_screen("a", (80, 60)))
    menu.get_by_role("menuitem", name="Zoom in").tap()
    page.wait_for_function(
        "(was) => JSON.parse(document.querySelector('[data-set=a]').dataset.camera).scale > 1.2 * was",
        arg=before["scale"],
    )
    menu.get_by_role("menuitem", name="Zoom out").tap()
    for _ in range(3):
        menu.get_by_role("menuitem", name="brighter").tap()
    page.wait_for_timeout(200)
    assert brightness(opened) > grey + 2
    menu.get_by_role("menuitem", name="Reset views").tap()
    page.wait_for_timeout(200)
    assert brightness(opened) == pytest.approx(grey, abs=0.5)
    assert opened.saved().edits == ()


def test_a_menu_longer_than_its_view_stays_in_the_window_and_all_of_it_is_reached(opened, touch):
    page = opened.page
    page.set_viewport_size({"width": 820, "height": 300})
    menu = hold(opened, touch, opened.on_screen("a", (37, L1[0][1] + 12)))
    box = menu.bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= 820
    assert box["y"] + box["height"] <= 300
    assert menu.evaluate("menu => menu.scrollHeight > menu.clientHeight")
    last = menu.get_by_role("menuitem").last
    last.scroll_into_view_if_needed()
    assert last.evaluate("""one => { const b = one.getBoundingClientRect();
        return one.contains(document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2)) }""")
    assert wcag.ask(page, "small", FINGER) == []
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 820, "height": 1180})
    assert wcag.ask(page, "small", FINGER) == []
