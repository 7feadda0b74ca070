"""The facts of a case by name: kept as plain data, read back the same, and one of them changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.earlier import EarlierVisit
from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import case_from_mapping, with_fact
from ovcf.errors import ClinicalDataError

FULL = {
    "age_years": 79,
    "sex": "female",
    "t_score": -2.5,
    "index_level": "T12",
    "other_fractures": ["L1", "L4"],
    "treatment": "conservative",
    "neurology": {"bladder_or_bowel": True, "n_grade": "N3"},
    "red_flags": {"fever": False},
}
WHOSE = {"patient_id": "P-017", "visit_date": "2025-05-14", "notes": ["daughter of the mayor"]}


def test_what_is_kept_is_plain_data_that_gives_the_same_case():
    case = case_from_mapping(FULL)
    kept = json.loads(json.dumps(facts_of(case)))
    assert kept == FULL
    assert case_from_mapping(kept) == case


def test_what_tells_whose_it_is_is_not_kept():
    told = {**FULL, **WHOSE, "earlier": [{"months_before": 3, "vas": 4}]}
    assert facts_of(case_from_mapping(told)) == FULL


def test_what_is_unknown_is_left_out_and_no_and_zero_are_not():
    assert facts_of(ClinicalCase()) == {}
    assert facts_of(case_from_mapping({"vas": 0, "red_flags": {"fever": False}})) == {
        "vas": 0,
        "red_flags": {"fever": False},
    }


@given(st.fixed_dictionaries({}, optional={"vas": st.floats(0, 10), "age_years": st.floats(0, 120)}))
def test_any_case_comes_back(facts):
    case = case_from_mapping(facts)
    assert case_from_mapping(facts_of(case)) == case


def test_one_fact_is_changed_and_the_rest_stays():
    case = case_from_mapping(FULL)
    assert with_fact(case, "t_score", "-3.1") == case_from_mapping({**FULL, "t_score": -3.1})
    assert with_fact(case, "other_fractures", ["L4"]).other_fractures == ("L4",)
    changed = with_fact(case, "neurology.n_grade", "N0")
    assert (changed.neurology.n_grade, changed.neurology.bladder_or_bowel) == ("N0", True)


def test_a_fact_is_taken_back_to_not_known():
    case = case_from_mapping(FULL)
    assert with_fact(case, "t_score", None).t_score is None
    assert with_fact(case, "other_fractures", None).other_fractures == ()
    assert with_fact(case, "neurology.bladder_or_bowel", None).neurology.bladder_or_bowel is None


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("t_scor", 1, "t_scor"),
        ("neurology.n_grad", "N0", "n_grad"),
        ("neurologie.n_grade", "N0", "neurologie"),
        ("t_score", 40, "not possible"),
        ("vas", "much", "not a number"),
        ("neurology.n_grade", "N9", "N9"),
    ],
)
def test_a_wrong_name_or_value_is_refused_by_name(name, value, what):
    with pytest.raises(ClinicalDataError, match=what):
        with_fact(case_from_mapping(FULL), name, value)


@pytest.mark.parametrize(
    ("visit", "read"),
    [
        (EarlierVisit(visit_date="2025-05-14", vas=4), "2025-05-14: vas 4"),
        (EarlierVisit(months_before=3), "3 months before: nothing entered"),
        (EarlierVisit(months_before=1.5, vhl_percent=17.8), "1.5 months before: vhl percent 17.8"),
    ],
)
def test_an_earlier_visit_reads_as_when_and_what(visit, read):
    assert str(visit) == read


def test_a_visit_without_a_time_is_refused():
    with pytest.raises(ClinicalDataError, match="does not say when"):
        EarlierVisit(vas=4)
