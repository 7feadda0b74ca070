"""The pictures of a digital patient and of a real MRI: what a reader needs is visible, nothing is written over it."""

import json

import numpy as np
import pytest
from matplotlib.path import Path as Outline

from ovcf.anatomy import Level
from ovcf.imaging.study import Role
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.report.pictures import figures_of
from ovcf.workflow.from_files import draft_from_files
from tests.report.drawn import Drawn, grid_in
from tests.tptbox import tptbox

NEIGHBOURS = (Level.T12, Level.L2)


@pytest.fixture(scope="module")
def draft(tmp_path_factory):
    """L1 wedged with edema; bodies as drawn on MRI, corners as projected on the radiograph."""
    recipe = Recipe(
        seed=5,
        centre=Level.L1,
        motion=0.0,
        disc_degeneration=0.2,
        fractures=(FractureRecipe(level=Level.L1, vhl_percent=25.0, edema_percent=70.0),),
    )
    (visit,) = make_patient(recipe, tmp_path_factory.mktemp("digital") / "patient")
    truth = visit / "truth"
    projected = json.loads((truth / "landmarks_radiograph.json").read_text())
    corners = truth / "on_the_film.json"
    seen = [v for v in projected["vertebrae"] if v["level"] in ("T11", "T12", "L1", "L2", "L3")]
    of_film = {"vertebrae": seen, "image": "PHANTOM LUMBAR SPINE LAT STANDING"}
    corners.write_text(json.dumps(projected | of_film))
    return draft_from_files(
        [visit / "study"],
        clinical=visit / "case.toml",
        landmarks=corners,
        labels=[truth / f"{name}.nii.gz" for name in ("vertebrae", "subregions")],
    )


@pytest.fixture(scope="module")
def panels(draft):
    """{role: (view, drawing, function from the plane to the drawing)} of page one."""
    titles = {"Radiograph": Role.RADIOGRAPH, "MRI T1": Role.T1, "MRI STIR": Role.STIR}
    found = {}
    for figure in figures_of(draft):
        if figure.place == "front":
            role = titles[figure.title.partition(",")[0]]
            view = next(v for v in draft.views if v.role is role)
            drawn = Drawn(figure.svg)
            found[role] = view, drawn, placed_by_dots(drawn, view.spine[Level.L1])
    assert list(found) == list(titles.values())
    return found


def placed_by_dots(drawn, vertebra):
    """The corner dots tell how the drawing shows the plane."""
    dots, corners = drawn.dots, vertebra.array[:4]
    scale = np.linalg.norm(dots[1] - dots[0]) / np.linalg.norm(corners[1] - corners[0])
    shift = (dots - scale * corners).mean(axis=0)
    assert dots == pytest.approx(scale * corners + shift, abs=0.05)
    return lambda points: scale * np.asarray(points) + shift


def marrow(drawn, place, vertebra):
    """Grey levels in the inner half of a body, where the picture shows it."""
    corners = vertebra.array[:4]
    inner = corners.mean(axis=0) + 0.5 * (corners - corners.mean(axis=0))
    points = grid_in((*inner.min(axis=0), *inner.max(axis=0)), 25)
    points = place(points[Outline(inner[[0, 1, 3, 2]]).contains_points(points)])
    return drawn.grey(points[((points > 0) & (points < (480, 600))).all(axis=1)])


def canal(view, drawn, place):
    """Grey levels of cord and canal in the picture."""
    rows, columns = np.nonzero(view.canal)
    points = place(np.column_stack([columns, rows]) * view.spacing[::-1] + view.origin)
    return drawn.grey(points[((points > 0) & (points < (480, 600))).all(axis=1)])


@pytest.mark.parametrize("role", [Role.RADIOGRAPH, Role.T1, Role.STIR])
def test_no_word_lies_on_a_body_or_in_the_canal(panels, role):
    view, drawn, place = panels[role]
    words = [w for w in drawn.words if w.box[3] < 600 and "°" not in w.text]
    assert {"L1", "T12", "L2"} <= {w.text for w in words}
    narrow = np.zeros((0, 2))
    if view.canal is not None:
        rows, columns = np.nonzero(view.canal)
        narrow = place(np.column_stack([columns, rows]) * view.spacing[::-1] + view.origin)
    for word in words:
        for vertebra in view.spine:
            body = Outline(place(vertebra.array[:4])[[0, 1, 3, 2]])
            assert not body.contains_points(grid_in(word.box)).any(), f"{word.text} on {vertebra.level}"
        left, top, right, bottom = word.box
        x, y = narrow.T
        assert not ((x > left) & (x < right) & (y > top) & (y < bottom)).any(), word.text


@pytest.mark.parametrize("role", [Role.RADIOGRAPH, Role.T1, Role.STIR])
def test_the_index_vertebra_is_within_a_millimetre_of_the_middle(panels, role):
    view, drawn, _ = panels[role]
    width = np.linalg.norm(drawn.dots[1] - drawn.dots[0])
    assert np.abs(drawn.dots.mean(axis=0) - (240, 300)).max() < width / 34
    assert view.role is role


def test_on_t1_sound_marrow_is_mid_grey_edema_is_darker_and_fat_is_not_burnt_out(panels):
    view, drawn, place = panels[Role.T1]
    sound = np.median([np.median(marrow(drawn, place, view.spine[level])) for level in NEIGHBOURS])
    assert 0.4 < sound < 0.6
    assert np.median(marrow(drawn, place, view.spine[Level.L1])) < sound - 0.1
    assert np.mean(drawn.grey(grid_in((0, 0, 480, 600), 120)) > 0.99) < 0.02


def test_on_stir_sound_marrow_shows_edema_is_bright_and_the_canal_keeps_its_structure(panels):
    view, drawn, place = panels[Role.STIR]
    sound = np.median([np.median(marrow(drawn, place, view.spine[level])) for level in NEIGHBOURS])
    assert sound > 0.12
    assert np.percentile(marrow(drawn, place, view.spine[Level.L1]), 70) > sound + 0.15
    fluid = canal(view, drawn, place)
    assert np.mean(fluid > 0.99) < 0.6
    assert np.percentile(fluid, 90) - np.percentile(fluid, 10) > 0.1


def test_on_the_radiograph_bone_fills_the_greys_and_lung_is_black(panels):
    view, drawn, place = panels[Role.RADIOGRAPH]
    bone = np.concatenate([marrow(drawn, place, v) for v in view.spine if v.level in (*NEIGHBOURS, Level.L1)])
    assert 0.15 < np.median(bone) < 0.7
    assert np.percentile(bone, 95) - np.percentile(bone, 5) > 0.15
    assert np.mean(bone > 0.99) < 0.02


def test_a_real_mri_shows_its_marrow_and_centres_its_one_measured_vertebra():
    made = draft_from_files(
        [tptbox("sub-mri_label-6_T2w.nii.gz")],
        anchors=["6=L3"],
        fracture="L3",
        labels=[tptbox(f"sub-mri_seg-{name}_label-6_msk.nii.gz") for name in ("vert", "subreg")],
    )
    marked, clean = (f for f in figures_of(made) if f.place == "front")
    drawn = Drawn(marked.svg)
    view = made.views[0]
    place = placed_by_dots(drawn, view.spine[Level.L3])
    assert drawn.dots.mean(axis=0) == pytest.approx([240, 300], abs=1)
    assert 0.35 < np.median(marrow(drawn, place, view.spine[Level.L3])) < 0.65
    fluid = canal(view, drawn, place)
    assert 0.6 < np.median(fluid) < 1
    assert "L3" in drawn.texts
    assert not len(Drawn(clean.svg).dots)
