"""Slices become bodies: each one its own, in order, none that is off the column, as fine as the image."""

import numpy as np
import pytest

from ovcf.geometry import polygon_area
from ovcf.imaging.volume import Volume
from ovcf.segmentation.network.fusion import PART_OF_CLASS, _without_foramina, fused, on_grid_of
from tests.segmentation.probability_maps import maps_of
from tests.segmentation.shapes import FLAT, NORMAL, WEDGE, column_of, reordered, turned


def column(bodies=(NORMAL, WEDGE, NORMAL, FLAT, NORMAL), **options):
    return column_of(list(bodies), **options)[0]


def test_every_body_is_found_once_cranial_to_caudal():
    rings = column()
    spine = fused(maps_of(rings))
    expected = [(0.0, *c) for c in (((r.min(axis=0) + r.max(axis=0)) / 2).tolist() for r in rings)]
    assert len(spine) == 5
    assert np.allclose(spine.centres[:, 1], [e[1] for e in expected], atol=1.5)
    assert np.allclose(-spine.centres[:, 2], [e[2] for e in expected], atol=1.5)
    assert (np.diff(spine.centres[:, 2]) < 0).all()


def test_bodies_that_touch_across_a_worn_disc_stay_apart():
    rings = column([NORMAL] * 4, pitch=28.0)
    assert len(fused(maps_of(rings))) == 4


def test_a_body_collapsed_to_a_disc_s_height_is_found():
    assert len(fused(maps_of(column([NORMAL, NORMAL, np.asarray(FLAT) * [1, 0.5], NORMAL])))) == 4


def test_a_body_like_blob_in_the_belly_is_left_out_and_told():
    rings = column()
    blob = turned(NORMAL[[0, 1, 3, 2]] * 0.8, 0, (-40.0, 70.0))
    spine = fused(maps_of([*[r + np.array([20.0, 0.0]) for r in rings], blob]))
    assert len(spine) == 5
    assert np.ptp(spine.centres[:, 1]) < 8
    assert any("off the column" in note for note in spine.left_out)


def test_one_slice_alone_makes_no_body():
    maps = maps_of(column([NORMAL] * 3))
    lone = maps_of([*column([NORMAL] * 3), turned(NORMAL[[0, 1, 3, 2]], 0, (0, 150.0))])
    classes = maps.classes.copy()
    classes[:, 4, 180:260] = lone.classes[:, 4, 180:260]
    thin = type(maps)(classes, maps.points, maps.affine)
    assert len(fused(thin)) in (3, 4)
    weak = type(maps)(classes, maps.points, maps.affine @ np.diag([0.4, 1, 1, 1]))
    assert len(fused(weak)) == 3


def test_the_sacrum_directly_below_is_seen_and_one_far_away_is_not():
    rings = column([NORMAL] * 3)
    sacrum = turned(NORMAL[[0, 1, 3, 2]], 0, (0, 102.0))
    assert fused(maps_of(rings, sacrum=sacrum)).sacrum_mm == pytest.approx(102 - 68 - 13, abs=3)
    assert fused(maps_of(rings, sacrum=sacrum + np.array([0, 60.0]))).sacrum_mm is None
    assert fused(maps_of(rings)).sacrum_mm is None


def test_nothing_seen_is_an_empty_column():
    assert len(fused(maps_of([NORMAL[[0, 1, 3, 2]] * 0.05]))) == 0


@pytest.mark.parametrize("mm", [0.5, 0.8, 1.3])
def test_bodies_come_back_on_the_grid_of_the_image_with_their_true_area(mm):
    rings = column()
    maps = maps_of(rings)
    shape = (9, round(340 / mm), round(150 / mm))
    affine = maps.affine @ np.diag([1, mm, mm, 1.0])
    affine[:3, 3] = maps.affine[:3, 3] + maps.affine[:3, 1:3].sum(axis=1) * (mm - 1) / 2
    image = Volume(np.zeros(shape, np.int16), affine)
    labels, parts = on_grid_of(fused(maps), image)
    for k, ring in enumerate(rings, 1):
        area = (labels.voxels[4] == k).sum() * mm**2
        assert area == pytest.approx(abs(polygon_area(ring)), rel=0.05)
    assert (parts.voxels[labels.voxels > 0] == 49).all()


def test_the_file_s_axis_order_does_not_matter():
    maps = maps_of(column())
    spine = fused(maps)
    image = Volume(np.zeros(maps.classes.shape[1:], np.int16), maps.affine)
    plain, _ = on_grid_of(spine, image)
    other = reordered(image, (2, 0, 1), (-1, 1, -1))
    turned_map, _ = on_grid_of(spine, other)
    where = np.argwhere(turned_map.voxels > 0)
    there = np.round(plain.to_index(turned_map.to_patient(where))).astype(int)
    assert (plain.voxels[tuple(there.T)] == turned_map.voxels[tuple(where.T)]).all()
    assert (plain.voxels > 0).sum() == len(where)


def test_a_canal_is_no_wider_than_between_the_pedicles_wherever_it_runs():
    """Seen as wide as the spine, deepest at its middle, which wanders to the side along the spine (scoliosis)."""
    slices, rows, spacing = 30, 80, 2.0
    middle = 15 + 4 * np.sin(np.arange(rows) / 25)
    away = np.abs(np.arange(slices)[:, None] - middle) * spacing
    depth = np.where(away < 9, 12, 4)
    voxels = np.where(np.arange(20) < depth[:, :, None], PART_OF_CLASS["canal"], 0).astype(np.int16)
    voxels[0, 0, :3] = PART_OF_CLASS["body"]
    regions = Volume(voxels, np.diag([spacing, 1.0, 1.0, 1.0]))
    _without_foramina(regions)
    left = (regions.voxels == PART_OF_CLASS["canal"]).any(axis=2)
    assert left[away < 9].all()
    assert not left[away > 15].any()
    assert (regions.voxels[0, 0, :3] == PART_OF_CLASS["body"]).all()
