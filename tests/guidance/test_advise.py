"""What is said about a patient: urgent first, cited, never more than the sources say."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.statement import Answer, Urgency
from ovcf.scores.applicability import applicability
from ovcf.scores.prognosis.nasovcf import nasovcf as real_nasovcf
from ovcf.scores.result import Status, Withholding
from ovcf.vocabulary import Aetiology, NeurologicalGrade, Treatment
from tests.guidance.speaking import ALL_SERIES, answers, by_id, nasovcf, said

UNC = ClinicalCase(
    age_years=79,
    index_level=Level.L4,
    other_fractures=(Level.T10,),
    aetiology=Aetiology.OSTEOPOROSIS,
    vas=10,
    intractable_pain=True,
    analgesic_class=3,
    weeks_since_onset=3,
    neurology=Neurology(
        bladder_or_bowel=True, progressive_weakness=True, saddle_anaesthesia=False, cord_or_cauda_compression=True
    ),
)


SCORE_OF_UNC = real_nasovcf(
    fracture_type=None,
    vhl_percent=None,
    local_kyphosis_deg=None,
    t2_diffuse_low=None,
    t_score=None,
    age_years=79,
    level=Level.L4,
    single_level=False,
    neurological_symptoms=True,
)


class TestTheTeachingCase:
    """Worked values."""

    made = advise(AdviceInput(case=UNC, recent=True, available=ALL_SERIES, scores={"NASOVCF": SCORE_OF_UNC}))

    def test_the_urgent_alert_comes_first(self):
        assert self.made[0].id == "urgent-neurology"
        assert self.made[0].urgency is Urgency.EMERGENCY
        assert "bladder" in self.made[0].text
        assert "weakness" in self.made[0].text

    def test_kyphoplasty_cause_and_pain_are_met_neurology_is_not_so_the_rule_is_not(self):
        kyphoplasty = by_id(self.made)["kyphoplasty-criteria"]
        found = answers(kyphoplasty)
        assert found["fracture from osteoporosis, myeloma, metastasis or vertebral angioma"] is Answer.MET
        assert found["intractable pain"] is Answer.MET
        assert found["absence of neurological symptoms"] is Answer.NOT_MET
        assert found["stable fracture"] is Answer.UNKNOWN
        assert "are not met" in kyphoplasty.text
        assert "INC-32" in kyphoplasty.evidence

    def test_no_nasovcf_group_is_shown(self):
        assert SCORE_OF_UNC.status is Status.NOT_APPLICABLE
        assert "nasovcf-withheld" in by_id(self.made)
        assert "nasovcf-group-outcomes" not in by_id(self.made)
        assert applicability(UNC).kinds == {Withholding.NEUROLOGY}

    def test_the_cord_s_mri_is_recorded_so_that_neither_it_nor_a_radiograph_is_asked_for(self):
        assert by_id(self.made)["urgent-neurology"].text.endswith(
            "Now: spine-surgical review. This goes before every score."
        )
        without_images = said(AdviceInput(case=UNC))
        assert not {"imaging-radiograph", "imaging-ct", "imaging-dxa", "imaging-modalities"} & without_images.keys()
        open_ = said(AdviceInput(case=ClinicalCase(neurology=Neurology(gait_change=True))))
        assert "Now: emergency MRI and spine-surgical review" in open_["urgent-neurology"].text

    def test_a_recent_fracture_calls_for_an_imminent_risk_review(self):
        assert by_id(self.made)["imminent-risk-review"].urgency is Urgency.IMPORTANT


class TestOutcomeRatesOfHan:
    case = ClinicalCase(index_level=Level.L1, treatment=Treatment.CONSERVATIVE, recent_fracture=True)

    @pytest.mark.parametrize(
        ("total", "group", "rates"),
        [
            (0, "low", ["1/47, 2.1% (95% interval 0.4 to 11.1%) had non-union", "1/47, 2.1%"]),
            (4, "medium", ["9/98, 9.2% (95% interval 4.9 to 16.5%)", "17/98, 17.3% (95% interval 11.1 to 26.0%)"]),
            (10, "high", ["39/63, 61.9% (95% interval 49.6 to 72.9%)", "30/63, 47.6% (95% interval 35.8 to 59.7%)"]),
        ],
    )
    def test_the_group_rate_stands_with_its_wilson_interval(self, total, group, rates):
        statement = said(AdviceInput(case=self.case, scores=nasovcf(total, group)))["nasovcf-group-outcomes"]
        for rate in rates:
            assert rate in statement.text
        assert "not the probability for this patient" in statement.text
        assert {"han-2025-outcomes", "INC-20"} <= set(statement.evidence)

    def test_the_low_group_uses_47_patients_and_cites_why(self):
        statement = said(AdviceInput(case=self.case, scores=nasovcf(0, "low")))["nasovcf-group-outcomes"]
        assert "/46" not in statement.text
        assert "INC-05" in statement.evidence

    def test_a_total_of_12_is_allowed_and_remarked_on(self):
        assert said(AdviceInput(case=self.case, scores=nasovcf(12, "high")))["nasovcf-twelve"].evidence == ("INC-01",)

    def test_high_scores_repeat_the_source_s_may(self):
        assert (
            "may represent"
            in said(AdviceInput(case=self.case, scores=nasovcf(8, "high")))["nasovcf-high-augmentation"].text
        )

    def test_an_incomplete_score_says_what_is_missing_and_what_it_can_still_be(self):
        score = nasovcf(
            status=Status.INCOMPLETE, missing=("T-score",), attainable=(0, 4), attainable_groups=("low", "medium")
        )
        text = said(AdviceInput(case=self.case, scores=score))["nasovcf-incomplete"].text
        assert "T-score" in text
        assert "between 0 and 4 (low or medium)" in text

    def test_outside_the_derivation_population_there_is_no_rate(self):
        score = nasovcf(status=Status.OUT_OF_DERIVATION_POPULATION, reasons=("T-score above -1.0",))
        made = said(AdviceInput(case=self.case, scores=score))
        assert "INC-10" in made["nasovcf-not-applicable"].evidence
        assert "nasovcf-group-outcomes" not in made

    def test_an_extrapolated_total_gets_no_rate_either(self):
        case = replace(self.case, t_score=-0.9)
        made = said(AdviceInput(case=case, scores=nasovcf(0, "low")))
        assert "INC-10" in made["nasovcf-not-applicable"].evidence

    def test_after_augmentation_the_rates_of_conservative_treatment_are_not_shown(self):
        case = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION)
        made = said(AdviceInput(case=case, scores=nasovcf(8, "high")))
        assert "treated by augmentation" in made["nasovcf-withheld"].text
        assert "nasovcf-group-outcomes" not in made

    def test_an_uncertain_group_says_how_sure_it_is(self):
        score = nasovcf(6, "high", group_probability=(("medium", 0.31), ("high", 0.69)))
        text = said(AdviceInput(case=self.case, scores=score))["nasovcf-group-outcomes"].text
        assert "medium 31%, high 69%" in text


class TestWhatStandsAboveAScore:
    @pytest.mark.parametrize("flag", [*RedFlags._MALIGNANCY, *RedFlags._INFECTION])
    def test_a_sign_on_mri_suppresses_the_group_whatever_the_cause_is_called(self, flag):
        case = ClinicalCase(aetiology=Aetiology.OSTEOPOROSIS, red_flags=RedFlags(**{flag: True}))
        assert applicability(case).tumour_or_infection
        made = said(AdviceInput(case=case, scores=nasovcf(4, "medium")))
        assert "nasovcf-group-outcomes" not in made
        assert "nasovcf-withheld" in made
        (alert,) = (s for s in made.values() if s.urgency is Urgency.URGENT)
        assert flag.replace("_", " ") in alert.text

    def test_a_history_of_cancer_suppresses_until_the_cause_is_decided(self):
        flags = RedFlags(cancer_history=True)
        assert applicability(ClinicalCase(red_flags=flags)).kinds == {Withholding.CAUSE_OPEN}
        assert not applicability(ClinicalCase(red_flags=flags, aetiology=Aetiology.OSTEOPOROSIS)).against
        decided = AdviceInput(case=ClinicalCase(red_flags=flags, aetiology=Aetiology.OSTEOPOROSIS))
        assert said(decided)["flags-history"].urgency is Urgency.IMPORTANT

    def test_a_decided_cause_is_not_said_to_be_open(self):
        case = ClinicalCase(red_flags=RedFlags(cancer_history=True), aetiology=Aetiology.METASTASIS)
        assert "until the cause is decided" not in said(AdviceInput(case=case))["flags-history"].text

    def test_a_metastasis_is_not_scored(self):
        case = ClinicalCase(index_level=Level.L1, aetiology=Aetiology.METASTASIS)
        assert applicability(case).kinds == {Withholding.TUMOUR}
        assert said(AdviceInput(case=case))["cause-urgent"].urgency is Urgency.URGENT

    def test_fever_withholds_the_score_whatever_cause_is_named_and_an_abscess_with_it_is_urgent(self):
        fever = ClinicalCase(index_level=Level.L1, aetiology=Aetiology.OSTEOPOROSIS, red_flags=RedFlags(fever=True))
        assert applicability(fever).against
        abscess = replace(fever, red_flags=RedFlags(fever=True, abscess=True))
        first = advise(AdviceInput(case=abscess))[0]
        assert (first.id, first.urgency) == ("flags-infection", Urgency.URGENT)
        assert "abscess, with fever" in first.text

    def test_a_focal_lesion_of_the_index_vertebra_is_a_tumour_alert_unless_it_is_named_an_angioma(self):
        case = ClinicalCase(index_level=Level.L1, focal_lesions=(Level.L1,))
        assert advise(AdviceInput(case=case))[0].id == "focal-lesion"
        angioma = said(AdviceInput(case=replace(case, aetiology=Aetiology.ANGIOMA)))
        assert "focal-lesion" not in angioma
        elsewhere = said(AdviceInput(case=replace(case, focal_lesions=(Level.L3,))))
        assert "focal-lesion" not in elsewhere

    def test_benign_signs_stand_beside_those_of_a_tumour(self):
        flags = RedFlags(epidural_mass=True, residual_marrow=True, low_signal_band=True)
        text = said(AdviceInput(case=ClinicalCase(red_flags=flags)))["flags-malignancy"].text
        assert "for a benign fracture: residual marrow and low signal band" in text

    @pytest.mark.parametrize(
        "neurology",
        [
            Neurology(bladder_or_bowel=True),
            Neurology(saddle_anaesthesia=True),
            Neurology(progressive_weakness=True),
            Neurology(gait_change=True),
            Neurology(cord_or_cauda_compression=True),
            Neurology(n_grade=NeurologicalGrade.N3),
            Neurology(n_grade=NeurologicalGrade.N4),
        ],
    )
    def test_each_sign_of_cord_or_cauda_is_an_emergency_and_suppresses(self, neurology):
        case = ClinicalCase(neurology=neurology)
        assert advise(AdviceInput(case=case))[0].urgency is Urgency.EMERGENCY
        assert applicability(case).kinds == {Withholding.NEUROLOGY}

    def test_a_root_is_important_but_no_emergency(self):
        case = ClinicalCase(neurology=Neurology(radiculopathy=True))
        assert "neurology-root" in said(AdviceInput(case=case))
        assert not applicability(case).against

    @pytest.mark.parametrize(("percent", "said_of_it"), [(42, False), (43, True), (None, False)])
    def test_a_canal_narrowed_by_more_than_42_percent_is_spoken_of(self, percent, said_of_it):
        made = said(AdviceInput(case=ClinicalCase(canal_compromise_percent=percent)))
        assert ("canal-compromise" in made) is said_of_it

    def test_unknown_neurology_is_asked_for_and_normal_neurology_is_not(self):
        assert "neurology-unknown" in said(AdviceInput(case=ClinicalCase()))
        intact = ClinicalCase(neurology=Neurology(n_grade=NeurologicalGrade.N0))
        assert "neurology-unknown" not in said(AdviceInput(case=intact))
