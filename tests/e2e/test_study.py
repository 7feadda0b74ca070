"""A study in the browser: a candidate screened and enrolled, a form filled in, a query answered, outcomes judged by
three, the data locked."""

import csv
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ovcf.registry.service import keep_reading
from ovcf.registry.words import Window
from ovcf.study.conduct.form_values import visit_of
from ovcf.study.conduct.studies import enrolment_of
from tests.e2e import wcag
from tests.e2e.conftest import becomes
from tests.e2e.pictures import pictured
from tests.e2e.spoken import english_left, in_chinese
from tests.study.served import CODE, StudyPlace, serving, signed_in, wedged

pytestmark = pytest.mark.slow
TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = StudyPlace(tmp_path_factory.mktemp("study") / "data")
    with made.registry.writing(made.people["coordinator-A"].id) as writer:  # the images that A-001 is judged by
        one = enrolment_of(writer.session, made.study, "A-001")
        keep_reading(writer, made.registry, visit_of(writer.session, one, Window.MONTH_6), wedged(9.0))
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def address(place):
    people = ("coordinator-A", "monitor-A", "r1", "r2", "r3")
    with serving(place, place.registry.files.folder.parent, *people) as found:
        yield found


@pytest.fixture(scope="module")
def page(browser, address):
    found = signed_in(browser, address, "coordinator-A")
    found.goto(f"{address}/studies/")
    return found


def part(page, words):
    page.get_by_role("navigation", name="Parts of the study").get_by_role("link", name=words).click()


def test_a_candidate_is_screened_enrolled_and_seen(page, shots):
    page.get_by_role("link", name=CODE).wait_for()
    shots(page, "study-list")
    page.get_by_role("link", name=CODE).click()
    part(page, "Protocol")
    page.get_by_text("Aged 60 years or older").wait_for()
    shots(page, "study-protocol", whole=True)
    part(page, "Patients")
    log = page.get_by_role("region", name="Screening log")
    young = log.get_by_role("row", name=re.compile("P-young"))
    assert "not eligible" in young.inner_text()
    assert "Aged 60 years or older" in young.inner_text()
    assert "low signal on T1" in log.get_by_role("row", name=re.compile("P-unknown")).inner_text()

    page.get_by_text("Screen a candidate").click()
    page.get_by_label("Pseudonym, never a name").fill("P-new")
    page.get_by_label("Aged 60 years or older").fill("71")
    page.get_by_label("Fracture of the thoracolumbar junction (T11 to L2)").select_option("L1")
    page.get_by_label("One recent fracture only").fill("1")
    page.get_by_label("Recent fracture: low signal on T1").select_option("yes")
    page.get_by_label("Low-energy trauma or none").select_option("yes")
    page.get_by_label(re.compile("T-score of -1.0 or lower")).fill("-2.9")
    page.get_by_label("Conservative treatment is planned").select_option("conservative")
    page.get_by_label(re.compile("Secondary osteoporosis")).select_option("no")
    page.get_by_label(re.compile("Pathological fracture")).select_option("another")
    page.get_by_label("which other one").fill("osteoporosis")
    shots(page, "study-screen", whole=True)
    page.get_by_role("button", name="Judge and keep").click()
    new = log.get_by_role("row", name=re.compile("P-new"))
    new.get_by_text("pending").wait_for()  # one exclusion is not known, and nothing is taken for granted
    page.get_by_label("Pseudonym, never a name").fill("P-new")
    page.get_by_label(re.compile("Severe cardiopulmonary disease")).select_option("no")
    page.get_by_label("Screened before: why again?").fill("asked the cardiologist")
    page.get_by_role("button", name="Judge and keep").click()
    new.get_by_role("button", name="Enrol").click()
    page.get_by_label("Consent").fill(TODAY)
    page.get_by_role("button", name="Enrol P-new").click()
    page.get_by_role("link", name="A-005").first.wait_for()
    page.get_by_text("Screen a candidate").click()
    shots(page, "study-patients", whole=True)
    wcag.held_to(page, "patients of a study")
    enrolled = page.get_by_role("region", name="Enrolled patients")
    page.get_by_label("only those with an overdue visit").check()
    expect(enrolled.get_by_role("link", name="A-005")).to_have_count(0)  # nothing of hers is late
    page.get_by_label("only those with an overdue visit").uncheck()
    page.get_by_label("Find a patient").fill("p-new")
    expect(enrolled.get_by_role("row")).to_have_count(2)  # the heading, and she
    page.get_by_label("Find a patient").fill("")

    page.get_by_role("link", name="A-005").first.click()
    before = page.get_by_role("region", name="pretreatment")
    before.get_by_label("Held on").fill(TODAY)
    before.get_by_label("Pain, 0 to 10").fill("8")
    before.get_by_role("button", name="Record the visit").click()
    before.get_by_text(re.compile("^held")).wait_for()
    before.get_by_role("button", name=re.compile("Read on the images")).click()
    before.get_by_label(re.compile("Vertebral height loss")).fill("178")
    before.get_by_label(re.compile("Local kyphosis angle")).fill("19.6")
    before.get_by_role("button", name="Keep the form").click()
    before.get_by_text("not plausible").wait_for()
    shots(page, "study-patient", whole=True)
    wcag.held_to(page, "a patient of a study")
    assert wcag.walked(page) == []


