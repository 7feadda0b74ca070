"""A recipe to arrays: images, label maps and landmarks of one visit, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import SagittalPlane
from ovcf.phantom import mr
from ovcf.phantom.body.frame import BODY, SACRUM
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe, completed
from ovcf.phantom.scanner import Scanner, Stack, draw_stack
from ovcf.phantom.shape import Fracture, sample_spine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ovcf.landmarks import SpineLandmarks
    from ovcf.phantom.shape import SpineShape

    Image = NDArray[np.float32]

CONTRASTS: tuple[str, ...] = ("T1", "T2", "STIR")
_SCALE = 900.0
"""Stored value of unit signal."""


MID_PLANE = SagittalPlane(origin=(0.0, 0.0, 0.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
"""The plane of the landmarks: that of the shape model, at the middle of the examined vertebra."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phantom:
    """One visit of a digital patient. Arrays are ``(slices, rows, columns)`` on ``stack``.

    ``images`` by contrast, uint16; ``ideal`` the same without coil, noise, blur and partial volume (signal of the
    tissue in the middle of the slice); ``tissue``, ``vertebra``, ``part`` the truth. ``patient`` can be cut anywhere.
    """

    recipe: Recipe
    shape: SpineShape
    patient: PatientVolume
    stack: Stack
    protocols: dict[str, mr.Protocol]
    images: dict[str, NDArray[np.uint16]]
    ideal: dict[str, Image]
    tissue: NDArray[np.uint8]
    vertebra: NDArray[np.uint8]
    part: NDArray[np.uint8]
    landmarks: SpineLandmarks = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slice:
    """One training slice ``(rows, columns)``: image (float, arbitrary scale), both label maps and their grid."""

    image: Image
    vertebra: NDArray[np.uint8]
    part: NDArray[np.uint8]
    grid: Grid
    landmarks: SpineLandmarks
    lateral_mm: float


def build(recipe: Recipe) -> tuple[Recipe, PatientVolume]:
    """The completed recipe and its patient in three dimensions, not yet calibrated to a stack.

    Raises:
        PhantomError: no body can have what is asked for.
    """
    recipe = completed(recipe)
    fractures = [
        Fracture(f.level, f.shape, vhl_percent=f.vhl_percent, grade=f.grade, posterior_wall=f.burst)
        for f in recipe.fractures or ()
    ]
    shape = sample_spine(
        np.random.default_rng([recipe.seed, 3]),
        sex=recipe.sex,
        age_years=recipe.age_years,
        fractures=fractures,
        kyphosis_deg=recipe.kyphosis_deg,
        lumbar=recipe.lumbar,
        thoracic=recipe.thoracic,
        sacral_slope_deg=recipe.sacral_slope_deg,
        junction=recipe.transitional,
    )
    return recipe, PatientVolume(shape, recipe, [recipe.seed])


def render(
    recipe: Recipe,
    *,
    contrasts: Sequence[str] = CONTRASTS,
    visit: int = 0,
    planned: Callable[[Stack], Stack] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Phantom:
    """All stacks and the whole truth of one visit; ``contrasts`` empty for the truth alone.

    ``planned`` turns the stack drawn from the seed into the one that is scanned.

    Raises:
        PhantomError: nothing can be drawn as asked.
    """
    recipe, patient = build(completed(recipe).at_visit(visit))
    stack = draw_stack(recipe, patient, visit)
    stack = stack if planned is None else planned(stack)
    patient.calibrate(stack.grid, stack.laterals)
    scanner = Scanner(recipe, patient, contrasts, visit)
    shape = (len(stack.laterals), stack.grid.rows, stack.grid.columns)
    truth = [np.zeros(shape, np.uint8) for _ in range(3)]
    images = {c: np.zeros(shape, np.uint16) for c in contrasts}
    for i, lateral in enumerate(stack.laterals):
        planes = patient.plane(lateral, stack.grid)
        for whole, one in zip(truth, (planes.tissue, planes.vertebra, planes.part), strict=True):
            whole[i] = one
        for contrast, image in scanner.scan(stack, i, planes.tissue).items() if contrasts else ():
            images[contrast][i] = np.clip(np.round(image * _SCALE), 0, 65535)
        if progress is not None:
            progress((i + 1) / len(stack.laterals))
    _unname_cut_off(truth[1], truth[2])
    return Phantom(
        recipe=recipe,
        shape=patient.shape,
        patient=patient,
        stack=stack,
        protocols=scanner.protocols,
        images=images,
        ideal={c: np.stack([scanner.ideal(plane, c) for plane in truth[0]]) for c in contrasts},
        tissue=truth[0],
        vertebra=truth[1],
        part=truth[2],
        landmarks=patient.shape.spine_landmarks,
    )


def _unname_cut_off(vertebra: NDArray[np.uint8], part: NDArray[np.uint8]) -> None:
    """Take the number off posterior elements whose body the image cuts off or lacks.

    A thoracic spinous process hangs a level lower, so such a remnant would lie below the next vertebra.
    """
    body = part == BODY
    whole = set(np.unique(vertebra[body])) - set(np.unique(vertebra[:, [0, -1]][body[:, [0, -1]]]))
    arch = (vertebra > 0) & (vertebra < 100) & (vertebra != SACRUM) & ~body
    vertebra[arch & ~np.isin(vertebra, list(whole))] = 0


def render_slice(recipe: Recipe, contrast: str = "T2", *, lateral_mm: float = 0.0) -> Slice:
    """One slice of one contrast, for training; lesions are fitted on a coarse stack: their extent is approximate."""
    recipe, patient = build(recipe)
    stack = draw_stack(recipe, patient)
    size = int(stack.grid.rows * stack.grid.pixel_mm / 1.5)
    coarse = Grid(stack.grid.x0, stack.grid.y0, 1.5, size, size)
    patient.calibrate(coarse, stack.laterals[::2])
    one = Stack(grid=stack.grid, laterals=(lateral_mm, lateral_mm - stack.spacing_mm), thickness_mm=stack.thickness_mm)
    scanner = Scanner(recipe, patient, (contrast,))
    plane = patient.plane(lateral_mm, one.grid)
    image = scanner.scan(one, 0, plane.tissue)[contrast]
    return Slice(
        image=image,
        vertebra=plane.vertebra,
        part=plane.part,
        grid=one.grid,
        landmarks=patient.shape.spine_landmarks,
        lateral_mm=lateral_mm,
    )
