"""Scores of the field inside an assessment: worked out from the clinical file, by hand; withheld where they must."""

from dataclasses import fields, is_dataclass

import pytest

from ovcf.assessment.field_scores import derived_facts, field_classes, field_scores
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.clinical.sections import BeforeAugmentation, Collapse, HeightLosses, SeveralFractures
from ovcf.scores.applicability import applicability
from ovcf.scores.registry import scores
from ovcf.scores.result import Status, Withholding
from ovcf.vocabulary import Cleft, Sex, T2Pattern

RECENT = {"index_level": "L1", "recent_fracture": True, "treatment": "conservative", "aetiology": "osteoporosis"}
TWO = SeveralFractures(compression=2, burst=0, long_signal=1, cleft=1, pain="back or low back pain")
AVA = BeforeAugmentation(instability_mm=6, focal_kyphosis_deg=12, previous_fracture=False, single_level=True)


def made(**facts):
    case = ClinicalCase(**{**RECENT, **facts})
    return {s.score: s for s in field_scores(case, applicability(case))}


def classed(**facts):
    case = ClinicalCase(**{**RECENT, **facts})
    return {c.system: c for c in field_classes(case, applicability(case))}


def test_nothing_of_its_own_entered_nothing_is_worked_out():
    assert made(t_score=-3.0, cleft=Cleft.FLUID, weeks_since_onset=5, sex=Sex.FEMALE) == {}
    assert classed(t2_pattern=T2Pattern.DIFFUSE_LOW, sex=Sex.FEMALE) == {}


@pytest.mark.parametrize(
    ("t_score", "total", "group"),
    [  # 2 compressions + 1 long signal + 2 for a cleft + 1 for pain, and the T-score's 0, 1 or 2
        (-2.4, 6, "5 or more: surgery in the source"),
        (-3.0, 7, "5 or more: surgery in the source"),
        (-3.6, 8, "5 or more: surgery in the source"),
    ],
)
def test_astlof_of_two_fractures(t_score, total, group):
    found = made(several_fractures=TWO, t_score=t_score)["ASTLOF"]
    assert (found.total, found.group) == (total, group)


def test_astlof_names_what_is_missing_and_is_silent_of_one_fracture():
    open_ = made(several_fractures=TWO)["ASTLOF"]
    assert (open_.status, open_.missing) == (Status.INCOMPLETE, ("Bone mineral density T-score",))
    one = made(several_fractures=SeveralFractures(compression=1, burst=0, long_signal=1, cleft=0), t_score=-3)["ASTLOF"]
    assert (one.status, one.total) == (Status.NOT_APPLICABLE, None)


def test_a_t_score_by_levels_leaves_the_fractured_one_out_for_astlof_too():
    """(-3.6 - 3.4) / 2 = -3.5 has no points; L1, -2.0, is fractured and does not count."""
    found = made(several_fractures=TWO, t_score_l1=-2.0, t_score_l2=-3.6, t_score_l3=-3.4)["ASTLOF"]
    assert found.status is Status.OUT_OF_DERIVATION_POPULATION


@pytest.mark.parametrize(
    ("weeks", "cleft", "total", "group"),
    [  # instability and kyphosis: 1 + 1; 30 days are 4.29 weeks
        (4.28, Cleft.NONE, 2, "intermediate"),
        (4.29, Cleft.NONE, 3, "intermediate"),
        (5, Cleft.AIR, 4, "high"),
    ],
)
def test_ava_takes_days_and_cleft_from_the_file(weeks, cleft, total, group):
    found = made(before_augmentation=AVA, weeks_since_onset=weeks, cleft=cleft)["AVA score"]
    assert (found.total, found.group) == (total, group)


def test_ava_without_a_word_on_the_cleft_keeps_its_range():
    found = made(before_augmentation=AVA, weeks_since_onset=5)["AVA score"]
    assert (found.total, found.attainable, found.missing) == (None, (3, 4), ("Intravertebral cleft",))


