"""What the clinical file says of a patient, as the reasons for which NASOVCF does or does not apply."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.measured.by_signal import LevelSignal, SignalReading
from ovcf.assessment.scoring import nasovcf_of
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.landmarks import Source
from ovcf.scores.result import Status
from ovcf.vocabulary import Aetiology, Modality, NeurologicalGrade, Posture
from tests.vectors import TV3, spine

LIKE_HAN = {
    "index_level": Level.L1,
    "age_years": 70,
    "aetiology": Aetiology.OSTEOPOROSIS,
    "low_energy_trauma": True,
    "secondary_osteoporosis": False,
    "fracture_type": "compression",
    "vhl_percent": 17.8,
    "local_kyphosis_deg": 19.6,
    "t2_pattern": "diffuse low",
    "t_score": -3.6,
    "neurology": Neurology(n_grade=NeurologicalGrade.N0),
    "recent_fracture": True,
    "treatment": "none",
}


def signal_of(**index):
    """What the marrow of L1 tells."""
    return SignalReading(levels={Level.L1: LevelSignal(**index)})


def result(**changed):
    return nasovcf_of(ClinicalCase(**LIKE_HAN | changed), (), SignalReading())


def test_a_patient_like_those_of_the_paper_is_scored():
    assert (result().status, result().total, result().group) == (Status.COMPLETE, 10, "high")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"aetiology": Aetiology.TRAUMA}, "the recorded cause is high-energy trauma"),
        ({"aetiology": Aetiology.METASTASIS}, "the recorded cause is metastasis"),
        ({"focal_lesions": (Level.L1,)}, "L1 is named among the focal lesions"),
        ({"red_flags": RedFlags(abscess=True)}, "signs of infection on MRI: abscess"),
        ({"red_flags": RedFlags(fever=True)}, "fever"),
        ({"neurology": Neurology(saddle_anaesthesia=True)}, "saddle anaesthesia"),
        ({"recent_fracture": False}, "not recent"),
        ({"weeks_since_onset": 60}, "60 weeks ago"),
        ({"cemented_levels": (Level.L1,)}, "L1 holds bone cement"),
        ({"treatment": "surgery"}, "treated by surgery"),
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
    assert made.items == made.total_probability == made.group_probability == made.advisories == ()


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


def test_a_reader_who_goes_against_the_measured_signal_is_told_either_way():
    case = ClinicalCase(**LIKE_HAN)
    made = nasovcf_of(case, (), signal_of(recent=False))
    assert made.total == 10
    assert any("the measured marrow signal does not" in a for a in made.advisories)
    old = nasovcf_of(replace(case, recent_fracture=False), (), signal_of(recent=True))
    assert old.reasons == (
        "the fracture is not recent: read so by the reader, though the measured signal says otherwise",
    )


def test_the_t_score_is_said_to_be_hans_only_where_that_is_known():
    assert any("whether this one is, is not recorded" in a for a in result().advisories)
    assert not any("T-score" in a for a in result(t_score_excludes_fracture=True).advisories)
    by_level = result(t_score=None, t_score_l1=-1.0, t_score_l2=-3.0, t_score_l3=-3.4)
    assert "-3.2" in by_level.items[4].finding
    assert any("mean of L2, L3 as entered by level" in a for a in by_level.advisories)


def test_the_lateral_radiograph_is_scored_before_supine_mri_which_stands_beside_it_with_the_points_it_would_move():
    def on(corners, modality, image, posture):
        made = spine(corners)
        source = Source(modality=modality, posture=posture, placed_by="a reader", image=image)
        return replace(made, vertebrae=tuple(replace(v, source=source) for v in made))

    mri = on(TV3["A"], Modality.MR, "sagittal T2", Posture.SUPINE)  # no loss, no angle
    film = on(TV3["B"], Modality.RADIOGRAPH, "lateral film", Posture.STANDING)  # 13.8 %, 21.0 degrees
    case = ClinicalCase(**LIKE_HAN | {"vhl_percent": None, "local_kyphosis_deg": None})
    for order in ((mri, film), (film, mri)):
        made = nasovcf_of(case, order, SignalReading())
        assert [item.points for item in made.items[1:3]] == [0, 2]
        assert "measured on lateral film (standing)" in made.advisories[0]
        assert made.advisories[1] == (
            "Beside it, sagittal T2 (supine) gives height loss 0.0% and kyphosis 0.0°: 2 points fewer."
        )
