"""A digital patient in a pelvis: the sacrum stands as asked, bone lies where anatomy has it and none is lost."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import PhantomError
from ovcf.phantom.pelvis import pelvis_of
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.render import build


def patient(slope, seed=11, **facts):
    return build(completed(Recipe(seed=seed, sacral_slope_deg=slope, fractures=(), scoliosis_deg=0.0, **facts)))[1]


@pytest.fixture(scope="module")
def standing():
    return patient(40.0)


def slope_of(person):
    anterior, posterior = person.shape.bodies[-1].landmarks.array[:2]
    return np.degrees(np.arctan2(anterior[1] - posterior[1], posterior[0] - anterior[0]))


@pytest.mark.parametrize("asked", [15.0, 40.0, 60.0])
@pytest.mark.parametrize("seed", [11, 12])
def test_the_sacral_endplate_slopes_as_asked(asked, seed):
    assert slope_of(patient(asked, seed)) == pytest.approx(asked, abs=2.0)


def test_a_slope_no_person_has_is_refused():
    with pytest.raises(PhantomError, match="sacral_slope_deg"):
        Recipe(sacral_slope_deg=95.0)


def test_the_sacrum_is_whole_and_narrows_to_its_tip(standing):
    assert len(standing.shape.sacrum) == 5
    areas = [np.ptp(outline[:, 0]) * np.ptp(outline[:, 1]) for outline in standing.shape.sacrum]
    assert areas[4] < 0.5 * areas[0]


def test_without_a_slope_the_sacrum_is_as_it_was():
    assert len(build(completed(Recipe(seed=11)))[1].shape.sacrum) == 3


def test_pelvic_incidence_is_slope_plus_tilt(standing):
    """Legaye 1998: the angle between the endplate's perpendicular and the line to the hips, whatever the posture."""
    pelvis = pelvis_of(standing)
    s1 = standing.shape.bodies[-1].landmarks.array
    along = (s1[1] - s1[0]) / np.linalg.norm(s1[1] - s1[0])
    perpendicular = np.array([-along[1], along[0]])
    to_hips = pelvis.hips - (s1[0] + s1[1]) / 2
    incidence = np.degrees(np.arctan2(-to_hips @ along, to_hips @ perpendicular))
    assert incidence == pytest.approx(slope_of(standing) + pelvis.tilt_deg, abs=0.5)
    assert 90 < np.linalg.norm(to_hips) < 135


def test_crests_stand_at_the_fourth_and_fifth_lumbar_vertebra(standing):
    """Where an anaesthetist feels for them (Tuffier's line)."""
    top = np.quantile(pelvis_of(standing).bone.places[:, 1], 0.002)
    assert standing.frames[Level.L3].centre[1] < top < standing.frames[Level.S1].centre[1]


def test_both_sides_are_there_and_much_alike(standing):
    bone = pelvis_of(standing).bone
    left, right = (bone.weight[sign * bone.lateral_mm > 0].sum() for sign in (1, -1))
    assert left == pytest.approx(right, rel=0.25)
    assert np.abs(bone.lateral_mm).max() > 110


@pytest.mark.parametrize("pixel_mm", [1.0, 2.0])
def test_no_bone_is_lost_in_a_projection(standing, pixel_mm):
    """Attenuation summed over the picture is that of the bone, however fine its pixels are."""
    bone = pelvis_of(standing)
    low = bone.bone.places.min(axis=0) - 20

    def seen_at(places, _lateral):
        return (places - low) / pixel_mm

    size = round(500 / pixel_mm)
    picture = bone.attenuation(seen_at, lambda lateral: np.full(len(lateral), pixel_mm), (size, size))
    assert picture.sum() * pixel_mm**2 == pytest.approx(bone.bone.weight.sum(), rel=0.01)


def test_a_patient_has_one_pelvis(standing):
    assert np.array_equal(pelvis_of(standing).bone.places, pelvis_of(standing).bone.places)


def test_a_film_shows_the_pelvis_below_the_lumbar_spine_only():
    recipe = completed(Recipe(seed=11, sacral_slope_deg=40.0, fractures=(), scoliosis_deg=0.0))
    _, person = build(recipe)
    person.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), [0.0])
    middle = person.frames[Level.L3].centre
    plain, with_bone = (
        lateral_radiograph(one, person, middle, spacing_mm=1.5) for one in (recipe_without(recipe), recipe)
    )
    where = {v.level: v.array[:4].mean(axis=0) for v in with_bone.landmarks}
    # The display flattens what is wide and stretches greys: what differs beyond that, row by row.
    changed = with_bone.pixels.astype(float) - plain.pixels
    beyond = np.abs(changed - np.median(changed, axis=1, keepdims=True))
    at_t12, at_s1 = (beyond[int(where[k][1]) - 8 : int(where[k][1]) + 8].mean() for k in (Level.T12, Level.S1))
    assert at_s1 > 2 * at_t12


def recipe_without(recipe):
    return replace(recipe, sacral_slope_deg=None)
