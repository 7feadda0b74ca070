"""Pieces of bone that stand apart: the corner of a limbus vertebra, a fragment of a sunk endplate."""

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import label

from ovcf.anatomy import Level
from ovcf.errors import PhantomError
from ovcf.phantom.body.frame import NUMBER
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe, recipe_from_mapping, recipe_text
from ovcf.phantom.render import build

SOUND = Recipe(seed=5, scoliosis_deg=0.0, fractures=())
SUNK = FractureRecipe(level=Level.L3, shape="biconcave", grade=2, edema_percent=0.0, t2_pattern="none")


def cut(recipe, share=0.0):
    """Tissue and label of L3 on a slice so many half widths beside the middle, its frame, and the spine's shape."""
    _, patient = build(recipe)
    f = patient.frames[Level.L3]
    grid = Grid(f.centre[0] - 30, f.centre[1] - 25, 0.25, 200, 240)
    patient.calibrate(grid, [0.0])
    canvas = patient.plane(patient.lateral_mm(Level.L3) + share * f.half_width, grid)
    return canvas, f, grid, patient.shape


def pieces(canvas, f, grid):
    """The pieces of marrow in L3 of more than 10 mm², the largest first: area in mm², and middle (s, t)."""
    parts, n = label((canvas.vertebra == NUMBER[Level.L3]) & np.isin(canvas.tissue, [Tissue.MARROW, Tissue.VEIN]))
    found = []
    for k in range(1, n + 1):
        rows, columns = np.nonzero(parts == k)
        if (area := len(rows) * grid.pixel_mm**2) > 10:
            found.append((area, *np.ravel(f.place(grid.x[columns].mean(), grid.y[rows].mean()))))
    return sorted(found, reverse=True)


def test_the_corner_of_a_limbus_vertebra_stands_apart_with_disc_between():
    canvas, f, grid, shape = cut(replace(SOUND, limbus_vertebrae=(Level.L3,)))
    (body, *_), (corner, s, t) = pieces(canvas, f, grid)
    assert corner < 0.1 * body
    assert (s < -0.3, t < -0.3) == (True, True)
    sound, *_, before = cut(SOUND)
    assert len(pieces(sound, f, grid)) == 1
    new = (canvas.tissue == Tissue.ANNULUS) & (sound.tissue != Tissue.ANNULUS)
    assert (sound.tissue[new] == Tissue.MARROW).all()
    # The outline, from which heights are taken, is that of the body before.
    assert (canvas.vertebra == sound.vertebra).all()
    assert all(np.array_equal(a.outline, b.outline) for a, b in zip(shape.bodies, before.bodies, strict=True))


def test_a_fragment_of_a_sunk_endplate_stands_apart_beneath_it():
    broken, f, grid, _ = cut(replace(SOUND, fractures=(replace(SUNK, fragment=True),)))
    (body, *_), (fragment, s, t) = pieces(broken, f, grid)
    assert fragment < 0.3 * body
    assert abs(s) < 0.15
    assert t < 0
    whole, *_ = cut(replace(SOUND, fractures=(SUNK,)))
    assert len(pieces(whole, f, grid)) == 1
    assert (broken.vertebra == whole.vertebra).all()


@pytest.mark.parametrize("recipe", [replace(SOUND, limbus_vertebrae=(Level.L3,)), SOUND])
def test_the_flank_of_a_body_is_in_one_piece(recipe):
    assert len(pieces(*cut(recipe, 0.7)[:3])) == 1


def test_both_are_written_in_a_recipe_and_a_limbus_of_no_vertebra_is_refused():
    recipe = replace(SOUND, limbus_vertebrae=(Level.L4,), fractures=(replace(SUNK, fragment=True),))
    assert recipe_from_mapping(tomllib.loads(recipe_text(recipe))) == recipe
    with pytest.raises(PhantomError, match="not part of this column"):
        Recipe(lumbar=4, limbus_vertebrae=(Level.L5,))
