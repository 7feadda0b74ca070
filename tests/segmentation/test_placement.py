"""Bodies are checked against the image they are laid on: right maps pass, maps moved by 10 mm or a vertebra do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.imaging.files.nifti_files import read_nifti
from ovcf.imaging.read import read_study
from ovcf.imaging.volume import Volume
from ovcf.phantom.body.frame import BODY
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe, read_recipe
from ovcf.phantom.render import render
from ovcf.segmentation.label_map import read_bodies, read_label_volume
from ovcf.segmentation.placement import misplaced
from tests.shared_data import shared
from tests.tptbox import tptbox

MOVES = [(0, 10, 0), (0, -10, 0), (0, 0, 10), (0, 0, -10), (0, 35, 0), (0, 0, 35), (0, 0, -35)]
TRACED = ["VB1_02", "VB1_03", "VB1_10", "VB1_11", "VB1_15", "VB2_02", "VB2_07", "VB3_01", "VB3_03", "IVD_11"]


def moved(labels, lps):
    affine = labels.affine.copy()
    affine[:3, 3] += lps
    return Volume(labels.voxels, affine)


def traced(exam):
    folder = shared("mri-vertebral-bodies")
    return read_nifti(folder / f"{exam}_image.nii.gz")[0], read_label_volume(folder / f"{exam}_bodies.nii.gz")


@pytest.fixture(scope="module")
def edema(tmp_path_factory):
    """A digital patient whose fractured body is bright in STIR all through."""
    bright = FractureRecipe(level=Level.L1, vhl_percent=25, edema_percent=95)
    folder = tmp_path_factory.mktemp("patient")
    (visit,) = make_patient(Recipe(seed=7, fractures=(bright,)), folder, contrasts=("STIR",), radiograph=False)
    (stir,) = read_study(visit / "study").series
    return stir.image, read_bodies([visit / "truth" / f"{n}.nii.gz" for n in ("vertebrae", "subregions")]).labels


@pytest.mark.slow
def test_a_right_map_on_a_stir_with_strong_edema_passes_and_a_moved_one_does_not(edema):
    image, labels = edema
    assert misplaced(labels, image) is None
    for way in MOVES:
        assert misplaced(moved(labels, way), image).sure, way


@pytest.mark.slow
@pytest.mark.parametrize("exam", TRACED)
def test_maps_traced_on_real_exams_pass(exam):
    image, labels = traced(exam)
    assert misplaced(labels, image) is None


@pytest.mark.slow
@pytest.mark.parametrize("way", MOVES)
@pytest.mark.parametrize("exam", ["VB1_03", "VB2_02"])
def test_maps_of_real_exams_moved_in_plane_are_found_with_the_way_back(exam, way):
    image, labels = traced(exam)
    found = misplaced(moved(labels, way), image)
    assert found.sure
    assert f"about {np.hypot(way[1], way[2]):.0f} mm" in found.why or "mm" in found.why


@pytest.mark.parametrize(
    ("image", "maps", "how"),
    [
        (
            "sub-mri_label-6_T2w",
            ("sub-mri_seg-vert_label-6_msk", "sub-mri_seg-subreg_label-6_msk"),
            {"anchors": {6: Level.L3}},
        ),
        ("sub-ct_label-22_ct", ("sub-ct_seg-vert_label-22_msk", "sub-ct_seg-subreg_label-22_msk"), {"scheme": "verse"}),
    ],
)
def test_the_sample_maps_of_three_bodies_pass(image, maps, how):
    labels = read_bodies([tptbox(f"{name}.nii.gz") for name in maps], **how).labels
    assert misplaced(labels, read_nifti(tptbox(f"{image}.nii.gz"))[0]) is None


def test_few_bodies_are_never_surely_misplaced_where_they_are_drawn(edema):
    """One or two outlines fit neighbours well by chance: that is a doubt at most."""
    image, labels = edema
    for label in np.unique(labels.voxels)[1:]:
        found = misplaced(Volume(np.where(labels.voxels == label, labels.voxels, 0), labels.affine), image)
        assert found is None or not found.sure


@pytest.mark.slow
def test_a_right_map_on_a_stir_without_any_edema_is_not_refused_and_one_a_vertebra_off_is():
    """The demo's patient with his edema gone: bodies and discs are equally dark, so the outlines hardly show."""
    demo = read_recipe(Path(__file__).parents[2] / "examples" / "phantom.toml")
    sound = replace(demo, fractures=tuple(replace(f, edema_percent=0.0) for f in demo.fractures), visits=())
    patient = render(sound, contrasts=("STIR",))
    image = patient.stack.volume(patient.images["STIR"])
    labels = patient.stack.volume(np.where(patient.part == BODY, patient.vertebra, 0).astype(np.int16))
    assert misplaced(labels, image) is None
    assert misplaced(moved(labels, (0, 0, -35)), image).sure
