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
    """TV-2."""

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


class TestAugmentation:
    case = ClinicalCase(
        index_level=Level.L1,
        aetiology=Aetiology.OSTEOPOROSIS,
        vas=8,
        intractable_pain=True,
        coagulopathy=False,
        stable=True,
        vertebra_plana=False,
        neurology=Neurology(n_grade=NeurologicalGrade.N0),
        recent_fracture=True,
        treatment=Treatment.NONE,
        improving=False,
    )
    bare = ClinicalCase(index_level=Level.L1, recent_fracture=True, treatment=Treatment.NONE)

    def test_all_criteria_met_says_consider_referral(self):
        kyphoplasty = said(AdviceInput(case=self.case))["kyphoplasty-criteria"]
        assert set(answers(kyphoplasty).values()) == {Answer.MET}
        assert "Consider referral" in kyphoplasty.text

    def test_nothing_known_leaves_every_criterion_open(self):
        kyphoplasty = said(AdviceInput(case=self.bare))["kyphoplasty-criteria"]
        assert set(answers(kyphoplasty).values()) == {Answer.UNKNOWN}

    @pytest.mark.parametrize(
        ("changed", "against"),
        [
            ({"vertebra_plana": True}, "vertebra plana"),
            ({"stable": False}, "an unstable fracture"),
            ({"coagulopathy": True}, "a coagulation disorder"),
            ({"improving": True}, "pain that improves"),
            ({"vas": 0, "intractable_pain": None}, "no pain"),
            ({"intractable_pain": False}, "not intractable"),
            ({"cement_allergy": True}, "allergy"),
            ({"neurology": Neurology(radiculopathy=True)}, "neurological symptoms"),
        ],
    )
    def test_what_speaks_against_it_stands_alone_without_positions_or_a_nudge(self, changed, against):
        made = said(AdviceInput(case=replace(self.case, **changed), scores=nasovcf(8, "high")))
        assert against in made["augmentation-against"].text
        assert not {"augmentation-nice", "augmentation-benefit-harm", "nasovcf-high-augmentation"} & made.keys()
        assert "referral" not in made["kyphoplasty-criteria"].text

    def test_a_contraindication_that_is_present_is_never_said_to_be_absent(self):
        case = replace(self.bare, coagulopathy=True, vertebra_plana=False)
        because = {c.text: (c.answer, c.because) for s in said(AdviceInput(case=case)).values() for c in s.criteria}
        assert because["absence of a coagulation disorder"] == (Answer.NOT_MET, "coagulation disorder: yes")
        assert because["absence of vertebra plana"] == (Answer.MET, "vertebra plana: no")

    def test_anticoagulation_is_named_and_left_to_the_reader(self):
        (found,) = (
            c
            for c in said(AdviceInput(case=replace(self.case, anticoagulation=True)))["kyphoplasty-criteria"].criteria
            if "coagulation" in c.text
        )
        assert found.answer is Answer.UNKNOWN
        assert "anticoagulation" in found.because

    @pytest.mark.parametrize("vas", [1, 6, 6.9, 7, 10])
    def test_no_number_decides_whether_pain_is_intractable(self, vas):
        case = replace(self.case, vas=vas, intractable_pain=None, optimal_pain_management=True)
        (found,) = (
            c for c in said(AdviceInput(case=case))["kyphoplasty-criteria"].criteria if c.text == "intractable pain"
        )
        assert found.answer is Answer.UNKNOWN
        assert "gives no number" in found.because

    def test_positions_that_disagree_stand_under_one_topic_with_benefit_and_harm(self):
        made = advise(AdviceInput(case=self.case))
        cited = {s.evidence[0] for s in made if s.topic == made_topic(made, "augmentation-nice")}
        assert cited == {
            "unc-case",
            "nice-ta279",
            "uk-commissioning-vas",
            "sir-2014",
            "acr-2014",
            "acr-2018",
            "cirse-2017",
            "nass",
            "cochrane-2018",
        }
        text = by_id(made)["augmentation-benefit-harm"].text
        assert all(figure in text for figure in ("92%", "10 to 40%", "< 1%"))

    @pytest.mark.parametrize(
        "changed",
        [
            {"cemented_levels": (Level.L1,)},
            {"treatment": Treatment.AUGMENTATION},
            {"treatment": Treatment.SURGERY},
            {"treatment": None},
            {"recent_fracture": None},
            {"recent_fracture": False},
            {"old_fractures": (Level.L1,)},
            {"weeks_since_onset": 60},
            {"red_flags": RedFlags(epidural_mass=True)},
        ],
    )
    def test_nothing_is_said_of_it_unless_the_fracture_is_known_to_be_recent_untreated_and_osteoporotic(self, changed):
        made = said(AdviceInput(case=replace(self.case, **changed), scores=nasovcf(8, "high")))
        assert not [id_ for id_ in made if id_.startswith(("augmentation", "kyphoplasty", "nasovcf-high"))]


def made_topic(made, id_):
    return next(s.topic for s in made if s.id == id_)


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
        made = said(AdviceInput(case=TestAugmentation.bare, t2_pattern="confined high"))
        assert "INC-21" in made["t2-confined-high"].evidence

    def test_nagao_is_cited_for_both_patterns_that_were_commoner_in_collapse(self):
        for pattern in ("confined high", "diffuse low"):
            made = said(AdviceInput(case=TestAugmentation.bare, t2_pattern=pattern))
            assert "nagao-2025" in made[f"t2-{pattern.replace(' ', '-')}"].evidence

    def test_nagaos_share_of_collapse_is_39_of_103(self):
        text = said(AdviceInput(case=TestAugmentation.bare, bme_percent=80))["edema-course"].text
        assert "39/103, 37.9%" in text

    def test_voormolens_pain_subgroup_of_31_is_named_and_the_rim_is_not_judged(self):
        case = ClinicalCase(index_level=Level.L1, treatment=Treatment.AUGMENTATION)
        text = said(AdviceInput(case=case))["edema-not-pain"].text
        assert "subgroup of 31 patients" in text
        assert "rim" not in text

    def test_a_height_loss_above_50_percent_recalls_what_han_quotes_of_clefts(self):
        assert "deep-height-loss" in said(AdviceInput(case=TestAugmentation.bare, vhl_percent=50.1))
        assert "deep-height-loss" not in said(AdviceInput(case=TestAugmentation.bare, vhl_percent=50))

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
