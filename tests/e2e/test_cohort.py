"""A cohort in the browser: a table is chosen, a question asked, the figure seen, the report taken home."""

import csv
import re
from datetime import date
from pathlib import Path
from statistics import mean, stdev

import pytest
from playwright.sync_api import expect

from ovcf.registry.service import hold_visit
from ovcf.registry.tables import Episode, Patient, Treatment
from ovcf.registry.words import TreatmentKind
from tests.e2e.pictures import pictured
from tests.e2e.spoken import english_left, in_chinese
from tests.people.conftest import Place
from tests.study.served import serving, signed_in

pytestmark = pytest.mark.slow
TABLE = Path(__file__).resolve().parents[2] / "examples" / "simulated-cohort.csv"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    pytest.importorskip("pandas", reason="needs the extra `cohort`")
    made = Place(tmp_path_factory.mktemp("cohort") / "data")
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def page(browser, place):
    with serving(place, place.registry.files.folder.parent, "researcher-A") as address:
        yield signed_in(browser, address, "researcher-A")


def area(outcome, marker, other):
    """The share of pairs in the right order (Mann and Whitney), ties by half, where both markers are known."""
    rows = [r for r in csv.DictReader(TABLE.open()) if r[marker] and r[other]]
    ill = [float(r[marker]) for r in rows if r[outcome].casefold() in ("yes", "1")]
    well = [float(r[marker]) for r in rows if r[outcome].casefold() in ("no", "0")]
    return sum((a > b) + 0.5 * (a == b) for a in ill for b in well) / (len(ill) * len(well))


