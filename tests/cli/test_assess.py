"""``ovcf assess`` as a user meets it: what it writes; unusable input named with its remedy, and nothing left over."""

import json
import os
import re
import zipfile

import nibabel as nib
import numpy as np
import pytest

from tests.assessment.patient import write_patient
from tests.imaging.build_dicom import AXIAL, Scan, write
from tests.vectors import TV3

CASE = 'index_level = "L1"\n'
LANDMARKS = {
    "format": "ovcf-landmarks/1",
    "unit": "mm",
    "anterior_is": "smaller x",
    "modality": "radiograph",
    "posture": "standing",
    "placed_by": "reader",
    "image": "film",
}
NAMES = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")


@pytest.fixture
def ovcf(command, tmp_path):
    """Run ``ovcf assess ... --out report``."""
    return lambda *arguments, out=tmp_path / "report": command("assess", *arguments, "--out", out)


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    return write_patient(tmp_path_factory.mktemp("patient"))


def landmark_file(path, **corners):
    """The three vertebrae of landmark vector B, with some corners replaced."""
    vertebrae = [
        {"level": level} | dict(zip(NAMES, map(list, points), strict=True)) | corners.get(level, {})
        for level, points in zip(("T12", "L1", "L2"), TV3["B"], strict=True)
    ]
    path.write_text(json.dumps(LANDMARKS | {"vertebrae": [v for v in vertebrae if v.get("keep", True)]}))
    return path


def refused(result, tmp_path, *words, out="report"):
    """Exit code 2, one message that holds these words and ends with what to do, and nothing written."""
    code, printed, error = result
    assert code == 2, (code, printed, error)
    for word in words:
        assert re.search(word, error), error
    assert error.startswith("ovcf: ")
    assert "Traceback" not in error
    assert not (tmp_path / out).exists()
    assert not [p for p in tmp_path.iterdir() if "partial" in p.name]


def test_a_study_becomes_a_report_and_a_reading_that_can_be_edited(ovcf, patient, tmp_path):
    code, printed, _ = ovcf(patient.folder, "--labels", patient.labels, "--level", "2=L1", "--clinical", patient.case)
    assert code == 0
    written = {p.name for p in (tmp_path / "report").iterdir()}
    assert written == {"assessment.json", "report.html", "report.pdf", "reading.ovcf", ".ovcf-manifest.json"}
    assert "NASOVCF" in printed
    assert "not a medical device" in printed
    result = json.loads((tmp_path / "report" / "assessment.json").read_text())
    assert result["schema_version"]
    assert {path for path, _ in result["provenance"]["inputs"]} >= {str(patient.labels), str(patient.case)}


def test_landmarks_alone_are_enough(ovcf, tmp_path):
    file = landmark_file(tmp_path / "landmarks.json")
    code, printed, _ = ovcf("--landmarks", file, "--fracture", "L1")
    assert code == 0
    assert "13.8" in printed  # VHL of landmark vector B is 13.793103
    assert "21.0" in printed  # its local kyphosis angle 20.988398


def test_words_of_the_input_are_printed_and_never_read_as_markup(ovcf, command, tmp_path):
    file = landmark_file(tmp_path / "landmarks.json", T12={"unusable": "cut off [/b]"})
    file.write_text(file.read_text().replace("film", "film [/b] [red]"))
    code, printed, error = ovcf("--landmarks", file, "--fracture", "L1")
    assert (code, error) == (0, "")
    assert "film [/b] [red]" in printed
    code, printed, _ = command("measure", file)
    assert code == 0
    assert "[/b]" in printed
    code, printed, _ = command("score", "change", "pain [/b]", "5", "3")
    assert code == 0
    assert "pain [/b]" in printed


