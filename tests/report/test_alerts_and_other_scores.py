"""Page one with an alert, the scores beside NASOVCF with for whom they hold, and how each source was checked."""

import re

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.clinical.sections import BeforeAugmentation, HeightLosses, SeveralFractures
from ovcf.imaging.study import Study
from ovcf.reading.conclude import conclude
from ovcf.reading.observations import Observations
from ovcf.reading.observing.observe import Found, observe
from ovcf.report.calculator import calculator_data
from ovcf.report.html import to_html
from ovcf.server.views.other_scores_view import other_scores_of
from tests.report.test_report_text import Page

FACTS = {
    "index_level": "L1",
    "recent_fracture": True,
    "treatment": "conservative",
    "aetiology": "osteoporosis",
    "fracture_type": "burst",
    "vhl_percent": 20.0,
    "local_kyphosis_deg": 20.0,
    "t2_pattern": "diffuse low",
    "t_score": -3.0,
    "age_years": 75.0,
    "sex": "female",
    "weeks_since_onset": 5.0,
    "cleft": "fluid",
    "several_fractures": SeveralFractures(compression=1, burst=1, long_signal=1, cleft=1, pain="no obvious pain"),
    "before_augmentation": BeforeAugmentation(
        instability_mm=6, focal_kyphosis_deg=12, previous_fracture=False, single_level=True
    ),
    "height_losses": HeightLosses(t8=22, l1=30, others_sound=True),
}


def assessed(**facts):
    nothing = observe(Study(series=()), Found())
    return conclude(nothing, (), ClinicalCase(**{**FACTS, **facts}))


def text(assessment):
    return re.sub(r"\s+", " ", Page(to_html(assessment, ())).text)


@pytest.mark.parametrize(
    ("facts", "title"),
    [
        ({"canal_compromise_percent": 42.1}, "Alert: fragment in the canal"),
        ({"dynamic_angle_change_deg": 15.1}, "Alert: movement on dynamic films"),
    ],
)
def test_an_alert_stands_before_the_impression_and_nobody_is_told_that_nothing_is_urgent(facts, title):
    shown = text(assessed(**facts))
    assert shown.index(title) < shown.index("Impression")
    assert "Examine bladder, bowel, saddle area, strength and gait" in shown
    assert "Urgent: none" not in shown
    assert "superior option" not in shown
    calm = text(assessed(canal_compromise_percent=42.0, dynamic_angle_change_deg=15.0))
    assert "Alert" not in calm
    assert "Urgent: none" in calm


def test_every_other_score_says_its_total_what_happened_and_for_whom_it_holds():
    shown = text(assessed())
    # 1 + 2 for the shapes, 1 + 2 for MRI, 1 for a T-score of -3.0
    assert "7 of 52 points: 5 or more: surgery in the source" in shown
    assert "470 patients with several mild osteoporotic fractures" in shown
    assert "4 of 5 points: high" in shown
    assert "22/38, 57.9%" in shown
    assert "−2.5 (from −42 to 0) points" in shown
    assert "All other items" in shown


def test_they_are_withheld_as_nasovcf_is():
    shown = text(assessed(neurology=Neurology(saddle_anaesthesia=True)))
    assert "7 of 52" not in shown
    assert "4 of 5 points" not in shown
    assert "22/38" not in shown
    views = {one.name: one for one in other_scores_of(assessed(neurology=Neurology(saddle_anaesthesia=True)))}
    assert views["ASTLOF"].sentence == views["AVA score"].sentence == "withheld"
    assert views["ASTLOF"].items == ()


def test_the_page_shows_of_a_long_score_what_is_not_sound():
    found = {one.name: one for one in other_scores_of(assessed())}
    assert [(i.name, i.points) for i in found["OVFss"].items] == [("T8", "−1"), ("L1", "−1.5")]
    assert "community women of about 70 years" in found["OVFss"].whom


def test_an_abstract_is_never_called_a_full_text():
    shown = text(assessed(vbq=3.4, bme_percent=80.0))
    assert "full text" not in shown
    kadri = shown.index("Kadri A, Liu D, Sorensen A")
    assert "Checked: read (abstract)" in shown[kadri : kadri + 260]
    assert calculator_data()["sources"]["kadri-2025"]["mark"] == "read (abstract)"


def who(assessment):
    return next(f.data.label for f in assessment.findings if getattr(f.data, "system", "").startswith("WHO class"))


def test_the_who_class_is_of_people_from_50_years_and_calls_no_doubtful_fracture_fragile():
    trauma = {"low_energy_trauma": True, "t_score": -3.2}
    assert who(assessed(**trauma)) == "established osteoporosis"
    assert who(assessed(**trauma, aetiology=None, red_flags=RedFlags(pedicle_signal=True))) == "osteoporosis"
    assert who(assessed(**trauma, sex="male", age_years=45.0)) == "no class"


def test_what_was_entered_without_an_image_is_not_called_landmarks():
    case = ClinicalCase(index_level="L1", vhl_percent=18, local_kyphosis_deg=12, posture_radiograph="standing")
    page = Page(to_html(conclude(Observations(), (), case), ())).text
    assert "No image, entered by the reader" in page
    assert "Entered, standing" in page
    assert "andmarks, posture" not in page
