"""``ovcf assess --deidentify``: whose study it is stands in nothing that is written."""

import json
import re
import shutil
import subprocess
import zipfile
from datetime import date, timedelta

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.cli import main
from ovcf.errors import ClinicalDataError
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.workflow.deidentify import Pseudonym

SECRETS = (
    "Annemarie",
    "Dunkelmann",
    "P4711",
    "Klinikum",
    "19480309",
    "1948-03-09",
    "20250514",
    "2025-05-14",
    "2025-05-24",
    "9.87.654",
)
CASE = """
index_level = "L1"
patient_id = "P4711"
visit_date = "2025-05-14"
augmentation_date = "2025-05-24"
age_years = 93
sex = "female"
notes = ["Annemarie Dunkelmann fell at home"]
"""
SHIFT = -40


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """(folder of the report, what the terminal said) of a study that names its patient wherever it can."""
    place = tmp_path_factory.mktemp("Dunkelmann-Annemarie")
    recipe = Recipe(seed=5, centre=Level.L1, fractures=(FractureRecipe(level=Level.L1, vhl_percent=25.0),))
    (visit,) = make_patient(recipe, place / "made", radiograph=False)
    for number, file in enumerate(sorted((visit / "study").rglob("*.dcm"))):
        ds = pydicom.dcmread(file)
        ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Dunkelmann^Annemarie", "P4711", "19480309"
        ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = "20250514"
        ds.InstitutionName, ds.StudyDescription = "Klinikum Nord", "LWS Dunkelmann"
        ds.SeriesDescription = f"{ds.SeriesDescription} Dunkelmann"
        ds.ImageComments = "lumbar spine of Annemarie"
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
            ds[keyword].value = "9.87.654" + str(ds[keyword].value)[-40:]
        ds.save_as(file.with_name(f"Dunkelmann-{number}.dcm"))
        file.unlink()
    (visit / "study" / "letter of Dunkelmann.txt").write_text("Annemarie", encoding="utf-8")
    (place / "case.toml").write_text(CASE, encoding="utf-8")
    truth = visit / "truth"
    labels = [str(truth / "vertebrae.nii.gz"), str(truth / "subregions.nii.gz")]
    out = place / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sys.argv",
            [
                "ovcf",
                "assess",
                str(visit / "study"),
                "--clinical",
                str(place / "case.toml"),
                "--labels",
                *labels,
                "--out",
                str(out),
                "--deidentify",
                "study-007",
                "--shift-days",
                str(SHIFT),
                "--quiet",
            ],
        )
        with pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code
    return out


def contents(folder):
    """(name, bytes) of everything that was written, archives opened."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield path.name, path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())


def test_no_file_holds_who_it_is(written):
    found = dict(contents(written))
    assert {"assessment.json", "report.html", "report.pdf", "reading.ovcf"} <= found.keys()
    assert any(name.startswith("reading.ovcf/") for name in found)
    for name, content in found.items():
        for secret in SECRETS:
            where = content.find(secret.encode())
            assert where < 0, (name, content[max(0, where - 60) : where + 80])
        assert b"dunkelmann" not in content.lower(), name


def test_the_words_of_the_pdf_do_not_either(written):
    pdftotext = shutil.which("pdftotext")
    if pdftotext is None:
        pytest.skip("poppler is not installed: `make test-pdf` installs it")
    words = subprocess.run(
        [pdftotext, str(written / "report.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "study-007" in words
    for secret in SECRETS:
        assert secret not in words


def test_what_was_measured_is_still_there(written):
    said = json.loads((written / "assessment.json").read_text())
    assert said["case"]["patient_id"] == "study-007"
    assert said["case"]["age_years"] == 90  # higher ages are few people
    assert said["case"]["visit_date"] == (date(2025, 5, 14) + timedelta(SHIFT)).isoformat()
    assert said["case"]["augmentation_date"] == (date(2025, 5, 24) + timedelta(SHIFT)).isoformat()
    assert {series["role"] for series in said["series"]} == {"sagittal T1", "sagittal T2", "sagittal STIR"}
    assert any(m["method"]["id"] == "bme-percent" for m in said["measurements"])
    assert all(re.fullmatch(r"2\.25\.\d{1,39}", series["uid"]) for series in said["series"])


def test_the_pictures_are_to_be_looked_at(written):
    assert any("burned" in warning for warning in json.loads((written / "assessment.json").read_text())["warnings"])


def test_a_shift_alone_is_refused(command):
    code, _, error = command("assess", "x", "--shift-days", "3")
    assert code == 2
    assert "--deidentify" in error


@pytest.mark.parametrize("name", ["", "  ", "a/b", "x" * 65, "a\nb", "<b>"])
def test_a_pseudonym_that_cannot_be_printed_is_refused(name):
    with pytest.raises(ClinicalDataError):
        Pseudonym(name)


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-3650, 3650)
)
def test_intervals_hold(one, other, shift):
    person = Pseudonym("p", shift)
    moved = [date.fromisoformat(person.day(day.isoformat())) for day in (one, other)]
    assert moved[1] - moved[0] == other - one


def test_uids_are_new_and_the_same_for_the_same():
    person, another = Pseudonym("p"), Pseudonym("p")
    assert person.uid("1.2.3") == person.uid("1.2.3") != person.uid("1.2.4")
    assert person.uid("1.2.3") != another.uid("1.2.3")  # its key is drawn anew
    assert pydicom.uid.UID(person.uid("1.2.3")).is_valid
