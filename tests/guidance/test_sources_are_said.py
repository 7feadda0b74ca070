"""What the published sources say is said where it concerns a patient, or held among the evidence."""

import re
from dataclasses import fields

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.cohort.published.source_check import check_sources
from ovcf.guidance.advice_input import AdviceInput
from ovcf.guidance.advise import advise
from ovcf.guidance.evidence import evidence, load_evidence
from ovcf.vocabulary import Aetiology, NeurologicalGrade, Treatment
from tests.guidance.speaking import nasovcf

RECENT = ClinicalCase(
    index_level=Level.L1,
    aetiology=Aetiology.OSTEOPOROSIS,
    recent_fracture=True,
    treatment=Treatment.CONSERVATIVE,
    neurology=Neurology(n_grade=NeurologicalGrade.N0),
    vas=8,
    intractable_pain=True,
    stable=True,
)
AUGMENTED = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION, aetiology=Aetiology.OSTEOPOROSIS)
OPEN = ClinicalCase(index_level=Level.L1)
PATIENTS = {
    "high": AdviceInput(case=RECENT, scores=nasovcf(8, "high"), bme_percent=80, vhl_percent=52),
    "medium": AdviceInput(case=RECENT, scores=nasovcf(4, "medium")),
    "augmented": AdviceInput(case=AUGMENTED, bme_percent=20),
    "open": AdviceInput(case=OPEN),
}
SAID = [
    ("high", "follow-up-visits", ["as in Han 2025", "day 150 to 270: this project's window"]),
    ("high", "nasovcf-group-outcomes", ["6 weeks in bed without weight-bearing, then a soft brace"]),
    ("high", "nasovcf-group-outcomes", ["celecoxib", "calcitriol", "calcium", "zoledronic acid"]),
    ("medium", "nasovcf-group-course", ["5.4% to 9.35%"]),
    ("high", "nasovcf-group-course", ["12.5° to 22.1°"]),
    ("high", "nasovcf-group-course", ["female sex (odds ratio 4.3)", "higher ODI (1.10 per point)"]),
    ("high", "nasovcf-group-course", ["highest in the high group", "disability was lower in the low group"]),
    ("high", "follow-up-expected", ["non-union in 10 to 20%", "10 to 20% and about 10° of kyphosis"]),
    ("high", "augmentation-benefit-harm", ["10 to 40% of vertebroplasties"]),
    ("high", "follow-up-expected", ["pain is 40 to 50%", "30 to 50% better"]),
    ("high", "deep-height-loss", ["goes with a cleft or fluid sign"]),
    ("high", "nasovcf-group-course", ["T4-T10", "adherence to bed rest"]),
    ("high", "follow-up-visits", ["a visit at 12 months", "judged collapse (grade 3) at 1 year"]),
    ("high", "edema-course", ["39/103, 37.9%"]),
    ("high", "edema-course", ["patient characteristics did not differ"]),
    ("high", "edema-course", ["read as bone healing"]),
    ("high", "follow-up-visits", ["edema on STIR at first, at 3 months and at 1 year"]),
    ("augmented", "follow-up-after-augmentation", ["MRI at 3, 6 and 12 months"]),
    ("augmented", "edema-not-pain", ["once gone it did not come back", "this project's reading"]),
    ("augmented", "edema-not-pain", ["greatest in the first 3 months"]),
    ("augmented", "edema-not-pain", ["subgroup of 31 patients"]),
    ("augmented", "follow-up-after-augmentation", ["80% of further fractures came later"]),
    ("open", "cause-background", ["anterior and superior body", "women more often", "without neurological"]),
    ("open", "cause-background", ["residual marrow", "retropulsed fragment", "low-signal band"]),
    ("high", "augmentation-benefit-harm", ["92% had pain relief"]),
    ("high", "augmentation-benefit-harm", ["vital structures in < 1%"]),
    ("open", "imaging-mri", ["may be considered to differentiate osteoporosis from malignancy"]),
]


def by_id(findings):
    return {s.id: s for s in advise(findings)}


@pytest.mark.parametrize(("who", "statement", "words"), SAID, ids=lambda part: str(part)[:40])
def test_what_the_source_says_is_said(who, statement, words):
    text = by_id(PATIENTS[who])[statement].text
    for word in words:
        assert word in text, text


HELD = [
    ("han-2025-outcomes", "height_m_low", (1.56, 1.52, 1.68)),
    ("han-2025-outcomes", "bmi_mean_sd_high", (24.89, 2.31)),
    ("han-2025-models", "non_union_vas_multivariable", (0.984, 0.502, 1.931)),
    ("han-2025-models", "progressive_kyphosis_bmi_univariate", (1.039, 0.911, 1.185)),
    ("han-2025-models", "auc_attainable_range", (0.732, 0.955)),
    ("voormolen-2006", "pain_subgroup", 31),
    ("kadri-2025", "bmi_mean_sd", (28.93, 6.7)),
]
HELD_IN_WORDS = [
    ("han-2025", "mri", "1.5 T"),
    ("han-2025-outcomes", "p_between_groups", "age .601, sex .184, level .979, height .185, weight .478, BMI .325"),
    ("INC-38", "recomputed", "P<0.05 in the note of Table 4"),
    ("han-2025", "other_systems", "primarily morphology"),
    ("han-2025-claims", "background", "9.2 million fractures a year, about 50% of them osteoporotic"),
    ("voormolen-2006", "fig_3", "thin STIR-bright, T1-dark, water-like rim"),
    ("kadri-2025", "vbq_including_against_excluding", "P .401"),
    ("unc-case", "contrast", "a finding of one patient, no rule"),
]


