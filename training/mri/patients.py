"""Digital patients to learn from: recipes drawn by chance; those of a seed are always the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import PhantomError
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import build

_FRAGMENT, _LIMBUS = 0.25, 0.1
"""Share of sunk endplates with a fragment, and of patients with a limbus vertebra (chosen)."""
_SCLEROSIS, _TRANSITIONAL = 0.1, 0.06
"""Share of patients with sclerosis beside a disc or two, and of those with a transitional vertebra (chosen)."""


def draw_recipe(
    rng: np.random.Generator, seed: int, sacral_slope_deg: float | None = None, column: tuple[int, int] | None = None
) -> Recipe:
    """A patient with none to six fractures of any type, in any column or this; in a pelvis where a slope is given.

    Some have sclerosis or a transitional vertebra and some, those in a pelvis apart, a limbus vertebra or fragments of
    endplates. They are drawn by themselves, so that all else of a seed stays as it was before there were any.
    """
    thoracic, lumbar = (
        column or [(12, 5), (12, 6), (12, 4), (13, 5), (11, 5)][rng.choice(5, p=[0.8, 0.06, 0.06, 0.04, 0.04])]
    )
    levels = [v for v in VertebralColumn(thoracic, lumbar).levels if v.region in ("thoracic", "lumbar")][3:]
    n = int(rng.choice([0, 1, 2, 4, 6], p=[0.15, 0.2, 0.2, 0.25, 0.2]))
    fractures = [
        FractureRecipe(
            level=levels[k],
            grade=int(rng.integers(1, 4)),
            shape=str(rng.choice(["wedge", "biconcave", "crush"])),
            burst=bool(rng.random() < 0.3),
            cement=bool(rng.random() < 0.08),
            cleft=str(rng.choice(["none", "air", "fluid"], p=[0.84, 0.08, 0.08])),
        )
        for k in rng.choice(len(levels), n, replace=False)
    ]
    recipe = Recipe(
        seed=seed,
        thoracic=thoracic,
        lumbar=lumbar,
        fractures=tuple(fractures),
        age_years=float(rng.uniform(20, 90)),  # Some are bent much: few real people to learn from are.
        scoliosis_deg=float(np.clip(rng.normal(0, rng.choice([9, 25], p=[0.75, 0.25])), -40, 40)),
        disc_degeneration=float(rng.uniform(0, 1)),
        osteophytes=float(rng.uniform(0, 1)),
        motion=float(rng.beta(1, 8)),
        sacral_slope_deg=sacral_slope_deg,
    )
    recipe = _with_changed_junction(recipe, levels)
    return recipe if sacral_slope_deg is not None else _with_pieces_apart(recipe, levels)


def _with_changed_junction(recipe: Recipe, levels: list[Level]) -> Recipe:
    """The same, now and then with sclerosis beside one or two discs, or with a transitional vertebra."""
    own = np.random.default_rng([recipe.seed, 27])
    sclerosis = own.choice(len(levels), int(own.integers(1, 3)), replace=False) if own.random() < _SCLEROSIS else []
    kind = ("sacralised", "lumbarised")[int(own.integers(2))] if own.random() < _TRANSITIONAL else None
    return replace(recipe, sclerosis=tuple(levels[int(k)] for k in sclerosis) or None, transitional=kind)


def _with_pieces_apart(recipe: Recipe, levels: list[Level]) -> Recipe:
    """The same with fragments of some endplates that have sunk, and now and then a limbus vertebra."""
    own = np.random.default_rng([recipe.seed, 26])
    fractures = tuple(
        replace(f, fragment=True) if f.shape != "crush" and own.random() < _FRAGMENT else f
        for f in recipe.fractures or ()
    )
    limbus = (levels[int(own.integers(len(levels)))],) if own.random() < _LIMBUS else None
    return replace(recipe, fractures=fractures, limbus_vertebrae=limbus)


def draw_patient(
    rng: np.random.Generator, seed: int, sacral_slope_deg: float | None = None, column: tuple[int, int] | None = None
) -> tuple[Recipe, PatientVolume]:
    """The first patient of this seed that can be drawn, bodies more or less waisted, cortex thin or thick."""
    while True:
        try:
            recipe, patient = build(draw_recipe(rng, seed, sacral_slope_deg, column))
        except PhantomError:
            continue
        patient.cortex_mm = float(rng.uniform(0.4, 1.6))
        waist = float(rng.uniform(0.04, 0.2))
        patient.frames = {level: replace(frame, waist=waist) for level, frame in patient.frames.items()}
        # Every body, wherever scoliosis has moved it, so that each lesion has its extent.
        patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), list(np.arange(-64.0, 65.0, 8.0)))
        return recipe, patient