def test_a_treatment_is_entered_with_its_dates_and_a_crossover_leaves_the_arm(page, shots):
    treatment = page.get_by_role("region", name="Treatment", exact=True)
    treatment.get_by_text("Enter a treatment").click()
    for kind, began in (("conservative", TODAY), ("kyphoplasty", TODAY)):
        treatment.get_by_label("What", exact=False).first.select_option(kind)
        treatment.get_by_label("Began on").fill(began)
        treatment.get_by_role("button", name="Keep the treatment").click()
        treatment.get_by_role("listitem").filter(has_text=kind).wait_for()
    treatment.get_by_role("listitem").filter(has_text="kyphoplasty").get_by_text("crossover").wait_for()
    page.get_by_text("crossed over to kyphoplasty").wait_for()
    shots(page, "study-treatment", whole=True)
    treatment.get_by_role("button", name="Correct: kyphoplasty").click()
    treatment.get_by_label("Reason; it is kept").fill("of another patient")
    treatment.get_by_role("button", name="Take it back").click()
    page.get_by_text("crossed over to kyphoplasty").wait_for(state="detached")
    expect(treatment.get_by_role("listitem")).to_have_count(1)


def test_a_patient_who_left_by_mistake_is_back_in_the_study(page):
    page.get_by_text("The patient left the study").click()
    page.get_by_role("combobox", name="Why").select_option("consent withdrawn")
    page.get_by_label("what was recorded may be analysed").uncheck()
    page.get_by_role("button", name="Record that A-005 left").click()
    page.get_by_text(re.compile(r"; left .*consent withdrawn")).wait_for()
    page.get_by_text("The patient did not leave: take it back").click()
    page.get_by_label("Reason; it is kept").fill("of another patient")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("The patient left the study").wait_for()
    expect(page.get_by_text(re.compile(r"; left "))).to_have_count(0)


def test_a_query_is_asked_answered_and_closed_and_changes_no_value(page, browser, address, shots):
    monitor = signed_in(browser, address, "monitor-A")
    monitor.goto(f"{address}/studies/#/{CODE}/queries")
    monitor.get_by_role("button", name="Ask by the rules").click()
    monitor.get_by_text(re.compile(r"\d+ asked\.")).wait_for()
    pictured(monitor, "study-queries-many", whole=True)
    expect(monitor.locator(".queries li:visible")).to_have_count(0)  # so many are shown by patient
    monitor.get_by_role("combobox", name="About").select_option("implausible")
    asked = monitor.locator(".queries li", has_text="Vertebral height loss (Han) is 178")
    asked.wait_for()
    expect(asked.get_by_role("button", name="Answer")).to_have_count(0)  # a monitor asks, the site answers

    part(page, "Queries")
    page.get_by_role("combobox", name="Patient").select_option("A-005")
    page.get_by_role("combobox", name="About").select_option("implausible")
    mine = page.locator(".queries li", has_text="Vertebral height loss (Han) is 178")
    mine.get_by_role("textbox").fill("17.8, the decimal point was lost")
    mine.get_by_role("button", name="Answer").click()
    mine.get_by_text("answered", exact=True).wait_for()
    shots(page, "study-queries", whole=True)
    mine.get_by_role("link", name=re.compile("A-005")).click()
    before = page.get_by_role("region", name="pretreatment")
    before.get_by_role("button", name=re.compile("Read on the images")).click()
    loss = before.get_by_label(re.compile("Vertebral height loss"))
    assert loss.input_value() == "178"
    loss.fill("17.8")
    before.get_by_label("It is filled in already: why is it corrected?").fill("decimal point lost")
    before.get_by_role("button", name="Keep the form").click()
    before.get_by_text("not plausible").wait_for(state="detached")

    monitor.reload()
    monitor.get_by_role("combobox", name="State").select_option("answered")
    asked.get_by_text("It was 178; now it is 17.8.").wait_for()
    asked.get_by_role("textbox").fill("corrected")
    asked.get_by_role("button", name="Close").click()
    asked.wait_for(state="detached")


