"""Levels of a film are sure only as far as the sacral endplate is seen below its last body."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build
from ovcf.segmentation.film.radiograph import look_at
from ovcf.segmentation.film.radiograph_anchor import SacralAnchor, as_far_as_trusted, sacral_anchor, steady, trust
from ovcf.segmentation.levels.level_labels import CONFIDENT
from ovcf.segmentation.network.inference import CLASSES
from ovcf.vocabulary import Modality

GOOD = SacralAnchor(peak=0.55, ratio=1.0, last_sd_mm=1.5, certainty=0.95)


@pytest.fixture(scope="module")
def seen():
    recipe, patient = build(completed(Recipe(seed=70_002, fractures=(), scoliosis_deg=0.0, sacral_slope_deg=38.0)))
    patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), [0.0])
    film = lateral_radiograph(recipe, patient, patient.middle + np.array([0.0, 40.0]), spacing_mm=0.6)
    image = ImagePlane(film.pixels, (0.6, 0.6), Calibration.DETECTOR, oriented=True)
    return look_at(Series("1", "film", image, Modality.RADIOGRAPH, Role.RADIOGRAPH))


def test_a_clear_endplate_is_trusted():
    assert trust(GOOD) >= CONFIDENT


@pytest.mark.parametrize(
    "worse",
    [
        None,
        replace(GOOD, peak=0.0),
        replace(GOOD, ratio=0.5),  # the second segment's endplate is narrower than what lies above
        replace(GOOD, ratio=2.0),
        replace(GOOD, last_sd_mm=float("inf")),  # the lower corners of what is taken for L5 are not seen
    ],
)
def test_without_an_endplate_it_is_asked(worse):
    assert trust(worse) < CONFIDENT


@pytest.mark.parametrize("worse", [{"peak": 0.25}, {"last_sd_mm": 5.0}, {"certainty": 0.7}])
def test_what_is_seen_less_clearly_is_trusted_less(worse):
    assert trust(replace(GOOD, **worse)) < trust(GOOD)


def column(*steps):
    down = np.concatenate([[0.0], np.cumsum(steps)])
    return np.column_stack([np.zeros(len(down)), np.zeros(len(down)), -down])


@pytest.mark.parametrize(
    ("steps", "once"),
    [
        ((30, 32, 34, 36), True),
        ((30, 26, 27, 36), True),  # a body collapsed to 60 % of its height
        ((30, 32, 17, 18, 36), False),  # something between two bodies counted as one
        ((30,), True),
    ],
)
def test_a_body_counted_twice_is_told_by_its_short_steps(steps, once):
    assert steady(column(*map(float, steps)), [0.8] * (len(steps) + 1)) is once
    assert (trust(GOOD, counted_once=once) >= CONFIDENT) is once


def test_a_body_seen_much_less_surely_than_the_others_makes_the_count_unsure():
    evenly = column(30.0, 32.0, 34.0, 36.0)
    assert steady(evenly, [0.3, 0.8, 0.8, 0.8, 0.7])  # the first one is often cut off
    assert not steady(evenly, [0.8, 0.8, 0.8, 0.8, 0.4])
    assert not steady(evenly, [0.8, 0.8, 0.4, 0.8, 0.8])


def test_the_endplate_of_a_patient_in_a_pelvis_is_seen(seen):
    anchor = seen.anchor
    assert anchor is not None
    assert anchor.seen
    assert anchor.ratio == pytest.approx(1.0, abs=0.2)


def test_probabilities_still_sum_to_one_and_keep_their_order(seen):
    whole = seen.by_evidence
    for share in (1.0, 0.9, 0.3):
        mixed = as_far_as_trusted(whole, share)
        assert sum(x.probability for x in mixed) == pytest.approx(sum(x.probability for x in whole), abs=1e-6)
        assert mixed[0].levels == whole[0].levels
        assert mixed[0].probability <= whole[0].probability + 1e-9
    assert as_far_as_trusted(whole, 1.0)[0].probability == pytest.approx(whole[0].probability)


def test_a_film_whose_sacrum_is_not_seen_is_asked_about(seen):
    """The same film as if the network saw no sacrum at all."""
    spine = seen.spine
    classes = spine.maps.classes.copy()
    classes[0] += classes[CLASSES.index("sacrum")]
    classes[CLASSES.index("sacrum")] = 0
    blind = replace(spine, maps=replace(spine.maps, classes=classes), sacrum_mm=None, sacrum_certainty=0.0)
    assert sacral_anchor(blind) is None
    assert not replace(seen, spine=blind).labellings[0].sure


def test_a_body_without_lower_corners_is_no_last_lumbar_one(seen):
    """S1 taken for a body shows no lower corners, since it has none to be learnt."""
    points = seen.spine.maps.points.copy()
    points[2:4] = 0
    changed = replace(seen.spine, maps=replace(seen.spine.maps, points=points))
    assert sacral_anchor(changed) is None
    assert not replace(seen, spine=changed).labellings[0].sure


def test_where_no_endplate_lies_below_it_is_asked(seen):
    """As under S1: the network marks no endplate of S2."""
    rows = np.flatnonzero((seen.spine.instances == len(seen.spine)).any(axis=(0, 2)))
    points = seen.spine.maps.points.copy()
    points[[0, 1, 4], :, rows.max() + 2 :] = 0
    changed = replace(seen.spine, maps=replace(seen.spine.maps, points=points))
    assert not replace(seen, spine=changed).labellings[0].sure