def test_a_score_that_does_not_apply_says_why_on_the_terminal(ovcf, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text('index_level = "L4"\n')
    assert "not applicable (L4 lies outside T11-L2)" in ovcf("--clinical", case)[1]


def test_nothing_at_all(ovcf, tmp_path):
    refused(ovcf(), tmp_path, "nothing was given", "Give a study")


def test_an_empty_folder(ovcf, tmp_path):
    (tmp_path / "study").mkdir()
    refused(ovcf(tmp_path / "study"), tmp_path, "study")


def test_a_path_that_does_not_exist(ovcf, tmp_path):
    refused(ovcf(tmp_path / "nowhere"), tmp_path, "nowhere", "[Cc]heck")


def test_a_text_file_named_dcm(ovcf, tmp_path):
    (tmp_path / "notes.dcm").write_text("not an image")
    refused(ovcf(tmp_path / "notes.dcm"), tmp_path, "notes.dcm")


def test_a_truncated_dicom(ovcf, tmp_path):
    paths = Scan().write(tmp_path / "study")
    for path in paths:
        path.write_bytes(path.read_bytes()[:-100])
    refused(ovcf(tmp_path / "study"), tmp_path, r"IM\d+\.dcm")


def test_missing_slices(ovcf, tmp_path):
    slices = Scan().slices()
    write(tmp_path / "study", slices[:3] + slices[4:])
    refused(ovcf(tmp_path / "study"), tmp_path, "missing|gap", "slice")


def test_mixed_orientations_in_one_series(ovcf, tmp_path):
    one = Scan()
    other = Scan(plane=AXIAL, uid=one.uid)
    write(tmp_path / "study", one.slices() + other.slices()[:1])
    refused(ovcf(tmp_path / "study"), tmp_path, "2 orientations", "series of its own")


def test_a_hostile_archive(ovcf, tmp_path):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.writestr("../../outside.dcm", b"x")
    refused(ovcf(tmp_path / "study.zip"), tmp_path, "study.zip")


def test_a_label_map_that_lies_elsewhere(ovcf, patient, tmp_path):
    image = nib.load(patient.labels)
    affine = image.affine.copy()
    affine[:3, 3] += 500
    moved = tmp_path / "moved.nii.gz"
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), affine), moved)
    refused(ovcf(patient.folder, "--labels", moved, "--level", "2=L1"), tmp_path, "moved.nii.gz", "Give the label map")


def test_an_unknown_label_scheme(ovcf, patient, tmp_path):
    refused(ovcf(patient.folder, "--labels", patient.labels), tmp_path, "bodies.nii.gz", "--level")
    refused(ovcf(patient.folder, "--labels", patient.labels, "--scheme", "mine"), tmp_path, "mine", "verse")


@pytest.mark.parametrize(
    ("corners", "problem"),
    [
        (
            {
                "superior_anterior": [40, 0],
                "superior_posterior": [0, 10],
                "inferior_anterior": [40, 30],
                "inferior_posterior": [0, 30],
            },
            "mirrored",
        ),
        (
            {
                "superior_anterior": [0, 30],
                "superior_posterior": [40, 30],
                "inferior_anterior": [0, 10],
                "inferior_posterior": [40, 0],
            },
            "upside down|below",
        ),
        ({"superior_anterior": [float("nan"), 10]}, "finite|number"),
        ({"superior_anterior": ["0,5", 10]}, "0,5"),
    ],
)
def test_landmarks_that_cannot_be_a_vertebra(ovcf, tmp_path, corners, problem):
    file = landmark_file(tmp_path / "landmarks.json", L1=corners)
    refused(ovcf("--landmarks", file, "--fracture", "L1"), tmp_path, problem)


