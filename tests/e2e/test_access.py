"""Magnifier, keys and help sheet; every state of the page is readable by a screen reader and fits every screen."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import becomes
from tests.e2e.test_page import AXE
from tests.server.small_reading import LEVELS, asked_reading, body

pytestmark = pytest.mark.slow
L1 = body(LEVELS[2])
GREY_BESIDE_MIDDLE = """canvas => {
  const at = Math.round(canvas.width / 2) - 3 * devicePixelRatio;
  return canvas.getContext("2d").getImageData(at, at, 1, 1).data[0];
}"""


@pytest.fixture
def opened(open_reading):
    return open_reading()


def test_the_magnifier_shows_what_lies_under_the_point_that_is_held(opened):
    loupe = opened.page.locator(".loupe")
    expect(loupe).to_have_count(0)
    x, y = opened.on_screen("a", L1[0])
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()
    opened.page.mouse.move(x - 12, y - 12)
    loupe.wait_for()
    beside_the_dot = loupe.evaluate(GREY_BESIDE_MIDDLE)
    opened.page.mouse.move(x + 3, y)
    opened.page.mouse.move(x, y)
    becomes(opened.page, lambda: loupe.evaluate(GREY_BESIDE_MIDDLE) > beside_the_dot + 60, expected=True)
    opened.page.keyboard.press("Escape")
    opened.page.mouse.up()
    expect(loupe).to_have_count(0)


def test_the_help_sheet_names_every_key_that_is_obeyed(opened):
    opened.page.keyboard.press("?")
    sheet = opened.page.get_by_role("dialog", name="Keys and gestures")
    sheet.wait_for()
    text = sheet.inner_text()
    for words in ("split it in two", "draw its outline", "magnifier on or off", "Ctrl Enter", "Shift F10"):
        assert words in text
    opened.page.keyboard.press("x")  # a sheet that is open keeps the keys to itself
    expect(opened.page.locator(".guide")).to_be_hidden()
    opened.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_reading_is_made_and_signed_without_a_pointer(opened):
    page = opened.page
    page.locator(".rail .level", has_text="L1").focus()
    page.keyboard.press("ArrowDown")  # L2
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_timeout(200)
    opened.by_keys("Shift+ArrowDown")
    page.keyboard.press("g")
    page.wait_for_timeout(200)
    opened.by_keys("ArrowRight")
    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu")
    menu.wait_for()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Signed by A. Reader").wait_for()
    saved = opened.saved()
    assert [e.kind for e in saved.edits] == ["move point", "place vertebra"]
    assert {e.vertebra for e in saved.edits} == {"b4"}
    assert saved.status == "confirmed"


def test_zoom_pan_grey_levels_and_one_view_by_keys_and_back(opened):
    page = opened.page
    page.mouse.move(*opened.handle("a", "superior_middle"))
    before, views = opened.camera("a"), page.locator(".view").count()
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowRight")
    becomes(page, lambda: opened.camera("a")["scale"], pytest.approx(1.25 * before["scale"]))
    becomes(page, lambda: opened.camera("a")["centre"] != before["centre"], expected=True)
    now = opened.camera("a")
    assert now["centre"][0] - before["centre"][0] == pytest.approx(40 / now["scale"])
    page.keyboard.press("v")
    expect(page.locator(".view")).to_have_count(1)
    assert views == 2
    page.keyboard.press("r")
    expect(page.locator(".view")).to_have_count(2)
    becomes(page, lambda: opened.camera("a")["scale"], pytest.approx(before["scale"]))
    becomes(page, lambda: opened.camera("a")["centre"], pytest.approx(before["centre"]))


STATES = {
    "menu": lambda o: (o.select("a", "L2"), o.page.keyboard.press("Shift+F10")),
    "place": lambda o: (o.select("a", "L2"), o.page.keyboard.press("p")),
    "split": lambda o: (o.select("a", "L2"), o.page.keyboard.press("x")),
    "merge": lambda o: (o.select("a", "L2"), o.page.keyboard.press("m")),
    "outline": lambda o: (o.select("a", "L2"), o.page.keyboard.press("o")),
    "name": lambda o: (o.select("a", "L2"), o.page.keyboard.press("n")),
    "help": lambda o: o.page.keyboard.press("?"),
    "study": lambda o: o.page.get_by_role("tab", name="Study").click(),
    "history": lambda o: (
        o.page.select_option("#state", "cemented"),
        o.settled(),
        o.page.get_by_role("tab", name="History").click(),
        o.page.get_by_label("Show what differs").check(),
        o.page.locator(".differences, .part .dim").first.wait_for(),
    ),
}


def serious(opened):
    """What axe finds serious, with the elements."""
    opened.page.wait_for_timeout(300)
    opened.page.evaluate(AXE.read_text() + "; null")
    found = opened.page.evaluate("async () => (await axe.run()).violations")
    return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious_in_any_state(open_reading, theme):
    if not AXE.is_file():
        pytest.skip("needs axe-core: make web")
    opened = open_reading()
    if theme == "light":
        opened.page.get_by_role("button", name="Light").click()
    found = {}
    for name, reach in STATES.items():
        opened.page.mouse.move(5, 5)
        reach(opened)
        found[name] = serious(opened)
        opened.page.keyboard.press("Escape")
        opened.page.get_by_role("tab", name="Reading").click()
    assert {name: bad for name, bad in found.items() if bad} == {}


def test_axe_finds_nothing_serious_while_levels_are_asked(open_reading):
    if not AXE.is_file():
        pytest.skip("needs axe-core: make web")
    opened = open_reading(asked_reading)
    opened.click("a", (37, L1[0][1] + 10))
    assert serious(opened) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1280, 800), (2560, 1440)])
def test_nothing_runs_over_the_edge_of_the_screen(open_reading, width, height):
    opened = open_reading(width=width, height=height)
    wide = opened.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    stage = opened.page.locator(".stage").first.bounding_box()
    assert stage["width"] * stage["height"] > 0.15 * width * height
    sign = opened.page.get_by_role("button", name="Sign", exact=True)
    if width < 700:
        sign.scroll_into_view_if_needed()  # a small window scrolls: there it is what comes last
    sign = sign.bounding_box()
    assert sign["x"] + sign["width"] <= width
    assert sign["y"] + sign["height"] <= height
    views = opened.page.locator(".view").count()
    assert views == (1 if width < 700 else 2)
