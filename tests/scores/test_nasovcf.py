"""NASOVCF: HAN's printed case, the 48 combinations, and what is never done with missing or unlike patients."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.scores.result import ScoreResult, Status

NOTHING = {
    "fracture_type": None,
    "vhl_percent": None,
    "local_kyphosis_deg": None,
    "t2_diffuse_low": None,
    "t_score": None,
}
FIG_5 = {
    "fracture_type": "compression",
    "vhl_percent": 17.8,
    "local_kyphosis_deg": 19.6,
    "t2_diffuse_low": "diffuse low",
    "t_score": -3.6,
}
LIKE_HAN = {
    "age_years": 71,
    "level": "T11",
    "single_level": True,
    "conservative": True,
    "neurological_symptoms": False,
    "malignancy_or_infection": False,
    "secondary_osteoporosis": False,
    "low_energy_trauma": True,
}


@pytest.mark.parametrize(
    ("kind", "vhl", "ka", "t2", "t", "points", "total", "group"),
    [
        ("compression", 17.8, 19.6, "diffuse low", -3.6, [0, 2, 2, 2, 4], 10, "high"),
        ("compression", 0.5, 4.6, "diffuse high", -1.5, [0, 0, 0, 0, 0], 0, "low"),
        ("burst", 15.0, 15.0, "diffuse low", -3.5, [2, 2, 2, 2, 4], 12, "high"),
        ("compression", 14.999, 14.999, False, -2.4999, [0, 0, 0, 0, 0], 0, "low"),
        ("compression", 15.0, 14.9, "confined low", -2.5, [0, 2, 0, 0, 2], 4, "medium"),
        ("burst", 3, 3, "confined high", -2.5, [2, 0, 0, 0, 2], 4, "medium"),
        ("burst", 15, 3, "confined low", -2.5, [2, 2, 0, 0, 2], 6, "high"),
        ("compression", 3, 3, "diffuse high", -1.0, [0, 0, 0, 0, 0], 0, "low"),
        ("compression", 100 * (0.1 + 0.05), 15 - 1e-12, "none", -3.5 + 1e-12, [0, 2, 2, 0, 4], 8, "high"),
    ],
)
def test_the_published_vectors(kind, vhl, ka, t2, t, points, total, group):
    result = nasovcf(fracture_type=kind, vhl_percent=vhl, local_kyphosis_deg=ka, t2_diffuse_low=t2, t_score=t)
    assert [item.points for item in result.items] == points
    assert (result.total, result.group, result.status) == (total, group, Status.COMPLETE)


def test_the_48_combinations_reach_each_total_as_often_as_counted_by_hand():
    totals = Counter(
        nasovcf(fracture_type=f, vhl_percent=v, local_kyphosis_deg=k, t2_diffuse_low=low, t_score=t).total
        for f, v, k, low, t in product(("compression", "burst"), (5, 20), (5, 20), (False, True), (-2, -3, -4))
    )
    assert totals == {0: 1, 2: 5, 4: 11, 6: 14, 8: 11, 10: 5, 12: 1}


def test_above_minus_one_there_is_no_total_and_no_group():
    result = nasovcf(**{**FIG_5, "t_score": -0.9})
    assert result.status is Status.OUT_OF_DERIVATION_POPULATION
    assert result.total is None
    assert result.group is None
    assert result.attainable is None
    assert "does not score" in result.reasons[0]


def test_extrapolating_above_minus_one_is_asked_for_and_watermarked():
    result = nasovcf(**{**FIG_5, "t_score": -0.9}, extrapolate=True)
    assert (result.total, result.group) == (6, "high")
    assert any("EXTRAPOLATED" in advisory for advisory in result.advisories)


def test_a_missing_t_score_leaves_a_range():
    result = nasovcf(
        fracture_type="compression", vhl_percent=3, local_kyphosis_deg=3, t2_diffuse_low=False, t_score=None
    )
    assert result.status is Status.INCOMPLETE
    assert (result.total, result.group) == (None, None)
    assert result.attainable == (0, 4)
    assert result.attainable_groups == ("low", "medium")
    assert result.missing == ("Bone mineral density T-score",)


def test_nothing_known_is_not_zero():
    result = nasovcf(**NOTHING)
    assert result.status is Status.INCOMPLETE
    assert result.attainable == (0, 12)
    assert len(result.missing) == 5
    assert result.total is None


@given(st.sets(st.sampled_from(sorted(FIG_5)), min_size=1), st.booleans())
def test_the_attainable_range_holds_the_true_total(hidden, burst):
    truth = {**FIG_5, "fracture_type": "burst" if burst else "compression"}
    result = nasovcf(**{**truth, **dict.fromkeys(hidden)})
    low, high = result.attainable
    assert low <= nasovcf(**truth).total <= high
    assert len(result.missing) == len(hidden)


@pytest.mark.parametrize(
    ("unlike", "why"),
    [
        ({"level": "L4"}, "L4 lies outside T11-L2"),
        ({"level": "T10"}, "T10 lies outside T11-L2"),
        ({"age_years": 59.9}, "below 60"),
        ({"single_level": False}, "more than one"),
        ({"neurological_symptoms": True}, "neurological"),
        ({"malignancy_or_infection": True}, "malignancy"),
        ({"secondary_osteoporosis": True}, "secondary"),
        ({"low_energy_trauma": False}, "high-energy"),
    ],
)
def test_a_patient_unlike_those_of_the_paper_gets_no_total(unlike, why):
    result = nasovcf(**FIG_5, **{**LIKE_HAN, **unlike})
    assert result.status is Status.NOT_APPLICABLE
    assert (result.total, result.group, result.attainable, result.total_probability) == (None, None, None, ())
    assert len(result.reasons) == 1
    assert why in result.reasons[0]


def test_the_teaching_case_is_not_applicable_for_every_reason():
    result = nasovcf(**NOTHING, age_years=79, level="L4", single_level=False, neurological_symptoms=True)
    assert result.status is Status.NOT_APPLICABLE
    assert len(result.reasons) == 3
    assert len(result.missing) == 5


def test_a_patient_like_those_of_the_paper_is_scored_and_unknowns_are_named():
    known = nasovcf(**FIG_5, **LIKE_HAN)
    assert (known.status, known.total) == (Status.COMPLETE, 10)
    assert not any("Not known" in advisory for advisory in known.advisories)
    assert any("Not known" in a and "age" in a for a in nasovcf(**FIG_5).advisories)


def test_advisories_name_the_sources_contradictions():
    def advice(**changes):
        return " ".join(nasovcf(**{**FIG_5, **changes}).advisories)

    assert "accuracy is optimistic" in advice()
    assert "Confined high T2 scores 0 here" in advice(t2_diffuse_low="confined high")
    assert "Confined high" not in advice()
    assert "10 as the maximum" in advice(fracture_type="burst")
    assert "10 as the maximum" not in advice()


def test_a_value_that_rounds_up_to_the_limit_is_shown_unrounded():
    item = nasovcf(**{**FIG_5, "vhl_percent": 14.999}).items[1]
    assert item.points == 0
    assert "14.999" in item.note


def test_a_reason_is_never_rounded_into_a_contradiction():
    result = nasovcf(**FIG_5, age_years=59.999999)
    assert result.reasons == ("age 59.999999 is below 60 years",)
    assert nasovcf(**{**FIG_5, "vhl_percent": -1e-6}).items[1].note == "negative: check the landmarks"


@pytest.mark.parametrize(
    ("bad", "error", "named"),
    [
        ({"t_score": 250}, ClinicalDataError, "T-score"),
        ({"vhl_percent": float("nan")}, ClinicalDataError, "VHL"),
        ({"local_kyphosis_deg": float("inf")}, ClinicalDataError, "kyphosis"),
        ({"fracture_type": "wedge"}, ScoreInputError, "compression or burst"),
        ({"t2_diffuse_low": "low"}, ScoreInputError, "diffuse low"),
        ({"uncertainty": (1, -1)}, ScoreInputError, "uncertainty"),
        ({"uncertainty": [[1, 2], [2, 1]]}, ScoreInputError, "uncertainty"),
        ({"uncertainty": [[1, 0], [0.5, 1]]}, ScoreInputError, "uncertainty"),
        ({"uncertainty": (1, 1), "t2_probability": 1.2}, ClinicalDataError, "probability"),
    ],
)
def test_impossible_input_is_refused_by_name(bad, error, named):
    with pytest.raises(error, match=named):
        nasovcf(**{**FIG_5, **bad})


def test_the_result_survives_json():
    adapter = TypeAdapter(ScoreResult)
    result = nasovcf(**FIG_5, uncertainty=(2, 1.5))
    assert adapter.validate_json(adapter.dump_json(result)) == result
