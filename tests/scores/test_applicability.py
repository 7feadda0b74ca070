"""For whom a score is spoken of: recent, untreated, osteoporotic fractures, and nothing urgent first."""

import pytest

from ovcf.clinical.read_case import case_from_mapping
from ovcf.scores.applicability import applicability, gated, lesion_in_index, recency_of, treated
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.scores.result import Status

#: Recent, treated without an operation: nothing stands against a score.
FIT = {"index_level": "L1", "recent_fracture": True, "treatment": "conservative"}


def case(**facts):
    return case_from_mapping({**FIT, **facts})


def kinds(**facts):
    return {kind.name for kind in applicability(case(**facts)).kinds}


def test_nothing_stands_against_the_score_of_a_recent_untreated_osteoporotic_fracture():
    found = applicability(case())
    assert (found.against, found.not_recorded) == ((), ())
    assert found.holds
    assert [found.urgent, found.tumour_or_infection, found.cause_in_doubt, found.treated] == [False] * 4


@pytest.mark.parametrize(
    ("facts", "kind", "urgent", "doubt"),
    [
        ({"neurology": {"bladder_or_bowel": True}}, "NEUROLOGY", True, False),
        ({"neurology": {"n_grade": "N3"}}, "NEUROLOGY", True, False),
        ({"red_flags": {"disc_involvement": True}}, "INFECTION", True, True),
        ({"aetiology": "infection"}, "INFECTION", True, True),
        ({"red_flags": {"epidural_mass": True}}, "TUMOUR", True, True),
        ({"focal_lesions": ["L1"]}, "TUMOUR", True, True),
        ({"aetiology": "metastasis"}, "TUMOUR", True, True),
        ({"aetiology": "myeloma"}, "TUMOUR", True, True),
        ({"aetiology": "high-energy trauma"}, "OTHER_CAUSE", False, True),
        ({"aetiology": "vertebral angioma"}, "OTHER_CAUSE", False, True),
        ({"red_flags": {"fever": True}}, "CAUSE_OPEN", False, True),
        ({"red_flags": {"cancer_history": True}}, "CAUSE_OPEN", False, True),
        ({"treatment": "surgery"}, "TREATED", False, False),
        ({"cemented_levels": ["L1"]}, "TREATED", False, False),
        ({"recent_fracture": False}, "NOT_RECENT", False, False),
        ({"old_fractures": ["L1"]}, "NOT_RECENT", False, False),
    ],
)
def test_each_reason_alone_withholds_the_score_and_is_of_its_kind(facts, kind, urgent, doubt):
    found = applicability(case(**facts))
    assert {reason.kind.name for reason in found.against} == {kind}
    assert (found.urgent, found.cause_in_doubt) == (urgent, doubt)
    assert found.tumour_or_infection is (kind in ("TUMOUR", "INFECTION"))
    assert found.treated is (kind == "TREATED")
    assert found.why
    assert not found.holds


def test_every_reason_counts_and_neurology_stands_first():
    found = applicability(
        case(neurology={"bladder_or_bowel": True}, red_flags={"fever": True}, treatment="surgery", aetiology="myeloma")
    )
    assert [reason.kind.name for reason in found.against] == ["NEUROLOGY", "TUMOUR", "CAUSE_OPEN", "TREATED"]


@pytest.mark.parametrize("flags", [{"cancer_history": True}, {"weight_loss": True}])
def test_a_flag_of_the_history_counts_until_the_reader_has_named_osteoporosis(flags):
    assert kinds(red_flags=flags) == {"CAUSE_OPEN"}
    assert kinds(red_flags=flags, aetiology="osteoporosis") == set()


def test_fever_and_signs_on_mri_count_whatever_cause_is_recorded():
    assert kinds(red_flags={"fever": True}, aetiology="osteoporosis") == {"CAUSE_OPEN"}
    assert kinds(red_flags={"epidural_mass": True}, aetiology="osteoporosis") == {"TUMOUR"}


def test_a_lesion_counts_in_the_index_vertebra_and_not_where_it_is_an_angioma():
    assert lesion_in_index(case(focal_lesions=["T12", "L1"]))
    assert not lesion_in_index(case(focal_lesions=["T12"]))
    assert not lesion_in_index(case(focal_lesions=["L1"], aetiology="vertebral angioma"))
    assert not lesion_in_index(case_from_mapping({"focal_lesions": ["L1"]}))


# Recency


