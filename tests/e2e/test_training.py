"""Training in the browser: an exercise is drawn, its points are put right, and the error is shown after signing."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.spoken import english_left, in_chinese
from tests.people.conftest import Place
from tests.study.served import serving, signed_in

pytestmark = pytest.mark.slow


def test_the_error_is_shown_after_signing_and_stands_in_the_history(browser, tmp_path, shots):
    place = Place(tmp_path / "data")
    with serving(place, tmp_path / "data", "reader-A", "researcher-A") as address:
        page = signed_in(browser, address, "reader-A")
        page.goto(f"{address}/studies/")
        page.get_by_role("link", name="Train", exact=True).click()
        page.get_by_role("button", name="New exercise").click()
        page.wait_for_url("**/exercises/**", timeout=120_000)
        page.wait_for_selector('[data-set="film"] [data-handle]')
        expect(page.get_by_text("digital patient, not a person")).to_have_count(1)
        id_ = page.url.rstrip("/").rpartition("/")[2]
        before = page.request.get(f"{address}/api/v1/training/{id_}").json()
        assert (before["mean_mm"], before["points"], before["vhl_percent"]) == (None, {}, None)
        corner = page.locator('[data-set="film"] [data-handle="superior_anterior"]').first.bounding_box()
        x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 4, y + 4)
        page.mouse.up()
        page.wait_for_timeout(150)
        page.locator(".save", has_text=re.compile(r"^\s*Saved\s*$")).wait_for()
        page.keyboard.press("Control+Enter")
        page.get_by_text("How far from the truth").wait_for()
        shots(page, "training-marks")
        assert len(before["truth"]) == 0
        expect(page.locator(".truth [data-truth]")).to_have_count(3)  # the true bodies over the film
        assert page.locator(".truth line").count() == 18
        told = page.request.get(f"{address}/api/v1/training/{id_}").json()
        every = [mm for points in told["points"].values() for mm in points.values()]
        assert told["mean_mm"] == pytest.approx(sum(every) / len(every))
        assert f"{told['mean_mm']:.1f}" in page.locator(".marks").inner_text()
        with in_chinese(page):
            page.locator(".marks").wait_for()
            assert english_left(page, "exercise-1 other_fractures old_fractures") == []
        page.get_by_role("link", name="Your exercises").click()
        row = page.get_by_role("region", name="Your exercises").get_by_role("row", name=re.compile("exercise-1"))
        assert f"{told['mean_mm']:.1f}" in row.inner_text()
        shots(page, "training-history")
        with in_chinese(page):
            page.locator("tr", has_text="exercise-1").wait_for()
            assert english_left(page, "exercise-1") == []
        assert signed_in(browser, address, "researcher-A").request.get(f"{address}/api/v1/training").status == 403
    place.registry.close()
