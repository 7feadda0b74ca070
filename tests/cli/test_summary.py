"""What is printed after an assessment: vertebrae that nobody could grade are named, never passed over."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SpineGrades, Ungraded
from ovcf.assessment.result import Provenance
from ovcf.cli.tables import print_summary
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Study
from ovcf.reading.observing.observe import Found
from ovcf.workflow.draft import draft

WHY = "pixels of 3.0 mm are too coarse for landmarks"


@pytest.mark.parametrize(
    ("graded", "said"),
    [
        ((), "Not graded: T12 to L2: a fracture is neither shown nor excluded"),
        (((Level.L3, 0),), "Not graded: T12 to L2\n"),
    ],
)
def test_vertebrae_that_were_not_graded_are_named(graded, said, capsys):
    ungraded = tuple(Ungraded(level=level, reason=WHY, image="CT") for level in (Level.T12, Level.L1, Level.L2))
    spine = SpineGrades(graded=graded, fractured=(), ungraded=ungraded)
    provenance = Provenance(software="ovcf", created_at="2025-05-14T09:30:00+00:00", command="", inputs=())
    made = draft(Study(()), ClinicalCase(), Found(landmarks=None), provenance=provenance).assessment
    print_summary(replace(made, findings=(Finding(data=spine, level=None),)))
    assert said in capsys.readouterr().out