def test_two_judge_alone_and_blinded_and_a_third_decides(browser, address, shots):
    said = {"r1": "yes", "r2": "no", "r3": "yes"}
    for code, answer in said.items():
        page = signed_in(browser, address, code)
        page.goto(f"{address}/studies/#/{CODE}/outcomes")
        mine = page.get_by_role("region", name="Yours to judge").locator("li", has_text="A-001")
        mine.get_by_role("button", name="Look at the images of A-001").click()
        film, mr = (mine.get_by_role("img", name=re.compile(name)) for name in ("radiograph", "T2"))
        for picture in (film, mr):
            picture.wait_for()
            becomes(page, lambda one=picture: one.evaluate("i => i.naturalWidth > 50"), expected=True)
        words = mine.inner_text()
        for told in ("2026", "P-1", "NASOVCF", "points", "loss", "%", "T12"):  # name, day, score, what was measured
            assert told not in words, told
        expect(mine.get_by_role("link")).to_have_count(0)  # no way to the ordinary reading
        if code == "r2":
            the_images_are_looked_at_by_keys(mine)
            shots(page, "study-judge", whole=True)
            wcag.held_to(page, "bare images")
            assert wcag.walked(page) == []
        mine.get_by_label(answer, exact=True).check()
        mine.get_by_label("I know neither this patient nor the score").check()
        mine.get_by_role("textbox").fill("fluid cleft on MRI")
        row = page.get_by_role("region", name="Judged outcomes").get_by_role("row", name=re.compile("A-001"))
        before = row.inner_text()
        assert "r1" not in before  # nothing of who judged before
        assert "\tyes" not in before
        if code == "r2":
            shots(page, "study-outcomes", whole=True)
        mine.get_by_role("button", name="Judge, once").click()
        mine.wait_for(state="detached")
        settled = code == "r3"
        row.get_by_text("settled" if settled else "the two differ" if code == "r2" else "1 of 2").wait_for()
        if settled:
            assert "by r1, r2, r3" in row.inner_text()
            expect(row.locator("b", has_text="yes")).to_have_count(1)
        page.context.close()


def the_images_are_looked_at_by_keys(mine):
    """Slices by the arrow keys; the ruler by them too: its length follows from the spacing of the pixels (1 mm)."""
    mr = mine.locator("figure", has_text="T2")
    slices = mr.get_by_label(re.compile("slice 2 of 3"))
    slices.press("ArrowRight")
    mr.get_by_text("slice 3 of 3").wait_for()
    mr.get_by_label("Ruler").check()
    expect(mr.locator("output")).to_have_text("30.0 mm")  # three tenths of 100 columns
    mr.get_by_label(re.compile("End 2 of the ruler")).press("Shift+ArrowRight")
    expect(mr.locator("output")).to_have_text("40.0 mm")
    mr.get_by_label(re.compile("End 2 of the ruler")).press("ArrowLeft")
    expect(mr.locator("output")).to_have_text("39.0 mm")
    film = mine.locator("figure", has_text="radiograph")
    film.get_by_label("Ruler").check()
    expect(film.locator("output")).to_have_text("no scale")


