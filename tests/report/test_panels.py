"""Panels of any spine: the index vertebra in the middle, nothing written over bone, disc or canal, a true scale bar."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path as Outline

from ovcf.anatomy import Level
from ovcf.imaging.study import Role
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.numbered import numbered
from ovcf.report.figures.panel import FAR_MM, NOTHING, Marks, draw_panel, sheet
from ovcf.report.figures.window import COLUMN, PORTRAIT, on_all, on_index, widths_across
from ovcf.segmentation.places import Place
from ovcf.vocabulary import Modality, Posture
from ovcf.workflow.slice_view import View
from tests.report.drawn import ANGLE, INDEX, Drawn, grid_in

LEVELS = (Level.T10, Level.T11, Level.T12, Level.L1, Level.L2, Level.L3)
CANAL_MM = 17.0


def corners_of(centre, width, front, back, turn):
    """The corners ``(4, 2)`` of a body turned by ``turn`` degrees about its centre."""
    half = np.array([[-width, -front], [width, -back], [-width, front], [width, back]]) / 2
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return centre + half @ np.array([[c, s], [-s, c]])


@st.composite
def spines(draw):
    """Six bodies along a curve with up to 12 degrees between neighbours, one of them wedged; mm in the plane frame."""
    width, height = draw(st.floats(26, 42)), draw(st.floats(20, 32))
    turn = draw(st.floats(-25, 25))
    steps = draw(st.lists(st.floats(-12, 12), min_size=6, max_size=6))
    gaps = draw(st.lists(st.floats(4, 13), min_size=6, max_size=6))
    wedged, loss = draw(st.integers(1, 4)), draw(st.floats(0.4, 1.0))
    centre, bodies = np.array([100.0, 40.0]), []
    for number, (step, gap) in enumerate(zip(steps, gaps, strict=True)):
        turn = float(np.clip(turn + step, -30, 30))
        bodies.append(corners_of(centre, width, height * (loss if number == wedged else 1), height, turn))
        down = np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))])
        centre = centre + (height + gap) * down
    return LEVELS[wedged], bodies


@dataclass
class Case:
    """A spine, its view in a unit of choice, and what must stay free: bodies, discs and canal as outlines."""

    index: Level
    view: View
    free: list

    @property
    def bodies(self):
        return bodies_of(self.view.spine, self.view.places)


def case_of(spine, *, unit=1.0, measured=(), calibrated=True, modality=Modality.MR, role=Role.T1):
    """The view of a spine; ``unit`` pixels per mm where not calibrated. Bodies not ``measured`` are boxes (all: ())."""
    index, bodies = spine
    bodies = [b * unit for b in bodies]
    source = Source(modality=modality, posture=Posture.SUPINE, image="image", calibrated=calibrated)
    kept = [level in measured or not measured for level in LEVELS]
    landmarks = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(level, b, source=source)
            for level, b, keep in zip(LEVELS, bodies, kept, strict=True)
            if keep
        )
    )
    places = tuple(
        Place(n + 1, level, tuple(b.min(axis=0)), tuple(b.max(axis=0)))
        for n, (level, b) in enumerate(zip(LEVELS, bodies, strict=True))
    )
    rows, columns = (int(n) for n in np.concatenate(bodies).max(axis=0)[::-1] + 60 * unit)
    wall = np.concatenate([b[[1, 3]] for b in bodies])
    canal = np.concatenate([wall, wall[::-1] + np.array([CANAL_MM * unit, 0])])
    y, x = np.mgrid[:rows, :columns]
    inside = Outline(canal).contains_points(np.column_stack([x.ravel(), y.ravel()])).reshape(rows, columns)
    view = View(
        title="",
        caption="",
        pixels=np.hypot(x, y),
        origin=(0.0, 0.0),
        spacing=(1.0, 1.0),
        spine=landmarks,
        places=places,
        calibrated=calibrated,
        image="image",
        role=role,
        modality=modality,
        canal=inside if modality is Modality.MR else None,
    )
    discs = [np.array([a[2], a[3], b[1], b[0]]) for a, b in pairwise(bodies)]
    return Case(index, view, [*(b[[0, 1, 3, 2]] for b in bodies), *discs, canal])


def panel(case, marks, size=PORTRAIT, widths=None):
    """(drawing, window) of the panel centred on the index vertebra, or of the whole spine."""
    widths = widths or widths_across(case.bodies, case.index, size)
    whole = size is COLUMN
    window = on_all(case.bodies, None, size) if whole else on_index(case.bodies, case.index, widths, size)
    drawing = sheet(size[0], height=size[1])
    draw_panel(drawing, window, case.view, case.index, marks)
    return Drawn(str(drawing)), window


def touched(box, outlines, window):
    """Whether a box lies on one of the outlines."""
    points = grid_in(box)
    return any(Outline(window.place(o)).contains_points(points).any() for o in outlines)


MRI_MARKS = Marks(corners=True)
FILM = {"modality": Modality.RADIOGRAPH, "role": Role.RADIOGRAPH}


@settings(max_examples=15)
@given(spine=spines())
def test_names_and_letters_never_lie_on_a_body_a_disc_or_the_canal(spine):
    case = case_of(spine)
    drawn, window = panel(case, MRI_MARKS)
    for word in drawn.words:
        if word.box[3] < PORTRAIT[1]:  # what stands in the strip under the picture lies on nothing
            assert not touched(word.box, case.free, window), word.text
            assert word.box[0] >= 0
            assert word.box[2] <= PORTRAIT[0]


@settings(max_examples=20)
@given(spine=spines())
def test_the_index_vertebra_and_both_neighbours_are_seen_whole_and_named(spine):
    case = case_of(spine)
    drawn, window = panel(case, MRI_MARKS)
    at = LEVELS.index(case.index)
    for level in LEVELS[at - 1 : at + 2]:
        assert level.value in drawn.texts
        corners = window.place(case.view.spine[level].array)
        assert (corners >= 0).all()
        assert (corners <= PORTRAIT).all()


@settings(max_examples=20)
@given(spine=spines())
def test_on_the_whole_spine_names_keep_clear_of_bone_and_of_each_other(spine):
    case = case_of(spine)
    drawn, window = panel(case, Marks(bar_mm=FAR_MM), COLUMN)
    names = [w for w in drawn.words if w.text in {*LEVELS}]
    assert {w.text for w in names} == {level.value for level in LEVELS}
    assert not any(touched(w.box, case.free, window) for w in names)
    centres = np.array([[(w.box[1] + w.box[3]) / 2] for w in names])
    gaps = np.abs(centres - centres.T)[~np.eye(len(names), dtype=bool)]
    assert gaps.min() > 14


@settings(max_examples=20)
@given(spine=spines(), unit=st.floats(2, 7))
def test_the_index_vertebra_is_in_the_middle_and_bodies_are_equally_wide_on_every_image(spine, unit):
    mri, film = case_of(spine), case_of(spine, unit=unit, calibrated=False, **FILM)
    widths = max(widths_across(c.bodies, c.index, PORTRAIT) for c in (mri, film))
    found = [panel(c, MRI_MARKS, widths=widths)[0].dots for c in (mri, film)]
    for dots in found:
        assert dots.mean(axis=0) == pytest.approx(np.array(PORTRAIT) / 2, abs=1)
    assert found[0] == pytest.approx(found[1], abs=1)


@settings(max_examples=20)
@given(spine=spines(), size=st.sampled_from([PORTRAIT, COLUMN]))
def test_the_scale_bar_is_as_long_as_it_says(spine, size):
    case = case_of(spine)
    mm = 20.0 if size is PORTRAIT else 50.0
    drawn, _ = panel(case, Marks(corners=True, bar_mm=mm), size)
    length_mm = np.linalg.norm(np.diff(case.view.spine[case.index].array[[0, 1]], axis=0))
    per_mm = np.linalg.norm(drawn.dots[1] - drawn.dots[0]) / length_mm
    bars = [line for line in drawn.lines("#ffffff") if np.ptp(line[:, 1]) == 0]
    (bar,) = bars
    assert np.ptp(bar[:, 0]) == pytest.approx(mm * per_mm, rel=0.01)
    assert f"{mm:g} mm" in drawn.texts
    assert bar[:, 1].min() > size[1]  # under the picture, at its right end
    assert size[0] - bar[:, 0].max() < 20


def test_without_calibration_there_is_no_bar_and_no_millimetre():
    spine = (Level.L1, [corners_of(np.array([100.0, 40.0 + 34 * n]), 34, 26, 26, 0) for n in range(6)])
    drawn, _ = panel(case_of(spine, unit=4, calibrated=False, **FILM), MRI_MARKS)
    assert "not calibrated" in drawn.texts
    assert not [words for words in drawn.texts if "mm" in words]


@settings(max_examples=15)
@given(spine=spines())
def test_a_clean_copy_shows_the_image_its_sides_and_the_scale_alone(spine):
    drawn, _ = panel(case_of(spine), NOTHING)
    assert sorted(drawn.texts) == ["20 mm", "A", "P"]
    assert len(drawn.dots) == 0
    assert not drawn.lines(ANGLE)
    assert not drawn.paths


@settings(max_examples=20)
@given(spine=spines())
def test_on_a_radiograph_the_lines_of_the_kyphosis_run_beyond_the_bodies_and_open_by_the_angle(spine):
    case = case_of(spine, unit=4, calibrated=False, **FILM)
    drawn, window = panel(case, Marks(corners=True, measured=True))
    upper, lower = (line for line in drawn.lines(ANGLE) if not np.allclose(line[:, 0], line[0, 0]))
    (ux, uy), (lx, ly) = (line[1] - line[0] for line in (upper, lower))
    opened = np.degrees(np.arctan2(ly, lx) - np.arctan2(uy, ux))
    angle = local_kyphosis_angle(case.view.spine, case.index).value
    assert opened == pytest.approx(angle, abs=0.1)
    written = next(float(t[:-1].replace("−", "-")) for t in drawn.texts if t.endswith("°"))
    assert written == pytest.approx(angle, abs=0.051)
    at = LEVELS.index(case.index)
    behind = max(window.place(case.view.spine[v].array)[:, 0].max() for v in LEVELS[at - 1 : at + 2])
    for line in (upper, lower):
        assert line[:, 0].max() > min(behind, PORTRAIT[0] - 20)


@settings(max_examples=15)
@given(spine=spines())
def test_on_mri_they_are_no_longer_than_the_endplates(spine):
    case = case_of(spine)
    drawn, window = panel(case, Marks(corners=True, measured=True))
    above, below = case.view.spine.neighbours(case.index)
    ends = [window.place(above.array)[2:4], window.place(below.array)[0:2]]
    assert [line.tolist() for line in drawn.lines(ANGLE)] == [pytest.approx(e, abs=0.02) for e in ends]
    assert not [words for words in drawn.texts if "°" in words]


@settings(max_examples=15)
@given(spine=spines(), seen=st.sets(st.sampled_from(LEVELS), max_size=4))
def test_a_body_without_landmarks_is_named_with_a_question_mark(spine, seen):
    index = spine[0]
    case = case_of(spine, measured={*seen, index})
    drawn, _ = panel(case, MRI_MARKS)
    said = [words for words in drawn.texts if words[0] in "TL"]
    assert said
    for words in said:
        level = Level(words.removesuffix(" ?"))
        assert words.endswith("?") == (level not in {*seen, index})


@settings(max_examples=15)
@given(spine=spines())
def test_numbers_of_a_question_stand_in_front_of_the_bodies_from_the_head_down(spine):
    case = case_of(spine, measured={spine[0]})
    figure = numbered(case.view)
    assert figure.place == "question"
    drawn = Drawn(figure.svg)
    numbers = [w for w in drawn.words if w.text.isdigit()]
    assert [w.text for w in sorted(numbers, key=lambda w: w.box[1])] == ["1", "2", "3", "4", "5", "6"]
    window = on_all(
        bodies_of(None, case.view.places),
        np.array([[-0.5, -0.5], np.array(case.view.pixels.shape[::-1]) - 0.5]),
        COLUMN,
    )
    boxes = [np.array([p.low, (p.high[0], p.low[1]), p.high, (p.low[0], p.high[1])]) for p in case.view.places]
    assert not any(touched(w.box, boxes, window) for w in numbers)
    assert not any(w.colour == INDEX for w in numbers)
