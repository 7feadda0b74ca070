"""The digital patients of the benches: which kind a seed is, and how its kind is drawn and scanned.

Every fourth patient is ordinary (all from its seed); the others are of one hard kind each, the rest from their seed.
"""

from dataclasses import replace

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe, completed
from ovcf.phantom.scanner import Stack

SITES = (Level.T11, Level.T12, Level.L1, Level.L2)


def _index(rng, **facts):
    """The recent fracture of the patient, in the levels of HAN 2025."""
    shape = str(rng.choice(["wedge", "biconcave", "crush"], p=[0.6, 0.25, 0.15]))
    made = {"level": SITES[int(rng.integers(4))], "shape": shape, "grade": int(rng.integers(1, 4))} | facts
    return FractureRecipe(**made)


def _several(rng):
    """A recent fracture, and two old ones that are not its neighbours."""
    level = Level.L1 if rng.random() < 0.5 else Level.T12
    others = (Level.T9, Level.L4) if level is Level.L1 else (Level.T8, Level.L3)
    old = [
        FractureRecipe(level=other, grade=int(rng.integers(1, 3)), edema_percent=0.0, t2_pattern="none")
        for other in others
    ]
    return {"fractures": (_index(rng, level=level), *old)}


def _adjacent(rng):
    """Two fractures side by side: HAN's height loss cannot be measured and must be withheld."""
    old = FractureRecipe(level=Level.L2, grade=2, edema_percent=0.0, t2_pattern="none")
    return {"fractures": (_index(rng, level=Level.L1), old)}


def _cement(rng):
    """A cemented old fracture two levels below the recent one."""
    old = FractureRecipe(level=Level.L3, grade=1, edema_percent=0.0, t2_pattern="none", cement=True)
    return {"fractures": (_index(rng, level=Level.L1), old)}


def _cleft(rng):
    return {"fractures": (_index(rng, cleft=str(rng.choice(["air", "fluid"]))),)}


def _narrow(stack):
    """A small field of view: 200 mm high, 160 mm wide about the same centre."""
    g = stack.grid
    rows, columns = round(200 / g.pixel_mm), round(160 / g.pixel_mm)
    # The spine lies in front of the middle of the posterior half.
    x0, y0 = g.x0 + (0.5 * g.columns - 0.45 * columns) * g.pixel_mm, g.y0 + (g.rows - rows) / 2 * g.pixel_mm
    return replace(stack, grid=Grid(x0, y0, g.pixel_mm, rows, columns))


def resliced(stack, thickness_mm, spacing_mm, n):
    """The same grid with other slices about the same middle."""
    laterals = tuple(round(spacing_mm * ((n - 1) / 2 - k), 3) for k in range(n))
    return Stack(grid=stack.grid, laterals=laterals, thickness_mm=thickness_mm)


def _thin(stack):
    return resliced(stack, 2.5, 2.75, 23)


def _thick(stack):
    return resliced(stack, 6.0, 7.2, 9)


#: What a kind fixes in the recipe, and how its stack is planned.
HARD = {
    "scoliosis": (lambda rng: {"scoliosis_deg": float(rng.choice([-1, 1]) * rng.uniform(14, 30))}, None),
    "several fractures": (_several, None),
    "neighbour fractured": (_adjacent, None),
    "degenerative discs": (lambda _: {"disc_degeneration": 1.0, "osteophytes": 1.0}, None),
    "motion": (lambda rng: {"motion": float(rng.uniform(0.5, 1.0))}, None),
    "3 T": (lambda _: {"field_strength_t": 3.0}, None),
    "haemangioma": (lambda _: {"haemangiomas": (Level.L3,)}, None),
    "Schmorl nodes": (lambda _: {"schmorl_nodes": (Level.T11, Level.L2, Level.L3)}, None),
    "cement": (_cement, None),
    "cleft": (_cleft, None),
    "burst": (lambda rng: {"fractures": (_index(rng, burst=True),)}, None),
    "crush": (lambda rng: {"fractures": (_index(rng, shape="crush", grade=3),)}, None),
    "small field of view": (lambda _: {}, _narrow),
    "thin slices": (lambda _: {}, _thin),
    "thick slices": (lambda _: {}, _thick),
}
KINDS = ("ordinary", *HARD)


def kind_of(seed):
    """The kind of a seed: of every 20 in a row five are ordinary, and each hard kind comes once."""
    place = seed % 20
    return "ordinary" if place % 4 == 0 else tuple(HARD)[place - place // 4 - 1]


def patient_of(seed):
    """Kind, recipe and planned stack (None: as drawn) of a digital patient."""
    kind = kind_of(seed)
    fixed, planned = HARD.get(kind, (lambda _: {}, None))
    return kind, completed(Recipe(seed=seed, **fixed(np.random.default_rng([seed, 50])))), planned
