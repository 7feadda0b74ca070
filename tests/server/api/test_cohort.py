"""A table is sent, understood, analysed in the background, and the report taken home; nobody else sees it."""

import csv
import io
import time
import zipfile
from pathlib import Path

import pytest

from ovcf.registry.words import Role
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from tests.people.conftest import ADDRESS, Place
from tests.people.conftest import browser as page_of

pytest.importorskip("pandas", reason="needs the extra `cohort`")
TABLE = Path(__file__).resolve().parents[3] / "examples" / "simulated-cohort.csv"


def sent(api, content=None, name="simulated-cohort.csv"):
    return api(
        "POST",
        "cohort/tables",
        params={"name": name},
        content=TABLE.read_bytes() if content is None else content,
        headers={"Content-Type": "application/octet-stream"},
    )


def done(api, asked):
    begun = api("POST", "cohort/analyses", json=asked)
    assert begun.status_code == 202, begun.text
    for _ in range(600):
        found = api("GET", f"cohort/analyses/{begun.json()['analysis']}").json()
        if found["state"] in ("done", "failed"):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


def auc(rows, outcome, marker):
    """The area under the ROC curve as the share of pairs in the right order (Mann and Whitney), ties by half."""
    ill = [float(r[marker]) for r in rows if r[outcome].casefold() in ("yes", "1") and r[marker]]
    well = [float(r[marker]) for r in rows if r[outcome].casefold() in ("no", "0") and r[marker]]
    return sum((a > b) + 0.5 * (a == b) for a in ill for b in well) / (len(ill) * len(well))


def test_a_table_is_sent_and_its_columns_are_told(api):
    told = sent(api).json()
    assert told["rows"] == 180
    kinds = {c["heading"]: c["kind"] for c in told["columns"]}
    assert kinds["Age (yrs)"] == "number"
    assert kinds["Sex"] == "category"
    assert api("GET", f"cohort/tables/{told['table']}").json() == told
    assert api("DELETE", f"cohort/tables/{told['table']}").status_code == 204
    assert api("GET", f"cohort/tables/{told['table']}").status_code == 404


@pytest.mark.slow
def test_the_area_under_the_curve_is_that_of_the_pairs_and_the_report_goes_home(api):
    told = sent(api).json()
    headings = [c["heading"] for c in told["columns"]]
    outcome = next(h for h in headings if "union" in h.casefold())
    asked = {"question": "roc", "outcome": outcome, "by": ["Height loss (%)"]}
    found = done(api, {"table": told["table"], "question": asked})
    assert found["state"] == "done", found["why"]
    rows = list(csv.DictReader(io.StringIO(TABLE.read_text())))
    assert f"{auc(rows, outcome, 'Height loss (%)'):.3f}" in str(found["report"]["notices"])
    assert "<svg" in found["report"]["sections"][0]["items"][0]["svg"]
    at = f"cohort/analyses/{found['analysis']}/report"
    assert api("GET", f"{at}.html").text.lower().startswith("<!doctype html>")
    assert api("GET", f"{at}.pdf").content.startswith(b"%PDF")
    assert zipfile.ZipFile(io.BytesIO(api("GET", f"{at}.docx").content)).namelist()
    whole = zipfile.ZipFile(io.BytesIO(api("GET", f"{at}.zip").content)).namelist()
    assert {"methods.txt", "report.html"} <= set(whole)
    assert [n for n in whole if n.endswith(".csv")]
    assert [n for n in whole if n.endswith(".svg")]


def test_an_analysis_that_is_let_go_is_stopped_and_forgotten(api):
    told = sent(api).json()
    asked = {"table": told["table"], "question": {"question": "table1", "by": ["Sex"]}}
    begun = api("POST", "cohort/analyses", json=asked).json()["analysis"]
    assert [a["asked"] for a in api("GET", "cohort/kept").json()["analyses"] if a["analysis"] == begun] == ["table1"]
    assert api("DELETE", f"cohort/analyses/{begun}").status_code == 204
    assert api("GET", f"cohort/analyses/{begun}").status_code == 404
    assert begun not in str(api("GET", "cohort/kept").json())


