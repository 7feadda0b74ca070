"""Levels are a probability over labellings: sure with the sacrum in view, asked for without."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError
from ovcf.imaging.field_of_view import FieldOfView
from ovcf.segmentation.levels.level_evidence import Below, ColumnSeen, place_of
from ovcf.segmentation.levels.level_labels import (
    COLUMNS,
    Labelling,
    LevelsUncertainError,
    VertebralColumn,
    decided,
    labellings,
)

#: Posterior heights and superior depths of T1 to L5, mm: Panjabi 1991, 1992 (12 cadaver spines).
HEIGHT = [14.1, 15.6, 15.7, 16.2, 16.2, 17.4, 18.2, 18.7, 19.3, 20.2, 21.3, 22.7, 23.8, 24.3, 23.8, 24.1, 22.9]
DEPTH = [18.5, 19.6, 22.7, 23.3, 24.3, 26.0, 27.4, 27.9, 29.3, 30.5, 31.9, 32.8, 34.1, 34.6, 35.2, 35.5, 34.7]
NAMES = [*(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6))]
#: Lean of the line of centres to the next level, degrees: 40 of kyphosis from T1 to T12, 35 of lordosis to L5.
LEAN = [25.0 - 40 * i / 11 for i in range(12)] + [-15.0 + 35 * (i + 1) / 5 for i in range(5)]
SURE = Below(sacrum_pitches=0.65, sacrum_certainty=0.95, body_certainty=0.0, room_pitches=2.0)
NO_SACRUM = Below(sacrum_pitches=None, sacrum_certainty=0.0, body_certainty=0.0, room_pitches=0.6)


def spine(first, last, scale=1.0, below=None):
    """Panjabi's vertebrae in a normal curve, discs a quarter of the height (0.42 from T12 down)."""
    a, b = NAMES.index(first), NAMES.index(last) + 1
    heights = np.array(HEIGHT[a:b])
    disc = heights * np.where(np.arange(a, b) >= 11, 0.42, 0.24)
    pitch = ((heights[:-1] + heights[1:]) / 2 + disc[:-1]) * scale
    lean = np.radians(LEAN[a : b - 1])
    steps = np.stack([0 * pitch, pitch * np.sin(lean), -pitch * np.cos(lean)], axis=1)
    centres = np.concatenate([np.zeros((1, 3)), np.cumsum(steps, axis=0)])
    return ColumnSeen(centres, np.array(DEPTH[a:b]) * scale, np.full(b - a, np.nan), below)


def moved(seen, transform):
    return ColumnSeen(transform(seen.centres), seen.depths, seen.wedges, seen.below)


@pytest.mark.parametrize("first", ["T6", "T10", "L1"])
def test_above_the_sacrum_stands_l5(first):
    best = labellings(spine(first, "L5", below=SURE))[0]
    assert (best.levels[0], best.levels[-1]) == (Level(first), Level.L5)
    assert best.probability > 0.85


def test_without_the_sacrum_a_few_vertebrae_are_asked_about():
    with pytest.raises(LabelSchemeError, match=r"uncertain .*State the level of one: bodies are counted 1 to 5"):
        decided(labellings(spine("T11", "L3")), "image")


def test_the_right_labelling_is_among_the_likely_ones_without_the_sacrum():
    assert any(x.levels[-1] is Level.L3 for x in labellings(spine("T4", "L3"))[:3])


def test_a_sacrum_far_below_the_last_body_does_not_make_it_l5():
    far = Below(sacrum_pitches=1.6, sacrum_certainty=0.95, body_certainty=0.0, room_pitches=2.5)
    share = {
        b: sum(x.probability for x in labellings(spine("T9", "L4", below=b)) if x.levels[-1] is Level.L5)
        for b in (far, SURE)
    }
    assert share[far] < 0.5 < share[SURE]


def test_an_unsure_sacrum_is_worth_less_than_a_sure_one():
    unsure = SURE._replace(sacrum_certainty=0.6, body_certainty=-0.25)
    sure, less = (labellings(spine("L1", "L5", below=b))[0].probability for b in (SURE, unsure))
    assert less < sure


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.85, 1.15), shift=st.floats(-300, 300), turn=st.floats(-40, 40))
def test_a_person_s_size_place_and_posture_do_not_decide(scale, shift, turn):
    t = np.radians(turn)
    rotation = np.array([[1, 0, 0], [0, np.cos(t), -np.sin(t)], [0, np.sin(t), np.cos(t)]])
    seen = moved(spine("T9", "L5", scale, SURE), lambda c: c @ rotation.T + shift)
    best, same = labellings(seen)[0], labellings(spine("T9", "L5", below=SURE))[0]
    assert best.levels[-1] is Level.L5
    assert best.probability == pytest.approx(same.probability, abs=0.05)


def test_probabilities_are_those_of_all_labellings():
    assert sum(x.probability for x in labellings(spine("T9", "L4"))) == pytest.approx(1)


def test_a_collapsed_vertebra_does_not_shift_the_labels():
    seen = spine("T9", "L5", below=SURE)
    seen.centres[4:, 2] += 11  # L1 has lost half its height
    best = labellings(seen)[0]
    assert best.levels[-1] is Level.L5
    assert best.probability > 0.8


