"""The report of a reading that is open from a file: as it now is, in the page's language, as a page, PDF and JSON."""

import json

import pytest


def test_it_follows_the_edits_and_may_run_nothing(client, post):
    post("edits", kind="enter fact", field="neurology.saddle_anaesthesia", value=True)
    found = client.get("/report.html")
    assert found.headers["content-type"].startswith("text/html")
    assert "sandbox" in found.headers["content-security-policy"]
    assert "script-src" not in found.headers["content-security-policy"]
    assert "Present: saddle anaesthesia" in found.text
    assert "骨折" not in found.text


def test_it_is_told_in_the_language_of_the_page(client):
    chinese = client.get("/report.html", headers={"cookie": f"{cookie(client)}; ovcf-language=zh"}).text
    assert "骨折" in chinese


def test_it_downloads_as_pdf_and_json(client):
    assert client.get("/report.pdf").content.startswith(b"%PDF-")
    assert json.loads(client.get("/report.json").content)["index_level"] == "L1"


@pytest.mark.parametrize("name", ["report.exe", "report."])
def test_another_kind_is_none(client, name):
    assert client.get(f"/{name}").status_code in (404, 422)


def cookie(client):
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())
