"""Which image a label map belongs to: by its grid, by its name, by where its bodies lie; and which map an image has."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import GridMismatchError
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Volume
from ovcf.reading.observing.labelled import LabelledImage, image_of, labelled_for, share_inside
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.vocabulary import Modality

SIZE = (4, 30, 20)


def volume(at_mm=0.0, spacing=1.0, dtype=np.float64):
    """A grid whose first voxel lies so far along the second axis."""
    affine = np.diag([4.0, spacing, spacing, 1.0])
    affine[1, 3] = at_mm
    return Volume(np.zeros(SIZE, dtype), affine)


def series(uid, image, role=Role.T2, file=""):
    return Series(uid, uid, image, Modality.MR, role, files=(file,) if file else ())


def bodies(at_mm=0.0, spacing=1.0, name="bodies.nii.gz", discs_only=False):
    labels = volume(at_mm, spacing, np.uint8)
    labels.voxels[1:3, 10:20, 5:15] = 20
    return VertebralBodies(name=name, labels=labels, levels={20: Level.L1}, truncated={}, discs_only=discs_only)


def labelled(map_, of=None):
    return LabelledImage(map_, of, None, None, (), None)


def test_a_study_without_volumes_has_no_image_for_a_map():
    assert image_of(bodies(), Study(())) is None


def test_the_same_grid_decides_and_among_equals_the_name_then_the_sharpest_contrast():
    stir, t2, t1 = (
        series("stir", volume(), Role.STIR, "sub-1_STIR.nii.gz"),
        series("t2", volume(), Role.T2, "sub-1_T2w.nii.gz"),
        series("t1", volume(spacing=0.9), Role.T1, "sub-1_T1w.nii.gz"),
    )
    study = Study((t1, stir, t2))
    assert image_of(bodies(name="sub-1_STIR_mask.nii.gz"), study) is stir
    assert image_of(bodies(name="mask.nii.gz"), study) is t2
    assert image_of(bodies(spacing=0.9, name="sub-1_STIR_mask.nii.gz"), study) is t1


def test_of_other_grids_the_one_with_most_of_the_bodies_inside():
    near, far = series("near", volume(2.0, 0.9)), series("far", volume(12.0, 0.9), Role.T1)
    assert image_of(bodies(), Study((far, near))) is near


def test_a_map_that_lies_on_no_image_is_refused():
    with pytest.raises(GridMismatchError, match="does not lie on any image of this study"):
        image_of(bodies(), Study((series("elsewhere", volume(100.0)),)))


def test_the_share_inside_counts_voxels_whose_centres_lie_in_the_image():
    map_ = bodies().labels
    assert share_inside(map_, volume()) == 1
    assert share_inside(map_, volume(15.0)) == pytest.approx(0.5)
    assert share_inside(map_, volume(100.0)) == 0
    assert share_inside(volume(dtype=np.uint8), volume()) == 0  # no body at all


def test_an_image_has_its_own_map_else_the_one_that_covers_it_never_one_of_discs():
    t2, stir, far = series("t2", volume()), series("stir", volume(1.0), Role.STIR), series("far", volume(100.0))
    own, discs = labelled(bodies(), t2), labelled(bodies(discs_only=True), stir)
    assert labelled_for(t2, [discs, own]) is own
    assert labelled_for(stir, [discs, own]) is own
    assert labelled_for(far, [discs, own]) is None
    assert labelled_for(t2, [discs]) is None
