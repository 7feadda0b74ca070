"""A cohort in the browser: a table is chosen, a question asked, the figure seen, the report taken home."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.spoken import english_left, in_chinese
from tests.people.conftest import Place
from tests.study.served import serving, signed_in

pytestmark = pytest.mark.slow
TABLE = Path(__file__).resolve().parents[2] / "examples" / "simulated-cohort.csv"


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    pytest.importorskip("pandas", reason="needs the extra `cohort`")
    place = Place(tmp_path_factory.mktemp("cohort") / "data")
    with serving(place, place.registry.files.folder.parent, "researcher-A") as address:
        yield signed_in(browser, address, "researcher-A")
    place.registry.close()


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
        assert english_left(page, TABLE.name, *TABLE.read_text().splitlines()[0].split(",")) == []
    home = page.url.split("/cohort")[0]
    assert all(url.startswith((home, "blob:")) for url in asked)  # nothing leaves the machine


def test_headings_are_confirmed_before_a_design_is_made_of_them(page, shots):
    page.get_by_role("button", name="Does NASOVCF hold here?").click()
    page.get_by_role("table").get_by_text("Age (yrs)").wait_for()
    shots(page, "cohort-mapping", whole=True)
    column = page.get_by_label("Column of Age (yrs)")
    assert column.input_value() == "age_years"
    column.fill("")
    column.press("Tab")
    page.locator("tr.unused", has_text="Age (yrs)").wait_for()
    page.get_by_label("Column of Age (yrs)").fill("age_years")
    page.get_by_label("Column of Age (yrs)").press("Tab")
    page.locator("tr.unused", has_text="Age (yrs)").wait_for(state="detached")
    page.get_by_role("button", name="Analyse").click()
    page.locator(".report, .trouble").first.wait_for(timeout=120_000)
    expect(page.locator(".trouble")).to_have_count(0)
    assert "Han" in page.locator(".report").inner_text() or "HAN" in page.locator(".report").inner_text()


def test_what_is_wrong_with_a_table_is_said(page, tmp_path):
    page.get_by_role("button", name="Another table").click()
    bad = tmp_path / "notes.pdf"
    bad.write_bytes(b"%PDF")
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_role("alert").filter(has_text="Give CSV, Excel (.xlsx) or Parquet.").wait_for()