def test_a_depth_that_is_unknown_counts_for_nothing():
    seen = spine("T9", "L5", below=SURE)
    seen.depths[0] = np.nan
    assert labellings(seen)[0].levels[-1] is Level.L5


def test_the_scanner_s_region_moves_the_field_of_view_but_not_against_all_else():
    thoracic, lumbar = (FieldOfView(region, said=(region,)) for region in ("thoracic", "lumbar"))
    seen = spine("T2", "T12")
    right = {f: sum(x.probability for x in labellings(seen, f) if x.levels[-1] is Level.T12) for f in (None, thoracic)}
    assert right[thoracic] > right[None]
    sure = spine("T9", "L5", below=SURE)
    assert labellings(sure, thoracic)[0].levels[-1] is Level.L5
    assert labellings(sure, lumbar)[0].probability >= labellings(sure)[0].probability - 1e-9


def test_a_level_named_by_the_technologist_is_in_the_image():
    named = FieldOfView(levels=(Level.L1, Level.L5), said=("L1 to L5",))
    before, after = (labellings(spine("L1", "L5"), f) for f in (None, named))
    share = [sum(x.probability for x in found if x.levels[-1] is Level.L5) for found in (before, after)]
    assert share[1] > share[0]


def test_what_else_it_could_be_is_named_with_what_to_check():
    anchors, column, notes = decided(labellings(spine("T10", "L5", below=SURE)), "image")
    assert anchors == {8: Level.L5}
    assert str(column).startswith("12 thoracic and 5")
    assert any(("L6" in note or "L4" in note) and "count from C2" in note for note in notes)


def test_a_sixth_lumbar_vertebra_is_asked_about_however_likely_it_looks():
    six = VertebralColumn(12, 6)
    levels = six.levels[six.levels.index(Level.T12) : -1]
    with pytest.raises(LevelsUncertainError, match="T12-L6") as asked:
        decided([Labelling(levels, six, 0.97)], "image")
    assert asked.value.likely[0].column == six


def test_levels_that_are_sure_only_at_nine_in_ten_are_asked_about():
    levels = tuple(Level(f"L{i}") for i in range(1, 6))
    with pytest.raises(LevelsUncertainError, match="95% is required"):
        decided([Labelling(levels, VertebralColumn(), 0.93, usual=0.94)], "image")
    assert decided([Labelling(levels, VertebralColumn(), 0.93, usual=0.97)], "image")[0] == {5: Level.L5}


def test_where_no_sacrum_is_seen_the_lowest_body_may_be_s1_and_is_asked_about():
    """The step to S1 is a sixth shorter and the spine turns there by some 29 degrees (real patients, cut off in S1)."""
    seen = spine("T11", "L5", below=NO_SACRUM)
    step = seen.centres[-1] - seen.centres[-2]
    lean = np.arctan2(step[1], -step[2]) + np.radians(29)
    s1 = seen.centres[-1] + 0.85 * np.linalg.norm(step) * np.array([0, np.sin(lean), -np.cos(lean)])
    with_s1 = ColumnSeen(np.vstack([seen.centres, s1]), np.append(seen.depths, np.nan), np.full(8, np.nan), NO_SACRUM)
    share = sum(x.probability for x in labellings(with_s1) if x.levels[-1] is Level.S1)
    assert share > 0.3
    plain = sum(x.probability for x in labellings(seen) if x.levels[-1] is Level.S1)
    assert share > 3 * plain


def test_a_last_body_seen_less_surely_than_the_others_above_a_sacrum_may_be_s1():
    less = SURE._replace(sacrum_pitches=0.5, body_certainty=-0.05)
    share = [
        sum(x.probability for x in labellings(spine("T11", "L5", below=b)) if x.levels[-1] is Level.S1)
        for b in (SURE, less)
    ]
    assert share[1] > 5 * share[0]


def test_the_scanner_s_words_are_quoted_where_they_counted():
    field = FieldOfView("lumbar", said=("lumbar spine (BodyPartExamined: 'LSPINE')",))
    _, _, notes = decided(labellings(spine("T11", "L5", below=SURE), field), "image", field)
    assert any("LSPINE" in note for note in notes)


def test_what_is_likely_is_said_when_an_anchor_is_asked_for():
    with pytest.raises(LabelSchemeError, match=r"%.*is required"):
        decided(labellings(spine("T12", "L2")), "image")


def test_no_bodies_cannot_be_labelled():
    with pytest.raises(LabelSchemeError, match="no column"):
        decided(labellings(ColumnSeen(np.zeros((0, 3)), np.zeros(0), np.zeros(0))), "image")


@pytest.mark.parametrize("variant", list(COLUMNS))
def test_variant_regions_are_spread_over_the_normal_ones(variant):
    places = place_of(VertebralColumn(*variant))
    found = list(places.values())
    assert found == sorted(found)
    assert places[Level.L1] == 12
    assert found[-2:] == [16, 17]


def test_kyphosis_bends_forward():
    seen = spine("T4", "T10")
    assert (seen.features[1:-1, 3] > 0).all()
    assert (spine("L1", "L5").features[1:-1, 3] < 0).all()
