"""TLICS, AO Spine, Genant over the spine, WHO classes, pain and analgesics."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.errors import ClinicalDataError, LevelError, ScoreInputError
from ovcf.scores.classification.ao_spine import ao_spine_class
from ovcf.scores.classification.genant import genant
from ovcf.scores.classification.t_score import who_class
from ovcf.scores.classification.tlics import tlics
from ovcf.scores.questionnaire.analgesics import analgesic_class
from ovcf.scores.questionnaire.pain import pain
from ovcf.scores.registry import scores
from ovcf.scores.result import Status


def test_what_would_be_ignored_in_a_classification_is_refused():
    of_totals = {name: getattr(scores()["ava"], name) for name in ("checks", "groups")}
    with pytest.raises(ValueError, match="t-score: checks, groups are of a score with items"):
        replace(scores()["t-score"], **of_totals)


AO_INTACT = {
    "superior_endplate": False,
    "inferior_endplate": False,
    "posterior_wall_fraction": 0.0,
    "split_or_pincer": False,
    "tension_band_injury": False,
    "translation_or_rotation": False,
}


def test_tlics_of_the_teaching_case_is_four_and_either():
    result = tlics(morphology="compression", posterior_ligaments="intact", neurology="cauda equina")
    assert (result.total, result.group) == (4, "either")


@pytest.mark.parametrize(
    ("findings", "total", "group"),
    [
        (("compression", "intact", "intact"), 1, "non-operative"),
        (("compression", "suspected", "intact"), 3, "non-operative"),
        (("burst", "intact", "root"), 4, "either"),
        (("burst", "injured", "intact"), 5, "operative"),
        (("distraction", "injured", "incomplete cord"), 10, "operative"),
        (("translation or rotation", "injured", "complete cord"), 8, "operative"),
    ],
)
def test_tlics_totals_and_groups(findings, total, group):
    result = tlics(morphology=findings[0], posterior_ligaments=findings[1], neurology=findings[2])
    assert (result.total, result.group) == (total, group)


def test_tlics_without_mri_of_the_ligaments_has_a_range():
    result = tlics(morphology="compression", posterior_ligaments=None, neurology="intact")
    assert (result.status, result.total, result.attainable) == (Status.INCOMPLETE, None, (1, 4))
    assert result.attainable_groups == ("non-operative", "either")


def test_tlics_refuses_a_finding_it_does_not_know():
    with pytest.raises(ScoreInputError, match="compression, burst"):
        tlics(morphology="wedge", posterior_ligaments=None, neurology=None)


@pytest.mark.parametrize(
    ("findings", "label"),
    [
        ({}, "A0"),
        ({"superior_endplate": True}, "A1"),
        ({"superior_endplate": True, "inferior_endplate": True}, "A2"),
        ({"split_or_pincer": True}, "A2"),
        ({"inferior_endplate": True, "posterior_wall_fraction": 0.1}, "A3"),
        ({"superior_endplate": True, "inferior_endplate": True, "posterior_wall_fraction": 0.1}, "A4"),
        ({"split_or_pincer": True, "posterior_wall_fraction": 1.0}, "A4"),
        ({"superior_endplate": True, "tension_band_injury": True}, "B"),
        ({"tension_band_injury": True, "translation_or_rotation": True}, "C"),
    ],
)
def test_ao_spine_classes(findings, label):
    assert ao_spine_class(**{**AO_INTACT, **findings}).label == label


def test_ao_spine_keeps_open_what_is_open_and_warns_of_magerl():
    result = ao_spine_class(**{**AO_INTACT, "superior_endplate": True, "posterior_wall_fraction": None})
    assert (result.label, result.possible, result.missing) == (None, ("A1", "A3"), ("posterior wall fraction",))
    assert "Magerl" in result.advisories[0]


def test_ao_spine_flags_a_wall_without_an_endplate():
    assert ao_spine_class(**{**AO_INTACT, "posterior_wall_fraction": 0.3}).flags


def test_genant_sums_up_a_spine_and_never_counts_the_ungraded():
    summary = genant({"L2": 0, "T12": 1, Level.L1: 3, "L3": None, "T11": 0.5})
    assert summary.fractured == (Level.T12, Level.L1)
    assert summary.graded == (Level.T11, Level.T12, Level.L1, Level.L2)
    assert summary.ungraded == (Level.L3,)
    assert summary.highest_grade == 3
    assert summary.grade_sum == 4.5
    assert summary.fracture_index == pytest.approx(4.5 / 4)


def test_genant_of_nothing_is_not_zero():
    assert genant({}).fracture_index is None
    assert genant({"L1": None}).highest_grade is None


def test_genant_warns_outside_its_levels_and_refuses_other_grades():
    assert "L5" in genant({"L5": 1}).advisories[0]
    with pytest.raises(ScoreInputError, match="L1: 4 is no grade"):
        genant({"L1": 4})
    with pytest.raises(ScoreInputError, match="twice"):
        genant({"th12": 1, "T12": 2})
    with pytest.raises(LevelError):
        genant({"X9": 1})


@pytest.mark.parametrize(
    ("t", "fracture", "label"),
    [
        (0.3, False, "normal"),
        (-1.0, False, "normal"),
        (-1.0 - 1e-6, False, "osteopenia"),
        (-2.4999, False, "osteopenia"),
        (-2.5, False, "osteoporosis"),
        (-2.5, None, "osteoporosis"),
        (-4.0, True, "established osteoporosis"),
        (-1.8, True, "osteopenia"),
    ],
)
def test_who_classes(t, fracture, label):
    assert who_class(t, fragility_fracture=fracture).label == label


def test_who_says_what_else_must_be_known():
    assert any("normal by WHO" in flag for flag in who_class(-1.0).flags)
    assert any("established" in flag for flag in who_class(-3.0).flags)
    assert any("fragility fracture alone" in a for a in who_class(-1.8, fragility_fracture=True).advisories)
    with pytest.raises(ClinicalDataError, match="from -8 to 6"):
        who_class(250)


@pytest.mark.parametrize(
    ("value", "scale", "ten", "severe"),
    [
        (7, "vas", 7, True),
        (6.9, "vas", 6.9, False),
        (73, "vas-mm", 7.3, True),
        (5, "nrs", 5, False),
        (100, "vas-mm", 10, True),
    ],
)
def test_pain_on_one_scale(value, scale, ten, severe):
    result = pain(value, scale=scale)
    assert result.value == pytest.approx(ten)
    assert result.severe is severe


def test_pain_outside_its_scale_is_refused():
    with pytest.raises(ClinicalDataError, match="from 0 to 10"):
        pain(73, scale="vas")
    with pytest.raises(ScoreInputError, match="whole number"):
        pain(3.5, scale="nrs")
    with pytest.raises(ScoreInputError, match="vas-mm"):
        pain(3, scale="faces")


@pytest.mark.parametrize(("given", "number"), [("none", 0), ("Non-Opioid", 1), (2, 2), ("3", 3), ("strong opioid", 3)])
def test_analgesic_classes(given, number):
    assert analgesic_class(given).number == number


@pytest.mark.parametrize("junk", [4, -1, "aspirin", True])
def test_an_unknown_analgesic_is_refused(junk):
    with pytest.raises(ScoreInputError, match="strong opioid"):
        analgesic_class(junk)
