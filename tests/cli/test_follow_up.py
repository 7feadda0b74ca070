"""``ovcf follow-up`` on two visits of a digital patient, and on what readers entered."""

import json
import re

import pytest

from ovcf.reading.file import write_reading
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient

JANUARY = """
patient_id = "P7"
visit_date = "2025-01-07"
index_level = "T11"
vhl_percent = 17.8
local_kyphosis_deg = 19.6
posture_radiograph = "standing"
vas = 8
"""


@pytest.fixture
def entered(tmp_path):
    first, second = tmp_path / "january.toml", tmp_path / "july.toml"
    first.write_text(JANUARY)
    later = JANUARY.replace("2025-01", "2025-07").replace("17.8", "38.1").replace("19.6", "26.0").replace("= 8", "= 3")
    second.write_text(later + 'cleft = "fluid"\n')
    return first, second


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """Readings of one patient on two days: the second with other noise, nothing else changed."""
    files = []
    for number, day in ((1, "2025-01-07"), (2, "2025-07-08")):
        patient = write_patient(tmp_path_factory.mktemp(f"visit-{number}"), noise=0.03 + 0.01 * number)
        patient.case.write_text(patient.case.read_text() + f'visit_date = "{day}"\npatient_id = "P7"\n')
        made = draft_from_files(patient.images, clinical=patient.case, labels=[patient.labels], anchors=["2=L1"])
        files.append(patient.folder.parent / "reading.ovcf")
        write_reading(begin_reading(made), files[-1])
    return files


def test_what_was_entered_is_compared_and_judged(command, entered, tmp_path):
    code, printed, error = command("follow-up", *reversed(entered), "--out", tmp_path / "out")
    assert code == 0, error
    assert re.search(r"height loss: 17\.8% → 38\.1%", printed)
    assert re.search(r"Progressive kyphosis.*july: no", printed)
    assert re.search(r"cleft.*july: yes", printed)
    assert "error of measurement not known" in printed  # nobody entered one
    page = (tmp_path / "out" / "follow-up.html").read_text()
    assert "Prevention, DXA done, within 12 weeks: not recorded" in printed
    for words in ("Follow-up of T11", "not a medical device", "Draft", "Visits planned", "Secondary prevention"):
        assert words in page
    assert (tmp_path / "out" / "follow-up.pdf").read_bytes().startswith(b"%PDF")


def test_an_unchanged_vertebra_is_within_its_error(command, twice):
    code, printed, error = command("follow-up", *twice, "--json")
    assert code == 0, error
    found = json.loads(printed)
    assert found["questions"] == []
    courses = {c["quantity"]: c for c in found["courses"]}
    edema = courses["bone marrow edema"]["changes"][1]
    assert edema["verdict"] == "within the error of measurement"
    # MRI, whose posture nobody recorded in these files: shape is not compared.
    assert courses["vertebral height loss"]["changes"][1]["verdict"] in (
        "not comparable",
        "within the error of measurement",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "at least two visits"),
        (("january.toml",), "at least two visits"),
        (("january.toml", "none.ovcf"), "none.ovcf"),
        (("january.toml", "july.toml", "--today", "soon"), "YYYY-MM-DD"),
        (("january.toml", "july.toml", "--level", "Q3"), "Q3"),
    ],
)
def test_what_cannot_be_followed_says_why(command, entered, monkeypatch, arguments, words):
    monkeypatch.chdir(entered[0].parent)
    code, _, error = command("follow-up", *arguments)
    assert code == 2
    assert words in error
    assert "Traceback" not in error


def test_two_people_are_refused(command, entered):
    entered[1].write_text(entered[1].read_text().replace("P7", "P8"))
    code, _, error = command("follow-up", *entered)
    assert code == 2
    assert "different patients" in error


@pytest.mark.parametrize("dated", [True, False])
def test_one_clinical_file_twice_is_one_visit(command, tmp_path, dated):
    visit = tmp_path / "a.toml"
    visit.write_text(JANUARY if dated else JANUARY.replace('visit_date = "2025-01-07"', ""))
    code, printed, error = command("follow-up", visit, visit)
    assert code != 0
    assert "is the same visit as" in error
    assert printed == ""


def test_one_reading_twice_is_one_visit(command, twice, tmp_path):
    copy = tmp_path / "copy.ovcf"
    copy.write_bytes(twice[0].read_bytes())
    code, _, error = command("follow-up", twice[0], copy)
    assert code != 0
    assert "is the same visit as" in error
