"""What the page does besides dragging, on a small reading put together by hand."""

import base64
import io
import os

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.slow
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
L1 = {"a": "a3", "b": "b3"}


@pytest.fixture
def opened(open_reading):
    return open_reading()


def picture_of(opened, landmark_set):
    """The canvas alone, without what is drawn over it, as grey levels."""
    stage = opened.page.locator(f'[data-set="{landmark_set}"] canvas').first
    data = stage.evaluate("canvas => canvas.toDataURL('image/png')").split(",")[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"), float)


def bright_near(pixels, at, reach):
    """Centre of what is bright within reach of a place, in pixels of the screen, edges at whole numbers."""
    x, y = at
    left, top = max(0, int(x - reach)), max(0, int(y - reach))
    part = pixels[top : int(y + reach), left : int(x + reach)]
    weight = np.clip(part - part.min() - 0.3 * (part.max() - part.min()), 0, None)
    rows, columns = np.indices(part.shape)
    return (
        left + float((columns * weight).sum() / weight.sum()) + 0.5,
        top + float((rows * weight).sum() / weight.sum()) + 0.5,
    )


@pytest.mark.parametrize("landmark_set", ["a", "b"])
@pytest.mark.parametrize("steps", [0, 3, 7])
def test_a_point_lies_on_the_same_place_of_the_image_at_every_zoom(opened, landmark_set, steps):
    stage = opened.page.locator(f'[data-set="{landmark_set}"]').first.bounding_box()
    opened.page.mouse.move(*opened.handle(landmark_set, "superior_anterior"))
    opened.page.keyboard.down("Control")
    for _ in range(steps):
        opened.page.mouse.wheel(0, -120)
    opened.page.keyboard.up("Control")
    opened.page.wait_for_timeout(300)
    scale = opened.camera(landmark_set)["scale"]
    pixel = scale * (1 if landmark_set == "a" else 2)
    x, y = opened.handle(landmark_set, "superior_anterior")
    x, y = x - stage["x"], y - stage["y"]
    dot = bright_near(picture_of(opened, landmark_set), (x, y), max(4, 1.4 * pixel))
    assert dot == pytest.approx((x, y), abs=max(0.75, 0.1 * pixel))


def test_arrows_move_a_point_by_a_fifth_of_a_millimetre_and_with_shift_by_one(opened):
    before = opened.view()["vertebrae"]["a3"]["points"][0]
    opened.page.locator('[data-set="a"] [data-handle="superior_anterior"]').first.focus()
    opened.by_keys("ArrowRight", "ArrowRight", "Shift+ArrowUp")
    after = opened.view()["vertebrae"]["a3"]["points"][0]
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((0.4, -1.0))
    assert [e.kind for e in opened.saved().edits] == ["move point"]


def test_tab_goes_around_the_points_and_on_to_the_next_vertebra(opened):
    opened.page.locator('[data-set="a"] [data-handle="superior_anterior"]').first.focus()
    named = "document.activeElement.getAttribute('aria-label')"
    seen = [opened.page.evaluate(named)]
    for _ in range(6):
        opened.page.keyboard.press("Tab")
        opened.page.wait_for_timeout(80)
        seen.append(opened.page.evaluate(named))
    assert seen[0] == "L1 superior anterior"
    assert len(set(seen[:6])) == 6
    assert seen[6] == "L2 superior anterior"


def test_a_new_name_is_followed_by_all_and_another_vertebra_can_be_assessed(opened):
    opened.page.select_option("#name", "T12")
    opened.settled()
    assert [opened.view()["vertebrae"][f"b{n}"]["level"] for n in (1, 2, 3)] == ["T10", "T11", "T12"]
    opened.page.get_by_role("button", name="Assess T12", exact=True).click()
    opened.settled()
    assert opened.view()["index"] == "T12"


def test_a_click_on_a_body_selects_it(opened):
    camera = opened.camera("a")
    stage = opened.page.locator('[data-set="a"]').first.bounding_box()
    x = (37 - camera["centre"][0]) * camera["scale"] + stage["width"] / 2 + stage["x"]
    y = (66 - camera["centre"][1]) * camera["scale"] + stage["height"] / 2 + stage["y"]
    opened.page.mouse.click(x, y)
    expect(opened.page.get_by_role("heading", name="T12 on T2 SAG")).to_be_visible()


def test_the_readers_word_goes_before_what_was_given(opened):
    opened.page.select_option('[data-fact="t2_pattern"]', label="confined high")
    opened.settled()
    assert opened.total() == "4"


def test_the_wheel_turns_to_the_next_slice_and_zooms_with_control(opened):
    opened.page.mouse.move(*opened.handle("a", "superior_middle"))
    opened.page.mouse.wheel(0, 100)
    opened.page.wait_for_timeout(200)
    expect(opened.page.get_by_text("slice 3 of 3")).to_be_visible()


def test_edits_made_while_the_line_is_down_are_kept_and_saved_in_order(opened):
    opened.page.context.set_offline(True)
    opened.page.get_by_role("button", name="Take its points as they are").click()
    opened.page.select_option("#state", "old fracture")
    opened.page.get_by_text("Offline, 2 edits kept here").wait_for()
    assert opened.saved().edits == ()
    opened.page.context.set_offline(False)
    opened.settled()
    assert [e.kind for e in opened.saved().edits] == ["accept", "set state"]


def test_a_film_without_a_scale_shows_no_millimetres(opened):
    heads = opened.page.locator("table.rows thead th").all_inner_texts()
    column = heads.index("Radiograph") - 1
    opened.page.locator("details:has(table.rows) summary").click()
    cells = opened.page.locator(f"tr[data-measurement] td:nth-of-type({column + 1})").all_inner_texts()
    assert "%" in "".join(cells)
    assert not [text for text in cells if "mm" in text or "px" in text]
    expect(opened.page.get_by_text("no scale: ratios only")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1440, 1000])
