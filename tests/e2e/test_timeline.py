"""The page of a patient: what changed with its verdict, visits side by side, entering. A prior beside a reading."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.followed import DEEPER, bodies, keep_all, loss
from tests.e2e.pictures import pictured
from tests.e2e.registry import AXE, Service, api, violations
from tests.e2e.spoken import english_left

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A registry with three patients; (its folder, the id of each patient, the ids of the readings of each)."""
    pytest.importorskip("sqlalchemy", reason="needs the extra `serve`")
    return keep_all(tmp_path_factory.mktemp("course") / "registry")


@pytest.fixture(scope="module")
def service(kept):
    running = Service(kept[0])
    running.start()
    yield running
    running.process.terminate()
    running.process.wait(timeout=30)


@pytest.fixture(scope="module")
def context(browser, service):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.goto(service.address)
    page.wait_for_selector(".drop")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    page.close()


@pytest.fixture
def opened(page, service, kept):
    """``opened("COURSE")``: the page of a patient."""

    def ask(code):
        page.goto(f"{service.root}/patients/{kept[1][code]}/")
        page.locator(".headline").wait_for()
        page.get_by_text("Reading the visits.").wait_for(state="detached")
        return page

    return ask


def cameras(page):
    """The cameras of the panes, left to right."""
    page.wait_for_timeout(200)
    return [json.loads(c.get_attribute("data-camera")) for c in page.locator(".pane .stage").all()]


def chart(page, title):
    return page.locator(".course").filter(has=page.get_by_role("heading", name=title))


def test_worklist_reading_help_and_course_are_in_chinese(newcomer, service, kept):
    """First of all: what other tests enter stays as they wrote it."""
    page, left = newcomer(locale="zh-CN", viewport={"width": 1280, "height": 800}), []

    def in_chinese(words):
        page.get_by_text(words).filter(visible=True).first.wait_for()
        left.extend(english_left(page))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(service.root)
    page.locator("a.name", has_text="COURSE").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    in_chinese("下一步")
    assert violations(page) == []
    page.locator("tr", has_text="COURSE").last.dblclick()
    page.wait_for_selector("[data-handle]")
    in_chinese("判读")
    for tab, words in (("患者", "T值"), ("研究", "T2 SAG"), ("历史", "草稿")):
        page.get_by_role("tab", name=tab).click()
        in_chinese(words)
    page.get_by_role("tab", name="判读").click()
    page.keyboard.press("?")
    in_chinese("按键")
    pictured(page, "reading-help-chinese")
    assert violations(page) == []
    page.goto(f"{service.root}/patients/{kept[1]['COURSE']}/")
    page.locator(".course").first.wait_for()
    page.locator("summary").last.click()
    in_chinese("病程")
    pictured(page, "timeline-chinese")
    assert left == []


def test_every_other_page_is_in_chinese(newcomer, service):
    page, left = newcomer(locale="zh-CN", viewport={"width": 1280, "height": 800}), {}
    parts = ("", "audit", "backups", "jobs", "storage", "models")
    for at in (
        "patients/",
        "studies/",
        "studies/#/training",
        "cohort/",
        "calculator/",
        *(f"admin/#{p}" for p in parts),
    ):
        page.goto(f"{service.root}/{at}")
        page.reload()  # another part of the same page is no new document
        page.locator("main").first.wait_for()
        page.wait_for_load_state("networkidle")
        left[at] = english_left(page)
    assert {at: found for at, found in left.items() if found} == {}


def test_a_name_on_the_worklist_opens_the_course_and_it_is_found_among_the_patients(page, service, kept):
    page.goto(service.root)
    page.locator("a.name", has_text="COURSE").first.click()
    page.wait_for_url(f"**/patients/{kept[1]['COURSE']}/")
    page.get_by_role("link", name="Patients").click()
    page.locator("td", has_text="COURSE").wait_for()
    pictured(page, "patients")
    page.get_by_label("Find a patient").fill("nam")
    page.locator("td", has_text="COURSE").wait_for(state="detached")
    page.get_by_role("link", name="NAMES").click()
    page.wait_for_url(f"**/patients/{kept[1]['NAMES']}/")


