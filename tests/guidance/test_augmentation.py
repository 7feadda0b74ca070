"""Cement augmentation: criteria met, against or open, and positions that disagree under one topic."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.guidance.advise import AdviceInput, advise
from ovcf.guidance.statement import Answer
from ovcf.vocabulary import Aetiology, NeurologicalGrade, Treatment
from tests.guidance.speaking import answers, by_id, nasovcf, said


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
