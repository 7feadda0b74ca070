"""Eligibility is judged as the protocol says, and what is not known is never taken for granted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import StudyError
from ovcf.registry.words import Decision
from ovcf.study.conduct.criteria import Answer, as_fact, facts_of, judge
from tests.study.conftest import FIT


def decision(protocol, **facts):
    return judge(protocol.criteria, {**FIT, **facts}).decision


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, Decision.ELIGIBLE),
        ({"age_years": 60.0}, Decision.ELIGIBLE),
        ({"age_years": 59.99}, Decision.NOT_ELIGIBLE),
        ({"t_score": -1.0}, Decision.ELIGIBLE),
        ({"t_score": -0.9}, Decision.NOT_ELIGIBLE),
        ({"index_level": "T10"}, Decision.NOT_ELIGIBLE),
        ({"index_level": "T11"}, Decision.ELIGIBLE),
        ({"recent_fractures": 2.0}, Decision.NOT_ELIGIBLE),
        ({"secondary_osteoporosis": True}, Decision.NOT_ELIGIBLE),
        ({"aetiology": "metastasis"}, Decision.NOT_ELIGIBLE),
        ({"treatment": "augmentation"}, Decision.NOT_ELIGIBLE),
    ],
)
def test_hans_patients(protocol, facts, wanted):
    assert decision(protocol, **facts) is wanted


@pytest.mark.parametrize("name", sorted(FIT))
def test_each_fact_that_is_not_known_defers(protocol, name):
    known = {k: v for k, v in FIT.items() if k != name}
    judged = judge(protocol.criteria, known)
    assert judged.decision is Decision.PENDING
    assert [c.fact for c in judged.because] == [name]
    assert Answer.UNKNOWN in judged.answers.values()


@given(st.sets(st.sampled_from(sorted(FIT))))
def test_more_knowledge_never_makes_an_excluded_candidate_eligible(protocol_of_han, hidden):
    partly = {k: v for k, v in FIT.items() if k not in hidden} | {"age_years": 50.0}
    assert judge(protocol_of_han.criteria, partly).decision is Decision.NOT_ELIGIBLE


@pytest.fixture(scope="session")
def protocol_of_han(protocol):
    return protocol


def test_the_facts_of_a_clinical_file(protocol):
    case = ClinicalCase(
        age_years=74,
        index_level=Level.L1,
        other_fractures=(Level.T12,),
        t_score_l2=-2.0,
        t_score_l3=-3.0,
        t_score_l1=-9.0 + 1.5,
        t1_low=True,
    )
    facts = facts_of(case)
    assert facts["t_score"] == pytest.approx(-2.5)  # L1 is fractured and left out, as Han does
    assert facts["recent_fractures"] == 2
    assert "sex" not in facts
    assert judge(protocol.criteria, facts).decision is Decision.NOT_ELIGIBLE


@pytest.mark.parametrize("fact", ["old", True, "seventy"])
def test_a_fact_of_the_wrong_kind_is_refused(protocol, fact):
    with pytest.raises(StudyError, match="age_years"):
        judge(protocol.criteria, {**FIT, "age_years": fact})


@pytest.mark.parametrize(
    ("typed", "fact"), [("74", 74.0), ("−2.8", -2.8), ("yes", True), ("No", False), ("L1", "L1"), ("2,8", "2,8")]
)
def test_facts_as_they_are_typed(typed, fact):
    assert as_fact(typed) == fact