def test_axe_finds_nothing_serious(open_reading, theme, width):
    if not AXE.is_file():
        pytest.skip("needs axe-core: make web")
    opened = open_reading(width=width)
    if theme == "light":
        opened.page.get_by_role("button", name="Light").click()
    opened.page.evaluate(AXE.read_text() + "; null")
    found = opened.page.evaluate("async () => (await axe.run()).violations")
    bad = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")]
    assert bad == []


def test_two_fingers_zoom_and_move_no_point(opened):
    before = opened.camera("a")["scale"]
    x, y = opened.handle("a", "superior_anterior")
    session = opened.page.context.new_cdp_session(opened.page)

    def touch(kind, *fingers):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in fingers]})

    touch("touchStart", (x, y))
    touch("touchMove", (x + 6, y))
    touch("touchStart", (x + 6, y), (x + 46, y))
    for k in range(1, 5):
        touch("touchMove", (x + 6 - 5 * k, y), (x + 46 + 5 * k, y))
    touch("touchEnd")
    opened.page.wait_for_timeout(200)
    opened.settled()
    assert opened.camera("a")["scale"] == pytest.approx(2 * before, rel=0.1)
    assert opened.saved().edits == ()


def test_numbers_fade_while_what_is_held_cannot_be(opened):
    opened.drag(opened.handle("a", "superior_anterior"), (0, 160), drop=False)
    opened.page.get_by_text("No numbers here.").wait_for()
    opened.page.mouse.up()
    opened.page.get_by_text("Not done: L1 superior anterior").wait_for()
    opened.settled()
    assert opened.saved().edits == ()


def test_a_reading_is_signed_and_taken_up_again_with_a_reason(opened):
    opened.page.get_by_role("button", name="Sign", exact=True).click()
    opened.page.get_by_text("Signed by A. Reader").wait_for()
    before = opened.view()["vertebrae"]
    opened.drag(opened.handle("a", "superior_anterior"), (8, 8))
    assert opened.view()["vertebrae"] == before
    opened.page.get_by_label("Why is it taken up again?").fill("a second look")
    opened.page.get_by_role("button", name="Begin addendum").click()
    opened.page.get_by_role("button", name="Sign", exact=True).wait_for()
    assert [v.status.value for v in opened.saved_versions()] == ["superseded", "draft"]


def test_a_fracture_that_nobody_named_is_named_or_declined_before_signing(open_reading):
    opened = open_reading(index_level=None, fracture_type=None, t2_pattern=None)
    page = opened.page
    assert page.locator(".rail .level.on").inner_text().startswith("L1")  # what looks fractured, not what is topmost
    expect(page.locator(".impression").get_by_role("button", name="Assess L1", exact=True)).to_be_visible()
    page.locator("body").press("Control+Enter")
    expect(page.locator(".foot").get_by_role("button", name="Assess L1", exact=True)).to_be_focused()
    page.locator(".foot").get_by_role("button", name="L1: cannot tell").click()
    expect(page.locator(".impression")).to_contain_text("Whether L1 is fractured could not be told, by the reader")
    expect(page.locator(".foot").get_by_role("button", name="Sign", exact=True)).to_be_enabled()
    page.locator("body").press("Control+z")
    page.locator(".foot").get_by_role("button", name="No recent fracture to assess: sign as it is").click()
    page.get_by_text("Signed by").wait_for()
    assert opened.view()["reading"]["status"] == "confirmed"
    assert opened.view()["history"][0]["words"] == "No recent fracture to assess"


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900), (1920, 1080)])
def test_on_first_use_the_tour_leaves_the_score_in_sight(open_reading, width, height):
    page = open_reading(width=width, height=height).page
    tour = page.get_by_role("region", name="Tour")
    expect(tour).to_be_visible()
    seen = page.locator(".panel .scroll").bounding_box()
    for part in (".total", ".sentence"):  # the total with its group and doubt, and for whom it holds
        expect(page.locator(f"[data-score] {part}")).to_be_in_viewport(ratio=1)
        box = page.locator(f"[data-score] {part}").bounding_box()
        assert box["y"] + box["height"] <= seen["y"] + seen["height"]
    over = tour.bounding_box()
    for view in page.locator(".view").all():  # beside the work, never over it
        box = view.bounding_box()
        assert box["y"] + box["height"] <= over["y"] + 0.5
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        if folder := os.environ.get("OVCF_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/tour-{theme}-{width}.png")