def test_a_missing_neighbour_is_withheld_not_fatal(ovcf, tmp_path):
    file = landmark_file(tmp_path / "landmarks.json", L2={"keep": False})
    content = json.loads(file.read_text())
    for v in content["vertebrae"]:
        v.pop("keep", None)
    file.write_text(json.dumps(content))
    assert ovcf("--landmarks", file, "--fracture", "L1")[0] == 0
    result = json.loads((tmp_path / "report" / "assessment.json").read_text())
    entry = next(w for w in result["withheld"] if "height loss (HAN)" in w["name"])
    assert "L2 has no landmarks" in entry["reason"]
    assert entry["remedy"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("t_score = 250", ("t_score", "-8", "6")),
        ("t_score = nan", ("t_score",)),
        ('t_score = "-2,5"', ("t_score", "point|comma")),
        ("t_scor = -2.5", ("t_scor", "t_score")),
        ('index_level = "X9"', ("X9",)),
        ("t_score = ", ("case.toml",)),
    ],
)
def test_clinical_values_that_cannot_be(ovcf, tmp_path, line, words):
    case = tmp_path / "case.toml"
    case.write_text(line + "\n")
    refused(ovcf("--clinical", case), tmp_path, "case.toml", *words)


def test_a_unicode_minus_is_read(ovcf, tmp_path):
    case = tmp_path / "case.toml"
    case.write_text(CASE + 't_score = "−2.5"\n', encoding="utf-8")
    assert ovcf("--clinical", case)[0] == 0
    result = json.loads((tmp_path / "report" / "assessment.json").read_text())
    assert result["case"]["t_score"] == -2.5


def test_a_report_never_overwrites_something_else(ovcf, tmp_path):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_text("years of work")
    case = tmp_path / "case.toml"
    case.write_text(CASE)
    code, _, error = ovcf("--clinical", case, out=out)
    assert code == 2
    assert "chapter.txt" in error
    assert [p.name for p in out.iterdir()] == ["chapter.txt"]


@pytest.mark.parametrize("option", [("--role", "t2.nii.gz"), ("--role", "t2.nii.gz=sagital T2"), ("--level", "L3")])
def test_options_that_are_not_understood(ovcf, patient, tmp_path, option):
    refused(ovcf(patient.folder, "--labels", patient.labels, *option), tmp_path, option[0])


def test_an_option_that_does_not_exist(ovcf, tmp_path):
    code, printed, error = ovcf("--clinicl", tmp_path / "case.toml")
    assert code == 2
    assert "clinicl" in printed + error


def test_images_and_a_clinical_file_of_different_people_are_said_first(ovcf, tmp_path):
    study = tmp_path / "study"
    Scan(tags={"PatientSex": "F", "PatientAge": "071Y"}).write(study)
    case = tmp_path / "case.toml"
    case.write_text(CASE + 'sex = "male"\nage_years = 40\n')
    code, printed, _ = ovcf(study, "--clinical", case, "--engine", "none")
    assert code == 0
    assert printed.startswith("Check the input: the images are of a female patient")
    result = json.loads((tmp_path / "report" / "assessment.json").read_text())
    assert len(result["warnings"]) == 3  # sex, age, and an image that does not say its contrast
    assert "Check the input" in (tmp_path / "report" / "report.html").read_text()


def test_a_pipe_is_refused_instead_of_waited_for(ovcf, tmp_path):
    os.mkfifo(tmp_path / "pipe.nii")
    refused(ovcf(tmp_path / "pipe.nii"), tmp_path, "pipe.nii", "neither a file nor a folder")


def test_a_folder_without_a_sagittal_series_says_so_and_does_not_exit_as_if_done(ovcf, tmp_path):
    tags = {"SeriesDescription": "AX T2 TSE", "RepetitionTime": 3500.0, "EchoTime": 100.0}
    Scan(plane=AXIAL, shape=(8, 40, 40), tags=tags).write(tmp_path / "study")
    code, printed, _ = ovcf(tmp_path / "study")
    assert code == 3
    assert "holds no sagittal series (AX T2 TSE)" in " ".join(printed.split())
    assert "Export the sagittal" in " ".join(printed.split())
    assert (tmp_path / "report" / "report.html").exists()
