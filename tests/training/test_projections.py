"""The radiographs the network is trained on: what it is to find lies where the beam shows it."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.segmentation.network.inference import CLASSES, POINTS
from training.films import projections
from training.films.beam import Beam
from training.films.overlay import Overlay
from training.mri import patients
from training.mri.views import BODIES, SIZE

BODY = CLASSES.index("body")


@pytest.fixture(scope="module")
def patient():
    return patients.draw_patient(np.random.default_rng(3), 77_000_003)[1]


@pytest.fixture
def beam(patient):
    return Beam.drawn(np.random.default_rng(4), patient.frames[Level.L2].centre)


def test_a_seed_gives_the_same_views_again() -> None:
    views, again = projections.views_of(77_000_002), projections.views_of(77_000_002)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(views, again, strict=True))
    images, classes, landmarks = views
    side = (SIZE, SIZE)
    assert images.shape == (projections.VIEWS, 1, *side)
    assert np.isfinite(images).all()
    assert classes.shape == (projections.VIEWS, *side)
    assert landmarks.shape == (projections.VIEWS, BODIES, len(POINTS), 2)


@pytest.mark.parametrize("lateral_mm", [-40.0, 0.0, 25.0])
def test_a_place_is_seen_where_its_plane_is_sampled(beam, lateral_mm) -> None:
    place = np.array([12.0, -30.0])
    column, row = beam.seen_at(place, lateral_mm)
    grid = beam.grid(lateral_mm)
    assert (grid.x0 + column * grid.pixel_mm, grid.y0 + row * grid.pixel_mm) == pytest.approx(place)


def test_what_is_nearer_to_the_detector_is_magnified_less(beam) -> None:
    """Lateral millimetres rise away from the source, so that a pixel covers more of the patient there."""
    assert beam.grid(30.0).pixel_mm > beam.grid(0.0).pixel_mm > beam.grid(-30.0).pixel_mm


def test_landmarks_lie_at_the_corners_of_bodies(patient, beam) -> None:
    drawn = projections.truth(patient, beam)
    inside = 0
    for six in drawn.points:
        row, column = np.round(np.nanmean(six[:4], axis=0)).astype(int)
        if np.isfinite(six).all() and 0 <= row < drawn.classes.shape[0] and 0 <= column < drawn.classes.shape[1]:
            assert drawn.classes[row, column] == BODY
            inside += 1
    assert inside >= 4


def test_bone_is_where_the_bodies_are(patient, beam) -> None:
    mu = projections.attenuation(np.random.default_rng(1))[None]
    bone = projections.spine(patient, beam, mu)[0]
    body = projections.truth(patient, beam).classes == BODY
    assert bone[body].mean() > 3 * abs(bone[:, :40]).mean() + 0.05


def test_what_the_shutters_hide_is_not_asked_for(patient, beam) -> None:
    drawn = projections.truth(patient, beam)
    inside = np.zeros(drawn.classes.shape, bool)
    inside[:160] = True
    left = Overlay(np.zeros(inside.shape), np.zeros(inside.shape), inside).left_of(drawn)
    assert not left.classes[160:].any()
    assert not (left.points[..., 0] > 161).any()


def test_some_views_show_no_spine_and_nothing_is_asked_for_in_them(monkeypatch) -> None:
    seen = projections.views_of(77_000_005)
    monkeypatch.setattr(projections, "_WITHOUT_SPINE", 1.0)
    images, classes, landmarks = projections.views_of(77_000_005)
    assert np.isfinite(images).all()
    assert not classes.any()
    assert np.isnan(landmarks).all()
    assert seen[1].any()
    assert np.isfinite(seen[2]).any()
