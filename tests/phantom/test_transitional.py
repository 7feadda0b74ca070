"""A transitional lumbosacral vertebra: a last lumbar body half of the sacrum, or an S1 like a lumbar body."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import PhantomError
from ovcf.geometry import polygon_area
from ovcf.phantom.body.frame import ARCH, DISC, NUMBER, SACRUM
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.pelvis import pelvis_of
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build

PLAIN = Recipe(fractures=(), scoliosis_deg=0.0, disc_degeneration=0.0)
SQUARED = 1.37
"""S1 is squared where its upper depth over its lower one is at most this (Wigh 1980, Spine 5:215)."""


def patient_of(seed, **asked):
    return build(replace(PLAIN, seed=seed, **asked))[1]


def corners(shape, level):
    return next(b for b in shape.bodies if b.level is level).landmarks.array[:4]


def length(p, q):
    return float(np.linalg.norm(p - q))


def narrows(four):
    """The upper depth of a body over its lower one."""
    sa, sp, ia, ip = four
    return length(sa, sp) / length(ia, ip)


def disc_height(upper, lower):
    """From the middle of one endplate's corners to that of the next."""
    return length(upper[2:4].mean(axis=0), lower[:2].mean(axis=0))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("slope", [None, 40.0])
def test_a_sacralised_vertebra_tapers_above_a_rudimentary_disc(seed, slope) -> None:
    plain, shape = (patient_of(seed, sacral_slope_deg=slope, transitional=k).shape for k in (None, "sacralised"))
    l5, s1 = corners(shape, Level.L5), corners(shape, Level.S1)
    before = disc_height(corners(plain, Level.L5), corners(plain, Level.S1))
    assert 1.5 < disc_height(l5, s1) < 4.0 < before
    assert narrows(l5) > 1.05 * narrows(corners(plain, Level.L5))
    # The sacrum goes on where the body ends.
    assert length(*s1[:2]) == pytest.approx(length(*l5[2:4]), rel=0.05)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("slope", [None, 40.0])
def test_a_lumbarised_s1_is_square_above_a_whole_disc(seed, slope) -> None:
    patient = patient_of(seed, sacral_slope_deg=slope, transitional="lumbarised")
    s1 = corners(patient.shape, Level.S1)
    assert narrows(s1) < 1.1 < SQUARED
    # As high on average as lumbar discs are.
    assert 6 < abs(polygon_area(patient.shape.sacral_disc)) / length(*s1[2:4]) < 12


@pytest.mark.parametrize("kind", ["sacralised", "lumbarised"])
def test_everything_above_the_junction_is_the_same_and_nothing_is_counted_anew(kind) -> None:
    plain, shape = (patient_of(3, transitional=k).shape for k in (None, kind))
    assert [b.level for b in shape.bodies] == [b.level for b in plain.bodies]
    assert shape.column == plain.column
    for a, b in zip(shape.bodies[:-2], plain.bodies[:-2], strict=True):
        for i, j in ((0, 1), (0, 2), (1, 3), (2, 3), (4, 5)):
            p, q = a.landmarks.array, b.landmarks.array
            assert length(p[i], p[j]) == pytest.approx(length(q[i], q[j]), abs=1e-6)


@pytest.mark.parametrize("kind", ["sacralised", "lumbarised"])
def test_the_asked_slope_of_the_sacrum_is_met(kind) -> None:
    four = corners(patient_of(4, sacral_slope_deg=40.0, transitional=kind).shape, Level.S1)
    d = four[1] - four[0]
    assert np.degrees(np.arctan2(-d[1], d[0])) == pytest.approx(40, abs=1.5)


def cut(patient, lateral_mm, around=Level.S1):
    x, y = patient.frames[around].centre
    grid = Grid(x - 60, y - 50, 0.5, 240, 240)
    patient.calibrate(grid, [0.0])
    return patient.plane(lateral_mm, grid), grid


def at(canvas, grid, place):
    column, row = ((place - (grid.x0, grid.y0)) / grid.pixel_mm).round().astype(int)
    return canvas.tissue[row, column], canvas.vertebra[row, column], canvas.part[row, column]


def test_the_label_maps_name_what_was_drawn() -> None:
    rudimentary = patient_of(3, transitional="sacralised")
    _, vertebra, part = at(*cut(rudimentary, 0.0), rudimentary.shape.discs[-1].mean(axis=0))
    assert (vertebra, part) == (100 + NUMBER[Level.L5], DISC)
    lumbarised = patient_of(3, transitional="lumbarised")
    tissue, vertebra, part = at(*cut(lumbarised, 0.0), lumbarised.shape.sacral_disc.mean(axis=0))
    assert (tissue, vertebra, part) == (Tissue.NUCLEUS, SACRUM, SACRUM)


def test_the_transverse_process_of_a_sacralised_vertebra_is_one_with_the_sacrum_on_a_side_or_both() -> None:
    seen = set()
    for seed in range(12):
        patient, plain = patient_of(seed, transitional="sacralised"), patient_of(seed)
        middle = patient.lateral_mm(Level.L5)
        sides = []
        for side in (-1, 1):
            canvas, _ = cut(patient, middle + 20.0 * side)
            arch = (canvas.vertebra == NUMBER[Level.L5]) & (canvas.part == ARCH)
            if arch.any():
                sides.append(side)
                below = np.roll(canvas.vertebra == SACRUM, -2, axis=0)
                assert (arch & below).any()
        assert not (cut(plain, middle + 20.0)[0].part == ARCH).any()
        seen.add(tuple(sides))
    assert seen == {(-1, 1), (-1,), (1,)}


def test_on_a_film_no_lateral_mass_of_the_sacrum_lies_beside_a_lumbarised_s1() -> None:
    def beside_s1(kind):
        patient = patient_of(3, sacral_slope_deg=40.0, transitional=kind)
        bone, f = pelvis_of(patient).bone, patient.frames[Level.S1]
        s, t = f.place(*bone.places.T)
        aside = np.abs(bone.lateral_mm - patient.lateral_mm(Level.S1))
        return bone.weight[(np.abs(s) < 0.2) & (t < 0.2) & (t > -0.4) & (aside < 50)].sum()

    assert beside_s1("lumbarised") < 0.35 * beside_s1(None)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(PhantomError, match="transitional"):
        Recipe(transitional="fused")
