"""What goes before a score, for whom it holds, and how near a limit a value lies: by the papers' figures."""

import pytest

from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.registry import function_of, scores

NEAR_3, NEAR_4_28 = "reaches across 3:", "reaches across 4.28:"


@pytest.mark.parametrize(
    ("grade", "emergency"), [("N0", False), ("N1", False), ("N2", False), ("N3", True), ("N4", True)]
)
def test_the_of_score_of_a_deficit_of_cord_or_cauda_is_an_emergency_first(grade, emergency):
    result = function_of("of")(version="ao-card-modified", of="OF3", neurology=grade)
    assert bool(result.alerts) is emergency
    assert ("rule-neurology" in result.evidence) is emergency
    if emergency:
        assert result.alerts[0].startswith(f"{grade} is a deficit of the cord or cauda equina: emergency MRI")


@pytest.mark.parametrize(
    ("neurology", "emergency"),
    [("intact", False), ("root", False), ("complete cord", True), ("incomplete cord", True), ("cauda equina", True)],
)
def test_tlics_of_cord_or_cauda_is_an_emergency_first(neurology, emergency):
    result = evaluate(scores()["tlics"], morphology="burst", posterior_ligaments="intact", neurology=neurology)
    assert bool(result.alerts) is emergency


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"neurological_symptoms": True}, "emergency MRI and spine-surgical review"),
        ({"malignancy_or_infection": True}, "its own work-up first"),
        ({"neurological_symptoms": False, "malignancy_or_infection": False}, ""),
        ({}, ""),
    ],
)
def test_nasovcf_names_what_goes_before_it(facts, words):
    result = evaluate(scores()["nasovcf"], **facts)
    assert bool(result.alerts) is bool(words)
    assert words in " ".join(result.alerts)


def test_red_flags_go_before_every_variant_of_the_acr():
    assert classify(scores()["acr-variant"], malignancy=False, mri=False, red_flags=True).alerts
    assert classify(scores()["acr-variant"], malignancy=False, mri=False, red_flags=False).alerts == ()


@pytest.mark.parametrize(
    ("age", "sex", "label"),
    [
        (49.999, "male", "no class"),
        (50, "male", "osteoporosis"),
        (None, "male", "osteoporosis"),
        (49, "female", None),  # after the menopause it holds, and nobody said whether she is
        (49, None, "osteoporosis"),
    ],
)
def test_the_classes_of_the_who_hold_for_men_from_50_years(age, sex, label):
    found = function_of("t-score")(-2.5, age_years=age, sex=sex, fragility_fracture=False)
    assert found.label == label
    warned = any("below 50 years the class holds" in flag for flag in found.flags)
    assert warned is (age == 49 and sex is None)


@pytest.mark.parametrize(
    ("vbq", "three", "four"),
    [  # one scan errs by 1.96 x 0.36 = 0.7056 in 95 of 100
        (2.29, False, False),
        (2.30, True, False),
        (3.4, True, False),
        (3.57, True, False),
        (3.58, True, True),
        (3.70, True, True),
        (3.71, False, True),
        (4.98, False, True),
        (4.99, False, False),
    ],
)
def test_a_vbq_within_the_error_of_one_scan_of_a_limit_says_so(vbq, three, four):
    said = " ".join(classify(scores()["vbq"], vbq=vbq).advisories)
    assert (NEAR_3 in said, NEAR_4_28 in said) == (three, four)


@pytest.mark.parametrize(
    ("change", "told"),
    [(1.2, False), (1.3, True), (10, True), (10.01, True), (18.7, True), (18.8, False)],  # 10 -+ 8.7
)
def test_a_progression_near_10_degrees_is_told_with_what_two_readers_differ_by(change, told):
    verdict = function_of("progressive-kyphosis")(0, change, posture_before="standing", posture_after="standing")
    assert any("8.7°" in a for a in verdict.advisories) is told
    assert verdict.answer is (change > 10)


def test_nothing_is_said_of_readers_where_no_progression_is_called():
    verdict = function_of("progressive-kyphosis")(0, 12, posture_before="standing", posture_after="supine")
    assert (verdict.answer, verdict.advisories) == (None, ())


def test_mobility_and_l1_ask_for_what_decides_whether_they_hold():
    heights = {"anterior_height_sitting_mm": 14, "anterior_height_decubitus_mm": 15}
    mobility, l1 = scores()["mobility"], scores()["l1-hu"]
    assert any("5 weeks" in flag for flag in classify(mobility, **heights).flags)
    assert classify(mobility, **heights, weeks=5).flags == ()
    assert any("whether L1 is whole" in flag for flag in classify(l1, l1_hu=105).flags)
    assert classify(l1, l1_hu=105, l1_affected=False).flags == ()


def test_an_of_class_says_how_far_readers_agree():
    said = function_of("of-class")(
        superior_endplate=True,
        inferior_endplate=False,
        posterior_wall_fraction=0.1,
        pincer_or_collapse=False,
        tension_band_injury=False,
        translation_or_rotation=False,
        distraction=False,
        edema=None,
    )
    assert said.label == "OF2"
    assert "0.49 on radiographs, 0.51 on CT, 0.49 on MRI, 0.63 on CT with MRI" in " ".join(said.advisories)
    assert "of-type-readers" in said.evidence


@pytest.mark.parametrize(
    ("measure", "least"),
    [  # JOABPEQ after disc surgery (127 patients), NRS and EQ-5D in chronic pain in Japan: abstracts
        ("joabpeq-pain", 19.1),
        ("joabpeq-lumbar", 21.3),
        ("joabpeq-walking", 24.5),
        ("joabpeq-social", 14.3),
        ("joabpeq-mental", 12.8),
        ("eq-5d", 0.10),
    ],
)
def test_a_rise_reaches_the_mcid_of_a_domain(measure, least):
    judge = function_of("change")
    for change, reached in ((least, True), (least - 1e-3, False)):
        verdict = judge(of=measure, before=0.2, after=0.2 + change, mcid=None)
        assert (verdict.direction, verdict.important) == ("improved", reached)
    assert judge(of=measure, before=50, after=20, mcid=None).direction == "worsened"


def test_an_nrs_falls_to_get_better():
    verdict = function_of("change")(of="nrs-japan", before=8, after=6, mcid=None)
    assert (verdict.direction, verdict.important) == ("improved", True)
    assert "not vertebral fractures" in " ".join(verdict.advisories)
