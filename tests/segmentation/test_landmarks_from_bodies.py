"""Landmarks from label maps drawn with known points."""

import dataclasses
from itertools import product

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.measures.shape.height import vertebral_height_loss
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.network.landmark_maps import MappedPoints
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies, off_plane
from ovcf.vocabulary import Modality
from tests.segmentation.shapes import FLAT, NORMAL, SAGITTAL, WEDGE, column_of, reordered, voxels

SOURCE = Source(modality=Modality.MR, placed_by="label map")
OUTLINES, TRUE = column_of([NORMAL, WEDGE, NORMAL], degrees=[8.0, 0.0, -8.0])
LEVELS = (Level.T12, Level.L1, Level.L2)
GRID = voxels(OUTLINES)


def bodies_of(labels):
    return bodies_from_labels(labels, "map.nii", anchors={2: Level.L1})


def test_landmarks_lie_where_they_were_drawn():
    spine, withheld = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    assert withheld == ()
    assert [v.level for v in spine] == list(LEVELS)
    assert spine[Level.L1].source == SOURCE
    for vertebra, true in zip(spine, TRUE, strict=True):
        assert np.linalg.norm(vertebra.array - true, axis=1).max() < 1.2
        assert all(0.1 < sd < 1.0 for sd in vertebra.sd)


def test_height_loss_agrees_with_the_drawing_within_its_uncertainty():
    spine, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    heights = [np.linalg.norm(t[0] - t[2]) / 2 + np.linalg.norm(t[1] - t[3]) / 2 for t in TRUE]
    reference = (heights[0] + heights[2]) / 2
    loss = vertebral_height_loss(spine, Level.L1)
    assert abs(loss.value - 100 * (reference - heights[1]) / reference) < 2 * loss.standard_uncertainty


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1), (1, -1, 1)])
def test_how_the_file_stores_its_axes_changes_nothing(axes, flips):
    here, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    there, _ = landmarks_from_bodies(bodies_of(reordered(GRID, axes, flips)), SAGITTAL, SOURCE)
    for a, b in zip(here, there, strict=True):
        assert b.array == pytest.approx(a.array, abs=0.02)


def test_the_numbers_of_the_labels_change_nothing():
    here, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    renumbered = Volume(np.array([0, 7, 2, 30], np.int16)[GRID.voxels], GRID.affine)
    there, _ = landmarks_from_bodies(bodies_of(renumbered), SAGITTAL, SOURCE)
    assert here == there


@pytest.mark.parametrize("degrees", [-25, 20])
def test_a_tilted_patient_gives_tilted_landmarks(degrees):
    t = np.radians(degrees)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]
    tilted = Volume(GRID.voxels, turn @ GRID.affine)
    here, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    there, _ = landmarks_from_bodies(bodies_of(tilted), SAGITTAL, SOURCE)
    for a, b in zip(here, there, strict=True):
        expected = SAGITTAL.from_patient(SAGITTAL.to_patient(a.array) @ turn[:3, :3].T)
        assert np.abs(b.array - expected).max() < 0.6


def test_a_cut_off_body_gives_no_landmarks_and_is_no_reference():
    cut = Volume(GRID.voxels[:, :, :80], GRID.affine)
    spine, withheld = landmarks_from_bodies(bodies_of(cut), SAGITTAL, SOURCE)
    assert withheld == ((Level.L2, "cut off by the border of the label map"),)
    assert Level.L2 not in spine
    assert spine.why_unusable(Level.L2) == "cut off by the border of the label map"


def test_a_body_beside_the_plane_is_measured_in_its_own_parallel_plane():
    moved = GRID.voxels.copy()
    wide = np.zeros((25, *moved.shape[1:]), np.int16)
    for label, start in ((1, 8), (2, 8), (3, 12)):
        wide[start : start + 9][moved == label] = label
    affine = GRID.affine.copy()
    affine[0, 3] -= 8 * 3.0
    bodies = bodies_of(Volume(wide, affine))
    spine, withheld = landmarks_from_bodies(bodies, SAGITTAL, SOURCE)
    assert withheld == ()
    assert np.linalg.norm(spine[Level.L2].array - TRUE[2], axis=1).max() < 1.2
    ((level, why),) = off_plane(bodies, SAGITTAL)
    assert level == Level.L2
    assert "12 mm off" in why


