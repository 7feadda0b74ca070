"""``ovcf patient`` over a year, as a study nurse types it."""

import pytest

from ovcf.reading.file import write_reading
from ovcf.workflow.begin import begin_reading
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    patient = write_patient(tmp_path_factory.mktemp("patient"))
    made = draft_from_files(patient.images, clinical=patient.case, labels=[patient.labels], anchors=["2=L1"])
    write_reading(begin_reading(made), patient.folder.parent / "reading.ovcf")
    return patient.folder.parent / "reading.ovcf"


@pytest.fixture
def run(tmp_path, monkeypatch, command):
    """Run a command that must succeed; what it printed."""
    monkeypatch.setenv("OVCF_DATA", str(tmp_path / "data"))
    for name in ("OVCF_DATABASE_URL", "OVCF_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run_(*arguments):
        code, printed, error = command(*arguments)
        assert code == 0, error
        return printed

    run_("db", "upgrade", "--site", "AKH=General Hospital", "--person", "mm=Maria Muster")
    run_("patient", "admit", "P-007", "--level", "L1", "--fractured-on", "2025-01-03", "--sex", "female")
    return run_


def test_from_admission_to_course_and_erasure(run, reading, tmp_path, command):
    run("patient", "visit", "P-007", "--window", "pretreatment", "--on", "2025-01-07", "--reading", reading, "--vas", 8)
    run("patient", "visit", "P-007", "--window", "6 months", "--on", "2025-07-08", "--reading", reading, "--vas", 2)
    assert run("patient", "list") == "P-007: L1, last visit 2025-07-08 of 2\n"
    printed = run("patient", "course", "P-007", "--out", tmp_path / "course")
    assert "Pain (VAS): 8 → 2" in printed
    assert "Bone marrow edema" in printed
    assert "P-007" in (tmp_path / "course" / "follow-up.html").read_text()
    assert run("db", "check") == "Nothing is amiss.\n"
    run("patient", "erase", "P-007", "--reason", "asked for by letter")
    assert run("patient", "list") == ""
    assert not [p for p in (tmp_path / "data" / "files").rglob("*") if p.is_file()]
    assert run("db", "check") == "Nothing is amiss.\n"
    assert command("patient", "course", "P-007")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("admit", "P-007", "--level", "L1"), "does not take this"),
        (("admit", "P-008", "--level", "Q9"), "Q9"),
        (("visit", "P-009", "--window", "1 month", "--on", "2025-02-01"), "not in this registry"),
        (("visit", "P-007", "--window", "2 months", "--on", "2025-02-01"), "2 months"),
        (("visit", "P-007", "--window", "1 month", "--on", "soon"), "YYYY-MM-DD"),
        (("visit", "P-007", "--window", "1 month", "--on", "2025-02-01", "--vas", "11"), "0 to 10"),
        (("course", "P-007"), "two visits"),
        (("list", "--as", "nobody"), "mm"),
    ],
)
def test_what_cannot_be_recorded_says_why(run, command, arguments, words):
    code, _, error = command("patient", *arguments)
    assert code == 2
    assert words in error
    assert "Traceback" not in error
