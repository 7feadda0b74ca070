"""Eastell and two criteria: limits by hand from the reference table, missing neighbours, probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.morphometry import MorphometricResult, eastell, two_criteria
from ovcf.measures.shape.reference import reference
from ovcf.vocabulary import Modality

AROUND = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)
NORMAL = reference(Level.L1, "female")
HP = 30.0


def normal_spine(ha=0.0, hm=0.0, hp=0.0, middle=True, sd=None):
    """T11-L3 of exactly normal posterior heights for L1; L1 itself off normal by SDs of Ha/Hp, Hm/Hp, Hp/Hpred."""
    heights = {
        level: HP / NORMAL[f"Hp/Hp{step:+d}"].mean
        for level, step in zip(AROUND, (-2, -1, 0, 1, 2), strict=True)
        if step
    }
    own = HP * (1 + hp * NORMAL["Hp/Hpred"].sd / NORMAL["Hp/Hpred"].mean)
    made = []
    for i, level in enumerate(AROUND):
        p = heights.get(level, own)
        a, m = ((NORMAL[r].mean + z * NORMAL[r].sd) * p for r, z in (("Ha/Hp", ha), ("Hm/Hp", hm)))
        base = 45.0 * (i + 1)
        points = [(0, base - a), (36, base - p), (0, base), (36, base), (18, base - m), (18, base)]
        made.append(VertebraLandmarks.from_array(level, points[: 6 if middle else 4], sd=sd))
    return SpineLandmarks(vertebrae=tuple(made))


def test_a_normal_vertebra_is_not_fractured():
    for call in (eastell, two_criteria):
        found = call(normal_spine(), Level.L1, sex="female")
        assert found.fractured is False
        assert found.type == "none"
        z = [r.z for c in found.criteria for r in c.ratios if not r.name.endswith("pred")]
        assert z == pytest.approx([0] * len(z), abs=1e-9)
        assert found.missing == ()


@pytest.mark.parametrize(
    ("sd", "fractured", "grade"), [(-2.99, False, 0), (-3.01, True, 1), (-3.99, True, 1), (-4, True, 2)]
)
@pytest.mark.parametrize(("which", "kind"), [("ha", "wedge"), ("hm", "biconcave")])
def test_eastell_begins_beyond_3_sd_and_grade_2_at_4(which, kind, sd, fractured, grade):
    found = eastell(normal_spine(**{which: sd}), Level.L1, sex="female")
    assert (found.fractured, found.grade) == (fractured, grade)
    assert found.type == (kind if fractured else "none")


def test_exactly_3_sd_is_not_below_3_sd():
    assert eastell(normal_spine(ha=-3.0), Level.L1, sex="female").fractured is False


def test_eastell_sees_a_crush_against_either_neighbour():
    found = eastell(normal_spine(hp=-5), Level.L1, sex="female")
    assert (found.fractured, found.type) == (True, "crush")
    met = [r.name for c in found.criteria if c.met for r in c.ratios]
    assert set(met) <= {"Hp/Hp-1", "Hp/Hp+1"}
    assert met


def test_two_criteria_needs_both_ratios():
    """A body whose Hp is too tall has a low Ha/Hp by it alone: Eastell calls it, two criteria do not."""
    tall = normal_spine(ha=-3.3, hp=3.0)
    assert eastell(tall, Level.L1, sex="female").fractured is True
    assert two_criteria(tall, Level.L1, sex="female").fractured is False
    wedge = two_criteria(normal_spine(ha=-6), Level.L1, sex="female")
    assert (wedge.fractured, wedge.type, wedge.grade) == (True, "wedge", None)
    assert all(r.z < -3 for c in wedge.criteria if c.met for r in c.ratios)
    assert two_criteria(normal_spine(ha=-1, hp=-6), Level.L1, sex="female").type == "crush"


def test_the_predicted_posterior_height_is_the_mean_over_the_neighbours_at_hand():
    for left_out in ((), (Level.T11,), (Level.T11, Level.L2, Level.L3)):
        around = normal_spine(hp=-2).marked([(level, "fractured") for level in left_out])
        found = two_criteria(around, Level.L1, sex="female")
        (hpred,) = [r for c in found.criteria for r in c.ratios if r.name == "Hp/Hpred"]
        ratio = 1 - 2 * NORMAL["Hp/Hpred"].sd / NORMAL["Hp/Hpred"].mean
        assert hpred.ratio == pytest.approx(ratio)
        assert len(found.missing) == len(left_out)
        assert all("is fractured" in text for text in found.missing)


@pytest.mark.parametrize("modality", list(Modality))
def test_an_image_that_is_not_dxa_is_noted(modality):
    image = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(v.level, v.array, source=Source(modality=modality)) for v in normal_spine()
        )
    )
    noted = (f"the reference is of lateral DXA, the image is {modality}",)
    assert eastell(image, Level.L1, sex="female").notes == (() if modality is Modality.DXA else noted)


def test_a_positive_criterion_stands_without_neighbours_but_absence_cannot_be_told():
    def alone(**off):
        return SpineLandmarks(vertebrae=(normal_spine(**off)[Level.L1],))

    assert eastell(alone(ha=-3.5), Level.L1, sex="female").fractured is True
    intact = eastell(alone(), Level.L1, sex="female")
    assert (intact.fractured, intact.grade) == (None, None)
    assert any("T12 has no landmarks" in text for text in intact.missing)
    assert two_criteria(alone(ha=-9), Level.L1, sex="female").fractured is None


def test_without_middle_points_biconcavity_stays_open():
    found = eastell(normal_spine(middle=False), Level.L1, sex="female")
    assert found.fractured is None
    assert any("biconcave" in text for text in found.missing)


def test_the_end_of_the_table_is_said():
    spine = normal_spine()
    renamed = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(level, v.array)
            for level, v in zip((Level.L2, Level.L3, Level.L4, Level.L5, Level.S1), spine, strict=True)
        )
    )
    found = eastell(renamed, Level.L4, sex="female")
    assert "caudal neighbour L5: the reference has no ratio of L4 to it" in found.missing
    with pytest.raises(MeasurementInputError, match="T4 to L4 only"):
        eastell(renamed, Level.L5, sex="female")
    with pytest.raises(NeighbourError, match="T9"):
        two_criteria(spine, Level.T9, sex="female")


def test_in_a_column_of_eleven_thoracic_vertebrae_l1_has_no_reference_above():
    spine = normal_spine()
    eleven = SpineLandmarks(
        vertebrae=tuple(v for v in spine if v.level != Level.T12), column=VertebralColumn(thoracic=11)
    )
    found = eastell(eleven, Level.L1, sex="female")
    assert found.missing == ("cranial neighbour T11: the reference has no ratio of L1 to it",)
    assert found.fractured is False


def test_in_a_column_of_thirteen_thoracic_vertebrae_neither():
    t11, t12, l1, l2, l3 = normal_spine()
    t13 = VertebraLandmarks.from_array(Level.T13, t12.array)
    thirteen = SpineLandmarks(vertebrae=(t11, t13, l1, l2, l3), column=VertebralColumn(thoracic=13))
    found = eastell(thirteen, Level.L1, sex="female")
    assert found.missing == ("cranial neighbour T13: the reference has no ratio of L1 to it",)


@given(
    degrees=st.floats(-30, 30), scale=st.floats(0.1, 10), shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500))
)
def test_rotation_scale_and_translation_change_no_z(degrees, scale, shift):
    t = np.radians(degrees)
    turn = np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    still = normal_spine(ha=-2, hm=-1, hp=-2)
    moved = SpineLandmarks(vertebrae=tuple(v.moved(lambda p: scale * p @ turn.T + shift) for v in still))
    for call in (eastell, two_criteria):
        z = [[r.z for c in call(s, Level.L1, sex="female").criteria for r in c.ratios] for s in (still, moved)]
        assert z[1] == pytest.approx(z[0], abs=1e-7)


def test_the_probability_is_half_at_the_limit_and_follows_the_deformity():
    shares = [eastell(normal_spine(ha=z, sd=0.3), Level.L1, sex="female").probability for z in (0, -3, -6)]
    assert shares[0] < 0.02
    assert shares[1] == pytest.approx(0.5, abs=0.05)
    assert shares[2] > 0.98
    assert eastell(normal_spine(), Level.L1, sex="female").probability is None


@pytest.mark.parametrize("call", [eastell, two_criteria])
def test_a_result_can_be_written_and_read_back(call):
    result = call(normal_spine(ha=-3.5, sd=0.3), Level.L1, sex="female")
    adapter = TypeAdapter(MorphometricResult)
    assert adapter.validate_json(adapter.dump_json(result)) == result


def test_sex_and_age_choose_the_reference():
    wedge = normal_spine(ha=-3.05)
    calls = {sex: eastell(wedge, Level.L1, sex=sex, age_years=72) for sex in ("female", "male", None)}
    means = {sex: call.criteria[0].ratios[0].mean for sex, call in calls.items()}
    assert means == {sex: reference(Level.L1, sex, 72)["Ha/Hp"].mean for sex in means}
    assert means["male"] < means["female"]


@pytest.mark.parametrize("call", [eastell, two_criteria])
def test_a_lone_vertebra_without_middle_points_still_gets_an_answer(call):
    whole = normal_spine(sd=0.3, middle=False)[Level.L1]
    lone = SpineLandmarks(vertebrae=(whole,))
    assert call(lone, Level.L1, sex="female").fractured is None