def test_one_bad_body_does_not_take_the_others_with_it():
    speck = GRID.voxels.copy()
    where = np.argwhere(speck == 3)
    speck[speck == 3] = 0
    speck[tuple(where[len(where) // 2])] = 3
    spine, withheld = landmarks_from_bodies(bodies_of(Volume(speck, GRID.affine)), SAGITTAL, SOURCE)
    assert [v.level for v in spine] == [Level.T12, Level.L1]
    assert withheld[0][0] == Level.L2


def test_the_stated_sd_covers_the_error_on_drawn_shapes():
    """Two sigma should hold about 95 %: over shapes, voxel sizes and positions of the grid."""
    rng = np.random.default_rng(5)
    inside = []
    for spacing, corners, _ in product((0.7, 1.0, 1.5), (NORMAL, WEDGE, FLAT), range(5)):
        rings, true = column_of([NORMAL, corners, NORMAL], degrees=rng.uniform(-20, 20, 3))
        labels = voxels(rings, spacing=spacing, shift=rng.uniform(0, spacing, 2))
        tilt = np.eye(4)
        t = rng.uniform(-0.05, 0.05)
        tilt[:2, :2] = [[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]
        spine, _ = landmarks_from_bodies(bodies_of(Volume(labels.voxels, tilt @ labels.affine)), SAGITTAL, SOURCE)
        for vertebra, points in zip(spine, true, strict=True):
            inside.append(np.abs(vertebra.array - points) <= 1.96 * np.array(vertebra.sd)[:, None])
    assert 0.90 <= np.mean(inside) <= 0.98


@pytest.mark.parametrize(("apart_mm", "moves_mm"), [(0.0, 0.0), (1.0, 0.5), (3.0, 1.5), (6.0, 0.0)])
def test_landmarks_of_a_second_contrast_are_averaged_unless_they_lie_too_far(apart_mm, moves_mm):
    once, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    first = once[Level.L1]
    again = MappedPoints(SAGITTAL.to_patient(first.array + np.array([0.0, apart_mm])), np.array(first.sd))
    bodies = dataclasses.replace(bodies_of(GRID), second_contrast={Level.L1: again})
    twice, _ = landmarks_from_bodies(bodies, SAGITTAL, SOURCE)
    assert twice[Level.L1].array == pytest.approx(first.array + np.array([0.0, moves_mm]), abs=1e-9)
    assert twice[Level.T12] == once[Level.T12]
    surer = np.array(twice[Level.L1].sd) < np.array(first.sd)
    assert surer.all() == (apart_mm < 4), "only what is believed makes a landmark surer"


@pytest.mark.parametrize(("share", "moves_mm"), [(0.0, 0.0), (0.75, 1.5), (1.0, 2.0)])
def test_a_second_contrast_counts_as_much_as_is_said(share, moves_mm):
    once, _ = landmarks_from_bodies(bodies_of(GRID), SAGITTAL, SOURCE)
    first = once[Level.L1]
    again = MappedPoints(SAGITTAL.to_patient(first.array + np.array([0.0, 2.0])), 2 * np.array(first.sd))
    bodies = dataclasses.replace(bodies_of(GRID), second_contrast={Level.L1: again}, second_share=share)
    both, _ = landmarks_from_bodies(bodies, SAGITTAL, SOURCE)
    assert both[Level.L1].array == pytest.approx(first.array + np.array([0.0, moves_mm]), abs=1e-9)
    alone = {0.0: first.sd, 1.0: again.sd_mm}
    if share in alone:
        assert both[Level.L1].sd == pytest.approx(alone[share])


def test_the_result_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        bodies_of(GRID).name = "other"


def test_bodies_of_impossible_size_give_no_landmarks():
    large = Volume(GRID.voxels, GRID.affine @ np.diag([5.0, 5.0, 5.0, 1.0]))
    spine, withheld = landmarks_from_bodies(bodies_of(large), SAGITTAL, SOURCE)
    assert spine.vertebrae == ()
    assert [level for level, _ in withheld] == list(LEVELS)
    assert all("depth is not possible (8 to 80 mm are)" in why for _, why in withheld)
