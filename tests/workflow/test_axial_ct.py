"""An axial CT is cut into sagittal planes where its slices are close enough for what is measured, else refused."""

import os

import nibabel
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d, map_coordinates

from ovcf.assessment.result import VERTEBRAL_BODIES
from ovcf.imaging.files.frames import Frames, frames_of
from ovcf.imaging.mid_sagittal import in_sagittal_order
from ovcf.imaging.read import read_study
from ovcf.workflow.from_files import draft_from_files
from tests.tptbox import tptbox

CT, MASKS = (
    "sub-ct_label-22_ct.nii.gz",
    ("sub-ct_seg-vert_label-22_msk.nii.gz", "sub-ct_seg-subreg_label-22_msk.nii.gz"),
)
HEIGHTS = ("ha", "hm", "hp")
STACKS = [(2.4, 0.0), (1.8, -0.1), (1.8, 0.0), (1.6, 0.05)][: int(os.environ.get("OVCF_AXIAL_STACKS", "1"))]
"""Millimetres between slices, and the tangent of the gantry's tilt."""


def axial(path, apart_mm, tilt=0.0):
    """The real sample as an axial stack: slices so far apart and as thick, the gantry tilted by a tangent."""
    whole = in_sagittal_order(read_study(tptbox(CT)).series[0].image)
    across, down, back = whole.voxels.shape
    step = apart_mm / whole.spacing_mm[1]
    thick = gaussian_filter1d(whole.voxels.astype(float), np.sqrt(step**2 - 1) / np.sqrt(12), axis=1, mode="nearest")
    places = np.stack(np.meshgrid(np.arange(down // step), np.arange(across), np.arange(back), indexing="ij"))
    number, x, y = places
    voxels = map_coordinates(thick, [x, step * number, y + tilt * step * number], order=1, mode="nearest")
    affine = np.eye(4)
    steps = np.array([[0, step, tilt * step], [1, 0, 0], [0, 0, 1]]).T
    affine[:3, :3], affine[:3, 3] = whole.affine[:3, :3] @ steps, whole.affine[:3, 3]
    nibabel.save(nibabel.Nifti1Image(np.float32(voxels), np.diag([-1, -1, 1, 1]) @ affine), path)  # LPS to RAS
    return path


def heights(**given):
    measured = draft_from_files(**given).assessment.measurements
    return {m.method.id: (m.value, m.standard_uncertainty) for m in measured if str(m.index_level) == "L3"}


@pytest.fixture(scope="module")
def traced():
    """Heights of L3 in the masks that come with the sample, which are not ours."""
    return heights(study=[tptbox(CT)], labels=[tptbox(name) for name in MASKS])


@pytest.mark.parametrize(("apart_mm", "tilt"), STACKS)
def test_heights_of_an_axial_ct_are_those_of_the_traced_body_within_their_uncertainty(tmp_path, traced, apart_mm, tilt):
    found = heights(study=[axial(tmp_path / "ct.nii.gz", apart_mm, tilt)], anchors=["2=L3"])
    for name in HEIGHTS:
        (value, sd), (true, true_sd) = found[name], traced[name]
        assert abs(value - true) <= 2 * np.hypot(sd, true_sd), name


def test_up_to_three_millimetres_bodies_are_found_but_their_heights_are_withheld(tmp_path):
    found = draft_from_files([axial(tmp_path / "ct.nii.gz", 3.0)], anchors=["2=L3"]).assessment
    assert not found.measurements
    assert any(w.level == "L3" and "too coarse" in w.reason for w in found.withheld)


def test_thicker_slices_are_refused_with_what_to_do(tmp_path):
    found = draft_from_files([axial(tmp_path / "ct.nii.gz", 5.0)]).assessment
    (bodies,) = [w for w in found.withheld if w.name == VERTEBRAL_BODIES]
    assert "5.0 mm apart" in bodies.reason
    assert "thinner slices" in bodies.remedy.text


def test_what_is_measured_is_shown_in_sagittal_frames(tmp_path):
    (told,) = Frames(frames_of(read_study(axial(tmp_path / "ct.nii.gz", 2.4)))).series
    assert told.spacing[0] == pytest.approx(2.4, abs=0.01)
    (coarse,) = Frames(frames_of(read_study(axial(tmp_path / "ct-thick.nii.gz", 5.0)))).series
    assert coarse.spacing[0] == pytest.approx(1.5, abs=0.01)
