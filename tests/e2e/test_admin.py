"""Administration in the browser: somebody is invited and signs in; audit, backup, jobs, room and models are seen to."""

import csv
import os
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ovcf.registry.people import accounts
from ovcf.registry.tables import Job, Person, Site, WorkItem
from ovcf.registry.words import JobKind, JobState, WorkStatus
from tests.e2e.spoken import english_left, in_chinese
from tests.people.conftest import PASSWORD
from tests.study.served import StudyPlace, serving, signed_in

pytestmark = pytest.mark.slow
SLOW_MS = 60_000
ENDED = {
    "where": "this study",
    "problem": "ended the worker 3 times while it was assessed",
    "remedy": "Look at its images elsewhere first.",
    "code": "as said",
    "arguments": {},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = StudyPlace(tmp_path_factory.mktemp("administered") / "data", depths=(4.0, 9.0))
    with made.registry.writing(made.admin.id) as writer:
        accounts.change(writer, made.admin, "sees all", all_sites=True)
        for name, state, why in (("MR of 3 November", JobState.SET_ASIDE, ENDED), ("MR 12", JobState.QUEUED, None)):
            status = WorkStatus.WAITING if why is None else WorkStatus.SET_ASIDE
            item = WorkItem(site_id=made.sites["A"].id, status=status, name=name, received_by=made.admin.id)
            writer.session.add(item)
            writer.session.flush()
            job = Job(
                kind=JobKind.ASSESS,
                state=state,
                site_id=item.site_id,
                work_item_id=item.id,
                enqueued_by=made.admin.id,
                attempts=3 if why else 0,
                why=why,
            )
            writer.session.add(job)
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def address(place):
    with serving(place, place.registry.files.folder.parent, "admin", "monitor-A", "reader-A") as found:
        yield found


@pytest.fixture(scope="module")
def page(browser, address):
    return signed_in(browser, address, "admin")


def part(page, name):
    page.get_by_role("link", name="Admin", exact=True).click()
    page.get_by_role("navigation", name="Parts of the administration").get_by_role("link", name=name).click()
    return page


def names_of(place):
    """People and sites, as the pages name them."""
    with place.registry.reading() as session:
        people, sites = session.query(Person).all(), session.query(Site).all()
        of_people = {text for p in people for text in (p.name, p.code, f"{p.name} ({p.code})")}
        return of_people | {text for s in sites for text in (s.name, f"{s.code}, {s.name}")}


def assigned(place, code):
    """A draft that somebody is to read: its id."""
    with place.registry.working() as session:
        reader = accounts.person_coded(session, code)
        item = WorkItem(
            site_id=reader.site_id,
            status=WorkStatus.DRAFT,
            name="MR of Jane's",
            received_by=place.admin.id,
            assigned_to=reader.id,
        )
        session.add(item)
        session.flush()
        return item.id


def test_somebody_is_invited_signs_in_and_is_let_in_no_longer(page, browser, address, place, shots):
    part(page, "People")
    page.get_by_role("link", name="Ada Min").wait_for()
    shots(page, "admin-people", whole=True)
    page.get_by_label("Name", exact=True).fill("Jane Doe")
    page.get_by_label("Code, to sign in with").fill("jdoe")
    page.get_by_label("Role").select_option("coordinator")
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.locator(".secret").inner_text()
    shots(page, "admin-link")
    guest = browser.new_context().new_page()
    guest.goto(link)
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_label("The same again").fill(PASSWORD)
    guest.get_by_role("button").click()
    guest.wait_for_url("**/sign-in")
    theirs = signed_in(browser, address, "jdoe")
    expect(theirs.get_by_role("link", name="Admin", exact=True)).to_have_count(0)
    with in_chinese(page):
        for place_of in ("people", "sites"):
            page.goto(f"{address}/admin/#/{place_of}")
            page.reload()
            page.wait_for_load_state("networkidle")
            assert set(english_left(page)) <= names_of(place)
        page.goto(f"{address}/admin/#/people")
    case = assigned(place, "jdoe")
    page.get_by_role("link", name="Jane Doe").click()
    page.get_by_text("1 session").first.wait_for()
    page.get_by_text("They go to another site").click()
    expect(page.get_by_label("Their cases not signed yet (1) are for")).to_have_value("")
    shots(page, "admin-person", whole=True)
    with in_chinese(page):
        page.get_by_role("button", name="停用").wait_for()
        assert set(english_left(page, "Jane Doe jdoe")) <= names_of(place)
    page.get_by_role("button", name="Disable").click()
    asked = page.get_by_role("dialog", name="Let Jane Doe in no longer?")
    asked.get_by_label("Their cases not signed yet (1) are for").select_option("reader-A")
    asked.get_by_label("Reason").fill("left the hospital")
    shots(page, "admin-confirm")
    asked.get_by_role("button", name="Disable").click()
    page.get_by_role("button", name="Enable").wait_for()
    page.get_by_role("cell", name="left the hospital").wait_for()
    page.get_by_role("link", name="Everybody").click()
    everybody = page.get_by_role("region", name="People").get_by_role("link")
    expect(everybody.filter(has_text="Jane Doe")).to_have_count(0)  # who is disabled does not stand in the way
    page.get_by_label("disabled ones too (1)").check()
    page.get_by_label("Find somebody").fill("jdoe")
    expect(everybody).to_have_text(["Jane Doe"])
    with place.registry.reading() as session:
        assert session.get(WorkItem, case).assigned_to == place.people["reader-A"].id
    theirs.goto(f"{address}/admin/")
    theirs.wait_for_url("**/sign-in?to=/admin/")


def test_the_audit_is_filtered_checked_and_its_end_kept(page, place, shots):
    part(page, "Audit")
    page.get_by_role("combobox", name="Person").select_option("coordinator-A")
    page.get_by_role("textbox", name="Patient").fill("P-1")
    page.get_by_role("textbox", name="Patient").press("Tab")
    table = page.get_by_role("region", name="Entries of the audit")
    table.get_by_role("link", name="P-1", exact=True).first.wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('tbody td:nth-child(5)')].every(c => c.innerText === 'P-1')"
    )
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these entries (CSV)").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert {(r["person"], r["patient"]) for r in rows} == {("coordinator-A", "P-1")}
    assert len(rows) >= table.get_by_role("link", name="P-1", exact=True).count() > 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the end").click()
    assert Path(download.value.path()).read_text().strip() == str(place.registry.head())
    page.get_by_role("button", name="Check everything").click()
    page.get_by_text("Nothing is amiss:").wait_for(timeout=SLOW_MS)
    shots(page, "admin-audit")
    page.get_by_role("combobox", name="What").select_option("reading")
    page.get_by_role("link", name="reading, open it").first.click()
    page.wait_for_url("**/readings/*/")
    page.go_back()


