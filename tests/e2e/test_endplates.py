"""An endplate is taken as a line with two ends, by pointer and by keys; numbers are those of the new points.

On the small reading: L1 is wedged, on an MR plane (set a) and on a film (set b).
"""

import math

import pytest

from tests.e2e import han
from tests.e2e.conftest import becomes
from tests.server.small_reading import LEVELS, body, on_film, small_reading

pytestmark = pytest.mark.slow
T12, L1, L2 = (body(level) for level in LEVELS[1:4])
SA, SP, IA, IP, SM, IM = range(6)


@pytest.fixture
def opened(reopened):
    return reopened(small_reading())


def on_line(a, b, share=0.25):
    return tuple(p + (q - p) * share for p, q in zip(a, b, strict=True))


def press(opened, landmark_set, at, by):
    """Drag what lies at a place of the frame by so many millimetres of it."""
    scale = opened.camera(landmark_set)["scale"]
    opened.drag(opened.on_screen(landmark_set, at), [scale * k for k in by])


def points(opened, vertebra):
    return opened.view()["vertebrae"][vertebra]["points"]


def vhl(opened):
    return float(opened.in_table("vhl-han", "MR").split("%")[0])


def test_dragging_the_line_moves_both_ends_and_the_middle_alike(opened):
    opened.select("a", "L1")
    press(opened, "a", on_line(L1[SA], L1[SM], 0.5), (0.5, 4.0))
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra, edit.endplate) == ("move endplate", "a3", "superior")
    now = points(opened, "a3")
    shifts = [math.dist(now[k], L1[k]) for k in (SA, SP, SM)]
    assert shifts == pytest.approx([shifts[0]] * 3)
    assert now[SA][1] - L1[SA][1] == pytest.approx(4.0, abs=0.6 / opened.camera("a")["scale"])
    assert [now[k] for k in (IA, IP, IM)] == [list(L1[k]) for k in (IA, IP, IM)]
    assert vhl(opened) == pytest.approx(han.height_loss_percent(T12, now, L2), abs=0.051)
    assert opened.view()["vertebrae"]["a3"]["moved"] == ["superior_anterior", "superior_posterior", "superior_middle"]


def test_an_end_of_the_line_that_is_taken_turns_it_and_the_middle_goes_half_way(opened):
    opened.select("a", "L1")
    opened.click("a", on_line(L1[IP], L1[IM]))
    opened.page.locator('[data-endplate="inferior"]').first.wait_for()
    opened.page.get_by_text("L1 inferior endplate, automatic").wait_for()
    press(opened, "a", L1[IP], (0, -4.0))
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.endplate, edit.anterior) == ("move endplate", "inferior", None)
    went = edit.posterior[1] - L1[IP][1]
    assert went == pytest.approx(-4.0, abs=0.6 / opened.camera("a")["scale"])
    assert edit.middle[1] - L1[IM][1] == pytest.approx(went / 2)
    assert opened.view()["history"][0]["words"] == "L1: inferior endplate posterior end moved"


def test_a_middle_that_a_reader_placed_stays_when_an_end_is_turned(opened):
    opened.select("a", "L1")
    opened.drag(opened.handle("a", "superior_middle"), (0, 8))
    placed = points(opened, "a3")[SM]
    opened.page.keyboard.press("e")
    opened.page.keyboard.press("Tab")  # its anterior end
    opened.by_keys("Shift+ArrowDown")
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.middle, edit.posterior) == ("move endplate", None, None)
    assert edit.anterior == pytest.approx((L1[SA][0], L1[SA][1] + 1))
    assert points(opened, "a3")[SM] == placed


def test_by_keys_the_line_is_taken_shifted_and_the_other_one_taken(opened):
    opened.select("a", "L1")
    opened.by_keys("e", "ArrowDown", "ArrowDown", "Shift+ArrowDown")
    opened.by_keys("e", "ArrowUp")
    now = points(opened, "a3")
    assert [now[k][1] - L1[k][1] for k in (SA, SP, SM, IA, IP, IM)] == pytest.approx([1.4] * 3 + [-0.2] * 3)
    assert [e.kind for e in opened.saved().edits] == ["move endplate"] * 2
    named = opened.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert named == "L1 inferior endplate"


def test_the_line_is_taken_on_a_film_too_and_undo_brings_it_back(opened):
    opened.select("b", "L1")
    before = points(opened, "b3")
    opened.drag(opened.on_screen("b", on_film(on_line(L1[SA], L1[SM], 0.5))), (2, 9))
    assert opened.saved().edits[-1].kind == "move endplate"
    now = points(opened, "b3")
    assert now[SP][1] - before[SP][1] == pytest.approx(9 / opened.camera("b")["scale"], rel=0.1)
    shown = float(opened.in_table("vhl-han", "Radiograph").split("%")[0])
    expected = han.height_loss_percent([on_film(p) for p in T12], now, [on_film(p) for p in L2])
    assert shown == pytest.approx(expected, abs=0.051)
    opened.page.keyboard.press("Control+z")
    opened.settled()
    assert points(opened, "b3") == before


def test_numbers_follow_while_the_line_is_held_and_escape_lets_it_go(opened):
    opened.measured_on("MR")
    opened.select("a", "L1")
    before = opened.text("Vertebral height loss")
    opened.drag(opened.on_screen("a", on_line(L1[SA], L1[SM], 0.5)), (0, 14), drop=False)
    opened.page.wait_for_function(
        "was => document.querySelector('[data-item=\"Vertebral height loss\"] .value').innerText !== was", arg=before
    )
    opened.page.keyboard.press("Escape")
    opened.page.mouse.up()
    becomes(opened.page, lambda: opened.text("Vertebral height loss"), before)
    opened.page.wait_for_timeout(400)  # nothing is sent later, either
    assert [e for e in opened.saved().edits if e.kind == "move endplate"] == []
