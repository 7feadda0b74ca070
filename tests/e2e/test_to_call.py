"""Whom an office has to call: overdue visits, and fractures after which nobody began to treat osteoporosis."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ovcf.registry import service as clinic
from ovcf.registry.store import Registry
from ovcf.registry.tables import Treatment
from ovcf.registry.words import TreatmentKind
from tests.e2e.registry import Service, violations
from tests.e2e.spoken import english_left

pytestmark = pytest.mark.slow
TODAY = datetime.now(UTC).date()
WEEKS = {"EIGHTY": 80, "SIXTY": 60, "TWENTY": 20, "THIRTEEN": 13, "TEN": 10}
"""When each was broken. Of SIXTY a drug is recorded; 12 weeks are the first time of the IOF, 16 that of the drug."""
MANY = 60


def fill(folder):
    registry = Registry.open(folder, create=True)
    admin = registry.begin("S1", "Site one", "admin", "Ada Min")
    with registry.writing(admin.id) as writer:

        def broken(code, weeks):
            on = None if weeks is None else TODAY - timedelta(weeks=weeks)
            found = clinic.admit(writer, admin, code, birth_year=1950, levels=["L1"], fractured_on=on)
            if on is not None:
                clinic.hold_visit(writer, found[1], window="pretreatment", on=on)
            return found

        made = {code: broken(code, weeks) for code, weeks in WEEKS.items()}
        broken("UNDATED", None)
        for n in range(MANY):
            broken(f"MANY-{n:02}", 30)
        patient, episode = made["SIXTY"]
        writer.add(
            Treatment(
                patient_id=patient.id,
                episode_id=episode.entity_id,
                kind=TreatmentKind.DRUG,
                started_on=episode.fractured_on + timedelta(weeks=4),
                levels=[],
                detail={"drug": "zoledronic acid"},
            )
        )
        ids = {code: str(patient.id) for code, (patient, _) in made.items()}
    registry.close()
    return ids


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registry")
    ids = fill(folder)
    running = Service(folder)
    running.start()
    yield running, ids
    running.process.terminate()
    running.process.wait(timeout=30)


@pytest.fixture(scope="module")
def context(browser, kept):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    first = context.new_page()
    first.goto(kept[0].address)
    first.wait_for_selector(".drop")
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    page.close()


def codes(page):
    return page.locator("tbody tr td:first-child")


def test_who_was_never_treated_stands_below_the_worklist_and_whole_in_a_list(page, kept):
    page.goto(f"{kept[0].root}/")
    section = page.get_by_role("region", name="No osteoporosis drug recorded 16 weeks after the fracture")
    expect(section.get_by_role("listitem").first).to_contain_text("EIGHTY L1, broken ")
    expect(section).not_to_contain_text("SIXTY")
    section.get_by_role("link", name="All that is overdue").click()
    expect(page.get_by_role("button", name="Overdue prevention")).to_have_attribute("aria-pressed", "true")
    rows = page.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("no record: osteoporosis drug started, within 16 weeks")
    expect(rows.nth(1)).to_contain_text("SIXTY")
    expect(rows.nth(1)).not_to_contain_text("osteoporosis drug started")
    expect(page.get_by_text("1 fracture is not judged, for its day is not known.")).to_be_visible()
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="More").click()
    expect(rows).to_have_count(len(WEEKS) - 1 + MANY)  # all but TEN, whose time has not come
    expect(rows.last).to_contain_text("THIRTEEN")
    page.get_by_label("only where no osteoporosis drug is recorded after 16 weeks").check()
    expect(rows.nth(1)).to_contain_text("MANY-")
    expect(page.locator("tbody")).not_to_contain_text("SIXTY")
    page.get_by_role("link", name="EIGHTY").click()
    page.wait_for_url(f"**/patients/{kept[1]['EIGHTY']}/")


def test_the_list_is_taken_home_as_a_table(page, kept):
    page.goto(f"{kept[0].root}/patients/#prevention")
    page.get_by_label("only where no osteoporosis drug is recorded after 16 weeks").check()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this list (CSV)").click()
    assert download.value.suggested_filename == f"overdue-prevention-{TODAY}.csv"
    table = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == MANY + 2
    assert (rows[0]["Patient"], rows[0]["Weeks since"]) == ("EIGHTY", "80")
    assert rows[0]["osteoporosis drug started, within 16 weeks"] == "overdue: nothing is recorded"
    assert date.fromisoformat(rows[0]["Day of the fracture"]) == TODAY - timedelta(weeks=80)


def test_overdue_visits_are_a_list_and_a_table_too(page, kept):
    page.goto(f"{kept[0].root}/patients/")
    expect(page.get_by_placeholder("Find a patient")).to_be_visible()
    page.get_by_role("button", name="Overdue visits").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("SIXTY")  # within the year of the plan, and of longest ago
    expect(row).to_contain_text("missed")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this list (CSV)").click()
    assert download.value.suggested_filename == f"overdue-visits-{TODAY}.csv"
    page.reload()
    expect(row).to_contain_text("missed")  # the address names the list
    page.get_by_role("button", name="All", exact=True).click()
    expect(codes(page).first).to_be_visible()


@pytest.mark.parametrize("view", ["prevention", "visits"])
def test_both_lists_are_in_chinese_and_for_everybody(page, kept, shots, view):
    page.goto(f"{kept[0].root}/patients/#{view}")
    expect(page.locator("tbody tr").first).to_be_visible()
    shots(page, f"to-call-{view}")
    assert violations(page) == []
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("button", name="逾期就诊")).to_be_visible()
    expect(page.locator("tbody tr").first).to_be_visible()
    assert english_left(page) == []
    shots(page, f"to-call-{view}-zh")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Overdue visits")).to_be_visible()
