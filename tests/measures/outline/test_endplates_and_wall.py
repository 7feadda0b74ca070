"""Endplates that have given way and a wall that bulges, on bodies drawn with known ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import LandmarkError
from ovcf.landmarks import Source
from ovcf.measures.outline.endplates_and_wall import INTACT_SD, OutlinedBody, edema_by_third, outline_signs

HEIGHT, DEPTH = 25.0, 32.0


def body(*, front_top=0.0, middle_top=0.0, front_bottom=0.0, middle_bottom=0.0, bulge=0.0, turn=0.0, scale=1.0):
    """A block whose endplates have given way by so many mm and whose wall stands out by ``bulge``."""
    s = np.linspace(0, 1, 41)

    def plate(front, middle):
        return front * s * (2 * s - 1) + 4 * middle * s * (1 - s)

    top = np.stack([DEPTH * (1 - s), plate(front_top, middle_top)], axis=1)
    bottom = np.stack([DEPTH * (1 - s), HEIGHT - plate(front_bottom, middle_bottom)], axis=1)
    wall = np.stack([DEPTH + bulge * np.sin(np.pi * s), HEIGHT * s], axis=1)
    ring = np.concatenate([top[::-1], wall[1:-1], bottom])
    corners = np.array([top[-1], top[0], bottom[-1], bottom[0]])
    t = np.radians(turn)
    rotation = scale * np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
    return OutlinedBody(ring @ rotation.T + 7, corners @ rotation.T + 7)


def signs(fractured, *neighbours):
    return outline_signs(Level.L1, fractured, neighbours or (body(), body(turn=8)), Source())


def test_an_intact_body_has_no_sign():
    found = signs(body(turn=-5))
    assert (found.superior_sunk, found.inferior_sunk, found.bulges) == (False, False, False)
    assert found.superior.value == pytest.approx(0, abs=0.2)


def test_a_superior_wedge_is_of_the_superior_endplate_alone():
    # Sunk by 8 mm in front, linearly from the back: at 0.9 of the depth 7.2 of 25 mm, the fifth behind it less.
    found = signs(body(front_top=8, middle_top=4))
    assert found.superior.value == pytest.approx(100 * 8 * 0.825 / HEIGHT, abs=1.5)
    assert found.superior_sunk
    assert not found.inferior_sunk


def test_a_biconcave_body_has_lost_both_endplates():
    found = signs(body(middle_top=5, middle_bottom=5))
    assert found.superior_sunk
    assert found.inferior_sunk
    assert found.superior.value == pytest.approx(100 * 5 / HEIGHT, abs=1)


@pytest.mark.parametrize("bulge", [0.3, 1.5, 4.0])
def test_the_bulge_of_the_wall_is_measured_in_millimetres(bulge):
    found = signs(body(bulge=bulge))
    assert found.bulge.value == pytest.approx(bulge, abs=0.05 + 0.02 * bulge)
    assert found.bulges == (bulge >= 1)


def test_what_the_neighbours_have_too_is_no_sign():
    waisted = body(bulge=-1.2, middle_top=1.5)
    found = signs(waisted, waisted, body(bulge=-1.2, middle_top=1.5, turn=10))
    assert found.bulge.value == pytest.approx(0, abs=0.1)
    assert found.superior.value == pytest.approx(0, abs=0.3)


def test_two_neighbours_that_differ_make_it_less_sure_than_intact_bodies_are():
    assert signs(body(), body(), body(middle_top=1)).superior.standard_uncertainty > 1
    assert signs(body(), body()).superior.standard_uncertainty == INTACT_SD["superior-endplate-sink"]


@settings(max_examples=25, deadline=None)
@given(turn=st.floats(-60, 60), scale=st.floats(0.7, 1.4))
def test_posture_does_not_count_and_millimetres_scale(turn, scale):
    one = signs(body(front_top=6, middle_top=4, bulge=2))
    other = signs(
        body(front_top=6, middle_top=4, bulge=2, turn=turn, scale=scale), body(scale=scale), body(turn=8, scale=scale)
    )
    assert other.superior.value == pytest.approx(one.superior.value, abs=0.3)
    assert other.bulge.value == pytest.approx(scale * one.bulge.value, abs=0.05)


def test_without_a_neighbour_nothing_is_said():
    with pytest.raises(LandmarkError, match="no intact neighbour"):
        outline_signs(Level.L1, body(), (), Source())


def test_an_outline_that_is_not_of_these_corners_is_refused():
    other = body()
    with pytest.raises(LandmarkError, match="across its own corners"):
        signs(OutlinedBody(other.outline + 100, other.corners))


def test_edema_is_shared_out_by_thirds_of_the_body():
    mask = np.zeros((3, 14, 10), bool)
    mask[:, 1:13, 2:8] = True
    bright = np.zeros_like(mask)
    bright[:, 1:5] = True
    assert edema_by_third(bright, mask) == (100, 0, 0)
    assert edema_by_third(mask, mask) == (100, 100, 100)
