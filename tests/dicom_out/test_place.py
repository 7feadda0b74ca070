"""Points onto slices and back: the same point again, whatever the slices and the plane are like."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.dicom_out.images.point_on_image import Frame, OnImage, OnSlices
from ovcf.geometry import SagittalPlane

ANGLES = st.floats(-25, 25)
POINTS = st.lists(st.tuples(st.floats(-80, 80), st.floats(-150, 150)), min_size=1, max_size=6)


def turned(a, b, c):
    """A rotation of the patient by three angles in degrees."""
    (sa, ca), (sb, cb), (sc, cc) = ((np.sin(np.radians(x)), np.cos(np.radians(x))) for x in (a, b, c))
    return (
        np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
        @ np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
        @ np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    )


def stack(rotation, several=False):
    """Five slices 4 mm apart whose columns run to the back and whose rows run to the feet before they are turned."""
    right, down = rotation @ (0, 0.7, 0), rotation @ (0, 0, -0.9)
    return tuple(
        Frame(f"1.{n}", n + 1 if several else None, rotation @ (4.0 * n - 8, -120, 160), np.column_stack([right, down]))
        for n in range(5)
    )


@given(ANGLES, ANGLES, ANGLES, ANGLES, POINTS)
def test_there_and_back(a, b, c, tilt, points):
    plane = turned(0, tilt, tilt / 2)
    of_plane = SagittalPlane(tuple(plane @ (1, 0, 0)), tuple(plane @ (0, 1, 0)), tuple(plane @ (0, 0, -1)))
    place = OnSlices(of_plane, stack(turned(a, b, c)))
    on = place.onto(points)
    assert np.asarray(place.back(on)) == pytest.approx(np.asarray(points), abs=1e-6)


@given(POINTS)
def test_in_parallel_slices_the_nearest_is_taken_and_its_distance_told(points):
    plane = SagittalPlane((1.3, 0, 0), (0, 1, 0), (0, 0, -1))
    on = OnSlices(plane, stack(np.eye(3))).onto(points)
    assert on.instance == "1.2"  # at x = 0, the others at -4 and 4
    assert abs(on.distance_mm) == pytest.approx(1.3)
    # by hand: column = (y - corner) / column spacing, row = (corner - z) / row spacing, the first centre at 0.5
    by_hand = [((y + 120) / 0.7 + 0.5, (z + 160) / 0.9 + 0.5) for y, z in points]
    assert np.asarray(on.points) == pytest.approx(np.asarray(by_hand))


def test_a_frame_of_a_multi_frame_image_is_told_by_its_number():
    plane = SagittalPlane((3.9, 0, 0), (0, 1, 0), (0, 0, -1))
    place = OnSlices(plane, stack(np.eye(3), several=True))
    on = place.onto([(0, 0)])
    assert (on.instance, on.frame) == ("1.3", 4)
    assert place.back(OnImage(on.instance, 2, on.points)) is None
