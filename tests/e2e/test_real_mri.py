"""A real MRI, not a phantom: dropped, its level answered, a corner corrected, the number worked out by hand."""

import json
import math

import pytest
from playwright.sync_api import expect

from tests.e2e.registry import SECOND, Service, drop, saved, view
from tests.tptbox import tptbox

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser, tmp_path):
    service = Service(tmp_path / "registry")
    service.start()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(service.address)
    page.wait_for_selector(".drop")
    yield page
    context.close()
    service.process.terminate()
    service.process.wait(timeout=30)


def test_a_real_mri_is_opened_its_level_answered_and_a_corner_corrected(page):
    drop(page, tptbox("sub-mri_label-6_T2w.nii.gz"))
    page.locator("tr[aria-selected=true] .next", has_text="Whose is it?").wait_for(timeout=SECOND)
    page.keyboard.press("Enter")
    page.get_by_label("Day of the visit").fill("2026-01-06")  # a NIfTI file tells no date
    page.get_by_role("button", name="A new patient").click()
    page.wait_for_url("**/readings/**")
    page.get_by_text("Which vertebra is which?").wait_for()
    page.locator(".rail .level", has_text="2?").click()
    page.get_by_label("Name", exact=True).select_option("L2")
    saved(page)
    expect(page.get_by_text("Which vertebra is which?")).to_be_hidden()
    assert [v["level"] for v in view(page)["vertebrae"].values()] == ["L1", "L2", "L3"]  # all follow
    page.get_by_role("button", name="Assess L2", exact=True).first.click()
    saved(page)

    (on,) = {v["set"] for v in view(page)["vertebrae"].values()}
    scale = json.loads(page.locator(f'[data-set="{on}"][data-camera]').first.get_attribute("data-camera"))["scale"]
    before = {v["level"]: v["points"] for v in view(page)["vertebrae"].values()}
    handle = page.locator(f'[data-set="{on}"] [data-handle="superior_anterior"]').first.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 6):
        page.mouse.move(x, y + 4 * k)
    page.mouse.up()
    saved(page)
    bodies = {v["level"]: v["points"] for v in view(page)["vertebrae"].values()}
    place = view(page)["point_names"].index("superior_anterior")
    assert bodies["L2"][place][1] - before["L2"][place][1] == pytest.approx(20 / scale, abs=0.6 / scale)
    ha = math.dist(bodies["L2"][0], bodies["L2"][2])  # mm, of the dragged points
    assert ha < math.dist(before["L2"][0], before["L2"][2])
    (shown,) = view(page)["measurements"]["ha"]["on"]
    assert shown["short"].startswith(f"{ha:.1f}")
    assert page.locator('[data-measurement="ha"] td').first.inner_text().startswith(f"{ha:.1f}")
