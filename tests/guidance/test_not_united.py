"""Non-union at 6 months asks for a review, and for no radiographs that are there; it heads the report."""

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.statement import Urgency
from ovcf.reading.conclude import conclude
from ovcf.reading.observations import Observations
from ovcf.render.impression import impression
from ovcf.vocabulary import Cleft, Treatment

BASE = {"index_level": "L1", "aetiology": "osteoporosis", "fracture_type": "compression", "vhl_percent": 38}


def said(**facts):
    return {s.id: s for s in advise(AdviceInput(case=ClinicalCase(**BASE | facts)))}


@pytest.mark.parametrize(
    ("weeks", "standing", "supine", "cleft", "told"),
    [
        (30, 12, 13.01, None, True),
        (30, 12, 13, Cleft.NONE, False),
        (30, None, None, Cleft.FLUID, True),
        (21.43, None, None, Cleft.AIR, True),  # day 150
        (21.4, None, None, Cleft.AIR, False),
        (None, None, None, Cleft.AIR, False),
    ],
)
def test_not_united_is_told_from_day_150_on(weeks, standing, supine, cleft, told):
    found = said(
        weeks_since_onset=weeks, anterior_height_standing_mm=standing, anterior_height_supine_mm=supine, cleft=cleft
    )
    assert ("not-united" in found) is told
    if told:
        assert found["not-united"].urgency is Urgency.IMPORTANT
        assert {"han-2025", "hoshino-2009"} <= set(found["not-united"].evidence)


def test_of_a_treated_fracture_nothing_of_it_is_said():
    assert "not-united" not in said(weeks_since_onset=30, cleft=Cleft.AIR, treatment=Treatment.AUGMENTATION)


def test_radiographs_are_not_asked_for_where_both_heights_are_entered():
    asked = "Consider standing and supine lateral radiographs"
    assert asked in said(cleft=Cleft.FLUID)["cleft"].text
    heights = {"anterior_height_standing_mm": 12, "anterior_height_supine_mm": 17}
    assert asked not in said(cleft=Cleft.FLUID, **heights)["cleft"].text


@pytest.mark.parametrize(
    ("facts", "lead"),
    [
        ({"weeks_since_onset": 30, "cleft": Cleft.FLUID}, "Old compression fracture of L1, not united"),
        ({"weeks_since_onset": 30, "cleft": Cleft.NONE}, "Old compression fracture of L1"),
        (
            {"weeks_since_onset": 40, "cemented_levels": ("L1",), "refractured_levels": ("L1",)},
            "Treated compression fracture of L1, cemented and broken again",
        ),
    ],
)
def test_the_impression_says_so_first(facts, lead):
    assessment = conclude(Observations(), (), ClinicalCase(**BASE | facts))
    assert impression(assessment)[0].lead == lead


@pytest.mark.parametrize(
    ("facts", "weighed"),
    [
        ({"anticoagulation": True}, "therapeutic anticoagulation"),
        ({"asa_class": 4}, "an ASA class of 4 or more"),
        ({"asa_class": 3}, ""),
        ({"cognitive_impairment": True}, "cognitive impairment"),
    ],
)
def test_what_is_weighed_before_augmentation_is_discussed_stands_in_that_sentence(facts, weighed):
    high = {"t2_pattern": "diffuse low", "t_score": -2.8, "age_years": 80, "local_kyphosis_deg": 22}
    recent = {"recent_fracture": True, "treatment": "none", "low_energy_trauma": True, "weeks_since_onset": 2}
    case = ClinicalCase(**BASE | high | recent | facts)
    found = {s.id: s for s in conclude(Observations(), (), case).guidance}
    text = found["nasovcf-high-augmentation"].text
    assert ("to be weighed first" in text) is bool(weighed)
    assert weighed in text
    if facts.get("anticoagulation"):
        assert "not known: edema, contraindication" in found["augmentation-acr-2018"].text


@pytest.mark.parametrize(
    ("vbq", "across"),
    [
        (3.70, "3 and 4.28"),
        (3.72, "4.28"),
        (3.56, "3"),
        (2.30, "3"),
        (2.28, ""),
        (3.6, "3 and 4.28"),
        (4.9, "4.28"),
        (5.0, ""),
    ],
)
def test_a_vbq_within_the_error_of_one_scan_says_which_limit_it_could_cross(vbq, across):
    """1.96 standard errors of 0.36 are 0.7056."""
    found = {s.id: s for s in advise(AdviceInput(case=ClinicalCase(**BASE), vbq=vbq, vbq_high=vbq >= 3))}
    text = found["vbq-perspective"].text
    assert ("reaches across" in text) is bool(across)
    assert (f"reaches across {across}:" in text) is bool(across)
    assert "nearly all" not in text
