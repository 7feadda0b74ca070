"""The registry in the browser: a study is dropped, read, signed, and followed at the next visit."""

import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import han
from tests.e2e.conftest import DRAWN, becomes
from tests.e2e.registry import AXE, SECOND, Service, api, belongs, drop, saved, two_visits, view
from tests.e2e.spoken import english_left

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """The studies of a digital patient at two visits, half a year apart, as zip files."""
    return two_visits(tmp_path_factory.mktemp("digital"))


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    pytest.importorskip("sqlalchemy", reason="needs the extra `serve`")
    running = Service(tmp_path_factory.mktemp("registry"))
    running.start()
    yield running
    running.process.terminate()
    running.process.wait(timeout=30)


@pytest.fixture(scope="module")
def context(browser, service):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    first = context.new_page()
    first.goto(service.address)
    first.wait_for_selector(".drop")
    yield context
    context.close()


@pytest.fixture(scope="module")
def page(context):
    page = context.pages[0]
    page.set_default_timeout(60_000)
    return page


def camera(page, landmark_set):
    return json.loads(page.locator(f'[data-set="{landmark_set}"]').first.get_attribute("data-camera"))


def test_from_a_dropped_zip_to_a_signed_report_and_the_course_over_two_visits(page, visits):
    drop(page, visits[0])
    page.locator("tr[aria-selected=true] .next", has_text="Whose is it?").wait_for(timeout=SECOND)
    expect(page.locator(".spoken")).to_contain_text("Whose is it?")  # the end of a job, to readers of the screen
    belongs(page)

    # The reader chooses the fractured vertebra, drags a corner, and the numbers are those of the new points.
    page.locator(".rail .level", has_text="L1").click()
    page.get_by_role("button", name="Assess L1", exact=True).first.click()
    saved(page)
    page.get_by_role("button", name="Radiograph", exact=True).click()
    saved(page)
    before = view(page)
    on = next(s["id"] for s in before["sets"] if s["modality"] == "radiograph")
    handle = page.locator(f'[data-set="{on}"] [data-handle="superior_anterior"]').first.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 6):
        page.mouse.move(x, y + 2 * k)
    page.mouse.up()
    saved(page)
    after = view(page)
    bodies = {v["level"]: v["points"] for v in after["vertebrae"].values() if v["set"] == on}
    moved = 10 / camera(page, on)["scale"]
    was = {v["level"]: v["points"] for v in before["vertebrae"].values() if v["set"] == on}["L1"]
    place = after["point_names"].index("superior_anterior")
    assert bodies["L1"][place][1] - was[place][1] == pytest.approx(moved, abs=0.6 / camera(page, on)["scale"])
    vhl = han.height_loss_percent(bodies["T12"], bodies["L1"], bodies["L2"])
    assert page.locator('[data-item="Vertebral height loss"] .value').inner_text().startswith(f"{vhl:.1f}%")

    # Signed, and the report can be taken home.
    page.keyboard.press("Control+Enter")
    page.get_by_text(re.compile("^Signed")).first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    # The next visit of the same patient.
    page.locator("a.word").click()
    page.locator(".next", has_text="Signed").wait_for()
    drop(page, visits[1])
    belongs(page, patient="P-0001")
    patient = api(page, "/patients")["items"][0]["id"]
    course = api(page, f"/patients/{patient}/timeline")
    (loss,) = [c for c in course["courses"] if c["quantity"] == "vertebral height loss"]
    assert loss["level"] == "L1"
    assert len(loss["values"]) == 2
    assert loss["values"][0]["value"] == pytest.approx(vhl, abs=0.05)  # the corner that was dragged at the first visit
    assert [v["window"] for v in api(page, f"/patients/{patient}")["visits"]] == ["pretreatment", "6 months"]

    # The page of the patient tells the change with its verdict, both visits side by side.
    page.locator(".deck").get_by_role("link", name="Course").click()
    page.wait_for_url(f"**/patients/{patient}/")
    told = page.locator(".course[data-quantity='vertebral height loss']")
    told.wait_for(timeout=SECOND)
    (change,) = [c for c in loss["changes"] if c and c["after"] != c["before"]]
    assert told.get_attribute("data-verdict") == change["verdict"]
    told.get_by_text("Values").click()
    assert told.locator("tbody td").first.inner_text().startswith(f"{vhl:.1f}%")
    page.locator(".pane canvas").nth(1).wait_for(timeout=SECOND)
    assert page.get_by_label("Level").input_value() == "L1"
    page.get_by_role("link", name="Worklist").click()
    page.locator("tbody tr").first.wait_for()


