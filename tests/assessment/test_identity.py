"""What the images' tags say of the patient fills what nobody entered, and a contradiction is said, not settled."""

import io
import json
import zipfile

import pytest

from ovcf.assessment.identity import as_entered, other_patient, with_header
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Patient
from ovcf.reading.conclude import conclude
from ovcf.reading.file import from_bytes, to_bytes
from ovcf.report.serialise import to_json
from ovcf.vocabulary import Sex
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.imaging.build_dicom import Scan

TAGS = {
    "SeriesDescription": "SAG T2 TSE",
    "RepetitionTime": 3500.0,
    "EchoTime": 100.0,
    "PatientID": "H-4711",
    "PatientName": "DOE^JANE",
    "PatientBirthDate": "19520304",
    "PatientAge": "",
    "PatientSex": "F",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    Scan(tags=TAGS).write(folder)
    return draft_from_files([folder], engine=None)


def test_a_study_alone_is_assessed_under_its_own_identity(made):
    case = made.assessment.case
    # Born on 4 March 1952, imaged on 31 January 2024 (build_dicom): 71 years.
    assert (case.patient_id, case.sex, case.age_years, case.visit_date) == ("H-4711", Sex.FEMALE, 71.0, "2024-01-31")
    assert set(made.assessment.from_header) == {"patient_id", "sex", "age_years", "visit_date"}
    assert not made.assessment.warnings


def test_name_and_birth_date_are_stored_nowhere(made):
    with zipfile.ZipFile(io.BytesIO(to_bytes(begin_reading(made)))) as reading:
        stored = [to_json(made.assessment).encode(), *(reading.read(name) for name in reading.namelist())]
    assert any(b"H-4711" in text for text in stored[1:])
    for text in stored:
        for secret in (b"DOE", b"JANE", b"Jane", b"19520304", b"1952-03"):
            assert secret not in text


def test_a_reading_keeps_apart_what_was_entered(made):
    file = from_bytes(to_bytes(begin_reading(made)), "reading.ovcf")
    assert file.reading.current.case == ClinicalCase()
    again = conclude(file.current, (), file.reading.current.case)
    assert again.case == made.assessment.case
    assert again.from_header == made.assessment.from_header


def test_the_report_says_where_it_comes_from(command, tmp_path):
    Scan(tags=TAGS).write(tmp_path / "study")
    case = tmp_path / "case.toml"
    case.write_text('sex = "female"\n')
    code, printed, _ = command(
        "assess", tmp_path / "study", "--clinical", case, "--engine", "none", "--out", tmp_path / "report"
    )
    assert code == 0
    assert "From the image header: H-4711, 2024-01-31, 71 years" in printed
    page = (tmp_path / "report" / "report.html").read_text()
    assert "H-4711 (from the image header)" in page
    told = json.loads((tmp_path / "report" / "assessment.json").read_text())["from_header"]
    assert "sex" not in told


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (ClinicalCase(sex=Sex.MALE), "of a female patient"),
        (ClinicalCase(age_years=50), "of a patient of 71 years"),
        (ClinicalCase(patient_id="H-4712"), "patient id"),
        (ClinicalCase(visit_date="2023-12-01"), "61 days"),
    ],
)
def test_a_contradiction_is_a_warning_and_the_clinical_file_counts(case, words):
    patient = Patient(id="H-4711", sex="F", age=71.0)
    (warning,) = other_patient(case, patient, ["2024-01-31"])
    assert words in warning
    assert "H-471" not in warning
    merged, told = with_header(case, patient, ["2024-01-31"])
    assert as_entered(merged, told) == case
    assert all(getattr(merged, name) == getattr(case, name) for name in ("sex", "age_years") if getattr(case, name))


def test_what_agrees_is_not_worth_a_word():
    case = ClinicalCase(patient_id="h-4711 ", sex=Sex.FEMALE, age_years=72, visit_date="2024-02-10")
    assert not list(other_patient(case, Patient(id="H-4711", sex="F", age=71.0), ["2024-01-31", "2024-02-01"]))


def test_an_impossible_age_is_not_taken():
    assert with_header(ClinicalCase(), Patient(age=740.0), [])[1] == ()


@pytest.mark.parametrize("age", [0.0, 999.0])
def test_an_age_that_stands_for_none_is_none(age):
    known, told = with_header(ClinicalCase(), Patient(age=age), [])
    assert known.age_years is None
    assert "age_years" not in told
