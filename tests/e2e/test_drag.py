"""A point is dragged in the browser: every number shown is that of the new points, and the file holds the edit."""

import math

import pytest

from tests.e2e import han
from tests.e2e.conftest import becomes

pytestmark = pytest.mark.slow
LEVELS = ("T12", "L1", "L2")
FILM, MR = "radiograph", "MR"


@pytest.fixture
def opened(open_reading, digital_patient):
    return open_reading(digital_patient)


def set_of(view, modality):
    return next(s["id"] for s in view["sets"] if s["modality"] == modality)


def vertebra(view, landmark_set, level):
    """(identity, points) of a level on an image."""
    found = [(i, v["points"]) for i, v in view["vertebrae"].items() if (v["set"], v["level"]) == (landmark_set, level)]
    return found[0]


def expected(opened, points):
    """VHL, KA and total by hand; what is not drawn comes from the clinical file and the reading's own T2 item."""
    view = opened.view()
    vhl, ka = han.height_loss_percent(*points), han.kyphosis_deg(points[0], points[2])
    findings = {i["name"]: i["finding"] for i in view["score"]["items"]}
    case = opened.saved().case
    total = han.total(
        burst=case.fracture_type == "burst",
        vhl=vhl,
        kyphosis=ka,
        diffuse_low=findings["T2 signal"] == "diffuse low",
        t_score=case.t_score,
    )
    return vhl, ka, total


def measured_on(opened, words):
    opened.page.get_by_role("button", name=words, exact=True).click()
    opened.settled()


def lit(opened, modality):
    """What the table shows for VHL and KA on an image."""
    heads = opened.page.locator("table.rows thead th").all_inner_texts()
    column = heads.index("Radiograph" if modality == FILM else modality) - 1
    cell = '[data-measurement="{}"] td >> nth={}'
    return [opened.page.locator(cell.format(m, column)).first.inner_text() for m in ("vhl-han", "ka-han")]


@pytest.mark.parametrize(
    ("modality", "point", "by"), [(MR, "superior_anterior", (-2, -14)), (FILM, "inferior_anterior", (3, 12))]
)
def test_height_loss_kyphosis_and_total_are_those_of_the_dragged_point(opened, modality, point, by):
    measured_on(opened, "Radiograph" if modality == FILM else modality)
    view = opened.view()
    on = set_of(view, modality)
    triple = [vertebra(view, on, level) for level in LEVELS]
    place = view["point_names"].index(point)
    scale = opened.camera(on)["scale"]
    was = opened.text("Vertebral height loss")

    opened.drag(opened.handle(on, point), by)

    points = [[list(p) for p in corners] for _, corners in triple]
    points[1][place] = [points[1][place][0] + by[0] / scale, points[1][place][1] + by[1] / scale]
    now = vertebra(opened.view(), on, "L1")[1]
    assert now[place] == pytest.approx(points[1][place], abs=0.6 / scale)  # a pixel of the screen, rounded
    vhl, ka, total = expected(opened, [points[0], now, points[2]])
    assert opened.text("Vertebral height loss").split(" ")[0] == f"{vhl:.1f}%"
    assert opened.text("Local kyphosis angle").split("°")[0] == f"{ka:.1f}"
    assert float(opened.total()) == total
    assert opened.text("Vertebral height loss") != was
    shown = lit(opened, modality)
    assert shown[0].startswith(f"{vhl:.1f}%")
    assert shown[1].startswith(f"{ka:.1f}°")
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra, edit.point, edit.reader) == ("move point", triple[1][0], point, "A. Reader")
    assert list(edit.to) == now[place]


def test_numbers_follow_while_the_point_is_held_and_nothing_is_written(opened):
    measured_on(opened, "MR")
    before, edits = opened.text("Vertebral height loss"), len(opened.saved().edits)
    on = set_of(opened.view(), MR)
    opened.drag(opened.handle(on, "superior_anterior"), (0, -16), drop=False)
    becomes(opened.page, lambda: opened.text("Vertebral height loss") != before, expected=True)
    assert len(opened.saved().edits) == edits
    opened.page.keyboard.press("Escape")
    opened.page.mouse.up()
    becomes(opened.page, lambda: opened.text("Vertebral height loss"), before)
    opened.page.wait_for_timeout(500)  # nothing is sent later, either
    assert len(opened.saved().edits) == edits


def test_an_edit_outlives_a_reload_and_undo_restores_what_was(opened):
    on = set_of(opened.view(), MR)
    before = opened.view()
    opened.drag(opened.handle(on, "superior_posterior"), (6, -9))
    moved = opened.text("Vertebral height loss")
    opened.page.reload()
    opened.page.wait_for_selector("[data-handle]")
    assert opened.text("Vertebral height loss") == moved
    opened.page.keyboard.press("Control+z")
    opened.settled()
    now = opened.view()
    listed = ("reading", "history")
    assert {k: v for k, v in now.items() if k not in listed} == {k: v for k, v in before.items() if k not in listed}
    opened.page.keyboard.press("Control+y")
    opened.settled()
    assert opened.text("Vertebral height loss") == moved


def test_dragging_a_name_moves_the_whole_vertebra(opened):
    view = opened.view()
    on = set_of(view, MR)
    identity, before = vertebra(view, on, "L3")
    box = opened.page.locator(f'[data-set="{on}"] [data-name="{identity}"]').first.bounding_box()
    opened.drag((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), (7, 3))
    after = vertebra(opened.view(), on, "L3")[1]
    shifts = [(q[0] - p[0], q[1] - p[1]) for p, q in zip(before, after, strict=True)]
    assert all(s == pytest.approx(shifts[0]) for s in shifts)
    assert math.hypot(*shifts[0]) == pytest.approx(math.hypot(7, 3) / opened.camera(on)["scale"], rel=0.15)


def test_the_page_asks_nobody_but_its_own_server(opened):
    on = set_of(opened.view(), MR)
    opened.drag(opened.handle(on, "inferior_middle"), (1, 4))
    home = opened.address.split("/?")[0]
    assert opened.asked
    assert [url for url in opened.asked if not url.startswith((f"{home}/", "blob:"))] == []