def test_every_part_of_a_study_and_the_way_in_are_in_chinese(page, browser, address):
    left = {}
    with in_chinese(page):
        for name in ("protocol", "patients", "queries", "outcomes", "readings", "data"):
            page.goto(f"{address}/studies/#/{CODE}/{name}")
            page.reload()  # so that what is seen is this part, and all of it
            page.wait_for_load_state("networkidle")
            left[name] = english_left(page, "P-new P-unknown P-young admin monitor-A reader-A Reader 1")
        book = page.request.get(f"{address}/api/v1/clinical-studies/{CODE}/table.xlsx").body()
        sheets = (
            pytest.importorskip("openpyxl").load_workbook(BytesIO(book)).worksheets[1:]
        )  # the first is for programs
        heads = [text for sheet in sheets for text in (sheet.title, *(cell.value for cell in sheet[1]))]
        left["workbook"] = [text for text in heads if re.search("[a-z]{3}", text) and text.isascii()]
    context = browser.new_context(locale="zh-CN")
    way_in = context.new_page()
    way_in.goto(f"{address}/sign-in")
    way_in.get_by_role("button").first.wait_for()
    left["sign-in"] = english_left(way_in)
    context.close()
    assert {name: found for name, found in left.items() if found} == {}


def test_the_flow_the_lock_and_what_is_taken_home(page, shots, place):
    part(page, "Flow and data")
    page.get_by_alt_text(re.compile("Flow of patients")).wait_for()
    page.wait_for_function("() => document.querySelector('.flow img').naturalWidth > 200")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("row", name=re.compile("Enrolment enrolled 5"))).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Patients (CSV)").click()
    assert Path(download.value.path()).read_text().count("\n") == 6
    with page.expect_download() as download:
        page.get_by_role("link", name="Data, columns, queries (Excel)").click()
    book = pytest.importorskip("openpyxl").load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    assert book.sheetnames == ["Data", "In words", "Columns", "Screening log", "Queries"]
    data, words = book["Data"], book["In words"]
    assert (data.max_row, words.max_row, book["Screening log"].max_row) == (6, 6, 8)  # with their headings
    column = [cell.value for cell in data[1]].index("vas_6mo")
    assert (words[1][column].value, data[2][column].value) == ("Pain, 0 to 10, 6 months", 2)
    assert not [c for sheet in book for row in sheet for c in row if c.data_type == "f"]
    assert "P-1" not in {str(c.value) for sheet in book for row in sheet for c in row}  # no pseudonym of the hospital
    with page.expect_download() as download:
        page.get_by_role("link", name="STARD checklist").click()
    items = {row[0]: row[2] for row in csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines())}
    assert "5 enrolled" in items["19"]
    assert items["13b"].startswith("judgements of the primary outcome: 3 by judges who were offered images under")
    assert "not blinded" not in items["13b"]
    assert items["30"] == "to be written by the authors"  # funding: neither protocol nor registry knows
    page.get_by_label("Why is it locked all the same?").fill("a trial of the lock")
    page.get_by_role("button", name="Lock the data").click()
    page.get_by_text(re.compile("Locked since")).wait_for()
    page.get_by_role("button", name="Are the data as they were?").click()
    page.get_by_text("Everything is as it was when it was locked.").wait_for()
    shots(page, "study-data", whole=True)
    refused = page.request.put(
        f"{page.url.split('/studies')[0]}/api/v1/clinical-studies/{CODE}/patients/A-001/forms/pretreatment/images",
        data={"values": {"ka_deg": 12}},
    )
    assert "is locked" in refused.text()
    page.get_by_label("Why must the data be changed?").fill("the trial is over")
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("button", name="Lock the data").wait_for()
    assert place.registry.faults() == []


def test_a_bundle_is_sent_and_another_hospital_takes_it_in_once(page, browser, tmp_path_factory, tmp_path):
    found = {}

    def keep(download):
        download.save_as(tmp_path / download.suggested_filename)
        found[download.suggested_filename] = tmp_path / download.suggested_filename

    page.on("download", keep)
    page.get_by_role("button", name="Make a key").click()
    page.get_by_text("A key of A was made.").wait_for()
    becomes(page, lambda: "A.key" in found, expected=True)
    page.get_by_label("Send a bundle: choose your key").set_input_files(found["A.key"])
    page.get_by_text("The bundle holds no identities.").wait_for()
    becomes(page, lambda: f"{CODE}-bundle.zip" in found, expected=True)
    centre = StudyPlace(tmp_path_factory.mktemp("centre") / "data", depths=())
    with serving(centre, centre.registry.files.folder.parent, "coordinator-A") as other:
        there = signed_in(browser, other, "coordinator-A")
        there.goto(f"{other}/studies/#/{CODE}/data")
        there.get_by_label("Take in a bundle").set_input_files(found[f"{CODE}-bundle.zip"])
        there.get_by_role("alert").filter(has_text="has no key here").wait_for()
    centre.registry.close()