def test_a_backup_is_made_checked_and_taken(page, shots):
    part(page, "Backups")
    page.get_by_role("button", name="Make a backup").click()
    page.get_by_text("is written:").wait_for(timeout=SLOW_MS)
    page.get_by_role("button", name=re.compile("Check ovcf-")).first.click()
    page.get_by_text("is whole: every table").wait_for(timeout=SLOW_MS)
    shots(page, "admin-backups", whole=True)
    page.get_by_role("button", name=re.compile("Download ovcf-")).first.click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    assert "manifest.json" in zipfile.ZipFile(download.value.path()).namelist()


def test_a_study_set_aside_says_why_and_is_tried_again_and_let_go(page, shots):
    part(page, "Jobs")
    page.get_by_text("ended the worker 3 times").wait_for()
    shots(page, "admin-jobs")
    page.get_by_role("button", name="Try again: MR of 3 November").click()
    page.get_by_role("button", name="Cancel MR of 3 November").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    page.get_by_role("button", name="Cancel MR of 3 November").wait_for(state="detached")
    page.get_by_role("button", name="waiting 1").wait_for()


def test_room_models_sites_and_health(page, shots):
    part(page, "Storage").get_by_role("button", name="Check the files").click()
    page.get_by_text("are whole, and none is astray").wait_for(timeout=SLOW_MS)
    shots(page, "admin-storage", whole=True)
    part(page, "Models").get_by_role("heading", name="ovcf built-in spine model").wait_for()
    shots(page, "admin-models", whole=True)
    part(page, "Sites").get_by_role("heading", name="Sign-in").wait_for()
    shots(page, "admin-sites", whole=True)
    part(page, "Overview").get_by_text("could not be assessed").or_(page.get_by_text("None: every study")).wait_for()
    shots(page, "admin")


def test_by_keys_alone_a_person_is_reached(page):
    part(page, "People").get_by_role("link", name="Ada Min").wait_for()
    page.get_by_role("link", name="People", exact=True).focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == "Ada Min":
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What they may do").wait_for()


def test_a_monitor_reads_the_audit_and_a_reader_has_no_such_page(browser, address, shots):
    page = signed_in(browser, address, "monitor-A")
    page.get_by_role("link", name="Admin", exact=True).click()
    names = page.get_by_role("navigation", name="Parts of the administration").get_by_role("link")
    names.first.wait_for()
    assert names.all_inner_texts() == ["Audit", "Models"]
    page.get_by_text("Below stands what concerns your site.").wait_for()
    reader = signed_in(browser, address, "reader-A")
    reader.goto(f"{address}/admin/")
    reader.get_by_text("This page is for administrators and monitors.").wait_for()
    if os.environ.get("OVCF_SCREENSHOTS"):
        shots(page, "admin-monitor")
