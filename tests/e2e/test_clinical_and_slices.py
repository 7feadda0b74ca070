"""What images cannot tell, and what a reader takes out of the signal: the form, slices, regions drawn by hand."""

import math

import pytest
from playwright.sync_api import expect

from tests.e2e.pictures import pictured
from tests.server.small_reading import LEVELS, body, on_film

pytestmark = pytest.mark.slow


def field(opened, name):
    return opened.page.locator(f'[data-clinical="{name}"]')


@pytest.fixture
def form(open_reading):
    opened = open_reading()
    opened.page.get_by_role("tab", name="Patient").click()
    return opened


def test_facts_are_entered_typed_and_one_key_says_unknown_again(form):
    score = field(form, "t_score_l2")
    score.fill("-9")
    score.press("Enter")
    form.page.get_by_text("from -8 to 6").wait_for()
    assert form.saved().edits == ()
    score.fill("−3,4")
    score.press("Enter")
    form.settled()
    assert field(form, "t_score_l2").input_value() == "-3.4"
    field(form, "treatment").select_option(label="none")
    form.settled()
    entered = [(e.field, e.value) for e in form.saved().edits]
    assert entered == [("t_score_l2", -3.4), ("treatment", "none")]
    field(form, "t_score_l2").press("u")
    form.settled()
    assert form.saved().edits[-1].value is None
    assert field(form, "t_score_l2").input_value() == ""


def test_a_red_flag_entered_by_its_letter_stands_first_at_once(form):
    expect(form.page.locator(".band.urgent")).to_have_count(0)
    answer = field(form, "neurology.saddle_anaesthesia")
    answer.focus()
    form.page.keyboard.press("y")
    form.page.locator(".band.urgent").first.wait_for()
    form.settled()
    assert [(e.field, e.value) for e in form.saved().edits] == [("neurology.saddle_anaesthesia", True)]
    field(form, "neurology.saddle_anaesthesia").focus()
    form.page.keyboard.press("u")
    form.settled()
    expect(form.page.locator(".band.urgent")).to_have_count(0)


def test_what_is_urgent_is_asked_first_and_one_key_says_none_of_these(open_reading):
    opened = open_reading()
    page, asked = opened.page, opened.page.locator("[data-ask]")
    fields = asked.evaluate_all("rows => rows.map(row => row.dataset.ask.split('.')[1])")
    assert fields == ["bladder_or_bowel", "saddle_anaesthesia", "progressive_weakness", "gait_change"]
    asked.filter(has_text="Saddle").get_by_role("button", name="No", exact=True).click()
    opened.settled()
    assert asked.count() == 3
    opened.by_keys("0")
    expect(page.locator(".ask-first")).to_have_count(0)
    neurology = opened.view()["clinical"][2]["facts"]
    assert [fact["value"] for fact in neurology[:4]] == [False] * 4
    assert opened.view()["history"][0]["words"] == "New gait disturbance: no"
    page.keyboard.press("Control+z")
    opened.settled()
    asked.get_by_role("button", name="Yes").click()  # the last answer was taken back, and a yes is told above all
    page.locator(".band.urgent").wait_for()
    opened.settled()
    assert "not been acknowledged: " in opened.view()["reading"]["open"][0]


def test_a_fact_is_found_among_the_many(form):
    page = form.page
    page.get_by_role("searchbox", name="Find a fact").fill("t-score of l")
    found = page.locator("[data-clinical]").evaluate_all("fields => fields.map(f => f.dataset.clinical)")
    assert found[:4] == ["t_score_l1", "t_score_l2", "t_score_l3", "t_score_l4"]
    page.get_by_role("searchbox", name="Find a fact").fill("")


def test_a_slice_is_left_out_of_the_marrow_and_read_again(open_reading, digital_patient):
    opened = open_reading(digital_patient)
    view = opened.view()
    mri = next(s for s in view["sets"] if s["modality"] == "MR")
    identity = opened.select(mri["id"], "L1")
    pictured(opened.page, "reading")
    before = opened.view()["measurements"]
    opened.page.get_by_role("button", name="out of its marrow").first.click()
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra) == ("exclude", identity)
    assert edit.slice is not None
    expect(opened.page.locator(".strip").filter(has_text="T2")).to_contain_text(
        f"slice {edit.slice + 1} ·"
    )  # the strip counts as the button does
    assert opened.view()["vertebrae"][identity]["slices_out"][0]["slice"] == edit.slice
    opened.page.get_by_role("button", name="Read its marrow on").first.click()
    opened.settled()
    assert opened.view()["vertebrae"][identity]["slices_out"] == []
    assert opened.view()["measurements"] == before


def test_a_region_of_bone_quality_is_drawn_shown_and_taken_back(open_reading, digital_patient):
    opened = open_reading(digital_patient)
    mri = next(s for s in opened.view()["sets"] if s["modality"] == "MR")
    identity = opened.select(mri["id"], "L3")
    stage = next(s for s in opened.view()["series"] if s["set"] == mri["id"] and s["role"] == "sagittal T2")
    opened.page.locator(f'[data-series="{stage["uid"]}"]').hover()
    assert opened.page.locator('[data-region="body"]').count() >= 1
    opened.page.get_by_role("button", name="Draw its region of bone quality").first.click()
    points = opened.view()["vertebrae"][identity]["points"]
    centre = [sum(p[k] for p in points[:4]) / 4 for k in (0, 1)]
    turns = [2 * math.pi * k / 60 for k in range(58)]
    ring = [(centre[0] + 6 * math.cos(t), centre[1] + 6 * math.sin(t)) for t in turns]
    opened.page.mouse.move(*opened.on_screen(mri["id"], ring[0]))
    opened.page.mouse.down()
    for p in ring[1:]:
        opened.page.mouse.move(*opened.on_screen(mri["id"], p))
    opened.page.mouse.up()
    opened.settled()
    edit = opened.saved().edits[-1]
    assert (edit.kind, edit.vertebra, edit.region) == ("place region", identity, "body")
    (region,) = [r for r in opened.view()["regions"][identity] if r["edits"]]
    assert (region["series"], region["slice"]) == (edit.series, edit.slice)
    expect(opened.page.locator("path.region.mine")).to_have_count(1)
    opened.page.get_by_role("button", name="Take back its region of bone quality").first.click()
    opened.settled()
    assert not [r for r in opened.view()["regions"][identity] if r["edits"]]


def test_a_body_that_is_clicked_comes_into_view_on_the_other_image(open_reading):
    """The film follows the MR by level; an image that shows it already stays as it is."""
    opened = open_reading()
    page, stage = opened.page, opened.page.locator(".stage[data-set=b]").bounding_box()
    before = opened.camera("b")
    opened.select("a", "L1")
    assert opened.camera("b") == before
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    for _ in range(30):
        page.keyboard.press("Shift+ArrowDown")  # down to below the spine
    page.wait_for_timeout(150)
    assert opened.on_screen("b", on_film(body(LEVELS[2])[2]))[1] < stage["y"]
    opened.select("a", "L1")
    page.wait_for_timeout(150)
    for point in body(LEVELS[2]):
        assert stage["y"] < opened.on_screen("b", on_film(point))[1] < stage["y"] + stage["height"]
