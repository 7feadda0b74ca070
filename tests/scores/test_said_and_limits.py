"""What a score says of a result and where its limits lie: words that must not be turned around, and either side."""

import pytest

from ovcf.errors import ClinicalDataError
from ovcf.scores.classification.of import OF_CLASS, OF_SCORE
from ovcf.scores.evaluate import classify, evaluate
from ovcf.scores.prevention.indicators import WITHIN_WEEKS, Indicator
from ovcf.scores.prognosis.follow_up import non_union
from ovcf.scores.prognosis.meaningful_change import Mcid, judge_change
from ovcf.scores.questionnaire.joabpeq import joabpeq_effect
from ovcf.scores.questionnaire.odi import ODI


@pytest.mark.parametrize(
    ("after", "sdc", "said", "never"),
    [
        (3, 1.5, ("improved", "reaches the MCID", "beyond measurement error"), ("below", "within")),
        (4, 1.5, ("improved", "below the MCID", "within measurement error"), ("reaches", "beyond")),
        (7, 1.5, ("worse", "reaches the MCID", "beyond measurement error"), ("below", "within")),
    ],
)
def test_a_change_is_said_to_reach_the_mcid_only_where_it_does(after, sdc, said, never):
    """Pain of 5 before; a difference of 2 is important."""
    verdict = judge_change(5, after, mcid=Mcid(absolute=2), sdc=sdc).verdict
    assert all(words in verdict for words in said)
    assert not any(words in verdict for words in never)


@pytest.mark.parametrize(("before", "after", "gain"), [(29, 71, 42), (60, 45, -15), (50, 50, 0)])
def test_the_gain_of_the_joabpeq_is_what_was_gained(before, after, gain):
    assert joabpeq_effect(before, after, domain="walking").gain == gain


def test_the_times_of_the_indicators_are_those_of_the_standard():
    """Fracture liaison services: assessed within 12 weeks, begun within 16, still treated at 52."""
    assert {indicator.name: weeks for indicator, weeks in WITHIN_WEEKS.items()} == {
        "RISK_ASSESSED": 12,
        "DXA": 12,
        "EXERCISE": 16,
        "MONITORED": 16,
        "DRUG_STARTED": 16,
        "ON_DRUG": 52,
    }
    assert Indicator.FALLS not in WITHIN_WEEKS


@pytest.mark.parametrize("mm", [-50, 50])
def test_a_change_of_height_is_possible_up_to_50_mm(mm):
    non_union(cleft=False, anterior_height_change_mm=mm)
    with pytest.raises(ClinicalDataError, match="not possible"):
        non_union(cleft=False, anterior_height_change_mm=mm * 1.01)


@pytest.mark.parametrize(("fraction", "flagged"), [(0.0, False), (0.1, True)])
def test_a_wall_without_an_endplate_is_no_class_of_the_of_classification(fraction, flagged):
    inputs = {i.id: None for i in OF_CLASS.inputs}
    seen = {"superior_endplate": False, "inferior_endplate": False, "posterior_wall_fraction": fraction}
    flags = classify(OF_CLASS, **{**inputs, **OF_CLASS.examples[0], **seen}).flags
    assert any("without an endplate" in flag for flag in flags) is flagged


@pytest.mark.parametrize(("of", "total"), [("OF1", 2), ("OF5", 10)])
def test_the_of_score_names_its_tests_elsewhere_beside_every_total(of, total):
    """Twice the class, with nothing else known."""
    inputs = {i.id: None for i in OF_SCORE.inputs} | {"version": OF_SCORE.examples[0]["version"], "of": of}
    result = evaluate(OF_SCORE, **inputs)
    assert result.total == total
    assert any("Tested elsewhere" in text for text in result.advisories)


def test_a_mean_of_some_answers_says_of_how_many_and_of_none_says_nothing():
    answers = [i.id for i in ODI.inputs]
    said = {}
    for given in (0, len(answers) - 1, len(answers)):
        inputs = {id_: (2 if k < given else None) for k, id_ in enumerate(answers)}
        said[given] = evaluate(ODI, **inputs).advisories
    partly = ODI.average.partly.partition("{given}")[0]
    assert [any(partly and partly in text for text in texts) for texts in said.values()] == [False, True, False]