def test_what_is_no_study_is_said_and_leaves_nothing(page, tmp_path):
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/")
    lines = page.locator("tbody tr")
    lines.first.wait_for()
    before = lines.count()
    text = tmp_path / "notes.zip"
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("notes.txt", "no image")
    drop(page, text)
    page.locator(".trouble, .bad", has_text="no image").first.wait_for()
    expect(page.locator("tbody tr")).to_have_count(before)
    page.get_by_role("button", name="Dismiss").click()


def test_the_list_is_worked_by_keys_alone(page):
    page.locator("body").press("Escape")
    rows = page.locator("tbody tr")
    page.keyboard.press("k")
    page.keyboard.press("k")
    chosen = page.locator("tr[aria-selected=true]")
    chosen.wait_for()
    page.evaluate(DRAWN)
    first = chosen.inner_text()
    page.keyboard.press("j")
    becomes(page, lambda: chosen.inner_text() != first or rows.count() == 1, expected=True)
    expect(page.locator(".spoken")).to_contain_text(chosen.locator(".next").inner_text().splitlines()[0])
    page.keyboard.press("/")
    page.keyboard.type("nobody of that name")
    page.get_by_text("Nothing fits").wait_for()
    page.locator("#find").fill("")
    rows.first.wait_for()
    page.locator("#find").press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    page.keyboard.press("Escape")


SIZES = {1280: 800, 1920: 1080, 820: 1100, 390: 800}
FEW = [(1280, "dark"), (1920, "light"), (820, "dark"), (390, "light")]
"""Each width in one of the two; with OVCF_SCREENSHOTS, a folder for the pictures, in both."""
ALL = [(width, theme) for width in SIZES for theme in ("dark", "light")]


@pytest.mark.parametrize(("width", "theme"), ALL if os.environ.get("OVCF_SCREENSHOTS") else FEW)
def test_nothing_serious_for_axe_and_nothing_over_the_edge(page, width, theme):
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.evaluate("(t) => localStorage.setItem('ovcf-theme', t)", theme)
    page.reload()
    page.locator("tbody tr").first.wait_for()
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE.read_text() + "; null")
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
    if shots := os.environ.get("OVCF_SCREENSHOTS"):
        page.screenshot(path=f"{shots}/worklist-{theme}-{width}.png")


FILES = ("visit-1.zip", "visit-2.zip")
KEPT = (*FILES, "VAS 3 months", "doi", "read (Methods; Table 2; Fig. 2)", "OF score, version named")
"""Dropped files; a heading as an example; where a source was read, and a name that it gives (docs, Chinese)."""


def test_every_other_page_is_in_chinese(newcomer, service):
    page, left = newcomer(locale="zh-CN", viewport={"width": 1280, "height": 800}), {}
    parts = ("", "audit", "backups", "jobs", "storage", "models")
    for at in ("patients/", "studies/", "cohort/", "calculator/", *(f"admin/#{p}" for p in parts)):
        page.goto(f"{service.root}/{at}")
        page.reload()  # another part of the same page is no new document
        page.locator("main").first.wait_for()
        page.wait_for_load_state("networkidle")
        if found := english_left(page, "admin root", *KEPT):
            left[at] = found
    assert not left, left


def test_a_service_that_was_killed_goes_on_where_it_was(browser, service, page):
    port, before = service.port, api(page, "/worklist")["items"]
    service.kill()
    page.set_viewport_size({"width": 1440, "height": 900})
    address = service.start(port)
    fresh = browser.new_context().new_page()
    fresh.goto(address)
    fresh.locator("tbody tr").first.wait_for()
    assert api(fresh, "/worklist")["items"] == before
    page.reload()  # who was let in before needs no new address
    page.locator("tbody tr").first.wait_for()
    fresh.context.close()
