"""Which error makes a value too close to call is said in the assessment, and for whom that error was found."""

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.sections import Readers
from ovcf.guidance.advise import AdviceInput
from ovcf.guidance.statement import Urgency
from ovcf.scores.prognosis.nasovcf import nasovcf
from tests.guidance.speaking import said

CASE = {"index_level": "L1", "recent_fracture": True, "treatment": "none"}


def told(readers=None, **measured):
    case = ClinicalCase(**CASE, readers=readers or Readers())
    return {k: s for k, s in said(AdviceInput(case=case, **measured)).items() if k.startswith("close-call")}


@pytest.mark.parametrize("vhl", [13.1, 15.0, 16.9])
def test_within_its_own_error_a_second_measurement_is_to_be_considered(vhl):
    statement = told(vhl_percent=vhl, vhl_sd=1.0)["close-call-vhl"]
    assert statement.urgency is Urgency.ADVICE
    assert "its own error allows ±2.0%" in statement.text
    assert "too close to call" in statement.text
    assert "chest CT, not Han's definition" in statement.text
    assert "±8.9%" in statement.text


def test_clear_of_its_own_error_readers_are_information():
    statement = told(local_kyphosis_deg=20.0, kyphosis_sd=1.0)["close-call-kyphosis"]
    assert statement.urgency is Urgency.INFORMATION
    assert "kyphosis-readers" in statement.evidence
    assert "Another reader could have given other points." in statement.text


def test_nothing_is_said_of_what_is_clear_of_both():
    assert told(vhl_percent=30, vhl_sd=1, local_kyphosis_deg=2, kyphosis_sd=1) == {}
    assert told() == {}


def test_a_site_that_knows_its_readers_is_not_told_of_others():
    ours = Readers(vhl_sem_percent=1.5, study="readers of 2026")
    statement = told(ours, vhl_percent=17.5, vhl_sd=0.5)["close-call-vhl"]
    assert "that of this site's readers (readers of 2026) ±2.9%" in statement.text
    assert "buckens-2013" not in statement.evidence
    assert told(ours, vhl_percent=18.0, vhl_sd=0.5) == {}


def test_where_the_score_is_withheld_its_limits_are_not_spoken_of():
    case = ClinicalCase(index_level="L1", recent_fracture=False)
    assert not [k for k in said(AdviceInput(case=case, vhl_percent=15, vhl_sd=1)) if k.startswith("close-call")]


@pytest.mark.parametrize(
    ("vhl", "angle", "t_score", "other"),
    [
        (14.9, 5, -2.8, {"close-call-vhl": (6, "high")}),  # 0 + 0 + 2 + 2 = 4; with 2 points 6
        (15.1, 5, -2.8, {"close-call-vhl": (4, "medium")}),
        (5, 14.8, -2.8, {"close-call-kyphosis": (6, "high")}),
        (15.1, 5, -1.5, {"close-call-vhl": None}),  # 4 points or 2: medium on both sides
        (15.1, 5, -3.6, {"close-call-vhl": None}),  # 8 points or 6: high on both sides
    ],
)
def test_where_the_group_hangs_on_it_and_no_error_is_known_it_is_advice_with_the_other_group(
    vhl, angle, t_score, other
):
    points = {"fracture_type": "compression", "t2_diffuse_low": True, "t_score": t_score}
    score = nasovcf(vhl_percent=vhl, local_kyphosis_deg=angle, **points)
    found = told(vhl_percent=vhl, local_kyphosis_deg=angle, scores={"NASOVCF": score})
    assert found.keys() == other.keys()
    for id_, expected in other.items():
        statement = found[id_]
        assert (statement.urgency is Urgency.ADVICE) is (expected is not None)
        if expected:
            assert f"The total would then be {expected[0]}: {expected[1]} group." in statement.text
        else:
            assert "The total would then be" not in statement.text


def test_where_the_own_error_is_clear_of_the_limit_the_other_group_is_information():
    points = {"fracture_type": "compression", "t2_diffuse_low": True, "t_score": -2.8}
    score = nasovcf(vhl_percent=18, local_kyphosis_deg=2, **points)
    (statement,) = told(vhl_percent=18, vhl_sd=1, scores={"NASOVCF": score}).values()
    assert statement.urgency is Urgency.INFORMATION
    assert "medium group" in statement.text
