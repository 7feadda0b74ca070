"""The calculator as a file on a disk, in a real browser: it scores what is typed, and nothing leaves the page."""

import re

import pytest
from playwright.sync_api import expect

from ovcf.cli.score.calculator import calculator
from tests.e2e.pictures import pictured

HAN_FIGURE_5 = (
    ("Fracture type", "compression"),
    ("VHL (percent)", "17.8%"),
    ("Local kyphosis angle (degrees)", "19.6"),
    ("T2 signal", "diffuse low"),
    ("T-score", "−3.6"),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    out = tmp_path_factory.mktemp("calculator") / "calculator.html"
    calculator(out=out)
    return out


@pytest.fixture
def page(browser, file):
    opened = browser.new_page(viewport={"width": 1100, "height": 900})
    asked, errors = [], []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(file.as_uri())
    yield opened
    assert asked == [file.as_uri()] or all(url.startswith(file.as_uri()) for url in asked)
    assert errors == []
    opened.close()


def fill(page, rows):
    for label, text in rows:
        field = page.get_by_label(label, exact=True)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)


def headline(page):
    return page.locator(".headline").inner_text()


def test_the_published_case_comes_out_as_printed(page):
    fill(page, HAN_FIGURE_5)
    assert re.search(r"10\s+of 12", headline(page))
    assert "high group" in headline(page)
    assert "recent (low on T1), untreated" in headline(page)
    assert "39 of 63" in page.locator(".bar.own").first.inner_text()
    pictured(page, "calculator")


def test_all_items_and_the_total_stand_in_sight_on_a_screen_of_its_size(page):
    page.set_viewport_size({"width": 1440, "height": 900})
    fill(page, HAN_FIGURE_5)
    for label, _ in HAN_FIGURE_5:
        expect(page.get_by_label(label, exact=True)).to_be_in_viewport()
    expect(page.locator(".total")).to_be_in_viewport()
    expect(page.get_by_role("button", name="OF score")).to_be_in_viewport()


def test_a_missing_item_leaves_a_range_and_no_group_rates(page):
    fill(page, HAN_FIGURE_5[:-1])
    assert re.search(r"6 to 10", headline(page))
    assert "Missing: Bone mineral density T-score" in headline(page)
    expect(page.locator(".bar")).to_have_count(0)


def test_a_patient_unlike_those_of_the_source_has_no_total(page):
    fill(page, (*HAN_FIGURE_5, ("Age (years)", "50")))
    assert "Not applicable" in headline(page)
    assert "below 60" in headline(page)
    expect(page.locator(".bar")).to_have_count(0)


def test_what_is_no_number_is_said_at_its_field(page):
    fill(page, (("VHL (percent)", "17,8"),))
    assert "Write decimals with a point." in page.locator("form").inner_text()
    assert "Correct the marked answers" in page.locator(".result").inner_text()


def test_the_address_brings_it_back(page, browser, file):
    fill(page, HAN_FIGURE_5)
    address = page.url
    again = browser.new_page()
    again.goto(address)
    assert re.search(r"10\s+of 12", headline(again))
    again.close()


def test_every_score_opens_and_none_scrolls_sideways(page):
    page.set_viewport_size({"width": 390, "height": 800})
    for button in page.locator("nav button").all():
        button.click()
        assert headline(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_has_no_fault_that_axe_finds(page):
    from tests.e2e.test_page import AXE

    fill(page, HAN_FIGURE_5)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
