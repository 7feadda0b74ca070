"""What the network is trained on: views of digital patients whose picture, classes and landmarks belong together."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid
from ovcf.segmentation.network.inference import CLASSES, POINTS
from training.mri import cuts, looks, patients, slices
from training.mri.views import BODIES, SIZE, heat_maps

BODY = CLASSES.index("body")


@pytest.fixture(scope="module")
def views():
    return slices.views_of(77_000_001)


def test_a_seed_gives_the_same_views_again(views) -> None:
    again = slices.views_of(77_000_001)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(views, again, strict=True))


def test_views_are_normalised_pictures_with_a_class_for_every_pixel_and_room_for_every_landmark(views) -> None:
    images, classes, landmarks = views
    side = (SIZE, SIZE)
    assert images.shape == (slices.VIEWS, slices.SLICES, *side)
    assert np.isfinite(images).all()
    assert np.abs(images).max() < 6
    assert classes.shape == (slices.VIEWS, *side)
    assert set(np.unique(classes)) <= set(range(len(CLASSES)))
    assert landmarks.shape == (slices.VIEWS, BODIES, len(POINTS), 2)
    heats = heat_maps(landmarks[0])
    assert heats.shape == (len(POINTS), *side)
    assert heats.min() >= 0
    assert heats.max() <= 1


def test_slices_lie_beside_those_that_are_next_to_them_or_stand_in_for_them_at_the_end_of_a_series(views) -> None:
    own, *beside = np.moveaxis(views[0], 1, 0)
    for neighbours in beside:
        same = np.array([np.array_equal(a, b) for a, b in zip(own, neighbours, strict=True)])
        assert 0 < same.sum() < len(same) / 2
        alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(own[~same], neighbours[~same], strict=True)]
        assert np.median(alike) > 0.5


def test_landmarks_lie_on_the_border_of_a_body(views) -> None:
    _, classes, landmarks = views
    near, far = 0, 0
    for klass, points in zip(classes, landmarks, strict=True):
        maps = heat_maps(points)
        body = klass == BODY
        border = binary_dilation(body, iterations=3) & ~binary_erosion(body, iterations=4)
        edge = np.zeros_like(body)
        edge[12:-12, 12:-12] = True
        peaks = (maps.max(axis=0) > 0.95) & edge
        near, far = near + int((peaks & border).sum()), far + int((peaks & ~border).sum())
    # The sacrum's two upper corners, and bodies whose landmarks a crop leaves without their pixels, are the rest.
    assert near > 100
    assert near > 4 * far


def test_bodies_end_at_the_marrow_on_mri_and_at_the_cortex_on_ct() -> None:
    rng = np.random.default_rng(5)
    _, patient = patients.draw_patient(rng, 77_000_002)
    patient.cortex_mm = 1.6
    patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), [0.0])
    middle = next(f.centre for level, f in patient.frames.items() if level.name == "L2")
    where = cuts.cut(rng, patient, float(patient.curve.shift(middle[1])), middle)
    marrow, cortex = ((drawn.classes == BODY).sum() for drawn in (where.marrow(), where.cortex))
    # About 1.3 mm less all around a body of some 35 x 27 mm.
    assert 0.80 < marrow / cortex < 0.92
    assert not ((where.marrow().classes == BODY) & (where.cortex.classes != BODY)).any()


def test_bodies_are_drawn_where_chemical_shift_shows_their_marrow() -> None:
    """Water alone lies where the patient is; fat alone lies 3.4 ppm off along the read-out, and a mixture between."""
    rng = np.random.default_rng(7)
    recipe, patient = patients.draw_patient(rng, 77_000_004)
    centre = next(f.centre for level, f in patient.frames.items() if level.name == "L2")
    where = cuts.cut(rng, patient, float(patient.curve.shift(centre[1])), centre)
    still = where.marrow()
    look = next(look for look in (looks.Look(rng, recipe, patient) for _ in range(50)) if look.kind == "physics")
    look.protocol = replace(look.protocol, tesla=1.5, bandwidth_hz=217.14 / 2, fat_towards="A")  # two pixels forwards
    whole, none, share = np.ones_like(look.water), np.zeros_like(look.fat), look.share[Tissue.MARROW]
    for water, fat, pixels in ((whole, none, 0), (none, whole, 2), (whole, whole, 2 * share)):
        look.water, look.fat = water, fat
        seen = look.drawn(where)
        assert seen.points == pytest.approx(still.points - (0, pixels), abs=0.01, nan_ok=True)
        if pixels in (0, 2):
            forwards = np.roll(still.classes == BODY, -pixels, axis=1)
            assert ((seen.classes == BODY) ^ forwards).sum() < 0.01 * forwards.sum()


def test_the_canal_is_the_sac_with_its_margin_without_the_fat_behind_and_the_recesses_beside() -> None:
    """Sacs are 14 to 19 mm wide, 1.8 mm are added on either side; the bony canal at L2 has 24 mm (Panjabi 1992)."""
    rng = np.random.default_rng(6)
    _, patient = patients.draw_patient(rng, 77_000_003)
    centre = next(f.centre for level, f in patient.frames.items() if level.name == "L2")
    middle = float(patient.curve.shift(centre[1]))
    rows = slice(160, 185)  # about the middle of the body

    def canal(aside):
        where = cuts.cut(rng, patient, middle + aside, centre)
        sac = np.isin(where.marrow().classes, (CLASSES.index("canal"), CLASSES.index("cord")))
        return sac[rows].sum(axis=1).mean() * where.grid.pixel_mm

    assert 11 < canal(0.0) < 22
    assert min(canal(8.0), canal(-8.0)) > 1
    assert canal(8.0) < 0.8 * canal(4.0) < 0.8 * canal(0.0)
    assert canal(11.5) == canal(-11.5) == 0


def test_some_patients_have_pieces_apart_or_a_changed_junction_and_those_in_a_pelvis_only_the_latter() -> None:
    drawn = [patients.draw_recipe(np.random.default_rng(seed), seed) for seed in range(200)]
    fractures = [f for r in drawn for f in r.fractures or ()]
    assert 0.05 < np.mean([r.limbus_vertebrae is not None for r in drawn]) < 0.2
    assert 0.1 < np.mean([bool(f.fragment) for f in fractures]) < 0.25
    standing = [patients.draw_recipe(np.random.default_rng(seed), seed, sacral_slope_deg=40.0) for seed in range(200)]
    for some in (drawn, standing):
        assert 0.04 < np.mean([r.sclerosis is not None for r in some]) < 0.2
        assert {r.transitional for r in some} == {None, "sacralised", "lumbarised"}
        assert 0.02 < np.mean([r.transitional is not None for r in some]) < 0.12
    assert all(r.limbus_vertebrae is None and not any(f.fragment for f in r.fractures or ()) for r in standing)