@pytest.mark.parametrize(
    ("against", "kind"),
    [
        ({"neurology": Neurology(saddle_anaesthesia=True)}, Withholding.NEUROLOGY),
        ({"red_flags": RedFlags(pedicle_signal=True)}, Withholding.TUMOUR),
        ({"treatment": "augmentation"}, Withholding.TREATED),
        ({"recent_fracture": False}, Withholding.NOT_RECENT),
    ],
)
def test_what_withholds_nasovcf_withholds_ava_and_astlof_and_none_of_their_points_show(against, kind):
    found = made(before_augmentation=AVA, several_fractures=TWO, t_score=-3, weeks_since_onset=5, **against)
    for score in (found["AVA score"], found["ASTLOF"]):
        assert kind in score.withheld
        assert (score.total, score.items, score.group) == (None, (), None)


@pytest.mark.parametrize(
    ("sex", "name", "total", "group"),
    [  # T8 22 %: -1; L1 30 %: -1.5; the others sound
        (Sex.FEMALE, "OVFss", -2.5, None),
        (Sex.MALE, "OLVFss", -2.5, "suggests osteoporosis"),
    ],
)
def test_the_sum_of_severities_is_that_of_the_patients_sex(sex, name, total, group):
    found = made(sex=sex, height_losses=HeightLosses(t8=22, l1=30, others_sound=True))
    assert {s for s in found if "VFss" in s} == {name}
    assert (found[name].total, found[name].group) == (total, group)


def test_without_the_sex_there_is_no_sum_and_a_vertebra_not_entered_is_not_sound():
    losses = HeightLosses(t8=22, l1=30)
    assert made(height_losses=losses) == {}
    open_ = made(sex=Sex.FEMALE, height_losses=losses)["OVFss"]
    assert (open_.total, len(open_.missing)) == (None, 12)


def test_an_old_fracture_keeps_its_sum_and_a_doubtful_cause_does_not():
    losses = {"sex": Sex.MALE, "height_losses": HeightLosses(l1=70, others_sound=True)}
    assert made(**losses, recent_fracture=False)["OLVFss"].group == "meets the criterion of osteoporosis"
    assert made(**losses, red_flags=RedFlags(pedicle_signal=True))["OLVFss"].withheld
    assert classed(**losses, red_flags=RedFlags(pedicle_signal=True)) == {}


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (HeightLosses(l1=24.9, others_sound=True), "not met by this rule"),
        (HeightLosses(l1=25, others_sound=True), "meets the diagnosis of osteoporosis"),
        (HeightLosses(l1=25), "meets the diagnosis of osteoporosis"),  # one is enough, whatever the others are
        (HeightLosses(l1=20, t8=19, others_sound=True), "meets the diagnosis of osteoporosis"),
        (HeightLosses(l1=20, t8=19), None),
        (HeightLosses(t8=10, t10=10, t12=10, others_sound=True), "meets the diagnosis of osteoporosis"),
        (HeightLosses(t8=10, t9=10, t12=10, others_sound=True), "not met by this rule"),  # two are neighbours
        (HeightLosses(t12=10, l1=10, t8=10, others_sound=True), "not met by this rule"),  # T12 and L1, too
    ],
)
def test_the_essrs_rule_counts_the_losses_of_a_woman(losses, expected):
    assert classed(sex=Sex.FEMALE, height_losses=losses)["ESSR rule"].label == expected


@pytest.mark.parametrize(("largest", "label"), [(39.9, "may not be enough"), (40, "no rule for men")])
def test_the_essr_of_a_man_with_one_fracture(largest, label):
    losses = HeightLosses(l1=largest, others_sound=True)
    assert classed(sex=Sex.MALE, height_losses=losses)["ESSR rule"].label == label


def test_findings_of_the_ctps_are_recorded():
    found = classed(collapse=Collapse(stir_line=True), t2_pattern=T2Pattern.DIFFUSE_LOW)["OVF-CTPS items"]
    assert "line on STIR: yes" in found.meaning
    assert "T2 signal: diffuse low" in found.meaning


def test_every_score_that_is_worked_out_is_bound_to_a_section_of_the_clinical_file():
    """So that a declaration alone decides it: nothing in the assessment knows a score by its name."""
    derived = derived_facts(ClinicalCase())
    of_sections = {f.name for f in fields(ClinicalCase) if is_dataclass(getattr(ClinicalCase(), f.name))}
    for score in scores().values():
        if score.assessed is not None:
            assert {i.case_field.partition(".")[0] for i in score.inputs} & of_sections, score.id
            assert all(i.case_field for i in score.inputs), score.id
            assert {i.derived for i in score.inputs if i.derived} <= derived.keys()
