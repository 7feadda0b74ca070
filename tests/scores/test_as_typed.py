"""Scores of what somebody typed: pairs of level and grade, errors that belong together, an item by its name."""

import pytest

from ovcf.anatomy import Level
from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.classification.genant import from_pairs, genant
from ovcf.scores.classification.of_array import of_score_array
from ovcf.scores.classification.tlics import tlics
from ovcf.scores.declare import Input, of_case
from ovcf.scores.evaluate import code_of
from ovcf.scores.prognosis.nasovcf import NASOVCF, from_inputs, group_of, nasovcf

FIVE = {
    "fracture_type": "burst",
    "vhl_percent": 20.0,
    "local_kyphosis_deg": 12.0,
    "t2_diffuse_low": True,
    "t_score": -3.0,
}


def test_grades_are_typed_as_level_and_grade():
    assert from_pairs(["L1=2", "th12=0.5", "L3=x"]) == genant({Level.L1: 2, Level.T12: 0.5, Level.L3: None})
    for unanswered in ("x", "-", "?", ""):
        assert from_pairs([f"L1={unanswered}"]).ungraded == (Level.L1,)


def test_a_level_of_the_clinical_file_may_be_any_level():
    assert of_case("index_level", "Level").words == tuple(Level)


def test_a_level_that_an_input_does_not_name_is_refused_in_words():
    lumbar = Input(id="level", name="Level", kind="level", words=("L1", "L2"))
    assert code_of(NASOVCF, lumbar, "l2") == (1.0, "L2")
    with pytest.raises(ScoreInputError, match="'T5' is not known"):
        code_of(NASOVCF, lumbar, "T5")


@pytest.mark.parametrize("typed", [["L1"], ["L1=1", "L1=2"]])
def test_a_grade_without_its_level_or_a_level_typed_twice_is_refused(typed):
    with pytest.raises(ScoreInputError, match="L1=2"):
        from_pairs(typed)


def test_a_grade_that_is_no_number_is_refused_by_what_was_typed():
    with pytest.raises(ClinicalDataError, match="L1=mild"):
        from_pairs(["L1=mild"])


@pytest.mark.parametrize("errors", [(2.0, None), (None, 1.5)])
def test_the_errors_of_height_loss_and_angle_are_given_both_or_neither(errors):
    with pytest.raises(ScoreInputError, match="only one is given"):
        from_inputs(vhl_sd=errors[0], ka_sd=errors[1], **FIVE)


def test_both_errors_give_probabilities_and_none_the_points_alone():
    assert from_inputs(vhl_sd=None, ka_sd=None, **FIVE) == nasovcf(**FIVE)
    assert from_inputs(vhl_sd=2.0, ka_sd=1.5, **FIVE) == nasovcf(**FIVE, uncertainty=(2.0, 1.5))
    assert from_inputs(vhl_sd=2.0, ka_sd=1.5, **FIVE).group_probability


@pytest.mark.parametrize(
    ("total", "group"), [(0, "low"), (1.5, "low"), (2, "medium"), (4, "medium"), (4.5, "high"), (10, "high")]
)
def test_the_groups_of_han_are_low_below_2_and_high_above_4(total, group):
    assert group_of(total) == group


@pytest.mark.parametrize(
    ("item", "limits"),
    [
        ("Bone mineral density T-score", (-2.5, -3.5)),
        ("Vertebral height loss", (15.0,)),
        ("Local kyphosis angle", (15.0,)),
    ],
)
def test_an_item_tells_the_limits_at_which_its_points_change(item, limits):
    """As printed by Han 2025."""
    assert NASOVCF.item(item).limits == limits


def test_an_item_of_words_has_no_limits():
    assert NASOVCF.item("Fracture type").limits == ()


@pytest.mark.parametrize(
    ("parts", "total", "group"),
    [
        (("compression", "intact", "intact"), 1, "non-operative"),
        (("translation or rotation", "intact", "intact"), 3, "non-operative"),
        (("burst", "suspected", "intact"), 4, "either"),
        (("burst", "injured", "intact"), 5, "operative"),
        (("distraction", "injured", "cauda equina"), 10, "operative"),
    ],
)
def test_tlics_is_non_operative_up_to_3_and_operative_from_5(parts, total, group):
    """Lee 2005."""
    result = tlics(**dict(zip(("morphology", "posterior_ligaments", "neurology"), parts, strict=True)))
    assert (result.total, result.group) == (total, group)


def test_an_unknown_version_of_the_of_score_is_refused_with_those_there_are():
    with pytest.raises(ScoreInputError, match="'another' is not known"):
        of_score_array(version="another", of=[3])
