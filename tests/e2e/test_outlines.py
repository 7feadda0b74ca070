"""An outline is corrected by brush and at its edge: areas by hand, in mm2, from the strokes that were made.

On the small reading, where the outline of L1 is the quadrilateral of its corners; and on the small patient with T1, T2,
STIR and a label map, whose marrow is read inside the outlines.
"""

import math

import pytest
from playwright.sync_api import expect

from ovcf.reading.file import read_reading
from ovcf.reading.session import Session
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient
from tests.e2e.conftest import becomes
from tests.server.small_reading import LEVELS, body, on_film, ring, small_reading

pytestmark = pytest.mark.slow
L1 = body(LEVELS[2])
FLOOR = L1[2][1]
"""The inferior endplate of L1 runs level from x = 20 to 54 mm."""
RADIUS, REACH = 2.5, 7.0
"""What the page begins with, in mm."""


@pytest.fixture
def opened(reopened):
    found = reopened(small_reading())
    found.select("a", "L1")
    found.page.keyboard.press("c")
    found.page.get_by_text("Outline of L1:").wait_for()
    return found


def shoelace(points):
    following = [*points[1:], points[0]]
    return abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, following, strict=True))) / 2


WHOLE = shoelace(ring(L1))


def stroke(opened, landmark_set, places, key=None):
    """Press at the first place of the frame and go on to the others; edits are saved at the end."""
    mouse = opened.page.mouse
    mouse.move(*opened.on_screen(landmark_set, places[0]))
    if key:
        opened.page.keyboard.down(key)
    mouse.down()
    for place in places[1:]:
        mouse.move(*opened.on_screen(landmark_set, place), steps=4)
    mouse.up()
    if key:
        opened.page.keyboard.up(key)
    opened.settled()


def drawn(opened, vertebra="a3"):
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra) == ("redraw outline", vertebra)
    assert opened.view()["outlines"][vertebra] == [list(p) for p in edit.outline]
    return edit


def band(length, radius=RADIUS):
    """Half of what a round brush covers that goes along a straight edge."""
    return length * radius + math.pi * radius**2 / 2


def test_what_is_painted_belongs_to_the_body_and_shift_takes_it_away(opened):
    pixel = 1 / opened.camera("a")["scale"]
    stroke(opened, "a", [(30, FLOOR), (44, FLOOR)])
    painted = drawn(opened)
    assert painted.tool == "brush"
    assert painted.offset_mm is None
    assert shoelace(painted.outline) - WHOLE == pytest.approx(band(14), abs=14 * pixel + 1)
    assert {tuple(map(float, p)) for p in ring(L1)} <= set(painted.outline)  # corners away from the brush stay
    assert len(painted.outline) < 60
    stroke(opened, "a", [(30, FLOOR), (44, FLOOR)], key="Shift")
    assert shoelace(drawn(opened).outline) - WHOLE == pytest.approx(-band(14), abs=14 * pixel + 1)
    words = [entry["words"] for entry in opened.view()["history"]]
    assert words == ["L1: outline corrected with the brush"] * 2


def test_numbers_that_need_points_stay_and_undo_redo_and_a_reload_know_every_stroke(opened):
    page, before = opened.page, opened.view()
    stroke(opened, "a", [(30, FLOOR), (44, FLOOR)])
    one = drawn(opened).outline
    stroke(opened, "a", [(22, FLOOR - 6), (22, FLOOR - 10)])
    two = drawn(opened).outline
    assert opened.view()["vertebrae"]["a3"]["points"] == before["vertebrae"]["a3"]["points"]
    assert opened.view()["measurements"]["vhl-han"] == before["measurements"]["vhl-han"]
    page.keyboard.press("Control+z")
    opened.settled()
    assert opened.view()["outlines"]["a3"] == [list(p) for p in one]
    page.keyboard.press("Control+y")
    opened.settled()
    page.reload()
    page.wait_for_selector("[data-handle]")
    assert opened.view()["outlines"]["a3"] == [list(p) for p in two]


