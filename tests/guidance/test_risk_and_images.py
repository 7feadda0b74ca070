"""The review of risk after a recent fracture, bone quality, and what images and visits are asked for."""

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import RedFlags
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.statement import Answer, Urgency
from ovcf.vocabulary import Aetiology, Treatment
from tests.guidance.speaking import ALL_SERIES, answers, nasovcf, said

RECENT = ClinicalCase(index_level=Level.L1, recent_fracture=True, treatment=Treatment.NONE)


class TestRiskAndBoneQuality:
    def test_a_recent_fracture_always_calls_for_a_review_whatever_the_vbq(self):
        for high in (True, False, None):
            made = said(AdviceInput(case=ClinicalCase(), recent=True, vbq_high=high))
            assert made["imminent-risk-review"].urgency is Urgency.IMPORTANT

    def test_a_cemented_vertebra_is_neither_called_recent_nor_an_important_alert(self):
        case = ClinicalCase(index_level=Level.L1, cemented_levels=(Level.L1,), weeks_since_onset=10)
        made = advise(AdviceInput(case=case, recent=True, scores=nasovcf(4, "medium"), bme_percent=27))
        assert not [s.id for s in made if "recent vertebral fracture" in s.text or "Consider completing it" in s.text]
        assert not [s.id for s in made if s.urgency is Urgency.IMPORTANT]

    def test_a_metastasis_announces_no_osteoporotic_fracture(self):
        made = said(AdviceInput(case=ClinicalCase(index_level=Level.L1, aetiology=Aetiology.METASTASIS), recent=True))
        assert not [id_ for id_ in made if id_.startswith(("imminent", "risk-"))]

    def test_frax_limits_include_the_value(self):
        case = ClinicalCase(index_level=Level.L1, glucocorticoids=True, frax_mof_percent=30, frax_hip_percent=4.5)
        made = said(AdviceInput(case=case))
        assert answers(made["risk-acr-giop"])["glucocorticoid-adjusted FRAX major >= 30%"] is Answer.MET
        assert answers(made["risk-acr-giop"])["glucocorticoid-adjusted FRAX hip >= 4.5%"] is Answer.MET

    def test_the_t_score_limit_includes_the_value(self):
        at_three_and_a_half = said(AdviceInput(case=ClinicalCase(index_level=Level.L1, t_score=-3.5)))
        assert answers(at_three_and_a_half["risk-thai"])["T-score <= -3.5"] is Answer.MET

    def test_high_vbq_after_augmentation_cites_kadri_without_the_85_percent(self):
        case = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION)
        statement = said(AdviceInput(case=case, vbq=3.14, vbq_high=True))["vbq-high-after-augmentation"]
        assert "3.14" in statement.text
        assert "20/60" in statement.text
        assert "85" not in statement.text

    def test_a_low_vbq_is_no_reassurance(self):
        assert "no such evidence" in said(AdviceInput(case=ClinicalCase(), vbq=2.5, vbq_high=False))["vbq"].text


class TestImagesAndFollowUp:
    def test_edema_is_never_a_measure_of_pain_after_augmentation(self):
        case = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION)
        made = said(AdviceInput(case=case, bme_percent=75))
        assert "not read as a measure of pain" in made["edema-not-pain"].text
        assert "26/89" in made["edema-not-pain"].text
        assert "edema-course" not in made

    def test_confined_high_is_scored_as_printed_with_an_advisory(self):
        made = said(AdviceInput(case=RECENT, t2_pattern="confined high"))
        assert "INC-21" in made["t2-confined-high"].evidence

    def test_nagao_is_cited_for_both_patterns_that_were_commoner_in_collapse(self):
        for pattern in ("confined high", "diffuse low"):
            made = said(AdviceInput(case=RECENT, t2_pattern=pattern))
            assert "nagao-2025" in made[f"t2-{pattern.replace(' ', '-')}"].evidence

    def test_nagaos_share_of_collapse_is_39_of_103(self):
        text = said(AdviceInput(case=RECENT, bme_percent=80))["edema-course"].text
        assert "39/103, 37.9%" in text

    def test_voormolens_pain_subgroup_of_31_is_named_and_the_rim_is_not_judged(self):
        case = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION)
        text = said(AdviceInput(case=case))["edema-not-pain"].text
        assert "subgroup of 31 patients" in text
        assert "rim" not in text

    def test_a_height_loss_above_50_percent_recalls_what_han_quotes_of_clefts(self):
        assert "deep-height-loss" in said(AdviceInput(case=RECENT, vhl_percent=50.1))
        assert "deep-height-loss" not in said(AdviceInput(case=RECENT, vhl_percent=50))

    def test_the_reader_s_pattern_goes_before_the_measured_one(self):
        made = said(AdviceInput(case=ClinicalCase(t2_pattern="none"), t2_pattern="confined high"))
        assert "t2-confined-high" not in made

    @pytest.mark.parametrize(
        "case",
        [
            ClinicalCase(index_level=Level.L1, recent_fracture=True),
            ClinicalCase(index_level=Level.L1, t1_low=True),
            ClinicalCase(index_level=Level.L1, old_fractures=(Level.L1,)),
        ],
    )
    def test_no_mri_is_asked_for_whose_findings_are_recorded(self, case):
        assert "imaging-mri" not in said(AdviceInput(case=case))

    def test_no_mri_is_asked_for_a_history_of_cancer_once_its_signs_are_recorded(self):
        flags = RedFlags(cancer_history=True, epidural_mass=False)
        case = ClinicalCase(index_level=Level.L1, recent_fracture=True, red_flags=flags)
        assert "imaging-mri" not in said(AdviceInput(case=case))

    def test_the_radiograph_comes_first_then_mri_with_its_reason(self):
        made = said(AdviceInput(case=ClinicalCase(index_level=Level.L1)))
        assert "imaging-radiograph" in made
        assert "age of the fracture" in made["imaging-mri"].text

    def test_what_is_there_is_not_asked_for(self):
        case = ClinicalCase(index_level=Level.L1, t_score=-2.5)
        made = said(AdviceInput(case=case, recent=True, available=ALL_SERIES))
        assert {id_ for id_ in made if id_.startswith("imaging")} == {"imaging-modalities"}

    def test_an_mri_without_stir_is_to_be_completed(self):
        made = said(AdviceInput(case=ClinicalCase(), available=frozenset({"sagittal T1", "sagittal T2"})))
        assert "sagittal STIR" in made["imaging-mri-sequences"].text

    def test_the_radiograph_figures_are_never_an_accuracy_of_finding_fractures(self):
        text = said(AdviceInput(case=ClinicalCase(index_level=Level.L1)))["imaging-modalities"].text
        assert "acute from a 6-month-old fracture with 85.6% sensitivity" in text
        assert "not how well a radiograph finds a fracture" in text

    def test_unknown_posture_forbids_calling_progression(self):
        assert "follow-up-posture" in said(AdviceInput(case=ClinicalCase(index_level=Level.L1)))