def test_what_cannot_be_asked_is_said(api):
    told = sent(api).json()
    no = api("POST", "cohort/analyses", json={"table": told["table"], "question": {"question": "roc"}})
    assert (no.status_code, no.json()["remedy"]) == (422, "Choose a column.")
    found = done(api, {"table": told["table"], "question": {"question": "table1", "by": ["no such column"]}})
    assert (found["state"], found["why"]["problem"]) == ("failed", "is no column of the table")
    assert sent(api, b"\x00\x01", "a.pdf").status_code == 422
    broken = sent(api, b"PK\x03\x04 no workbook", "a.xlsx")
    assert broken.status_code == 422
    assert broken.json()["where"] == "a.xlsx"
    assert sent(api, b"a,b\n").status_code == 422


def test_a_design_asks_what_codes_mean_and_takes_the_answer(api):
    table = b"Age,Sex,Height loss (%),Kyphosis,Non-union\n" + b"".join(
        f"{60 + k},{1 + k % 2},{5 + k},{3 + k},{'yes' if k % 3 == 0 else 'no'}\n".encode() for k in range(40)
    )
    told = sent(api, table).json()
    at = f"cohort/tables/{told['table']}/mapping"
    first = api("POST", at, json={"design": "validate"}).json()
    sex = next(g for g in first["guesses"] if g["column"] == "sex")
    assert {c["label"] for c in sex["codes"]} == {"?"}
    assert first["open"] == 2
    found = done(api, {"table": told["table"], "mapping": {"design": "nasovcf"}})
    assert (found["state"], "stand for" in found["why"]["problem"]) == ("failed", True)
    said = {"design": "validate", "answers": {"Sex": {"1": "female", "2": "male"}}}
    again = api("POST", at, json=said).json()
    sex = next(g for g in again["guesses"] if g["column"] == "sex")
    assert (again["open"], {c["code"]: c["label"] for c in sex["codes"]}) == (0, {"1": "female", "2": "male"})
    chinese = api("POST", at, json={"design": "validate"}, headers={"Accept-Language": "zh"}).json()
    loss = next(g for g in chinese["guesses"] if g["column"] == "vhl_percent_0mo")
    assert (loss["label"], loss["doubts"]) == ("椎体高度丢失率", ["未说明随访时点"])
    wrong = api("POST", at, json={"design": "validate", "answers": {"Sex": {"1": "neither"}}})
    assert wrong.status_code == 422
    left = api("POST", at, json={"design": "validate", "named": {"Sex": ""}}).json()
    assert "Sex" in left["unused"]


@pytest.fixture
def two(tmp_path):
    place = Place(tmp_path / "people")
    people = People(place.registry, Address.parse(ADDRESS))
    app = make_service(place.registry, people=people, data=tmp_path / "files", hosts=(people.address.host,))
    app.state.people = people

    def of(code):
        page = page_of(app, secret=place.session(code))
        return lambda method, path, **options: page.request(method, f"/api/v1/{path}", **options)

    yield of
    place.registry.close()


def test_nobody_else_sees_a_table_and_who_may_not_export_sends_none(two):
    mine = sent(two("researcher-A")).json()["table"]
    assert two("researcher-A")("GET", f"cohort/tables/{mine}").status_code == 200
    assert two("coordinator-A")("GET", f"cohort/tables/{mine}").status_code == 404
    assert [t["table"] for t in two("researcher-A")("GET", "cohort/kept").json()["tables"]] == [mine]
    assert two("coordinator-A")("GET", "cohort/kept").json() == {"tables": [], "analyses": []}
    asked = {"table": mine, "question": {"question": "table1", "by": ["Sex"]}}
    assert two("coordinator-A")("POST", "cohort/analyses", json=asked).status_code == 404
    for role in (Role.READER, Role.MONITOR):
        assert sent(two(f"{role}-A")).status_code == 403
        assert two(f"{role}-A")("GET", "cohort/registry").status_code == 403
