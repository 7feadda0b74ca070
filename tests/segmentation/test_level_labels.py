"""Levels are a probability over labellings: sure with the sacrum in view, asked for without."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError
from ovcf.segmentation.level_labels import decided, labellings

#: Posterior heights and superior depths of T1 to L5, mm: Panjabi 1991, 1992 (12 cadaver spines).
HEIGHT = [14.1, 15.6, 15.7, 16.2, 16.2, 17.4, 18.2, 18.7, 19.3, 20.2, 21.3, 22.7, 23.8, 24.3, 23.8, 24.1, 22.9]
DEPTH = [18.5, 19.6, 22.7, 23.3, 24.3, 26.0, 27.4, 27.9, 29.3, 30.5, 31.9, 32.8, 34.1, 34.6, 35.2, 35.5, 34.7]
NAMES = [*(f"T{i}" for i in range(1, 13)), *(f"L{i}" for i in range(1, 6))]


def spine(first, last, scale=1.0):
    """Centres (LPS mm) and depths of Panjabi's vertebrae, discs a quarter of the height (a fifth in the thorax)."""
    a, b = NAMES.index(first), NAMES.index(last) + 1
    heights = np.array(HEIGHT[a:b])
    disc = heights * np.where(np.arange(a, b) >= 11, 0.42, 0.24)
    pitch = ((heights[:-1] + heights[1:]) / 2 + disc[:-1]) * scale
    z = -np.concatenate([[0.0], np.cumsum(pitch)])
    return np.stack([0 * z, 0 * z, z], axis=1), (np.array(DEPTH[a:b]) * scale).tolist()


@pytest.mark.parametrize("first", ["T6", "T10", "L1"])
def test_above_the_sacrum_stands_l5(first):
    best = labellings(*spine(first, "L5"), sacrum_below=True)[0]
    assert (best.levels[0], best.levels[-1]) == (Level(first), Level.L5)
    assert best.probability > 0.85


def test_without_the_sacrum_a_few_vertebrae_are_asked_about():
    found = labellings(*spine("T11", "L3"), sacrum_below=False)
    with pytest.raises(LabelSchemeError, match=r"uncertain .*--level 5="):
        decided(found, "image")


def test_the_right_labelling_is_among_the_likely_ones_without_the_sacrum():
    found = labellings(*spine("T4", "L3"), sacrum_below=False)
    assert any(x.levels[-1] is Level.L3 for x in found[:3])


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.85, 1.15), shift=st.floats(-300, 300), turn=st.floats(-40, 40))
def test_a_person_s_size_and_place_do_not_decide(scale, shift, turn):
    centres, depths = spine("T9", "L5", scale)
    t = np.radians(turn)
    rotation = np.array([[1, 0, 0], [0, np.cos(t), -np.sin(t)], [0, np.sin(t), np.cos(t)]])
    best = labellings(centres @ rotation.T + shift, depths, sacrum_below=True)[0]
    assert best.levels[-1] is Level.L5
    assert best.probability > 0.8


def test_probabilities_are_those_of_all_labellings():
    assert sum(x.probability for x in labellings(*spine("T9", "L4"), sacrum_below=False)) == pytest.approx(1)


def test_a_collapsed_vertebra_does_not_shift_the_labels():
    centres, depths = spine("T9", "L5")
    centres[4:, 2] += 11  # L1 has lost half its height
    best = labellings(centres, depths, sacrum_below=True)[0]
    assert best.levels[-1] is Level.L5
    assert best.probability > 0.8


def test_a_depth_that_is_unknown_counts_for_nothing():
    centres, depths = spine("T9", "L5")
    best = labellings(centres, [float("nan"), *depths[1:]], sacrum_below=True)[0]
    assert best.levels[-1] is Level.L5


def test_transitional_anatomy_is_named_as_what_else_it_could_be():
    anchors, column, notes = decided(labellings(*spine("T10", "L5"), sacrum_below=True), "image")
    assert anchors == {8: Level.L5}
    assert str(column).startswith("12 thoracic and 5")
    assert any("L6" in note or "L4" in note for note in notes)


def test_what_is_likely_is_said_when_an_anchor_is_asked_for():
    with pytest.raises(LabelSchemeError, match=r"%.*is asked for"):
        decided(labellings(*spine("T12", "L2"), sacrum_below=False), "image")


def test_no_bodies_cannot_be_labelled():
    with pytest.raises(LabelSchemeError, match="no column"):
        decided(labellings(np.zeros((0, 3)), [], sacrum_below=True), "image")
