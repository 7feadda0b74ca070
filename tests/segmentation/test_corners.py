"""The six points of drawn bodies, whose true points are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.errors import LandmarkError
from ovcf.segmentation.outline import outlines
from ovcf.segmentation.points.corners import six_points
from tests.segmentation.shapes import FLAT, NORMAL, SAGITTAL, WEDGE, drawn, turned, voxels

SHAPES = [
    pytest.param(NORMAL, {}, id="rectangle"),
    pytest.param(WEDGE, {}, id="wedge"),
    pytest.param(NORMAL, {"sag": 5.0}, id="biconcave"),
    pytest.param(NORMAL, {"radius": 3.0}, id="rounded"),
    pytest.param(WEDGE, {"radius": 2.0, "sag": 2.0}, id="rounded wedge"),
    pytest.param(FLAT, {"radius": 1.5}, id="crushed"),
]


def found(corners, pixel, degrees=0.0, shift=(0.0, 0.0), **form):
    ring, true = drawn(corners, **form)
    body = voxels([turned(ring, degrees)], spacing=pixel, shift=shift)
    (edge,) = outlines(body, SAGITTAL, np.array([0.0]))
    return six_points(edge, pixel, turned([[0, 1]], degrees)[0]).points, turned(true, degrees)


@pytest.mark.parametrize(("corners", "form"), SHAPES)
@pytest.mark.parametrize("pixel", [0.5, 1.0])
def test_every_point_lies_within_a_pixel_of_the_truth(corners, form, pixel):
    points, true = found(corners, pixel, degrees=12, shift=(0.3, 0.1), **form)
    assert np.linalg.norm(points - true, axis=1).max() < 0.25 + pixel


def test_rims_that_stand_out_in_front_do_not_shorten_the_anterior_height():
    rng = np.random.default_rng(2)
    short = []
    for degrees, *shift in rng.uniform((-15, 0, 0), (15, 0.5, 0.5), (20, 3)):
        points, true = found(NORMAL, 0.5, degrees, shift, sag=1.0, rim=1.0)
        short.append(np.linalg.norm(true[2] - true[0]) - np.linalg.norm(points[2] - points[0]))
    assert abs(np.mean(short)) < 0.25


@pytest.mark.parametrize(("corners", "form"), SHAPES)
def test_over_many_positions_of_the_grid_the_error_is_a_third_of_a_voxel(corners, form):
    rng = np.random.default_rng(1)
    errors = [
        np.subtract(*found(corners, 1.0, a, s, **form))
        for a, s in zip(rng.uniform(-30, 30, 10), rng.uniform(0, 1, (10, 2)), strict=True)
    ]
    assert np.sqrt(np.mean(np.square(errors))) < 0.5
    assert np.abs(np.mean(errors, axis=0)).max() < 0.6


def test_an_osteophyte_is_cut_off_and_does_not_change_the_heights():
    points, true = found(NORMAL, 0.5, spur=9.0)
    assert true[0] == pytest.approx([-17, -13])
    assert abs(points[0, 0] - true[0, 0]) < 4.0
    assert abs(points[0, 1] - true[0, 1]) < 1.0
    assert np.abs(points[1:4] - true[1:4]).max() < 1.0
    assert np.abs(points[4:, 1] - true[4:, 1]).max() < 1.0


@settings(max_examples=20, deadline=None)
@given(
    degrees=st.floats(-35, 35), scale=st.floats(0.6, 1.5), shift=st.tuples(st.floats(-200, 200), st.floats(-200, 200))
)
def test_points_move_with_the_outline(degrees, scale, shift):
    ring, _ = drawn(WEDGE, radius=2.0, sag=1.0)
    here = six_points(ring, 0.5).points
    moved = six_points(turned(scale * ring, degrees, shift), scale * 0.5, turned([[0, 1]], degrees)[0]).points
    assert moved == pytest.approx(turned(scale * here, degrees, shift), abs=0.35 * scale)


def test_a_mirrored_outline_gives_mirrored_points():
    ring, _ = drawn(NORMAL, radius=2.0, sag=1.0)
    here, mirrored = six_points(ring, 0.5).points, six_points(ring * (-1, 1), 0.5).points
    assert mirrored == pytest.approx(here[[1, 0, 3, 2, 4, 5]] * (-1, 1), abs=0.2)


def test_a_speck_is_no_body():
    with pytest.raises(LandmarkError, match="smaller than 16 pixels"):
        six_points([(0, 0), (2, 0), (2, 2), (0, 2)], 1.0)


@pytest.mark.parametrize("ring", [[(0, 0), (30, 0), (15, 25)], [(0, 0), (30, 0), (15, -25)]])
def test_a_triangle_has_no_four_corners(ring):
    with pytest.raises(LandmarkError, match="has no four corners"):
        six_points(ring, 1.0, turned([[0, 1]], 25)[0])
