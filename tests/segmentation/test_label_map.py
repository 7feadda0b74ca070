"""From label maps to vertebral bodies with levels."""

import nibabel
import numpy as np
import pytest

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import GridMismatchError, LabelSchemeError, MissingFileError, SeriesGeometryError, UnreadableFileError
from ovcf.geometry import ras_from_lps
from ovcf.imaging.volume import Volume
from ovcf.segmentation.label_map import bodies_from_labels, paired, read_bodies, read_label_volume
from tests.segmentation.shapes import NORMAL, column_of, reordered, voxels, with_arches

L1_TO_L5 = [Level.L1, Level.L2, Level.L3, Level.L4, Level.L5]


def spine(numbers, pitch=34.0, **how):
    """A label map of normal bodies, numbered cranial to caudal."""
    labels = voxels(column_of([NORMAL] * len(numbers), pitch)[0], **how)
    table = np.array([0, *numbers], np.int16)
    return Volume(table[labels.voxels], labels.affine)


def saved(volume, path, dtype=np.uint8):
    nibabel.save(nibabel.Nifti1Image(volume.voxels.astype(dtype), ras_from_lps(volume.affine)), path)
    return path


def test_a_known_scheme_needs_no_help():
    bodies = bodies_from_labels(spine([20, 21, 22, 23, 24]), "map.nii")
    assert [bodies.levels[k] for k in (20, 21, 22, 23, 24)] == L1_TO_L5
    assert bodies.mask(Level.L3).sum() == (bodies.labels.voxels == 22).sum() > 0
    assert bodies.mask(Level.T5).sum() == 0
    assert "VerSe" in bodies.notes[0]


@pytest.mark.parametrize("numbers", [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [3, 9, 1, 40, 7]])
def test_plain_numbers_are_ordered_by_position_from_one_anchor(numbers):
    bodies = bodies_from_labels(spine(numbers), "map.nii", anchors={numbers[2]: Level.L3})
    assert [bodies.levels[k] for k in numbers] == L1_TO_L5


def test_the_anchor_counts_in_the_patients_own_column():
    six = VertebralColumn(lumbar=6)
    bodies = bodies_from_labels(spine([1, 2, 3]), "map.nii", anchors={3: Level.S1}, column=six)
    assert bodies.levels == {1: Level.L5, 2: Level.L6, 3: Level.S1}
    assert bodies_from_labels(spine([1, 2, 3]), "map.nii", anchors={3: Level.L6}).column == six


def test_without_an_anchor_the_labels_are_listed_along_the_spine():
    with pytest.raises(LabelSchemeError, match="cranial to caudal: 3, 9, 1, 40, 7"):
        bodies_from_labels(spine([3, 9, 1, 40, 7]), "map.nii")
    with pytest.raises(LabelSchemeError, match="cranial to caudal: 5, 6, 7"):
        bodies_from_labels(spine([5, 6, 7]), "map.nii")
    with pytest.raises(LabelSchemeError, match=r"without saying which they are.*State the level of one label"):
        bodies_from_labels(spine([20, 21, 22]), "map.nii", scheme="instances")


def test_a_wrong_anchor_is_named():
    with pytest.raises(LabelSchemeError, match=r"has no label 9. It has: 1, 2, 3"):
        bodies_from_labels(spine([1, 2, 3]), "map.nii", anchors={9: Level.L3})
    with pytest.raises(LabelSchemeError, match="contradict"):
        bodies_from_labels(spine([1, 2, 3]), "map.nii", anchors={1: Level.L3, 3: Level.L4})


def test_a_gap_in_the_tracing_is_not_counted_across():
    gap = spine([1, 2, 3, 4, 5, 6])
    gap.voxels[gap.voxels == 4] = 0
    with pytest.raises(LabelSchemeError, match="missing beside label 5"):
        bodies_from_labels(gap, "map.nii", anchors={1: Level.T12})
    bodies = bodies_from_labels(gap, "map.nii", anchors={1: Level.T12, 6: Level.L5})
    assert bodies.levels == {1: Level.T12, 2: Level.L1, 3: Level.L2, 5: Level.L4, 6: Level.L5}