def test_the_brush_grows_and_shrinks_by_key_and_wheel(opened):
    page = opened.page
    shown = page.get_by_label("Radius of the brush")
    assert float(shown.input_value()) == RADIUS
    page.keyboard.press("]")
    becomes(page, lambda: float(shown.input_value()) > RADIUS, expected=True)
    larger = float(shown.input_value())
    page.mouse.move(*opened.on_screen("a", (37, 100)))
    page.keyboard.down("Alt")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Alt")
    becomes(page, lambda: float(shown.input_value()) > larger, expected=True)
    radius = float(shown.input_value())
    stroke(opened, "a", [(32, FLOOR), (42, FLOOR)])
    pixel = 1 / opened.camera("a")["scale"]
    assert shoelace(drawn(opened).outline) - WHOLE == pytest.approx(band(10, radius), abs=10 * pixel + 1)


def test_a_dragged_edge_follows_near_the_pointer_and_stays_beyond_its_reach(opened):
    opened.page.keyboard.press("d")
    stroke(opened, "a", [(37, FLOOR), (37, FLOOR + 3)])
    edit = drawn(opened)
    assert edit.tool == "edge"
    deepest = max(p[1] for p in edit.outline)
    assert deepest - FLOOR == pytest.approx(3, abs=1.2 / opened.camera("a")["scale"])
    # half a wave of a cosine to either side: its integral is depth times reach
    assert shoelace(edit.outline) - WHOLE == pytest.approx((deepest - FLOOR) * REACH, abs=0.5)
    assert all(abs(p[1] - FLOOR) < 0.02 for p in edit.outline if p[1] > 111.5 and abs(p[0] - 37) > REACH + 0.5)


def test_numbers_and_line_follow_while_the_brush_is_down_and_escape_leaves_all_as_it_was(opened):
    page, mouse = opened.page, opened.page.mouse
    line = page.locator('[data-outline="a3"] .shape').first
    before = line.get_attribute("d")
    mouse.move(*opened.on_screen("a", (30, FLOOR)))
    mouse.down()
    mouse.move(*opened.on_screen("a", (40, FLOOR)), steps=4)
    expect(line).not_to_have_attribute("d", before)
    page.keyboard.press("Escape")
    mouse.move(*opened.on_screen("a", (44, FLOOR)))
    mouse.up()
    expect(line).to_have_attribute("d", before)
    page.wait_for_timeout(300)  # nothing is sent later, either
    assert opened.saved().edits == ()


def test_by_keys_the_edge_is_held_pushed_and_the_whole_outline_moved(opened):
    page = opened.page
    page.mouse.move(*opened.on_screen("a", (37, FLOOR + 1)))
    page.keyboard.press("d")
    opened.by_keys("Shift+ArrowDown", "ArrowDown", "ArrowDown")
    edge = drawn(opened).outline
    assert max(p[1] for p in edge) - FLOOR == pytest.approx(1.4, abs=0.02)
    assert shoelace(edge) - WHOLE == pytest.approx(1.4 * REACH, abs=0.3)
    opened.by_keys("w", "Shift+ArrowLeft")
    moved = drawn(opened).outline
    assert moved == tuple((pytest.approx(x - 1), pytest.approx(y)) for x, y in edge)
    page.keyboard.press("Enter")
    page.locator(".guide").wait_for(state="hidden")
    assert len(opened.saved().edits) == 2


def test_erasing_all_of_it_is_refused(opened):
    opened.page.keyboard.press("e")
    for _ in range(20):
        opened.page.keyboard.press("]")
    stroke(opened, "a", [(x, y) for y in (90, 100, 110) for x in (18, 56)])
    opened.page.get_by_text("That would leave nothing.").wait_for()
    assert opened.saved().edits == ()


def test_on_a_film_without_an_outline_the_line_through_the_points_is_corrected(opened):
    page = opened.page
    page.keyboard.press("Escape")
    opened.select("b", "L1")
    page.keyboard.press("c")
    page.get_by_text("Outline of L1:").wait_for()
    expect(page.get_by_text("All slices follow")).to_have_count(0)
    stroke(opened, "b", [on_film((30, FLOOR)), on_film((44, FLOOR))])
    edit = drawn(opened, "b3")
    assert edit.offset_mm is None
    assert max(p[1] for p in edit.outline) > on_film((0, FLOOR + 1))[1]


