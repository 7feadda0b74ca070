"""Sclerosis beside a worn disc (Modic 3): dark on T1, T2 and STIR, dense to X-rays, and no change of shape."""

import tomllib
from dataclasses import asdict, replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import PhantomError
from ovcf.phantom.body import tissue
from ovcf.phantom.body.frame import BODY, NUMBER, SACRUM
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.radiograph import lateral_radiograph
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe, recipe_from_mapping, recipe_text
from ovcf.phantom.render import build, render
from ovcf.phantom.truth import measurements

SOUND = Recipe(seed=5, scoliosis_deg=0.0, fractures=(), disc_degeneration=0.0, motion=0.0, centre=Level.L4)
DENSE = replace(SOUND, sclerosis=(Level.L4,))


def cut(recipe, centre=Level.L4):
    """The mid-sagittal slice around a vertebra in pixels of a quarter of a mm, the patient, and the grid."""
    _, patient = build(recipe)
    x, y = patient.frames[centre].centre
    grid = Grid(x - 40, y - 35, 0.25, 400, 320)
    patient.calibrate(grid, [0.0])
    return patient.plane(patient.lateral_mm(centre), grid), patient, grid


def test_both_bodies_beside_the_disc_are_dense_and_only_there() -> None:
    (dense, patient, grid), (sound, _, _) = cut(DENSE), cut(SOUND)
    assert (dense.vertebra == sound.vertebra).all()
    assert (dense.part == sound.part).all()
    new = (dense.tissue != sound.tissue) & (dense.part == BODY)
    assert set(sound.tissue[new]) == {Tissue.MARROW}
    assert set(dense.vertebra[new]) == {NUMBER[Level.L4], NUMBER[Level.L5]}
    for level, side in ((Level.L4, 1), (Level.L5, -1)):
        f = patient.frames[level]
        rows, columns = np.nonzero(new & (dense.vertebra == NUMBER[level]))
        _, t = f.place(grid.x[columns], grid.y[rows])
        beneath = (0.5 - side * t) * f.height
        assert 3 < beneath.max() < 15
        assert len(rows) * grid.pixel_mm**2 > 40


def test_the_disc_between_has_lost_its_water_and_its_neighbours_have_not() -> None:
    (dense, *_), (sound, *_) = cut(DENSE), cut(SOUND)
    watery = np.isin(sound.tissue, (Tissue.NUCLEUS, Tissue.INNER_ANNULUS))
    for level, is_worn in ((Level.L3, False), (Level.L4, True)):
        disc = watery & (sound.vertebra == 100 + NUMBER[level])
        assert disc.any()
        assert (dense.tissue[disc] == Tissue.ANNULUS).all() == is_worn


def test_below_l5_it_reaches_into_the_sacrum_and_a_fractured_body_has_none() -> None:
    broken = (FractureRecipe(level=Level.L5, grade=1, edema_percent=0.0, t2_pattern="none"),)
    for fractures, numbers in (((), {NUMBER[Level.L5], SACRUM}), (broken, {SACRUM})):
        canvas, *_ = cut(replace(SOUND, sclerosis=(Level.L5,), fractures=fractures), Level.L5)
        assert set(canvas.vertebra[canvas.tissue == Tissue.MARROW_T2_LOW]) == numbers


def test_it_is_dark_in_every_contrast_and_its_film_is_whiter() -> None:
    phantom = render(DENSE, planned=lambda stack: replace(stack, laterals=stack.laterals[7:8]))
    band, marrow = (
        np.isin(phantom.vertebra[0], (NUMBER[Level.L4], NUMBER[Level.L5]))
        & (phantom.part[0] == BODY)
        & (phantom.tissue[0] == kind)
        for kind in (Tissue.MARROW_T2_LOW, Tissue.MARROW)
    )
    for contrast, image in phantom.images.items():
        assert image[0][band].mean() < 0.7 * image[0][marrow].mean(), contrast
    attenuation = tissue.column("attenuation")
    assert attenuation[Tissue.MARROW] < attenuation[Tissue.MARROW_T2_LOW] < attenuation[Tissue.CORTEX]
    films = [lateral_radiograph(*build(r), np.array([0.0, 150.0]), spacing_mm=1.5) for r in (DENSE, SOUND)]
    corners = {v.level: v.array for v in films[0].landmarks}
    x, y = ((corners[Level.L4][2:4] + corners[Level.L4][5]) / 2).mean(axis=0).round().astype(int)
    whiter = films[0].pixels.astype(int) - films[1].pixels
    assert whiter[y - 4 : y, x - 3 : x + 3].mean() > 20


def test_it_is_written_in_a_recipe_and_only_between_bodies() -> None:
    recipe = replace(SOUND, sclerosis=(Level.L4, Level.T12))
    assert recipe_from_mapping(tomllib.loads(recipe_text(recipe))) == recipe
    for level in (Level.S1, Level.C5):
        with pytest.raises(PhantomError, match="sclerosis"):
            Recipe(sclerosis=(level,))
    with pytest.raises(PhantomError, match="not part of this column"):
        Recipe(lumbar=4, sclerosis=(Level.L5,))


def test_patients_who_were_not_asked_for_either_shape_are_written_as_before_there_were_any() -> None:
    recipe = Recipe(seed=5)
    later = {"sclerosis", "transitional"}
    assert not any(name in recipe_text(recipe) for name in later)
    phantom = render(recipe, contrasts=(), planned=lambda stack: replace(stack, laterals=stack.laterals[7:8]))
    assert set(measurements(phantom)["drawn"]) == set(asdict(recipe)) - later