def test_labels_below_the_sacrum_are_left_out_with_a_note():
    bodies = bodies_from_labels(spine([1, 2, 3]), "map.nii", anchors={2: Level.S1})
    assert bodies.levels == {1: Level.L5, 2: Level.S1}
    assert "label 3 lies beyond S1" in " ".join(bodies.notes)
    assert set(np.unique(bodies.labels.voxels)) == {0, 1, 2}


def test_the_sacrum_in_one_piece_gives_no_s1():
    bodies = bodies_from_labels(spine([23, 24, 26]), "map.nii", scheme="verse")
    assert bodies.levels == {23: Level.L4, 24: Level.L5}
    assert "sacrum in one piece" in " ".join(bodies.notes)


def test_discs_are_recognised_and_give_no_levels():
    disc = np.array([(-17, -4), (17, -4), (-17, 4), (17, 4)], float)
    labels = voxels(column_of([disc] * 5)[0])
    bodies = bodies_from_labels(labels, "map.nii", anchors={3: Level.L3})
    assert bodies.discs_only
    assert not bodies.levels
    assert "flat like discs" in bodies.notes[0]


def test_a_body_at_the_border_is_cut_off_but_not_one_that_reaches_the_last_slice():
    whole = spine([20, 21, 22])
    bodies = bodies_from_labels(Volume(whole.voxels[1:-1], whole.affine), "map.nii")
    assert not bodies.truncated
    bodies = bodies_from_labels(Volume(whole.voxels[:, :, :85], whole.affine), "map.nii")
    assert bodies.truncated == {Level.L3: "cut off by the border of the label map"}


@pytest.mark.parametrize(
    ("axes", "flips"), [((0, 1, 2), (1, 1, 1)), ((2, 0, 1), (-1, 1, -1)), ((1, 2, 0), (1, -1, -1))]
)
def test_the_arch_of_a_whole_vertebra_is_cut_off(axes, flips):
    bare = spine([20, 21, 22], slices=15, pad=45.0)
    bodies = bodies_from_labels(reordered(with_arches(bare), axes, flips), "map.nii")
    expected = reordered(bare, axes, flips).voxels > 0
    got = bodies.labels.voxels > 0
    assert (got & expected).sum() / expected.sum() > 0.97
    assert (got & ~expected).sum() / expected.sum() < 0.03
    assert "posterior elements were cut off" in bodies.notes[-1]


def test_a_subregion_map_says_what_is_body(tmp_path):
    bare = spine([20, 21, 22], slices=15, pad=45.0)
    whole = with_arches(bare)
    parts = np.where(bare.voxels > 0, 49, np.where(whole.voxels > 0, 41, 0))
    parts[0, 0, 0] = 60
    vertebrae = saved(whole, tmp_path / "vert.nii.gz")
    subregions = saved(Volume(parts, whole.affine), tmp_path / "subreg.nii.gz")
    for paths in ([vertebrae, subregions], [subregions, vertebrae]):
        bodies = read_bodies(paths)
        assert ((bodies.labels.voxels > 0) == (bare.voxels > 0)).all()
        assert bodies.levels[20] == Level.L1
        assert bodies.canal.voxels.sum() == 1
    assert paired([subregions, vertebrae]) == [(vertebrae, subregions)]
    moved = whole.affine.copy()
    moved[2, 3] += 5.0
    elsewhere = saved(Volume(parts, moved), tmp_path / "elsewhere.nii.gz")
    with pytest.raises(GridMismatchError, match=r"elsewhere.nii.gz: does not lie on the grid of vert.nii.gz"):
        read_bodies([vertebrae, elsewhere])
    with pytest.raises(GridMismatchError, match="without a vertebra map"):
        paired([elsewhere, vertebrae])
    with pytest.raises(LabelSchemeError, match="is not one vertebra map"):
        read_bodies([subregions])


