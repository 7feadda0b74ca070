"""One assessment for every state of the report, concluded from the same small patient or put together by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SpineGrades, SqGrade, Ungraded
from ovcf.assessment.result import LevelQuestion, NumberedBody, Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.earlier import EarlierVisit
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.imaging.study import Study
from ovcf.reading.conclude import conclude
from ovcf.reading.observing.observe import Found
from ovcf.vocabulary import Aetiology, FractureType, Treatment
from ovcf.workflow.draft import draft
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient
from tests.report.example import ASSESSMENT, INCOMPLETE

LANDMARKS = Path(__file__).parents[2] / "examples" / "landmarks.json"
TREATED = {"treatment": Treatment.CONSERVATIVE, "weeks_since_onset": 2.0}
LIKE_HAN = TREATED | {
    "patient_id": "P-7",
    "visit_date": "2026-03-02",
    "age_years": 74.0,
    "fracture_type": FractureType.COMPRESSION,
    "t_score": -3.1,
    "t_score_site": "L1-L4",
    "low_energy_trauma": True,
    "index_level": Level.L1,
}
CASES = {
    "recent": {},
    "treatment not recorded": {"treatment": None},
    "burst": {"fracture_type": FractureType.BURST},
    "incomplete": {"t_score": None},
    "dense bone": {"t_score": -0.5},
    "two at once": {"other_fractures": (Level.L3,)},
    "emergency": {"neurology": Neurology(bladder_or_bowel=True, saddle_anaesthesia=True)},
    "tumour": {"red_flags": RedFlags(cancer_history=True, convex_posterior_border=True, pedicle_signal=True)},
    "infection": {"red_flags": RedFlags(abscess=True, fever=True)},
    "metastasis": {"aetiology": Aetiology.METASTASIS},
    "trauma": {"aetiology": Aetiology.TRAUMA},
    "old": {"recent_fracture": False},
    "cemented": {"cemented_levels": (Level.L1,), "treatment": Treatment.AUGMENTATION},
    "not chosen": {"index_level": None},
    "second visit": {
        "earlier": (EarlierVisit(visit_date="2025-09-01", vhl_percent=12.4, local_kyphosis_deg=-12.0, vas=8.0),),
        "vas": 4.0,
        "posture_radiograph": "standing",
    },
}
MADE = Provenance("ovcf 0.1.0", "2026-03-02T10:00:00+00:00", "ovcf assess study --labels bodies.nii.gz", ())


@pytest.fixture(scope="session")
def states(tmp_path_factory):
    """Name of a state to its assessment."""
    patient = write_patient(tmp_path_factory.mktemp("states"))
    made = draft_from_files(patient.images, labels=[patient.labels], anchors=["2=L1"], command=MADE.command)
    case = replace(made.assessment.case, **LIKE_HAN)
    found = {
        name: conclude(made.observations, (), replace(case, **facts), provenance=MADE) for name, facts in CASES.items()
    }
    film = tmp_path_factory.mktemp("film") / "case.toml"
    film.write_text('index_level = "L1"\nage_years = 70\n')
    found["radiograph only"] = draft_from_files((), landmarks=str(LANDMARKS), clinical=film).assessment
    found["everything missing"] = draft(Study(()), ClinicalCase(), Found(), provenance=MADE).assessment
    found["entered by hand"] = replace(ASSESSMENT, guidance=ASSESSMENT.guidance[1:])
    found["one item missing"] = replace(found["entered by hand"], scores=(INCOMPLETE,))
    found["level unsure"] = _level_unsure()
    found["nothing fractured"] = _nothing_fractured()
    return found


def _level_unsure():
    question = LevelQuestion(
        image="T2 sagittal",
        likely=((Level.T8, Level.L5, 0.81), (Level.T7, Level.L4, 0.17)),
        asked=0.95,
        bodies=tuple(NumberedBody(n, ()) for n in range(1, 11)),
        how="Give --level 10=L5.",
    )
    bare = draft(Study(()), replace(ClinicalCase(), patient_id="P-8"), Found(), provenance=MADE).assessment
    return replace(bare, questions=(question,))


def _nothing_fractured():
    cut = Ungraded(level=Level.T10, reason="it ends within 3 mm of the border of the image", image="T2")
    sound = (Level.T11, Level.T12, Level.L1)
    grades = SpineGrades(graded=tuple((level, 0) for level in sound), fractured=(), ungraded=(cut,))
    sq = [Finding(level=level, data=SqGrade(grade=0, probability=((0, 0.9), (1, 0.1)))) for level in sound]
    case = ClinicalCase(patient_id="P-9", age_years=68.0)
    found = (*sq, Finding(level=None, data=grades))
    return replace(
        ASSESSMENT,
        case=case,
        index_level=None,
        scores=(),
        guidance=(),
        findings=found,
        suggested_fractures=(),
        measurements=(),
    )


def pytest_generate_tests(metafunc):
    if {"state", "states"} <= set(metafunc.fixturenames):
        names = [
            *CASES,
            "radiograph only",
            "everything missing",
            "entered by hand",
            "one item missing",
            "level unsure",
            "nothing fractured",
        ]
        metafunc.parametrize("state", names)
