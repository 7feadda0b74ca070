"""Two people on one reading, each in a browser of their own: both versions stand side by side, and none is lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import han
from tests.e2e.registry import saved, view
from tests.study.served import StudyPlace, serving, signed_in

pytestmark = pytest.mark.slow
L1 = "a3"
"""L1 on the MR plane of the small reading."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    pytest.importorskip("sqlalchemy", reason="needs the extra `serve`")
    made = StudyPlace(tmp_path_factory.mktemp("two") / "data", depths=(4.0, 6.0, 8.0))
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def address(place, tmp_path_factory):
    with serving(place, place.registry.files.folder.parent, "r1", "r2") as found:
        yield found


@pytest.fixture(scope="module")
def people(browser, address):
    """The pages of both readers, signed in."""
    pages = [signed_in(browser, address, code) for code in ("r1", "r2")]
    yield pages
    for page in pages:
        page.context.close()


@pytest.fixture(params=[0])
def both(people, address, request):
    """Both readers with the same reading open; each test has another one."""
    number = request.param
    patients = people[0].request.get(f"{address}/api/v1/patients").json()["items"]
    patient = sorted((p for p in patients if re.fullmatch(r"P-\d", p["code"])), key=lambda p: p["code"])[number]
    (reading,) = people[0].request.get(f"{address}/api/v1/patients/{patient['id']}/readings").json()
    for page in people:
        page.goto(f"{address}/readings/{reading['id']}/")
        page.wait_for_selector("[data-handle]")
        page.locator(".rail .level", has_text="L1").click()
    return people


def drag(page, by, point="superior_anterior"):
    """Drag a corner of L1 on the MR plane by so many pixels of the screen."""
    corner = page.locator(f'[data-set="a"] [data-handle="{point}"]').first
    corner.wait_for()
    page.wait_for_timeout(200)
    box = corner.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 4):
        page.mouse.move(x + by[0] * k / 3, y + by[1] * k / 3)
    page.mouse.up()


def bodies(found):
    return {v["level"]: v["points"] for v in found["vertebrae"].values() if v["set"] == "a"}


def card(page):
    page.get_by_text("Somebody else has changed this reading meanwhile").wait_for()
    one = page.locator("[data-conflict]")
    one.first.wait_for()
    return one


def loss(found):
    levels = bodies(found)
    return han.height_loss_percent(levels["T12"], levels["L1"], levels["L2"])


@pytest.mark.parametrize("both", [0], indirect=True)
def test_one_point_moved_by_two_stands_twice_and_one_is_chosen(both, shots):
    mine, theirs = both
    drag(theirs, (0, -14))
    saved(theirs)
    as_it_is = view(theirs)
    drag(mine, (0, 10))
    one = card(mine)
    expect(one).to_have_count(1)
    left, right = (one.locator(f'[data-side="{side}"]').inner_text() for side in ("mine", "theirs"))
    assert "L1: superior anterior moved" in left
    assert "Reader 1" in left
    assert "Reader 2" in right
    assert re.search(r"\d{4}", right)  # and when
    expect(one.locator("canvas.image")).to_have_count(1)
    expect(one.locator(".version.mine .mark")).to_have_count(1)
    expect(one.locator(".version.theirs circle")).to_have_count(1)
    numbers = one.locator("tbody tr", has_text="Vertebral height loss").first.locator("td").all_inner_texts()
    assert numbers[1] == f"{loss(as_it_is):.1f}%"
    assert numbers[0] != numbers[1]
    expect(mine.get_by_role("button", name="Sign", exact=True)).to_be_disabled()
    shots(mine, "conflict")
    one.get_by_role("button", name="Take mine").click()
    saved(mine)
    mine.locator(".conflict").wait_for(state="detached")
    now = view(mine)
    assert [h["reader"] for h in now["history"]] == ["Reader 1", "Reader 2"]  # newest first; neither is lost
    assert numbers[0] == f"{loss(now):.1f}%"
    theirs.reload()
    theirs.wait_for_selector("[data-handle]")
    assert bodies(view(theirs)) == bodies(now)


@pytest.mark.parametrize("both", [1], indirect=True)
def test_what_is_not_taken_stays_in_the_history_and_what_touches_nothing_is_laid_over(both):
    mine, theirs = both
    drag(theirs, (0, -12))
    saved(theirs)
    as_it_is = view(theirs)
    mine.context.set_offline(True)
    drag(mine, (3, 9))
    mine.get_by_text("Offline, 1 edit kept here").wait_for()
    drag(mine, (0, 8), "inferior_anterior")
    mine.get_by_text("Offline, 2 edits kept here").wait_for()
    mine.context.set_offline(False)
    expect(card(mine)).to_have_count(2)
    mine.get_by_role("button", name="Take theirs").click()
    saved(mine)
    mine.wait_for_function("() => document.querySelectorAll('[data-conflict]').length === 1")
    now = view(mine)
    assert bodies(now)["L1"] == bodies(as_it_is)["L1"]
    newest = now["history"][0]
    assert (newest["reader"], newest["in_force"]) == ("Reader 1", False)
    mine.get_by_role("button", name=re.compile("^Lay over the one")).click()
    saved(mine)
    mine.locator(".conflict").wait_for(state="detached")
    after = bodies(view(mine))["L1"]
    assert after[0] == bodies(as_it_is)["L1"][0]
    assert after[2] != bodies(as_it_is)["L1"][2]
    back = mine.get_by_role("button", name=re.compile("^Bring back: L1: superior anterior"))
    mine.get_by_role("tab", name="History").click()
    back.first.click()
    saved(mine)
    assert bodies(view(mine))["L1"][0] != after[0]


@pytest.mark.parametrize("both", [2], indirect=True)
def test_the_choice_outlives_a_reload_while_the_line_was_down(both):
    mine, theirs = both
    mine.route("**/api/edits", lambda route: route.abort())
    drag(mine, (0, 9))
    mine.get_by_text("Offline, 1 edit kept here").wait_for()
    drag(theirs, (0, -9))
    saved(theirs)
    as_it_is = view(theirs)
    mine.unroute("**/api/edits")
    mine.reload()
    mine.wait_for_selector("[data-handle]")
    one = card(mine)
    assert bodies(view(mine)) == bodies(as_it_is)  # nothing was laid over it unasked
    one.get_by_role("button", name="Take mine").click()
    saved(mine)
    assert bodies(view(mine))["L1"][0] != bodies(as_it_is)["L1"][0]
