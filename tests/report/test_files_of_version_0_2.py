"""Files that version 0.2.0 wrote of a published case (HAN 2025, Fig. 5) are read by every later one of its schema."""

from pathlib import Path

from ovcf.anatomy import Level
from ovcf.reading.file import from_bytes
from ovcf.reading.session import Session
from ovcf.report.serialise import from_json

HERE = Path(__file__).parent / "of_version_0_2"


def test_its_assessment_is_read_and_what_came_later_is_not_known():
    read = from_json((HERE / "assessment.json").read_text())
    assert read.provenance.software == "ovcf 0.2.0"
    assert read.index_level is Level.T11
    assert next(s for s in read.scores if s.score == "NASOVCF").total == 10  # as the paper prints it
    assert read.case.pregnancy is read.case.after_menopause is read.case.cognitive_impairment is None


def test_its_reading_is_opened_and_concludes_as_it_did():
    file = from_bytes((HERE / "reading.ovcf").read_bytes(), "reading.ovcf")
    assert next(s for s in Session(file).assessment().scores if s.score == "NASOVCF").total == 10