def test_a_change_is_told_with_its_verdict_and_one_in_another_posture_is_not_compared(opened):
    page = opened("COURSE")
    told = chart(page, "Vertebral height loss of L1")
    assert told.get_attribute("data-verdict") == "not comparable"
    assert "Posture differs" in told.locator(".verdict").inner_text()
    assert "At 3 months: worse, +" in told.locator(".verdict").inner_text()
    told.get_by_text("Values").click()
    first, second, third = (row.locator("td").all_inner_texts() for row in told.locator("tbody tr").all())
    assert first[0].startswith(f"{loss(8.0):.1f}%")
    assert second[0].startswith(f"{loss(DEEPER):.1f}%")
    assert second[2].startswith(f"+{loss(DEEPER) - loss(8.0):.1f} points, a change (smallest detectable")
    assert third[1:] == ["radiograph, supine", "not compared: posture differs"]
    svg = told.locator("svg")
    expect(svg.locator("circle")).to_have_count(3)
    expect(svg.locator("circle[fill='var(--paper)']")).to_have_count(1)  # open: it must not be compared
    assert "2 points of NASOVCF" in svg.text_content()
    expect(svg.locator("line[stroke-width='2.2']")).to_have_count(3)  # the error bar of each


def test_visits_stand_side_by_side_with_the_same_level_and_the_same_millimetres(opened):
    page = opened("COURSE")
    page.locator(".pane").nth(1).wait_for()
    page.get_by_role("button", name="T2", exact=True).click()
    page.get_by_label("Level").select_option("L2")
    a, b = cameras(page)
    assert a["scale"] == b["scale"]
    points = [sum(p[k] for p in bodies(0.0)["L2"][:4]) / 4 for k in (0, 1)]
    assert a["centre"] == pytest.approx(points)  # L2 lies at the same place at both visits
    assert b["centre"] == pytest.approx(points)
    stage = page.locator(".pane .stage").first.bounding_box()
    x, y = stage["x"] + 60, stage["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 50, steps=4)
    page.mouse.up()
    page.keyboard.press("+")
    moved = cameras(page)
    assert moved[0] == moved[1]
    assert moved[0]["scale"] == pytest.approx(1.25 * a["scale"])
    assert points[1] - moved[0]["centre"][1] == pytest.approx(50 / a["scale"], rel=0.01)
    page.mouse.wheel(0, 100)
    page.get_by_text("slice 3 of 3").nth(1).wait_for()
    page.keyboard.press("r")
    page.keyboard.press("k")
    assert page.get_by_label("Level").input_value() == "L1"
    # The earlier outline of L1 lies over the later one: its upper corner in front is higher.
    expect(page.locator("[data-laid=L1]")).to_have_count(1)


def test_a_film_without_scale_says_that_its_zoom_is_its_own(opened):
    page = opened("COURSE")
    page.get_by_text("no scale").nth(1).wait_for()
    page.keyboard.press("[")  # the right pane goes back one visit
    page.locator(".pane select").nth(1).wait_for()
    assert page.locator(".pane select").nth(1).locator("option:checked").inner_text() == "8 Apr 2025"
    page.locator(".visits button", has_text="8 Jul 2025").click(modifiers=["Shift"])
    page.locator(".pane").first.get_by_text("supine").wait_for()


def test_answers_treatment_and_events_are_entered_corrected_and_drawn(opened, kept):
    page = opened("COURSE")
    for window, value in (("pretreatment", "8"), ("3 months", "3")):
        page.get_by_role("button", name=f"VAS at {window}: missing").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Answer, 0 to 10").fill(value)
        dialog.get_by_role("button", name="Keep").click()
        page.get_by_role("button", name=f"VAS at {window}: {value}").wait_for()
    pain = chart(page, "Pain (VAS)")
    assert pain.locator(".verdict").inner_text().startswith("Lower\n−5; the error of measurement is not known")
    assert "severe (UK commissioning)" in pain.locator("svg").text_content()

    page.get_by_role("button", name="VAS at 3 months: 3. Correct").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Answer, 0 to 10").fill("4")
    dialog.get_by_label("Reason").fill("heard wrongly")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="VAS at 3 months: 4").wait_for()
    (fact,) = [f for f in api(page, f"/patients/{kept[1]['COURSE']}/facts/answers") if f["values"]["value"] == 4]
    assert fact["reason"] == "heard wrongly"

    page.get_by_role("button", name="JOABPEQ at 3 months: missing").click()
    dialog.get_by_label("walking").fill("55")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="JOABPEQ at 3 months: walking 55").wait_for()

    page.get_by_role("button", name="Enter a treatment").click()
    dialog.get_by_label("What").select_option("drug")
    dialog.get_by_label("Name of the drug").fill("zoledronic acid")
    dialog.get_by_label("Began on").fill("2025-03-01")
    dialog.get_by_label("Ended on").fill("2025-02-01")
    dialog.get_by_role("button", name="Keep").click()
    dialog.get_by_role("alert").filter(has_text="ends before it begins").wait_for()
    dialog.get_by_label("Ended on").fill("2025-05-01")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_text("drug, L1, zoledronic acid: 1 Mar 2025 to 1 May 2025").wait_for()
    svg = chart(page, "Vertebral height loss of L1").locator("svg")
    svg.locator("text", has_text="zoledronic acid").wait_for()
    expect(svg.locator("rect")).to_have_count(1)  # while it lasted

    page.get_by_role("button", name="Enter an event").click()
    dialog.get_by_label("What").select_option("non-union")
    dialog.get_by_label("On", exact=True).fill("2025-07-08")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Take back: non-union, L1: 8 Jul 2025").click()
    dialog.get_by_label("Reason").fill("of another patient")
    dialog.get_by_role("button", name="Take it back").click()
    page.locator(".done li", has_text="non-union, L1").wait_for(state="detached")
    assert api(page, f"/patients/{kept[1]['COURSE']}/facts/events") == []


