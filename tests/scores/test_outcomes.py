"""ODI, JOABPEQ, changes between visits, and HAN's outcomes, by worked values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.prognosis.follow_up import non_union, progressive_kyphosis
from ovcf.scores.prognosis.meaningful_change import MCIDS, Mcid, judge_change, smallest_detectable_change
from ovcf.scores.questionnaire.joabpeq import joabpeq_domain, joabpeq_effect
from ovcf.scores.questionnaire.odi import group_of, odi
from ovcf.scores.result import Status


@pytest.mark.parametrize(
    ("answers", "percent", "group"),
    [
        ([2, 2, 2, 2, 2, 2, 1, 1, 1, 1], 32, "moderate"),
        ([2, 2, 2, 2, 2, 2, 2, 1, 1, None], 35.555556, "moderate"),
        ([3, 3, 3, 3, 3, 3, 2, 2, None, None], 55, "severe"),
        ([0] * 10, 0, "minimal"),
        ([5] * 10, 100, "bed-bound"),
    ],
)
def test_odi_of_the_published_vectors(answers, percent, group):
    result = odi(answers)
    assert result.total == pytest.approx(percent, abs=1e-6)
    assert (result.group, result.status) == (group, Status.COMPLETE)


def test_seven_answers_are_too_few_for_the_odi():
    result = odi([3, 3, 3, 3, 3, 3, 3, None, None, None])
    assert (result.status, result.total, result.group) == (Status.INCOMPLETE, None, None)
    assert result.attainable == (42, 72)
    assert result.attainable_groups == ("severe", "crippled")
    assert len(result.missing) == 3


@pytest.mark.parametrize(
    ("percent", "group"),
    [(20, "minimal"), (20.5, "moderate"), (40, "moderate"), (60, "severe"), (80, "crippled"), (80.1, "bed-bound")],
)
def test_odi_groups_leave_no_gap(percent, group):
    assert group_of(percent) == group


@pytest.mark.parametrize("bad", [[1] * 9, [6] + [1] * 9, [-1] + [1] * 9, [1.5] + [1] * 9, [True] + [1] * 9])
def test_odi_refuses_what_is_no_answer_sheet(bad):
    with pytest.raises(ScoreInputError, match="ODI"):
        odi(bad)


@pytest.mark.parametrize(
    ("domain", "answers", "weights", "best", "score"),
    [
        ("pain", (2, 1, 2, 1), (20, 20, 20, 10), (2, 2, 2, 2), 57.142857),
        ("pain", (1, 1, 1, 1), (20, 20, 20, 10), (2, 2, 2, 2), 0),
        ("pain", (2, 2, 2, 2), (20, 20, 20, 10), (2, 2, 2, 2), 100),
        ("lumbar", (2, 1, 1, 2, 1, 2), (10, 10, 20, 10, 10, 30), (2, 2, 2, 2, 2, 3), 41.666667),
        ("walking", (1, 2, 1, 2, 3), (30, 20, 10, 10, 30), (2, 2, 2, 3, 3), 64.285714),
    ],
)
def test_joabpeq_engine_with_given_coefficients(domain, answers, weights, best, score):
    assert joabpeq_domain(domain, answers, weights=weights, best=best).score == pytest.approx(score, abs=1e-6)


def test_joabpeq_names_missing_answers_and_gives_no_score():
    result = joabpeq_domain("pain", (2, None, 2, 1), weights=(1, 1, 1, 1), best=(2, 2, 2, 2))
    assert (result.score, result.missing) == (None, (2,))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"answers": (2, 1, 2)}, "3 answers"),
        ({"answers": (3, 1, 1, 1)}, "item 1"),
        ({"weights": (1, 1, 0, 1)}, "positive"),
        ({"best": (2, 2, 2, 1)}, "at least 2"),
        ({"domain": "total"}, "no domain"),
    ],
)
def test_joabpeq_refuses_what_does_not_fit(change, named):
    call = {"domain": "pain", "answers": (1, 1, 1, 1), "weights": (1, 1, 1, 1), "best": (2, 2, 2, 2)} | change
    with pytest.raises(ScoreInputError, match=named):
        joabpeq_domain(call.pop("domain"), call.pop("answers"), **call)


@pytest.mark.parametrize(
    ("before", "after", "by_gain", "by_90", "evaluated"),
    [
        (29, 71, True, False, True),
        (71, 91, True, True, True),
        (71, 90, False, True, True),
        (95, 100, False, False, False),
        (50, 69.9, False, False, True),
        (50, 70, True, False, True),
    ],
)
def test_joabpeq_effect_by_each_rule(before, after, by_gain, by_90, evaluated):
    effect = joabpeq_effect(before, after, domain="walking")
    assert (effect.by_gain, effect.by_reaching_90, effect.evaluated) == (by_gain, by_90, evaluated)


def test_joabpeq_verdict_names_a_rule_that_was_seen_on_a_web_page_alone():
    assert "web page alone" in joabpeq_effect(71, 90, domain="pain").verdict
    assert "not evaluated" in joabpeq_effect(95, 100, domain="pain").verdict


def test_pain_of_the_teaching_case_halved_and_reached_the_mcid():
    verdict = judge_change(10, 5, name="vas", mcid=MCIDS["vas"])
    assert (verdict.change, verdict.percent_of_baseline) == (-5, -50)
    assert (verdict.direction, verdict.important, verdict.detectable) == ("improved", True, None)
    assert "not vertebral fractures" in verdict.advisories[0]


@pytest.mark.parametrize(
    ("before", "after", "important"),
    [(10, 8.5, True), (10, 8.6, False), (2, 1.4, True), (0, 1.4, False), (5, 5, False)],
)
def test_the_mcid_is_reached_by_size_or_by_share_of_the_baseline(before, after, important):
    assert judge_change(before, after, mcid=MCIDS["vas"]).important is important


def test_smallest_detectable_change():
    assert smallest_detectable_change(2) == pytest.approx(1.96 * math.sqrt(2) * 2)
    assert judge_change(12, 17, sd_error=2).detectable is False
    assert judge_change(12, 18, sd_error=2).detectable is True
    assert judge_change(12, 17, sdc=5).detectable is False


def test_a_rise_improves_only_where_higher_is_better():
    assert judge_change(40, 60).direction == "worsened"
    assert judge_change(40, 60, higher_is_better=True).direction == "improved"
    assert judge_change(40, 40).direction == "unchanged"


def test_a_worsening_as_large_as_the_mcid_is_not_called_validated():
    assert any("not for worsening" in a for a in judge_change(2, 5, mcid=Mcid(1.5)).advisories)


def test_a_change_needs_one_error_and_finite_values():
    with pytest.raises(ScoreInputError, match="not both"):
        judge_change(1, 2, sd_error=1, sdc=1)
    with pytest.raises(ClinicalDataError, match="ODI, after"):
        judge_change(1, float("nan"), name="ODI")


@given(st.floats(0, 100), st.floats(0, 100))
def test_swapping_the_visits_swaps_the_direction(a, b):
    there, back = judge_change(a, b), judge_change(b, a)
    assert there.change == -back.change
    if there.direction != "unchanged":
        assert {there.direction, back.direction} == {"improved", "worsened"}


@pytest.mark.parametrize(
    ("before", "after", "progressive"), [(19.6, 26.0, False), (4.6, 6.3, False), (5, 15, False), (5, 15.01, True)]
)
def test_progressive_kyphosis_is_more_than_ten_degrees(before, after, progressive):
    verdict = progressive_kyphosis(before, after, posture_before="standing", posture_after="standing")
    assert verdict.answer is progressive
    assert not progressive or "+10.01°" in verdict.because  # never "+10.0°, more than 10°"


@pytest.mark.parametrize(
    ("first", "second"), [("standing", "supine"), (None, "standing"), ("unknown", "unknown"), ("standing", None)]
)
def test_no_progression_across_different_or_unknown_postures(first, second):
    verdict = progressive_kyphosis(5, 40, posture_before=first, posture_after=second)
    assert verdict.answer is None
    assert "posture" in verdict.because


def test_decubitus_is_lateral_decubitus_and_other_postures_are_refused():
    assert progressive_kyphosis(5, 40, posture_before="decubitus", posture_after="lateral decubitus").answer is True
    with pytest.raises(ScoreInputError, match="standing"):
        progressive_kyphosis(5, 40, posture_before="upright", posture_after="standing")


@pytest.mark.parametrize(
    ("cleft", "change", "limit", "answer"),
    [
        (True, None, 1.0, True),
        (True, 0.0, 1.0, True),
        (False, 1.01, 1.0, True),
        (False, -2.0, 1.0, True),
        (False, 1.0, 1.0, False),
        (False, 1.5, 2.0, False),
        (False, None, 1.0, None),
        (None, 0.2, 1.0, None),
        (None, None, 1.0, None),
    ],
)
def test_non_union_by_cleft_or_mobility_and_union_only_when_both_are_ruled_out(cleft, change, limit, answer):
    assert non_union(cleft=cleft, anterior_height_change_mm=change, limit_mm=limit).answer is answer
