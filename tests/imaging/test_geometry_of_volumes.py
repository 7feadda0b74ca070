"""The mid-sagittal plane, sagittal order and resampling: nothing moves in the patient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from ovcf.errors import GridMismatchError, SeriesGeometryError
from ovcf.imaging.files.nifti_files import read_nifti
from ovcf.imaging.mid_sagittal import mid_sagittal_plane, sagittal_volume
from ovcf.imaging.resample import resample_image, resample_labels
from ovcf.imaging.volume import Volume
from tests.imaging.build_dicom import signal
from tests.tptbox import tptbox

axis_orders = st.permutations(range(3)).map(tuple)
flips = st.tuples(*[st.sampled_from([1, -1])] * 3)


def sagittal(shape=(9, 30, 24), spacing=(4.0, 1.0, 1.2), centre=(5.0, -30.0, 60.0), euler=(0, 0, 0)):
    """Axes right to left, cranial to caudal, anterior to posterior, turned as a whole; values from the place."""
    turn = Rotation.from_euler("xyz", euler, degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]) * spacing
    affine[:3, 3] = np.array(centre) - affine[:3, :3] @ (np.array(shape) - 1) / 2
    index = np.moveaxis(np.indices(shape), 0, -1)
    return Volume(signal(index @ affine[:3, :3].T + affine[:3, 3]), affine)


def stored(volume, axes, signs):
    """The same volume with its array axes permuted and flipped."""
    permute = np.zeros((4, 4))
    permute[3, 3] = 1
    for new, (old, sign) in enumerate(zip(axes, signs, strict=True)):
        permute[old, new] = sign
        permute[old, 3] = 0 if sign > 0 else volume.voxels.shape[old] - 1
    turned = volume.voxels.transpose(axes)[tuple(slice(None, None, s) for s in signs)]
    return Volume(turned, volume.affine @ permute)


@settings(deadline=None)
@given(axes=axis_orders, signs=flips, euler=st.tuples(*[st.floats(-20, 20)] * 3))
def test_sagittal_order_undoes_any_storage_order(axes, signs, euler):
    volume = sagittal(euler=euler)
    again = sagittal_volume(stored(volume, axes, signs))
    np.testing.assert_array_equal(again.voxels, volume.voxels)
    np.testing.assert_allclose(again.affine, volume.affine, atol=1e-9)


def test_an_axial_stack_has_no_sagittal_order():
    axial = Volume(np.zeros((20, 20, 5)), np.diag([1.0, 1, 4, 1]))
    with pytest.raises(SeriesGeometryError, match="90 degrees off the sagittal plane"):
        sagittal_volume(axial)
    assert sagittal_volume(Volume(axial.voxels, np.diag([1.0, 1, 1.3, 1]))).voxels.shape == (20, 5, 20)


@settings(deadline=None)
@given(axes=axis_orders, signs=flips, euler=st.tuples(*[st.floats(-20, 20)] * 3))
def test_the_plane_follows_the_slices_and_not_the_storage(axes, signs, euler):
    volume = sagittal(euler=euler)
    plane = mid_sagittal_plane(stored(volume, axes, signs))
    across, caudal, posterior = (volume.affine[:3, i] / np.linalg.norm(volume.affine[:3, i]) for i in range(3))
    np.testing.assert_allclose(plane.caudal, caudal, atol=1e-9)
    np.testing.assert_allclose(plane.posterior, posterior, atol=1e-9)
    np.testing.assert_allclose(np.abs(plane.normal @ across), 1, atol=1e-9)
    np.testing.assert_allclose(plane.distance_off_plane((5.0, -30.0, 60.0)), 0, atol=1e-9)
    # the point (0, 0) is the anterior cranial corner of the middle slice
    np.testing.assert_allclose(plane.origin, volume.to_patient((4, 0, 0)), atol=1e-9)


def test_the_plane_passes_through_the_bodies_and_one_outlier_moves_it_little():
    volume = sagittal(shape=(21, 40, 24), spacing=(1.5, 1.0, 1.2))
    labels = np.zeros(volume.voxels.shape, np.uint8)
    for label in range(5):
        labels[11:16, 8 * label : 8 * label + 6, 8:16] = label + 1  # middles on slice 13
    bodies = Volume(labels, volume.affine)
    middle = volume.to_patient((13, 0, 0))
    assert mid_sagittal_plane(volume, bodies).distance_off_plane(middle) == pytest.approx(0, abs=1e-9)
    labels[labels == 5] = 0
    labels[0:3, 32:38, 8:16] = 5
    assert mid_sagittal_plane(volume, bodies).distance_off_plane(middle) == pytest.approx(0, abs=1e-9)


def test_the_plane_needs_a_body():
    volume = sagittal()
    with pytest.raises(GridMismatchError, match="holds no body"):
        mid_sagittal_plane(volume, Volume(np.zeros((3, 3, 3)), volume.affine))


def test_the_plane_of_the_real_sample_cuts_the_bodies_in_their_middle():
    volume, _ = read_nifti(tptbox("sub-mri_label-6_T2w.nii.gz"))
    parts, _ = read_nifti(tptbox("sub-mri_seg-subreg_label-6_msk.nii.gz"))
    bodies = Volume((parts.voxels == 49).astype(np.uint8), parts.affine)  # TPTBox: 49 is the vertebral body
    plane = mid_sagittal_plane(volume, bodies)
    off = plane.distance_off_plane(bodies.to_patient(np.argwhere(bodies.voxels)))
    assert abs(off.min() + off.max()) < 8  # as far to the right as to the left, within a fifth of a body
    assert plane.posterior[1] > 0.9
    assert plane.caudal[2] < -0.9


@settings(deadline=None, max_examples=30)
@given(axes=axis_orders, signs=flips)
def test_resampling_onto_another_storage_order_is_exact(axes, signs):
    volume = sagittal()
    onto = stored(volume, axes, signs)
    np.testing.assert_allclose(resample_image(volume, onto).voxels, onto.voxels, rtol=1e-5)
    labels = Volume((volume.voxels % 7).astype(np.uint8), volume.affine)
    np.testing.assert_array_equal(resample_labels(labels, onto).voxels, stored(labels, axes, signs).voxels)


@settings(deadline=None, max_examples=20)
@given(euler=st.tuples(*[st.floats(-15, 15)] * 3), shift=st.tuples(*[st.floats(-3, 3)] * 3))
def test_a_linear_signal_survives_resampling_between_oblique_grids(euler, shift):
    source = sagittal(shape=(20, 60, 60), spacing=(4, 1.5, 1.5))
    onto = sagittal(shape=(6, 15, 15), spacing=(3, 2, 2), centre=np.array((5.0, -30, 60)) + shift, euler=euler)
    np.testing.assert_allclose(resample_image(source, onto).voxels, onto.voxels, atol=0.02)


def test_outside_is_not_zero_signal():
    source, onto = sagittal(), sagittal(centre=(5.0, -30.0, 75.0))
    resampled = resample_image(source, onto).voxels
    assert np.isnan(resampled[:, :15]).all()
    assert np.isfinite(resampled[:, 15:]).all()


def test_labels_keep_their_place_and_size_on_a_finer_oblique_grid():
    coarse = sagittal(shape=(20, 30, 30), spacing=(3, 1, 1))
    index = np.moveaxis(np.indices(coarse.voxels.shape), 0, -1)
    centre = np.array((5.0, -30.0, 60.0))
    ball = np.linalg.norm(coarse.to_patient(index) - centre, axis=-1) < 9
    fine = sagittal(shape=(60, 60, 60), spacing=(1, 0.7, 0.7), euler=(5, 8, -6))
    moved = resample_labels(Volume(7 * ball.astype(np.uint8), coarse.affine), fine)
    assert set(np.unique(moved.voxels)) == {0, 7}
    np.testing.assert_allclose(fine.to_patient(np.argwhere(moved.voxels)).mean(axis=0), centre, atol=0.2)
    volume_mm3 = np.count_nonzero(moved.voxels) * fine.voxel_volume_mm3
    assert volume_mm3 == pytest.approx(np.count_nonzero(ball) * coarse.voxel_volume_mm3, rel=0.03)


def test_grids_that_do_not_meet_are_refused():
    here, far = sagittal(), sagittal(centre=(500.0, 0, 0))
    with pytest.raises(GridMismatchError, match="does not overlap"):
        resample_image(here, far)
    with pytest.raises(GridMismatchError, match="no label inside the image"):
        resample_labels(here, far)
    with pytest.raises(GridMismatchError, match="is empty"):
        resample_labels(Volume(np.zeros((2, 2, 2)), here.affine), here)
