"""Distances, angles, areas and frames: what any textbook of geometry says of them."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ovcf.geometry import SagittalPlane, distance, polygon_area, ras_from_lps, signed_angle_deg, unit_vector

coordinate = st.floats(-200, 200)
point = st.tuples(coordinate, coordinate)
solid = st.tuples(coordinate, coordinate, coordinate)
turn = st.floats(-179, 179)
scale = st.floats(0.1, 10)
vector = st.builds(
    lambda length, at: (length * np.cos(at), length * np.sin(at)), st.floats(0.5, 100), st.floats(0, 2 * np.pi)
)


def turned(points, degrees):
    """Points turned from the x axis towards the y axis."""
    at = np.radians(degrees)
    return np.asarray(points) @ np.array([[np.cos(at), np.sin(at)], [-np.sin(at), np.cos(at)]])


# Frames


def test_lps_and_ras_differ_in_the_signs_of_left_and_posterior():
    """DICOM: x to the left, y to posterior, z to the head. NIfTI: x to the right, y to anterior, z to the head."""
    voxel_to_lps = np.array([[2.0, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1]])
    to_ras = ras_from_lps(voxel_to_lps)
    assert_allclose(to_ras @ [1, 1, 1, 1], [-12, -23, 34, 1])


def test_lps_to_ras_is_its_own_inverse():
    affine = np.arange(16.0).reshape(4, 4)
    assert_allclose(ras_from_lps(ras_from_lps(affine)), affine)


# Distance


@pytest.mark.parametrize(
    ("p", "q", "apart"),
    [
        ((1, 1), (4, 5), 5),
        ((0, 0), (-5, 12), 13),
        ((1, 1, 1), (3, 4, 7), 7),
        ((0, 0, 0), (1, 4, 8), 9),
        ((2,), (5,), 3),
        ((1, 1, 1, 1), (2, 2, 2, 2), 2),
    ],
)
def test_distance_of_whole_numbers(p, q, apart):
    """Pythagorean pairs and quadruples; one and four dimensions too."""
    assert distance(p, q) == pytest.approx(apart)


def test_distance_of_many_points_keeps_their_order():
    assert_allclose(distance([[0, 0], [1, 1]], [[3, 4], [1, 3]]), [5, 2])
    assert_allclose(distance([[0, 0, 0], [1, 1, 1]], [[2, 3, 6], [1, 1, 3]]), [7, 2])


@given(solid, solid, solid)
def test_distance_is_symmetric_and_no_detour_is_shorter(p, q, r):
    assert distance(p, q) == distance(q, p)
    assert distance(p, p) == 0
    assert distance(p, r) <= distance(p, q) + distance(q, r) + 1e-9


@given(point, point, turn, scale)
def test_distance_stays_when_turned_and_grows_with_scale(p, q, degrees, factor):
    apart = distance(p, q)
    assert_allclose(distance(turned(p, degrees), turned(q, degrees)), apart, atol=1e-9)
    assert_allclose(distance(np.multiply(p, factor), np.multiply(q, factor)), factor * apart, atol=1e-9)


# Angle


@pytest.mark.parametrize(
    ("u", "v", "degrees"),
    [
        ((1, 0), (0, 1), 90),
        ((1, 0), (0, -1), -90),
        ((1, 0), (1, 1), 45),
        ((1, 1), (1, 0), -45),
        ((1, 0), (-1, 0), 180),
        ((3, 4), (3, 4), 0),
        ((2, 0), (1, np.sqrt(3)), 60),
    ],
)
def test_angle_of_known_directions(u, v, degrees):
    assert signed_angle_deg(u, v) == pytest.approx(degrees)


def test_endplates_closer_together_in_front_are_kyphosis():
    """Drawn anterior to posterior, y downwards: the cranial endplate rises to the back, the caudal one falls."""
    assert signed_angle_deg((10, -1), (10, 1)) > 0
    assert signed_angle_deg((10, 1), (10, -1)) < 0


@given(vector, turn, scale)
def test_angle_is_that_by_which_a_vector_was_turned_whatever_its_length(u, degrees, factor):
    assert_allclose(signed_angle_deg(u, factor * turned(u, degrees)), degrees, atol=1e-6)


@given(vector, turn, turn)
def test_angle_stays_when_both_are_turned_and_changes_sign_in_a_mirror(u, degrees, together):
    v = turned(u, degrees)
    assert_allclose(signed_angle_deg(turned(u, together), turned(v, together)), degrees, atol=1e-6)
    assert_allclose(signed_angle_deg(np.multiply(u, [1, -1]), v * [1, -1]), -degrees, atol=1e-6)


def test_angles_of_many_vectors_keep_their_order():
    assert_allclose(signed_angle_deg([[1, 0], [0, 1], [1, 1]], [[0, 1], [0, 1], [1, 0]]), [90, 0, -45])


# Area


@pytest.mark.parametrize(
    ("corners", "area"),
    [
        ([(0, 0), (4, 0), (4, 3), (0, 3)], 12),
        ([(0, 3), (4, 3), (4, 0), (0, 0)], -12),
        ([(1, 1), (4, 1), (1, 5)], 6),
        ([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)], 3),
    ],
)
def test_area_of_known_polygons(corners, area):
    """A rectangle both ways round, the triangle of sides 3, 4 and 5, and an L of three squares."""
    assert polygon_area(corners) == pytest.approx(area)


@given(st.integers(3, 40), st.floats(1, 50), point)
def test_area_of_a_regular_polygon_wherever_it_lies(n, radius, centre):
    at = np.arange(n) * 2 * np.pi / n
    corners = radius * np.stack([np.cos(at), np.sin(at)], axis=1) + centre
    assert polygon_area(corners) == pytest.approx(n / 2 * radius**2 * np.sin(2 * np.pi / n))


# Unit vector


@given(vector)
def test_unit_vector_has_length_one_and_the_same_direction(v):
    unit = unit_vector(v)
    assert distance((0, 0), unit) == pytest.approx(1)
    assert signed_angle_deg(v, unit) == pytest.approx(0, abs=1e-6)


def test_unit_vector_of_three_dimensions():
    assert_allclose(unit_vector((2, 3, 6)), [2 / 7, 3 / 7, 6 / 7])


# Plane

SAGITTAL = SagittalPlane(origin=(5.0, -40.0, 100.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
#: Turned by the angle of the triangle 3, 4, 5 about the long axis, and tilted by that of 5, 12, 13.
OBLIQUE = SagittalPlane(
    origin=(1.0, 2.0, 3.0), posterior=(3 / 5, 4 / 5, 0.0), caudal=(4 / 5 * 5 / 13, -3 / 5 * 5 / 13, -12 / 13)
)


def test_a_sagittal_plane_runs_to_posterior_and_to_the_feet():
    assert_allclose(SAGITTAL.to_patient((7, 2)), [5, -33, 98])
    assert_allclose(SAGITTAL.from_patient((5, -33, 98)), [7, 2])


def test_the_normal_of_a_sagittal_plane_points_to_the_right_of_the_patient():
    assert_allclose(SAGITTAL.normal, [-1, 0, 0])
    assert SAGITTAL.distance_off_plane((2, 50, 50)) == pytest.approx(3)
    assert SAGITTAL.distance_off_plane((9, 50, 50)) == pytest.approx(-4)


@pytest.mark.parametrize("plane", [SAGITTAL, OBLIQUE])
def test_the_normal_is_a_unit_vector_square_to_the_plane(plane):
    assert np.linalg.norm(plane.normal) == pytest.approx(1)
    assert plane.normal @ plane.posterior == pytest.approx(0, abs=1e-12)
    assert plane.normal @ plane.caudal == pytest.approx(0, abs=1e-12)


@given(point, point)
def test_points_of_an_oblique_plane_come_back_and_keep_their_distance(p, q):
    placed = OBLIQUE.to_patient([p, q])
    assert_allclose(OBLIQUE.from_patient(placed), [p, q], atol=1e-9)
    assert_allclose(OBLIQUE.distance_off_plane(placed), 0, atol=1e-9)
    assert_allclose(distance(*placed), distance(p, q), atol=1e-9)


@given(solid)
def test_a_point_of_the_patient_is_its_foot_in_the_plane_and_its_distance_along_the_normal(p):
    foot = OBLIQUE.to_patient(OBLIQUE.from_patient(p))
    assert_allclose(foot + OBLIQUE.distance_off_plane(p) * OBLIQUE.normal, p, atol=1e-9)


def test_the_origin_of_a_plane_is_its_point_zero():
    assert_allclose(OBLIQUE.to_patient((0, 0)), OBLIQUE.origin)
    assert_allclose(OBLIQUE.from_patient(OBLIQUE.origin), (0, 0))


def test_a_plane_does_not_change():
    with pytest.raises(FrozenInstanceError):
        OBLIQUE.origin = (0, 0, 0)