@pytest.mark.parametrize(("weeks", "recency"), [(25.9, "recent"), (26, "not recent"), (40, "not recent")])
def test_from_26_weeks_on_no_fracture_is_called_recent(weeks, recency):
    """Han judged union at 6 months."""
    assert recency_of(case(weeks_since_onset=weeks))[0] == recency


@pytest.mark.parametrize(
    ("t1", "stir", "recency"),
    [
        (True, True, "recent"),
        (True, None, "recent"),
        (True, False, "not recent"),
        (False, None, "not recent"),
        (False, False, "not recent"),
        (None, False, "not recent"),
        (False, True, "not known"),
        (None, True, "not known"),
        (None, None, "not known"),
    ],
)
def test_low_t1_is_the_sign_and_a_fluid_series_that_is_not_high_decides_against(t1, stir, recency):
    facts = {name: value for name, value in (("t1_low", t1), ("stir_high", stir)) if value is not None}
    assert recency_of(case_from_mapping({"index_level": "L1", **facts}))[0] == recency


@pytest.mark.parametrize("read", [True, False])
@pytest.mark.parametrize("measured", [True, False, None])
def test_the_readers_word_goes_before_what_is_measured_and_a_contradiction_is_said(read, measured):
    recency, why = recency_of(case(recent_fracture=read), measured)
    assert recency == ("recent" if read else "not recent")
    assert ("though the measured signal says otherwise" in why) is (measured is (not read))


@pytest.mark.parametrize(("measured", "recency"), [(True, "recent"), (False, "not recent"), (None, "not known")])
def test_what_is_measured_decides_where_no_reader_has_said_anything(measured, recency):
    assert recency_of(case_from_mapping({"index_level": "L1"}), measured)[0] == recency


def test_signs_that_the_reader_left_open_are_not_overruled_by_a_measurement_that_denies():
    """T1 not low, STIR high: open. A measured sign may decide for recent, and may not decide against."""
    seen = case_from_mapping({"index_level": "L1", "t1_low": False, "stir_high": True})
    assert [recency_of(seen, measured)[0] for measured in (True, False)] == ["recent", "not known"]


# Treatment


@pytest.mark.parametrize(
    ("facts", "done"),
    [
        ({}, None),
        ({"treatment": "conservative"}, False),
        ({"treatment": "augmentation"}, True),
        ({"cemented_levels": ["T12"]}, None),
        ({"cemented_levels": ["L1"]}, True),
        ({"instrumented_levels": ["L1"]}, True),
        ({"augmentation_date": "2025-05-01"}, True),
        ({"augmentation_date": "2025-05-01", "visit_date": "2025-05-01"}, True),
        ({"augmentation_date": "2025-05-02", "visit_date": "2025-05-01"}, None),
        ({"augmentation_date": "2025-05-01", "cemented_levels": ["T12"]}, None),
    ],
)
def test_whether_the_index_fracture_has_been_treated(facts, done):
    """An augmentation after this visit is none yet; cement in another level tells where the augmentation was."""
    assert treated(case_from_mapping({"index_level": "L1", **facts}))[0] is done


def test_what_is_not_recorded_leaves_the_score_under_a_condition():
    open_ = applicability(case_from_mapping({"index_level": "L1"}))
    assert ([c.name for c in open_.not_recorded], open_.against) == (["RECENT", "UNTREATED"], ())
    assert not open_.holds


# The gate

SCORE = {"vhl_percent": 20, "local_kyphosis_deg": 20, "fracture_type": "burst", "t2_diffuse_low": True, "t_score": -3}


def scored():
    return nasovcf(**SCORE)


def test_a_withheld_score_shows_no_points_and_every_reason():
    found = applicability(case(neurology={"bladder_or_bowel": True}, treatment="surgery"))
    shown = gated(scored(), found)
    assert shown.status is Status.NOT_APPLICABLE
    assert (shown.items, shown.total, shown.group, shown.attainable, shown.attainable_groups) == (
        (),
        None,
        None,
        None,
        (),
    )
    assert [kind.name for kind in shown.withheld] == ["NEUROLOGY", "TREATED"]
    assert shown.reasons[:2] == tuple(reason.text for reason in found.against)


def test_an_open_condition_stands_beside_the_score_and_changes_none_of_it():
    shown = gated(scored(), applicability(case_from_mapping({"index_level": "L1"})))
    assert (shown.total, shown.items) == (scored().total, scored().items)
    assert [c.name for c in shown.conditions] == ["RECENT", "UNTREATED"]
    assert gated(scored(), applicability(case())) == scored()
