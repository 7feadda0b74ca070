"""``ovcf fhir``, as it is typed."""

import json

import pytest

from ovcf.clinical.read_case import read_case
from ovcf.fhir.page import page
from ovcf.reading.file import read_reading, write_reading
from tests.cli.conftest import command  # noqa: F401  # a fixture
from tests.documents import ROOT
from tests.fhir.conftest import few, of_dicom, signed
from tests.server.small_reading import small_reading

FACTS = ROOT / "examples" / "fhir" / "facts.json"


@pytest.fixture
def draft(tmp_path):
    path = tmp_path / "draft.ovcf"
    write_reading(few(of_dicom(small_reading(patient_id="P-7", t_score=None))), path)
    return path


@pytest.fixture
def reading(tmp_path):
    path = tmp_path / "reading.ovcf"
    write_reading(signed(few(of_dicom(small_reading(patient_id="P-7")))), path)
    return path


def test_a_signed_reading_becomes_a_bundle_and_an_earlier_bundle_is_replaced(command, reading, tmp_path):  # noqa: F811
    out = tmp_path / "bundle.json"
    for _ in range(2):
        assert command("fhir", "export", reading, "--out", out, "--no-pdf")[:2] == (0, f"{out}\n")
    kinds = {entry["resource"]["resourceType"] for entry in json.loads(out.read_text("utf-8"))["entry"]}
    assert {"Patient", "DiagnosticReport", "Observation", "Condition"} <= kinds
    code, _, error = command("fhir", "export", reading, "--out", reading, "--no-pdf")
    assert (code, "is no bundle of FHIR" in error) == (2, True)
    assert read_reading(reading)


def test_what_nobody_has_signed_is_refused(command, draft):  # noqa: F811
    code, _, error = command("fhir", "export", draft)
    assert code == 2
    assert "nobody has signed" in error


def test_facts_become_a_clinical_file_that_is_added_to(command, tmp_path):  # noqa: F811
    old, out = tmp_path / "old.toml", tmp_path / "new.json"
    old.write_text('patient_id = "P-7"\nvas = 6\nt_score = -2.0\n')
    code, said, told = command("fhir", "import", FACTS, "--on", "2026-01-07", "--clinical", old, "--out", out)
    assert code == 0, told
    case = read_case(out)
    assert (case.patient_id, case.vas, case.t_score, case.old_fractures) == ("P-7", 6, -2.0, ("T9",))
    assert (case.glucocorticoids, case.prednisone_mg_per_day, case.age_years) == (True, 5, 75)
    assert "old_fractures = T9" in said
    assert "t_score is there already: -2, not -3.1" in told
    assert "whether the fracture occurred on this therapy is for the reader to say" in told
    assert "is older than what is known" in told


def test_facts_go_into_an_open_reading_unless_it_is_a_preview(command, draft):  # noqa: F811
    words = ("fhir", "import", FACTS, "--reading", draft, "--reader", "A. Reader")
    before = draft.read_bytes()
    assert command(*words, "--preview")[0] == 0
    assert draft.read_bytes() == before
    assert command(*words)[0] == 0
    assert {e.field for e in read_reading(draft).reading.current.edits} >= {"t_score", "old_fractures"}


def test_the_page_of_codes_is_made_from_the_tables():
    assert (ROOT / "docs" / "fhir-codes.md").read_text("utf-8") == page(), "ovcf fhir codes > docs/fhir-codes.md"