def test_from_an_uploaded_table_to_a_roc_figure(page, shots):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("link", name="Cohort").click()
    page.get_by_role("heading", name="1. The patients").wait_for()
    shots(page, "cohort-begin")
    page.locator("input[type=file]").set_input_files(TABLE)
    page.get_by_text("180 rows").wait_for()
    page.get_by_role("button", name="Does a score tell who?").click()
    with TABLE.open() as file:
        outcome = next(h for h in csv.DictReader(file).fieldnames if "union" in h.casefold())
    page.get_by_label("Outcome").select_option(outcome)
    page.get_by_role("group", name="Markers").get_by_label("Height loss (%)").check()
    page.get_by_role("group", name="Of which less").get_by_label("T-score").check()
    shots(page, "cohort-columns", whole=True)
    page.get_by_role("button", name="Analyse").click()
    page.locator(".plot").first.wait_for(timeout=90_000)
    assert f"{area(outcome, 'Height loss (%)', 'T-score L1-4'):.3f}" in page.locator(".said").inner_text()
    assert page.locator(".plot").first.evaluate("i => i.naturalWidth") > 100
    shots(page, "cohort-roc", whole=True)
    for name, begins in (("PDF", b"%PDF"), ("Word", b"PK"), ("All files", b"PK")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert Path(download.value.path()).read_bytes().startswith(begins)
    with in_chinese(page):
        page.locator(".plot").first.wait_for()
        methods = "Kaplan Meier log rank logistic Cox Kadri Voormolen DeLong Holm Youden Wilson bootstrap"
        methods += " numpy scipy pandas statsmodels lifelines firthmodels"
        assert english_left(page, methods, TABLE.name, *TABLE.read_text().splitlines()[0].split(",")) == []
    home = page.url.split("/cohort")[0]
    assert all(url.startswith((home, "blob:")) for url in asked)  # nothing leaves the machine


def test_headings_are_confirmed_before_a_design_is_made_of_them(page, shots):
    page.get_by_role("link", name="Cohort", exact=True).click()  # the language was chosen: the page is a new one
    kept = page.get_by_role("region", name="Yours of the last week")
    kept.get_by_role("button", name=TABLE.name, exact=True).click()
    page.get_by_role("button", name="Does NASOVCF hold here?").click()
    page.get_by_role("table").get_by_text("Age (yrs)").wait_for()
    shots(page, "cohort-mapping", whole=True)
    column = page.get_by_role("combobox", name="Column of Age (yrs)")
    expect(column).to_have_value("age_years")
    column.select_option("")
    page.locator("tr.unused", has_text="Age (yrs)").wait_for()
    column.select_option("age_years")
    page.locator("tr.unused", has_text="Age (yrs)").wait_for(state="detached")
    page.get_by_label("Month of VAS 1m").fill("2")  # said otherwise, the visit is another
    page.get_by_label("Month of VAS 1m").press("Tab")
    expect(page.get_by_label("Month of VAS 1m")).to_have_value("2")
    page.get_by_role("button", name="It is right: Height loss (%)").click()
    expect(page.get_by_role("button", name="It is right: Height loss (%)")).to_have_count(0)
    page.get_by_role("button", name="Analyse").click()
    page.locator(".report, .trouble").first.wait_for(timeout=120_000)
    expect(page.locator(".trouble")).to_have_count(0)
    assert "Han" in page.locator(".report").inner_text() or "HAN" in page.locator(".report").inner_text()


def test_a_change_of_language_keeps_the_table_and_every_choice(page):
    page.get_by_role("link", name="Cohort", exact=True).click()
    page.get_by_role("region", name="Yours of the last week").get_by_role("button", name=TABLE.name, exact=True).click()
    page.get_by_text("180 rows").wait_for()
    page.get_by_role("button", name="Does a score tell who?").click()
    page.get_by_label("Outcome").select_option("Non-union")
    page.get_by_role("group", name="Markers").get_by_label("Height loss (%)").check()
    page.get_by_role("group", name="Of which less").get_by_label("T-score").check()
    page.get_by_label("Take values that cannot be as missing").check()
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    with in_chinese(page):
        expect(page.get_by_text(TABLE.name).first).to_be_visible()
        expect(page.get_by_role("button", name="评分能否区分")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_label("结局")).to_have_value("Non-union")
        expect(page.get_by_role("group", name="指标").get_by_label("Height loss (%)")).to_be_checked()
        expect(page.get_by_label("按缺失处理")).to_be_checked()
        assert page.evaluate("sessionStorage.length") == 0  # it was kept for the way, and no longer
    assert sent == []
    expect(page.get_by_role("group", name="Of which less").get_by_label("T-score")).to_be_checked()
    page.get_by_role("button", name="Analyse").click()
    page.locator(".plot").first.wait_for(timeout=90_000)
    with in_chinese(page):
        page.locator(".plot").first.wait_for()
        expect(page.get_by_label("结局")).to_have_value("Non-union")  # the table stands above what was made of it

    page.get_by_role("button", name="Does NASOVCF hold here?").click()
    page.get_by_role("combobox", name="Column of Age (yrs)").select_option("")
    page.locator("tr.unused", has_text="Age (yrs)").wait_for()
    page.get_by_role("button", name="It is right: Height loss (%)").click()
    with in_chinese(page):
        page.locator("tr.unused", has_text="Age (yrs)").wait_for()
        expect(page.get_by_role("button", name=re.compile("Height loss"))).to_have_count(0)
    page.locator("tr.unused", has_text="Age (yrs)").wait_for()


HEADINGS = "住院号;姓名;性别;骨折节段;椎体高度丢失率（%）;VAS 3个月;受伤日期;末次随访;骨不连"


def messy_rows():
    """As a Chinese hospital exports them: decimal commas, gaps in words, dates in three ways, a patient twice."""
    dates = ("2023-03-01", "15/03/2023", "2023年4月2日")
    for k in range(40):
        ill, loss = k % 4 == 0, 5.5 + (k * 7) % 31 + 6 * (k % 4 == 0)
        yield (
            f"2301{k:02d}",
            "张三",
            "女男不"[k % 3] + ("详" if k % 3 == 2 else ""),
            ("L1", "胸12", "腰2")[k % 3],
            "unknown" if k == 7 else f"{loss:.1f}".replace(".", ","),
            "NA" if k == 9 else str(k % 7),
            dates[k % 3],
            f"2024/{1 + k % 9}/5",
            "是" if ill else "否",
        )
    yield ("230104", "张三", "女", "L1", "99,9", "3", "2023-03-01", "2024/1/5", "否")


def test_a_messy_table_in_chinese_comes_through_with_clear_questions(page, tmp_path):
    page.get_by_role("button", name="Another table").click()
    table = tmp_path / "患者.csv"
    table.write_bytes("\r\n".join([HEADINGS, *map(";".join, messy_rows())]).encode("gb18030"))
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_text("41 rows").wait_for()
    page.get_by_text("230104 in rows 6, 42").wait_for()
    page.get_by_role("button", name="Han's design as a whole").click()
    for heading, column in (("住院号", "patient_id"), ("骨折节段", "level"), ("椎体高度丢失率（%）", "vhl_percent")):
        expect(page.get_by_role("combobox", name=f"Column of {heading}")).to_have_value(column)
    expect(page.get_by_label("Month of VAS 3个月")).to_have_value("3")
    page.locator("tr", has_text="骨折节段").get_by_text("胸12 = T12").wait_for()
    page.locator("tr.unused", has_text="受伤日期").get_by_text("a date").wait_for()
    page.get_by_text("Numbers are read with a decimal comma").wait_for()
    expect(page.get_by_role("button", name="Analyse")).to_be_disabled()  # which rows count is not said yet
    page.get_by_label("every row").check()
    page.get_by_text("one row for each patient").wait_for()
    page.get_by_label("the first row of each").check()
    expect(page.get_by_role("button", name="Analyse")).to_be_enabled()
    pictured(page, "cohort-chinese", whole=True)

    page.get_by_role("button", name="When does it happen?").click()
    page.get_by_label("from two dates").check()
    page.get_by_label("Followed from").select_option("受伤日期")
    page.get_by_label("Followed until").select_option("末次随访")
    page.get_by_label("Outcome").select_option("骨不连")
    page.get_by_role("button", name="Analyse").click()
    page.locator(".report, .trouble").first.wait_for(timeout=90_000)
    page.locator(".said").get_by_text("The first row of each is kept; left out: rows 42.").wait_for()
    page.get_by_text("10 events").first.wait_for()
    pictured(page, "cohort-km-dates", whole=True)


def test_what_was_asked_is_there_when_the_page_is_loaded_again(page):
    page.reload()
    page.locator(".said").get_by_text("The first row of each is kept").wait_for()
    page.get_by_role("heading", name="患者.csv: When does it happen?").wait_for()
    page.get_by_role("link", name="Cohort", exact=True).click()
    kept = page.get_by_role("region", name="Yours of the last week")
    expect(kept.get_by_role("button", name="When does it happen?", exact=True)).to_have_count(1)
    kept.get_by_role("button", name="Delete 患者.csv", exact=True).click()
    expect(kept.get_by_role("button", name="患者.csv", exact=True)).to_have_count(0)
    kept.get_by_role("button", name="simulated-cohort.csv", exact=True).click()
    page.get_by_text("180 rows").wait_for()


def test_what_is_wrong_with_a_table_is_said(page, tmp_path):
    page.get_by_role("button", name="Another table").click()
    bad = tmp_path / "notes.pdf"
    bad.write_bytes(b"%PDF")
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_role("alert").filter(has_text="Give CSV, Excel (.xlsx) or Parquet.").wait_for()


PAIN = {"conservative": (8, 7, 9, 6, 8, 7), "kyphoplasty": (5, 4, 6, 5, 3, 4)}
"""VAS before treatment of the patients that the registry holds, by treatment."""


@pytest.fixture
def recorded(place):
    """Their fractures, visits and treatments."""
    with place.registry.writing(place.people["coordinator-A"].id) as writer:
        for kind, answers in PAIN.items():
            for n, vas in enumerate(answers):
                patient = writer.add(Patient(site_id=place.sites["A"].id, code=f"{kind}-{n}", sex="female"))
                day = date(2026, 1, 10)
                episode = writer.add(Episode(patient_id=patient.id, levels=["L1"], fractured_on=day))
                hold_visit(writer, episode, window="pretreatment", on=day, answers={"VAS": vas})
                writer.add(
                    Treatment(
                        patient_id=patient.id,
                        episode_id=episode.entity_id,
                        kind=TreatmentKind(kind),
                        started_on=day,
                        levels=["L1"],
                    )
                )


def test_the_registry_is_taken_as_the_source_and_described_by_group(page, recorded, shots):
    page.goto(page.url.split("/cohort")[0].rstrip("/") + "/cohort/")
    page.get_by_role("button", name="Take this registry").click()
    page.get_by_text("12 rows").wait_for()
    page.get_by_role("button", name="Who are the patients, by group?").click()
    page.get_by_label("Groups").select_option("first treatment")
    page.get_by_role("group", name="Describe").get_by_label("VAS, 0 months").check()
    page.get_by_role("button", name="Analyse").click()
    table = page.locator(".report table").first
    table.wait_for(timeout=90_000)
    cells = table.get_by_role("row", name=re.compile("VAS, 0 months")).locator("th, td").all_inner_texts()
    everybody = [vas for answers in PAIN.values() for vas in answers]
    wanted = [f"{mean(answers):.1f} ± {stdev(answers):.1f}" for answers in (everybody, *PAIN.values())]
    assert [cell for cell in cells if "±" in cell] == ["mean ± SD", *wanted]
    shots(page, "cohort-registry", whole=True)