def test_missed_visits_and_the_next_one_are_told(opened):
    page = opened("COURSE")
    assert page.locator("[data-due=missed]").first.inner_text().startswith("1 month")
    assert "held: 3 months" in page.locator("[data-due=held]").first.inner_text()
    page.get_by_role("button", name="Add a visit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which").select_option("12 months")
    dialog.get_by_label("Day").fill("2199-01-07")
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_text("Next visit: 7 January 2199, planned.").first.wait_for()
    page.locator(".visits button", has_text="7 Jan 2199").click()
    dialog.get_by_label("What became of it").select_option("missed")
    dialog.get_by_label("Reason").fill("moved away")
    dialog.get_by_role("button", name="Keep").click()
    page.locator(".visits small", has_text="missed").wait_for()


def test_while_names_disagree_nothing_is_compared_until_the_reader_says_that_they_are_right(opened):
    page = opened("NAMES")
    band = page.get_by_role("alert").filter(has_text="Do the visits mean the same vertebrae?")
    band.wait_for()
    assert "L1 is fractured at pretreatment and sound at 6 months" in band.inner_text()
    grade = chart(page, "Semiquantitative grade of L1")
    assert grade.get_attribute("data-verdict") == ""
    expect(grade.locator("circle[fill='var(--paper)']")).to_have_count(2)  # open, and joined by no line
    expect(grade.locator("line[stroke-width='1.4']")).to_have_count(0)
    page.locator(".pane").nth(1).wait_for()
    expect(page.locator("[data-laid]")).to_have_count(0)
    band.get_by_role("button", name="The names are right").click()
    page.locator(".course[data-quantity='semiquantitative grade']:not([data-verdict=''])").wait_for()
    expect(band).to_have_count(0)


def test_one_visit_alone_says_why_there_is_no_course_and_when_the_next_is_due(opened):
    page = opened("ONE")
    said = page.locator(".headline").inner_text()
    assert "needs at least two visits" in said
    expect(page.locator(".pane")).to_have_count(1)
    assert "missed" in page.locator("[data-due]").first.inner_text()


def test_the_report_over_visits_opens_and_downloads(opened, kept):
    page = opened("COURSE")
    report = page.get_by_role("link", name="Report").get_attribute("href")
    html = page.request.get(page.url.split("/patients")[0] + report)
    assert "Follow-up of L1" in html.text()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename == "follow-up.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_a_session_that_has_ended_is_said_above_the_page(browser, opened, context):
    page = opened("ONE")
    cookies = context.cookies()
    context.clear_cookies()
    page.get_by_role("button", name="Add a visit").click()
    page.get_by_role("dialog").get_by_label("Day").fill("2025-02-07")
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    page.locator(".expired").wait_for()
    assert "ovcf serve" in page.locator(".expired").inner_text()
    context.add_cookies(cookies)


SIZES = {1280: 800, 1920: 1080, 820: 1180, 390: 844}
FEW = [(1280, "dark"), (1920, "light"), (820, "dark"), (390, "light")]
"""Each width in one of the two; with OVCF_SCREENSHOTS, a folder for the pictures, in both."""
ALL = [(width, theme) for width in SIZES for theme in ("dark", "light")]


