"""The whole line on real exams outside the repository; values come from published grades or other tracings."""

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import found
from ovcf.assessment.findings.kinds import RecencySign, SqGrade
from ovcf.workflow.from_files import draft_from_files
from tests.shared_data import shared

pytestmark = pytest.mark.slow


def exam(name, what):
    return shared("mri-vertebral-bodies") / f"{name}_{what}.nii.gz"


def test_two_contrasts_of_one_patient_are_one_study():
    names = ("VB1_02", "VB1_03")
    made = draft_from_files(
        [exam(n, "image") for n in names],
        labels=[exam(n, "bodies") for n in names],
        roles=["VB1_02_image.nii.gz=sagittal T1", "VB1_03_image.nii.gz=sagittal STIR"],
        anchors=["VB1_02_bodies.nii.gz:1=S1", "VB1_03_bodies.nii.gz:2=S1"],
        fracture="L1",
    )
    a = made.assessment
    assert [s.overridden for s in a.series] == [True, True]
    assert [[v.level for v in spine] for spine in a.landmarks] == [
        ["T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1"]
    ] * 2
    ka = {m.source.image: m for m in a.measurements if m.method.id == "ka-han" and m.index_level == "L3"}
    first, second = ka.values()
    gap = abs(first.value - second.value)
    assert gap <= 1.96 * (first.standard_uncertainty**2 + second.standard_uncertainty**2) ** 0.5
    signs = {f.level for f in a.findings if isinstance(f.data, RecencySign)}
    assert signs >= {"T11", "T12", "L1", "L2", "L3", "L4", "L5"}
    assert len(made.views) == 2


def test_traced_discs_give_no_landmarks_and_say_so():
    made = draft_from_files([exam("IVD_11", "image")], labels=[exam("IVD_11", "bodies")], fracture="L3")
    assert made.assessment.landmarks == ()
    assert any("discs" in w.reason for w in made.assessment.withheld)


def test_published_fractures_of_a_ct_are_found_as_masks_without_an_image():
    """VerSe sub-verse004: T9 2, T10 2, L1 3; T11, T12, L2, L3 0 (grades published with the mask)."""
    mask = shared("ct-vertebrae") / "sub-verse004_seg-vert_msk.nii.gz"
    a = draft_from_files(labels=[mask], scheme="verse").assessment
    grade = {f.level: f.data.grade for f in a.findings if isinstance(f.data, SqGrade)}
    assert grade["L1"] == 3
    assert all(grade[level] > 0 for level in ("T9", "T10"))
    assert all(grade[level] == 0 for level in ("T11", "T12", "L2", "L3"))
    suggested = [f.level for f in a.suggested_fractures]
    assert suggested[0] == "L1"
    assert set(suggested) == {"T9", "T10", "L1"}


def test_a_survey_person_is_graded_as_the_survey_did():
    folder = shared("nhanes-2013-2014")
    a = draft_from_files(landmarks=f"{folder}:75982", fracture="L1").assessment
    grade = found(a.findings, SqGrade, Level.L1).grade
    assert grade == 2
    sign = next(f.data for f in a.findings if f.id == "radiograph sign, wedge")
    assert sign.present is None  # not calibrated: lengths mean nothing