def test_what_is_no_label_map_is_refused_by_name(tmp_path):
    labels = spine([20, 21, 22])
    half = saved(Volume(labels.voxels * 0.5, labels.affine), tmp_path / "half.nii.gz", np.float32)
    with pytest.raises(LabelSchemeError, match=r"half.nii.gz: has values that are not whole numbers"):
        read_label_volume(half)
    empty = saved(Volume(labels.voxels * 0, labels.affine), tmp_path / "empty.nii.gz")
    with pytest.raises(LabelSchemeError, match="holds no label at all"):
        read_bodies([empty])
    with pytest.raises(MissingFileError, match="does not exist"):
        read_label_volume(tmp_path / "none.nii.gz")
    text = tmp_path / "text.nii.gz"
    text.write_text("not an image")
    with pytest.raises(UnreadableFileError, match=r"text.nii.gz: is not a NIfTI file"):
        read_label_volume(text)
    cut = tmp_path / "cut.nii.gz"
    cut.write_bytes(saved(labels, tmp_path / "whole.nii.gz").read_bytes()[:-40])
    with pytest.raises(UnreadableFileError, match="is cut off or damaged"):
        read_label_volume(cut)


def test_a_map_without_orientation_is_refused(tmp_path):
    labels = spine([20, 21, 22])
    image = nibabel.Nifti1Image(labels.voxels, None)
    nibabel.save(image, tmp_path / "nowhere.nii.gz")
    with pytest.raises(SeriesGeometryError, match="does not say how it lies in the patient"):
        read_label_volume(tmp_path / "nowhere.nii.gz")


def test_whole_numbers_stored_as_floats_are_fine(tmp_path):
    labels = spine([20, 21, 22])
    read = read_label_volume(saved(labels, tmp_path / "float.nii.gz", np.float64))
    assert (read.voxels == labels.voxels).all()
    assert read.same_grid(labels)


def test_an_anchor_corrects_a_scheme_that_is_off_by_one():
    bodies = bodies_from_labels(spine([20, 21, 22]), "map.nii", anchors={21: Level.L3})
    assert bodies.levels == {20: Level.L2, 21: Level.L3, 22: Level.L4}


def test_only_the_vertebrae_of_a_scheme_are_counted_from_an_anchor():
    labels = spine([41, 42, 43])
    labels.voxels[4, 2, :] = 2
    bodies = bodies_from_labels(labels, "map.nii", anchors={42: Level.L3})
    assert bodies.levels == {41: Level.L2, 42: Level.L3, 43: Level.L4}
    assert bodies.canal.voxels.sum() == (labels.voxels == 2).sum() > 0


def test_a_scheme_that_names_none_of_the_labels_is_refused():
    with pytest.raises(LabelSchemeError, match="has no vertebra of the scheme TotalSpineSeg"):
        bodies_from_labels(spine([3, 4, 5]), "map.nii", scheme="totalspineseg")


def test_stray_voxels_are_no_part_of_a_body():
    clean = spine([20, 21, 22])
    stray = clean.voxels.copy()
    stray[3, 0, 0] = 21
    bodies = bodies_from_labels(Volume(stray, clean.affine), "map.nii")
    assert (bodies.labels.voxels == clean.voxels).all()
    assert not bodies.truncated


def test_large_numbers_are_vertebrae_too_where_there_are_no_others():
    assert bodies_from_labels(spine([301, 302, 303]), "map.nii", anchors={302: Level.L1}).levels[303] == Level.L2
    with pytest.raises(LabelSchemeError, match="cranial to caudal: 301, 302, 303"):
        bodies_from_labels(spine([301, 302, 303]), "map.nii")


def test_an_anchor_this_column_does_not_have_is_refused():
    with pytest.raises(LabelSchemeError, match="L5 is not part of a column of 12 thoracic and 4 lumbar"):
        bodies_from_labels(spine([1, 2]), "map.nii", anchors={2: Level.L5}, column=VertebralColumn(lumbar=4))


def test_a_spinous_process_whose_body_lies_above_the_image_does_not_disturb_the_order():
    bare = spine([20, 21, 22])
    whole = with_arches(bare)
    parts = np.where(whole.voxels > 0, 41, 0).astype(np.int16)
    parts[bare.voxels > 0] = 49
    process = np.argwhere((whole.voxels == 21) & (bare.voxels == 0))
    hanging = whole.voxels.copy()
    hanging[tuple(process.T)] = 19  # of T12, whose body is not in the image, at the height of L2
    bodies = bodies_from_labels(Volume(hanging, whole.affine), "map.nii", parts=Volume(parts, whole.affine))
    assert list(bodies.levels.values()) == [Level.L1, Level.L2, Level.L3]
    assert any("19 (T12) has no voxels of a vertebral body" in note for note in bodies.notes)