@pytest.mark.parametrize(("width", "theme"), ALL if os.environ.get("OVCF_SCREENSHOTS") else FEW)
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(opened, width, theme):
    if not AXE.is_file():
        pytest.skip("needs axe-core: make web")
    page = opened("COURSE")
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.evaluate("(t) => localStorage.setItem('ovcf-theme', t)", theme)
    page.reload()
    page.locator(".course").first.wait_for()
    page.locator(".pane").nth(1).wait_for()
    page.wait_for_timeout(500)
    if shots := os.environ.get("OVCF_SCREENSHOTS"):
        page.screenshot(path=f"{shots}/timeline-{theme}-{width}.png", full_page=width < 1000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.get_by_role("button", name="Enter a treatment").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.evaluate("localStorage.removeItem('ovcf-theme')")


@pytest.fixture
def reading(page, service, kept):
    """The second reading of a patient, open."""
    page.goto(f"{service.root}/readings/{kept[2]['COURSE'][1]}/")
    page.locator(".deck .visit").nth(2).wait_for()
    page.wait_for_selector("[data-handle]")
    return page


def test_a_prior_stands_beside_the_current_reading_linked_by_level_place_and_zoom(reading):
    page = reading
    page.locator(".deck .visit a", has_text="7 Jan 2025").click(modifiers=["Shift"])
    page.locator(".pane").wait_for()
    page.get_by_role("button", name="T2", exact=True).click()
    page.locator(".rail .level", has_text="L2").click()
    page.wait_for_timeout(400)
    (prior,) = cameras(page)
    current = json.loads(page.locator(".stage[data-set=a]").get_attribute("data-camera"))
    assert prior["scale"] == current["scale"]
    assert prior["centre"] == pytest.approx(current["centre"])  # L2 lies at the same place at both visits
    stage = page.locator(".pane .stage").bounding_box()
    page.mouse.move(stage["x"] + 50, stage["y"] + 400)
    page.mouse.down()
    page.mouse.move(stage["x"] + 90, stage["y"] + 430, steps=4)
    page.mouse.up()
    (moved,) = cameras(page)
    assert prior["centre"][0] - moved["centre"][0] == pytest.approx(40 / prior["scale"], rel=0.01)
    assert json.loads(page.locator(".stage[data-set=a]").get_attribute("data-camera")) == moved
    if shots := os.environ.get("OVCF_SCREENSHOTS"):
        page.screenshot(path=f"{shots}/prior-1440.png")
    assert violations(page) == []
    page.keyboard.press("}")  # another visit beside
    page.locator(".pane .strip b", has_text="8 Jul 2025").wait_for()
    page.keyboard.press("b")
    page.locator(".pane").wait_for(state="detached")
    expect(page.locator(".view")).to_have_count(2)  # all views are back


def test_the_deck_opens_visits_and_the_name_leads_to_the_course(reading, kept):
    page = reading
    page.keyboard.press("]")
    page.wait_for_url(f"**/readings/{kept[2]['COURSE'][2]}/")
    page.locator(".deck .visit a", has_text="7 Jan 2025").click()
    page.wait_for_url(f"**/readings/{kept[2]['COURSE'][0]}/")
    page.locator(".who a", has_text="COURSE").click()
    page.wait_for_url(f"**/patients/{kept[1]['COURSE']}/")


def test_the_tour_leads_a_newcomer_from_the_worklist_to_the_report_once(newcomer, service, kept):
    page = newcomer(viewport={"width": 1280, "height": 800})
    page.goto(service.root)
    tour = page.get_by_role("region", name="Tour")
    tour.get_by_role("heading", name="Add images").wait_for()
    page.locator("a.name", has_text="ONE").first.wait_for()
    assert violations(page) == []
    page.goto(f"{service.root}/readings/{kept[2]['ONE'][0]}/")
    page.wait_for_selector("[data-handle]")
    expect(tour).to_contain_text("step 2 of 6")  # no level is asked for, and the tour does not wait for it
    for title in ("Name the fractured vertebra", "Put points right", "Look at what follows", "Sign"):
        tour.get_by_role("heading", name=title).wait_for()
        tour.get_by_role("button", name="Next step").press("Enter")
    tour.get_by_role("heading", name="Take the report home").wait_for()
    assert violations(page) == []
    tour.get_by_role("button", name="Done").press("Enter")
    tour.wait_for(state="detached")
    page.reload()
    page.wait_for_selector("[data-handle]")
    assert tour.count() == 0


def test_what_must_not_be_missed_goes_before_the_course(opened):
    page = opened("CANAL")
    alert = page.get_by_role("alert", name="Alert at 3 months, the last visit: fragment in the canal")
    expect(alert).to_contain_text("Bone takes up 55% of the canal.")
    first = alert.bounding_box()["y"]
    assert first < page.locator("div.told").bounding_box()["y"]
    pictured(page, "course-alert")
