"""What can be taken on a picture and what cannot, whose each point is; a number and its lines are one thing."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from ovcf.reading.editing.edits import MovePoint
from ovcf.vocabulary import ReadingStatus
from tests.e2e.conftest import becomes
from tests.server.small_reading import LEVELS, body, ring, small_reading

pytestmark = pytest.mark.slow
T12, L1 = body(LEVELS[1]), body(LEVELS[2])
HEIGHT, ANGLE = "vhl-han", "ka-han"


@pytest.fixture
def opened(reopened):
    return reopened(small_reading())


def with_version(**changes):
    file = small_reading()
    version = replace(file.reading.current, **changes)
    return replace(file, reading=replace(file.reading, versions=(version,)))


def places_to_take(opened):
    """Middle of the screen place of a point, of an endplate and of a name of L1."""
    name = opened.page.locator('[data-set="a"] [data-name="a3"]').bounding_box()
    return (
        opened.on_screen("a", L1[0]),
        opened.on_screen("a", ((L1[0][0] + L1[4][0]) / 2, (L1[0][1] + L1[4][1]) / 2)),
        (name["x"] + name["width"] / 2, name["y"] + name["height"] / 2),
    )


def test_points_that_are_hidden_cannot_be_hit_and_the_keyboard_has_its_point_back(opened):
    page = opened.page
    opened.select("a", "L1")
    there = places_to_take(opened)
    page.keyboard.press("1")
    page.wait_for_function("() => document.activeElement.dataset.handle === 'superior_anterior'")
    page.keyboard.down(" ")
    page.locator('[data-set="a"] [data-handle]').first.wait_for(state="detached")
    for at in there:
        opened.drag(at, (0, 10))
        opened.drag((at[0], at[1] + 10), (0, -10))  # the picture went along: back to where it was
    assert opened.saved().edits == ()
    page.keyboard.up(" ")
    page.wait_for_function("() => document.activeElement.dataset.handle === 'superior_anterior'")
    opened.by_keys("ArrowUp")
    assert [e.kind for e in opened.saved().edits] == ["move point"]


def test_points_of_a_signed_reading_are_locked_for_pointer_and_keys(reopened):
    opened = reopened(with_version(status=ReadingStatus.CONFIRMED, reader="B. Other"))
    page = opened.page
    opened.select("a", "L1")
    for at in places_to_take(opened):
        opened.drag(at, (0, 10), drop=False)
        page.mouse.up()
    for key in ("1", "ArrowUp", "e", "ArrowUp", "c", "o", "x", "m", "p", "a", "Delete"):
        page.keyboard.press(key)
    page.wait_for_timeout(700)
    expect(page.locator(".guide")).to_be_hidden()
    assert opened.saved().edits == ()
    assert opened.view()["vertebrae"]["a3"]["points"] == [list(p) for p in L1]


def test_each_point_says_whose_it_is_before_it_is_pressed(reopened):
    theirs = MovePoint(
        id="0" * 32,
        reader="B. Other",
        at="2026-01-05T08:00:00Z",
        vertebra="a3",
        point="inferior_anterior",
        to=(21, 111),
    )
    opened = reopened(with_version(edits=(theirs,)))
    page = opened.page
    strip = page.locator('.view:has([data-set="a"]) .strip .right').first
    opened.select("a", "L1")
    opened.drag(opened.handle("a", "superior_posterior"), (3, -3))
    said = {}
    for point in ("superior_anterior", "superior_posterior", "inferior_anterior"):
        page.mouse.move(*opened.handle("a", point))
        expect(strip).to_contain_text(point.replace("_", " "))
        said[point] = strip.inner_text().split(",")[:2]
        handle = page.locator(f'[data-set="a"] [data-handle="{point}"]').first
        assert handle.get_attribute("aria-valuetext").split(",")[0] == said[point][1].strip()
    assert said == {
        "superior_anterior": ["L1 superior anterior", " automatic"],
        "superior_posterior": ["L1 superior posterior", " edited by A. Reader"],
        "inferior_anterior": ["L1 inferior anterior", " edited by B. Other"],
    }
    marks = {p: page.locator(f'[data-set="a"] .point[data-point="{p}"].edited').count() for p in said}
    assert marks == {"superior_anterior": 0, "superior_posterior": 1, "inferior_anterior": 1}


def lit(opened):
    """What is lit in the panel, and how many lines are on the MR picture."""
    page = opened.page
    rows = page.locator("table.rows tr.on").evaluate_all("rows => rows.map(r => r.dataset.measurement)")
    return rows, page.locator('[data-set="a"] .measured line').count()


def test_a_number_and_its_lines_light_each_other_up(opened):
    page = opened.page
    becomes(page, lambda: lit(opened), ([], 0))
    page.locator(f'[data-measurement="{HEIGHT}"]').hover()
    becomes(page, lambda: lit(opened), ([HEIGHT], 6))  # both walls of three bodies
    page.locator('[data-item="Local kyphosis angle"]').hover()
    becomes(page, lambda: lit(opened), ([ANGLE], 2))
    page.mouse.move(*opened.on_screen("a", (T12[0][0], T12[0][1] + 13)))  # on the anterior wall of T12
    becomes(page, lambda: lit(opened), ([HEIGHT], 6))
    page.mouse.move(*opened.on_screen("a", (T12[2][0] + 8, T12[2][1])))  # on its inferior endplate
    becomes(page, lambda: lit(opened), ([ANGLE], 2))
    page.mouse.move(*opened.on_screen("a", (T12[0][0] + 17, T12[0][1] + 13)))  # within the body
    becomes(page, lambda: lit(opened), ([], 0))


def test_a_number_is_pinned_by_a_click_or_by_key_and_stays_lit(opened):
    page = opened.page
    page.locator('[data-item="Vertebral height loss"]').click()
    page.mouse.move(*opened.on_screen("a", (T12[0][0] + 17, T12[0][1] + 13)))
    becomes(page, lambda: lit(opened), ([HEIGHT], 6))
    for expected in ([ANGLE], [], [HEIGHT]):
        page.keyboard.press("s")
        becomes(page, lambda: lit(opened)[0], expected)


def test_the_lines_bear_their_number_before_the_spine_and_no_name_is_covered(opened):
    page = opened.page
    page.locator('[data-item="Local kyphosis angle"]').hover()
    value = page.locator('[data-set="a"] [data-line-value="ka-han"]')
    assert value.text_content().replace(" ", "") == "KA" + opened.in_table(ANGLE, "MR").replace(" ", "")
    bodies = [[opened.on_screen("a", p) for p in ring(body(level))] for level in LEVELS]
    names = [name.bounding_box() for name in page.locator('[data-set="a"] .name rect').all()]
    box = value.bounding_box()
    corners = [[(n["x"], n["y"]), (n["x"] + n["width"], n["y"] + n["height"])] for n in names]
    assert not any(overlapping(box, one) for one in (*bodies, *corners)), box


def overlapping(box, polygon):
    """Whether a rectangle of the screen meets the box around a body."""
    xs, ys = zip(*polygon, strict=True)
    return (
        box["x"] < max(xs)
        and box["x"] + box["width"] > min(xs)
        and box["y"] < max(ys)
        and box["y"] + box["height"] > min(ys)
    )


@pytest.mark.parametrize("key", ["", "x", "m", "p", "c", "e"])
def test_text_stays_off_the_bodies_whatever_tool_is_in_hand(opened, key):
    page = opened.page
    opened.select("a", "L2")
    page.mouse.move(*opened.on_screen("a", (37, 130)))
    if key:
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    bodies = [[opened.on_screen("a", p) for p in ring(body(level))] for level in LEVELS]
    texts = page.locator('[data-set="a"] svg text').all()
    assert len(texts) >= len(LEVELS) - 1
    for text in texts:
        box = text.bounding_box()
        assert not any(overlapping(box, one) for one in bodies), (text.inner_html(), box)


def test_on_a_4k_screen_words_are_large_and_a_point_lies_where_it_was_dropped(open_reading):
    opened = open_reading(width=3840, height=2160)
    page = opened.page
    words = page.locator(".impression").evaluate("e => parseFloat(getComputedStyle(e).fontSize) * e.currentCSSZoom")
    assert words >= 20
    (mine,) = [v for v in opened.view()["vertebrae"].values() if (v["set"], v["level"]) == ("a", "L1")]
    x, y = mine["points"][0]
    start = opened.handle("a", "superior_anterior")
    larger = page.locator('[data-set="a"]').first.evaluate("e => e.currentCSSZoom")
    scale = larger * opened.camera("a")["scale"]  # pixels of the screen for a millimetre
    opened.drag(start, (5 * scale, -3 * scale))
    (edit,) = opened.saved().edits
    assert edit.to == pytest.approx((x + 5, y - 3), abs=1 / scale)
    canvas = page.locator('[data-set="a"] canvas').first.evaluate("c => c.width / c.getBoundingClientRect().width")
    assert canvas == pytest.approx(1, abs=0.01)  # as sharp as the screen
