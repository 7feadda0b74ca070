"""Rules with arithmetic: what the declaration says and what the function says are one; arithmetic is what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.scores.classification.genant import GENANT, genant
from ovcf.scores.declare import Calc, Group, Input, Quantity, Score, number
from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.prognosis.follow_up import NON_UNION, PROGRESSIVE_KYPHOSIS, non_union, progressive_kyphosis
from ovcf.scores.prognosis.meaningful_change import CHANGE, MCIDS, from_inputs
from ovcf.scores.questionnaire.joabpeq import JOABPEQ_EFFECT, joabpeq_effect
from ovcf.scores.questionnaire.pain import OFF_SCALE, PAIN, pain
from ovcf.scores.rules import Facts
from ovcf.vocabulary import Posture

A, B = Input(id="a", name="a"), Input(id="b", name="b")


def score(calc, *inputs, **more):
    return Score(
        id="x",
        name="x",
        version="",
        title="x",
        population="x",
        not_for="x",
        evidence=(),
        examples=(),
        inputs=inputs,
        quantities=(Quantity(id="q", name="q", value=calc, **more),),
        classes=(Group("high", number("q", ">", 3), "{q}"), Group("low", meaning="{q}")),
    )


@pytest.mark.parametrize(
    ("calc", "value"),
    [
        (Calc("+", ("a", "b", 1.0)), 9),
        (Calc("-", ("a", "b")), 4),
        (Calc("*", ("a", "b")), 12),
        (Calc("/", ("a", "b")), 3),
        (Calc("abs", (Calc("-", ("b", "a")),)), 4),
        (Calc("min", ("a", "b")), 2),
        (Calc("max", ("a", "b", 7.0)), 7),
        (Calc("floor", (Calc("/", ("a", 4.0)),)), 1),
        (Calc("-", ("a",)), -6),
        (Calc("first known", ("c", "b")), 2),
    ],
)
def test_each_operation(calc, value):
    one = score(calc, A, B, Input(id="c", name="c"))
    facts = Facts.of(one, {"a": np.array([6.0]), "b": np.array([2.0])})
    assert facts.column("q") == [value]


def test_what_rests_on_the_unknown_or_divides_by_zero_is_not_known():
    one = score(Calc("/", ("a", "b")), A, B)
    assert classify(one, a=6).missing == ("b",)
    assert classify(one, a=6, b=0).label is None
    assert classify(one, a=6, b=0).missing == ("q",)
    assert classify(one, a=6, b=1).label == "high"
    assert classify(one, a=6, b=2).label == "low"  # 3 is not above 3


def test_a_word_takes_the_operand_of_its_place():
    kind = Input(id="a", name="a", kind="word", words=("x", "y"))
    one = score(Calc("by word", ("a", 2.0, 5.0)), kind)
    assert [classify(one, a=w).label for w in ("x", "y", None)] == ["low", "high", None]


def test_a_change_is_shown_with_its_sign_and_no_zero_has_one():
    one = score(Calc("-", ("a", "b")), A, B, decimals=1, signed=True)
    shown = [classify(one, a=a, b=5).meaning for a in (7, 5, 4.96, 2)]
    assert shown == ["+2.0", "+0.0", "-0.0", "-3.0"]


VALUES = st.sampled_from([-3.0, 0, 1, 1.5, 2, 3, 4, 5, 6.5, 8, 10, 20, 30, 36, 40, 43.0])
LIMITS = st.none() | st.sampled_from([0, 1, 1.5, 2, 3, 5])


@given(st.sampled_from([*MCIDS, "other"]), VALUES, VALUES, LIMITS, LIMITS, st.booleans())
def test_a_change_is_judged_by_its_declaration_as_by_its_function(of, before, after, mcid, sd, higher):
    facts = {"of": of, "before": before, "after": after, "mcid": mcid, "higher_is_better": higher}
    verdict = from_inputs(**facts, sd_error=sd)
    found = classify(CHANGE, **facts, sd_error=sd)
    assert found.label == verdict.verdict
    assert ("not for worsening" in " ".join(found.advisories)) == ("not for worsening" in " ".join(verdict.advisories))
    by_sdc = classify(CHANGE, **facts, sdc=None if sd is None else 1.96 * 2**0.5 * sd)
    assert by_sdc.label == verdict.verdict


def test_two_errors_are_no_verdict():
    assert classify(CHANGE, of="vas", before=5, after=2, sd_error=1, sdc=2).label == "no verdict"


@given(st.floats(-90, 120), st.floats(-90, 120), st.sampled_from(Posture), st.sampled_from(Posture))
def test_progression_is_one_rule(before, after, first, second):
    verdict = progressive_kyphosis(before, after, posture_before=first, posture_after=second)
    found = classify(
        PROGRESSIVE_KYPHOSIS, before_deg=before, after_deg=after, posture_before=first, posture_after=second
    )
    assert {"open": None, "progressive": True, "not progressive": False}[found.label] is verdict.answer
    comparable = first is second and first is not Posture.UNKNOWN
    assert (verdict.answer is not None) == comparable
    if comparable:
        assert verdict.answer == (after - before > 10 + 1e-9)


@given(st.sampled_from([None, True, False]), st.none() | st.sampled_from([-1.1, -1, 0, 1, 1 + 1e-10, 1.1, 3]))
def test_non_union_is_one_rule(cleft, change):
    found = classify(NON_UNION, cleft=cleft, anterior_height_change_mm=change, limit_mm=1)
    moves = None if change is None else abs(change) > 1 + 1e-9
    expected = True if cleft or moves else None if cleft is None or moves is None else False
    assert {"non-union": True, "union": False, None: None}[found.label] is expected
    assert non_union(cleft=cleft, anterior_height_change_mm=change).answer is expected


@pytest.mark.parametrize(
    ("value", "scale", "label"),
    [
        (7, "vas", "severe"),
        (6.999, "vas", "not severe"),
        (70, "vas-mm", "severe"),
        (69.9, "vas-mm", "not severe"),
        (7, "nrs", "severe"),
        (6.5, "nrs", OFF_SCALE),
        (10.1, "vas", OFF_SCALE),
        (100, "vas-mm", "severe"),
    ],
)
def test_pain_on_its_scale(value, scale, label):
    assert classify(PAIN, value=value, scale=scale).label == label
    if label != OFF_SCALE:
        assert pain(value, scale=scale).severe == (label == "severe")


@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        (50, 70, "effective"),
        (50, 69.999, "not effective"),
        (71, 90, "effective by reaching 90"),
        (71, 89.999, "not effective"),
        (89.999, 90, "effective by reaching 90"),
        (90, 100, "not evaluated"),
    ],
)
def test_the_effect_of_the_joabpeq(before, after, label):
    found = classify(JOABPEQ_EFFECT, before=before, after=after, domain="pain")
    assert found.label == label
    assert found.meaning == joabpeq_effect(before, after, domain="pain").verdict


def test_genants_index_is_that_of_the_graded_vertebrae():
    grades = {"T12": 1, "L1": 2, "L2": 0, "L4": 0.5}
    result = evaluate(GENANT, **{level.lower(): f"{grade:g}" for level, grade in grades.items()})
    assert result.total == pytest.approx(3.5 / 4)
    assert result.total == pytest.approx(genant(grades).fracture_index)
    assert "Fracture index of the 4 graded vertebrae." in result.advisories
    assert "Highest grade of those that were graded: 2." in result.advisories
    assert sum("Highest grade" in a for a in result.advisories) == 1
    assert evaluate(GENANT).total is None
