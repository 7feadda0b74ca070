"""What the clinical file says of a patient, as the reasons for which NASOVCF does or does not apply."""

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.by_signal import SignalReading
from ovcf.assessment.scoring import nasovcf_of
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.scores.result import Status
from ovcf.vocabulary import Aetiology, NeurologicalGrade
from tests.vectors import TV3, spine

LIKE_HAN = {
    "index_level": Level.L1, "age_years": 70, "aetiology": Aetiology.OSTEOPOROSIS, "low_energy_trauma": True,
    "secondary_osteoporosis": False, "fracture_type": "compression", "vhl_percent": 17.8, "local_kyphosis_deg": 19.6,
    "t2_pattern": "diffuse low", "t_score": -3.6, "neurology": Neurology(n_grade=NeurologicalGrade.N0),
}  # fmt: skip


def result(**changed):
    return nasovcf_of(ClinicalCase(**LIKE_HAN | changed), (), SignalReading())


def test_a_patient_like_those_of_the_paper_is_scored():
    assert (result().status, result().total, result().group) == (Status.COMPLETE, 10, "high")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aetiology": Aetiology.TRAUMA}, "high-energy trauma was excluded"),
        ({"aetiology": Aetiology.METASTASIS}, "suspected malignancy or infection"),
        ({"focal_lesions": (Level.L1,)}, "suspected malignancy or infection"),
        ({"red_flags": RedFlags(abscess=True)}, "suspected malignancy or infection"),
        ({"life_expectancy_under_one_year": True}, "life expectancy under one year"),
        ({"glucocorticoids": True}, "secondary osteoporosis was excluded"),
        ({"other_fractures": (Level.T12,)}, "more than one recent fracture"),
        ({"neurology": Neurology(radiculopathy=True)}, "neurological symptoms"),
    ],
)
def test_the_reason_given_is_the_one_that_holds_and_no_other(changed, why):
    made = result(**changed)
    assert (made.status, made.total, made.group) == (Status.NOT_APPLICABLE, None, None)
    (reason,) = made.reasons
    assert why in reason


def test_a_history_of_cancer_leaves_the_score_to_a_reader_who_has_named_another_cause():
    flags = RedFlags(cancer_history=True)
    assert result(red_flags=flags).status is Status.COMPLETE
    assert result(red_flags=flags, aetiology=None).status is Status.NOT_APPLICABLE


def test_a_figure_entered_by_hand_does_not_hide_the_other_that_was_measured():
    measured = spine(TV3["B"])
    made = result(vhl_percent=17.8, local_kyphosis_deg=None, index_level=Level.L1)
    assert "Local kyphosis angle" in made.missing
    both = nasovcf_of(ClinicalCase(**LIKE_HAN | {"local_kyphosis_deg": None}), (measured,), SignalReading())
    assert (both.status, both.total) == (Status.COMPLETE, 10)
    assert "21.0°" in both.items[2].finding
    assert both.total_probability == ()


@pytest.mark.parametrize(("excluded", "warned"), [(False, True), (True, False), (None, False)])
def test_a_t_score_that_includes_the_fractured_level_is_said_to_be_another_than_han_s(excluded, warned):
    advisories = result(t_score_excludes_fracture=excluded).advisories
    assert any("includes the fractured level" in a for a in advisories) is warned