def fingers(opened):
    """``touch(kind, *places of the screen)``: one event of fingers, as the browser gets it from a tablet."""
    session = opened.page.context.new_cdp_session(opened.page)

    def touch(kind, *places):
        points = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_one_finger_paints_and_a_second_one_takes_the_stroke_back(opened):
    touch = fingers(opened)

    def along(x):
        return opened.on_screen("a", (x, FLOOR))

    touch("touchStart", along(30))
    for x in (34, 39, 44):
        touch("touchMove", along(x))
    touch("touchEnd")
    opened.settled()
    painted = drawn(opened).outline
    assert shoelace(painted) - WHOLE == pytest.approx(band(14), abs=14 / opened.camera("a")["scale"] + 1)
    touch("touchStart", along(22))
    touch("touchMove", along(26))
    touch("touchStart", along(26), along(50))
    touch("touchMove", along(25), along(51))
    touch("touchEnd")
    opened.page.wait_for_timeout(300)
    assert opened.view()["outlines"]["a3"] == [list(p) for p in painted]
    assert len(opened.saved().edits) == 1


# --- on slices


@pytest.fixture(scope="module")
def with_marrow(tmp_path_factory):
    made = write_patient(tmp_path_factory.mktemp("marrow"))
    return begin_reading(draft_from_files(made.images, clinical=made.case, labels=[made.labels], anchors=["2=L1"]))


def edema_area(opened):
    """The area of L1 that edema was read in, on all slices, in mm2."""
    (found,) = [
        m
        for m in Session(read_reading(opened.path)).assessment().measurements
        if m.method.id == "bme-percent" and m.index_level == "L1"
    ]
    return dict(found.details)["body area, all slices [mm2]"]


def on_slices(opened, vertebra):
    """The outlines of a vertebra on every slice, as the server tells them."""
    return opened.page.request.get(opened.address.split("?")[0] + f"api/slices/{vertebra}").json()


def slice_shown(opened):
    return opened.page.locator(".strip .right", has_text="slice").first.inner_text()


def test_beside_the_points_one_slice_alone_is_corrected_and_edema_is_read_anew(reopened, with_marrow):
    opened = reopened(with_marrow)
    page = opened.page
    index = next(i for i, v in opened.view()["vertebrae"].items() if v["level"] == "L1")
    on = opened.view()["vertebrae"][index]["set"]
    opened.select(on, "L1")
    before, words = edema_area(opened), slice_shown(opened)
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.locator("[data-on-slice]").first.wait_for()
    assert slice_shown(opened) != words
    page.keyboard.press("c")
    page.get_by_text("This slice alone.").wait_for()
    page.keyboard.press("e")
    x, y = (sum(p[k] for p in opened.view()["vertebrae"][index]["points"][:4]) / 4 for k in (0, 1))
    stroke(opened, on, [(x - 4, y), (x + 4, y)])  # within the body, which a ring cannot show
    assert opened.saved().edits == ()
    edge = max(p[0] for o in on_slices(opened, index) for p in o["outline"])
    stroke(opened, on, [(edge, y - 3), (edge, y + 3)])
    edit = opened.saved().edits[-1]
    assert edit.tool == "brush"
    assert abs(edit.offset_mm) > 2
    assert before - edema_area(opened) == pytest.approx(band(6), abs=8)
    side = "right" if edit.offset_mm > 0 else "left"
    said = f"L1: outline corrected with the brush on the slice {abs(edit.offset_mm):.1f} mm to the {side}"
    assert opened.view()["history"][0]["words"] == said
    page.reload()
    page.wait_for_selector("[data-handle]")
    assert edema_area(opened) < before
    page.keyboard.press("Control+z")
    opened.settled()
    assert edema_area(opened) == pytest.approx(before)


def test_in_the_plane_of_the_points_every_slice_follows(reopened, with_marrow):
    opened = reopened(with_marrow)
    view = opened.view()
    index = next(i for i, v in view["vertebrae"].items() if v["level"] == "L1")
    on = view["vertebrae"][index]["set"]
    opened.select(on, "L1")
    before = edema_area(opened)
    opened.page.keyboard.press("c")
    opened.page.get_by_text("All slices follow.").wait_for()
    outline = view["outlines"][index]
    edge, y = max(outline, key=lambda p: p[0])
    y = sum(p[1] for p in view["vertebrae"][index]["points"][:4]) / 4
    stroke(opened, on, [(edge, y - 3), (edge, y + 3)], key="Shift")
    lost = shoelace(outline) - shoelace(opened.saved().edits[-1].outline)
    slices = sum(1 for o in on_slices(opened, index) if o["series"].endswith("stir.nii.gz"))
    assert slices > 3
    assert (before - edema_area(opened)) / slices == pytest.approx(lost, rel=0.25)