@pytest.mark.parametrize(("source", "figure", "value"), HELD, ids=lambda part: str(part)[:40])
def test_what_the_source_prints_is_held(source, figure, value):
    assert evidence(source)[figure] == value


@pytest.mark.parametrize(("source", "figure", "words"), HELD_IN_WORDS, ids=lambda part: str(part)[:40])
def test_what_the_source_says_is_held(source, figure, words):
    assert words in str(evidence(source)[figure])


def test_youden_is_quoted_of_the_cut_off_0_893_as_han_prints_it():
    (check,) = (c for c in check_sources() if c.id == "INC-04")
    assert check.printed == "cut-off 0.893 optimal by Youden"
    assert check.holds is False


def test_the_figures_of_the_score_alone_are_those_of_table_5():
    from pathlib import Path

    from ovcf.cohort.published import han_2025

    text = Path(han_2025.__file__).read_text(encoding="utf-8")
    assert "(Table 5 and Fig. 1)" in text
    assert "Table 4 and Fig. 1" not in text


def test_nothing_says_of_the_rim_around_cement_that_it_is_no_new_fracture():
    for findings in PATIENTS.values():
        assert not [s.id for s in advise(findings) if "rim" in s.text.split()]
    assert "fracture" not in str(evidence("voormolen-2006")["fig_3"])


def test_both_patterns_that_nagao_saw_more_often_in_collapse_cite_nagao():
    for pattern, id_ in (("confined high", "t2-confined-high"), ("diffuse low", "t2-diffuse-low")):
        assert "nagao-2025" in by_id(AdviceInput(case=RECENT, t2_pattern=pattern))[id_].evidence


@pytest.mark.parametrize(
    "field",
    [f"joabpeq_{d}" for d in ("pain", "lumbar", "walking", "social", "mental")]
    + ["earlier", "contrast_enhancement", "anticoagulation", "intractable_pain"]
    + ["anterior_height_standing_mm", "anterior_height_supine_mm", "cleft_on"],
)
def test_what_a_reader_sees_can_be_entered(field):
    assert field in {f.name for f in fields(ClinicalCase)}


@pytest.mark.parametrize("field", ["residual_marrow", "retropulsed_fragment", "low_signal_band"])
def test_the_benign_clues_can_be_entered(field):
    assert field in {f.name for f in fields(RedFlags)}


def test_a_cemented_vertebra_that_broke_again_is_important_and_says_whose_rule_it_is():
    case = ClinicalCase(index_level=Level.L1, cemented_levels=(Level.L1,), refractured_levels=(Level.L1,))
    made = by_id(AdviceInput(case=case))["cement-refracture"]
    assert made.urgency == "important"
    assert "this project's rule" in made.text


def test_a_cemented_body_that_lost_height_asks_whether_it_broke_again():
    case = ClinicalCase(index_level=Level.L1, cemented_levels=(Level.L1,))
    made = by_id(AdviceInput(case=case, cemented_lower=True))
    assert "broke again" in made["cement-lower"].text
    assert "cement-lower" not in by_id(AdviceInput(case=case))


@pytest.mark.parametrize(
    ("facts", "words"), [({"cleft": "air", "cleft_on": "CT"}, "is recorded on CT"), ({"cleft": "air"}, "is recorded;")]
)
def test_a_cleft_that_a_reader_entered_is_recorded_and_not_suggested(facts, words):
    assert words in by_id(AdviceInput(case=ClinicalCase(index_level=Level.L1, **facts)))["cleft"].text
    assert "is suggested" in by_id(AdviceInput(case=OPEN, cleft="fluid"))["cleft"].text


def test_no_statement_speaks_of_the_command_line_and_none_calls_a_deduction_recorded():
    for findings in PATIENTS.values():
        for s in advise(findings):
            words = " ".join((s.text, *(f"{c.text} {c.because}" for c in s.criteria)))
            assert not re.search(r"--[a-z]|recorded as absent|ovcf \w+", words), words
    within = {c.text: c.because for c in by_id(PATIENTS["high"])["risk-bhof"].criteria}
    assert within["fracture within 12 months"] == "read so by the reader"


def test_no_statement_rests_on_what_was_not_verified():
    unverified = {e.id for e in load_evidence().values() if e.mark.name == "UNVERIFIED"}
    for findings in PATIENTS.values():
        assert not [s.id for s in advise(findings) if unverified & {*s.evidence}]
