"""What is said to somebody below 50 years, in pregnancy and lactation, and where answers may not hold."""

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.statement import Urgency
from ovcf.scores.classification.t_score import who_class
from ovcf.vocabulary import Aetiology, Sex

RECENT = {"index_level": Level.L1, "recent_fracture": True, "treatment": "none", "low_energy_trauma": True}


def said(**facts):
    return {s.id: s for s in advise(AdviceInput(case=ClinicalCase(**RECENT | facts)))}


@pytest.mark.parametrize(("age", "told"), [(34, True), (49.99, True), (50, False), (45, True)])
def test_below_50_years_a_cause_is_looked_for(age, told):
    found = said(age_years=age, sex=Sex.MALE, aetiology=Aetiology.OSTEOPOROSIS)
    assert ("cause-below-50" in found) is told
    assert ("prevention-timers" in found) is not told
    if told:
        assert found["cause-below-50"].urgency is Urgency.IMPORTANT
        assert "myeloma" in found["cause-below-50"].text


@pytest.mark.parametrize(
    "facts", [{"aetiology": Aetiology.TRAUMA}, {"aetiology": Aetiology.METASTASIS}, {"low_energy_trauma": False}, {}]
)
def test_nothing_of_it_where_a_cause_or_an_injury_is_recorded_or_the_age_is_not(facts):
    age = {"age_years": 40} if facts else {}
    assert "cause-below-50" not in said(**age, **facts)


@pytest.mark.parametrize(
    ("sex", "age", "more", "asked"),
    [
        (Sex.FEMALE, 34, {}, True),
        (Sex.FEMALE, 49.9, {}, True),
        (Sex.FEMALE, 50, {}, False),
        (Sex.FEMALE, 44, {"after_menopause": True}, False),
        (Sex.FEMALE, 34, {"pregnancy": "no"}, False),
        (Sex.MALE, 34, {}, False),
    ],
)
def test_a_woman_below_50_is_asked_whether_she_is_pregnant(sex, age, more, asked):
    assert ("pregnancy-unknown" in said(sex=sex, age_years=age, **more)) is asked


def test_in_pregnancy_nothing_with_radiation_and_no_augmentation_is_proposed():
    found = said(sex=Sex.FEMALE, age_years=34, pregnancy="pregnant", aetiology=Aetiology.OSTEOPOROSIS, vas=8)
    assert found["pregnancy"].urgency is Urgency.IMPORTANT
    assert not {"imaging-radiograph", "imaging-ct", "imaging-dxa", "imaging-modalities"} & found.keys()
    assert "pregnancy" in found["augmentation-against"].text
    assert not {"augmentation-nice", "augmentation-acr-2018", "augmentation-benefit-harm"} & found.keys()
    assert found["kyphoplasty-criteria"].urgency is Urgency.INFORMATION
    otherwise = said(sex=Sex.FEMALE, age_years=34, pregnancy="no", aetiology=Aetiology.OSTEOPOROSIS, vas=8)
    assert {"imaging-radiograph", "imaging-ct", "imaging-dxa", "augmentation-nice"} <= otherwise.keys()


def test_lactation_is_discussed_with_what_was_read_of_it():
    found = said(sex=Sex.FEMALE, age_years=34, pregnancy="lactating")["pregnancy"]
    assert "Consider, with obstetrics" in found.text
    assert "disputed" in found.text
    assert {"plo-2023", "plo-2006"} <= set(found.evidence)


@pytest.mark.parametrize(
    ("age", "sex", "after", "label"),
    [
        (34, Sex.FEMALE, None, None),
        (34, Sex.FEMALE, False, "no class"),
        (44, Sex.FEMALE, True, "osteoporosis"),
        (50, Sex.FEMALE, None, "osteoporosis"),
        (49.9, Sex.MALE, None, "no class"),
        (50, Sex.MALE, None, "osteoporosis"),
    ],
)
def test_who_gives_no_class_before_the_menopause_nor_to_a_man_below_50(age, sex, after, label):
    found = who_class(-3.2, age_years=age, sex=sex, after_menopause=after)
    assert found.label == label
    assert found.missing == (("after the menopause",) if label is None else ())
    assert any("Z-scores" in said for said in found.advisories) is (age < 50)


@pytest.mark.parametrize(("impaired", "told"), [(True, True), (False, False), (None, False)])
def test_answers_are_not_relied_on_where_cognitive_impairment_is_recorded(impaired, told):
    found = said(age_years=92, cognitive_impairment=impaired, aetiology=Aetiology.OSTEOPOROSIS)
    assert ("follow-up-own-answers" in found) is told
