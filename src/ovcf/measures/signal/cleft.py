"""A suggestion of an intravertebral cleft: fluid (as bright as CSF on T2) or air (no signal on any series).

Yu, AJNR 2007;28:42-47: clefts held fluid, air or both in 39.7, 38.8 and 21.5 %. Which of them is seen depends on the
position and on the time spent supine, so "none" on one image does not exclude a cleft; the reader decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.declare import Contrast, FromMarrow, Of
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import depth_mm, vein_zone
from ovcf.units import Unit
from ovcf.vocabulary import Cleft

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source
    from ovcf.measures.signal.marrow import Array, MarrowReference, Mask, Spacing

CLEFT_VOLUME = Method(
    "cleft-percent",
    "Cleft suggested on MRI",
    "100 x volume of sharply bounded fluid or air inside the body / body volume",
    ("yu-2007",),
)
MEASUREMENTS = (
    FromMarrow(method=CLEFT_VOLUME, unit=Unit.PERCENT, contrast=Contrast.T2, of=Of.FRACTURES, finding="cleft"),
)
POSITION_NOTE = (
    "Air and fluid change places with position and time spent supine: no cleft on this image does not exclude one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleftSuggestion:
    """A suggestion, not a finding: a reader confirms it. Fractions are of the body volume, 0 to 1."""

    cleft: Cleft
    volume: Measurement
    air_fraction: float
    fluid_fraction: float
    reasons: tuple[str, ...]
    note: str = POSITION_NOTE


class OnGrid(NamedTuple):
    """A series on the grid of the bodies, sagittal slice first, and its reference marrow."""

    voxels: ArrayLike
    reference: MarrowReference


@dataclass(frozen=True, slots=True, kw_only=True)
class CleftLimits:
    """What counts as a cleft.

    Fluid is above the marrow by ``fluid_sd`` of its spread and above ``csf_share`` of CSF, air below ``void_share`` of
    the marrow. A patch lies ``rim_mm`` inside the body, measures ``min_area_mm2`` in the plane and fills
    ``min_solidity`` of its convex hull. All patches of one kind make up ``min_fraction`` of the body.
    """

    fluid_sd: float = 5.0
    csf_share: float = 0.7
    void_share: float = 0.25
    rim_mm: float = 2.0
    min_area_mm2: float = 15.0
    min_solidity: float = 0.6
    min_fraction: float = 0.01


LIMITS = CleftLimits()


@kept
def cleft_suggestion(
    t2: OnGrid,
    body: ArrayLike,
    *,
    t1: OnGrid | None = None,
    stir: OnGrid | None = None,
    csf_signal: float | None = None,
    cement: bool = False,
    voxel_mm: Spacing,
    level: Level,
    source: Source,
    limits: CleftLimits = LIMITS,
) -> CleftSuggestion:
    """Look for a cleft in one body; all series, and the rows of their references, on one grid, sagittal slice first.

    Fluid: as bright on T2 as ``limits`` ask, against CSF too where ``csf_signal`` (on T2) is known; where T1 or STIR
    are there, not brighter than marrow on T1 and brighter on STIR. Air: void on T2 and T1, and no brighter than marrow
    on STIR (whose marrow is dark already). With ``cement`` known, a void is cement, not air.

    Either must make an in-plane patch inside the body and not only where the basivertebral vein leaves it; it must be
    sharply bounded (half of the step to marrow within 1.5 mm or one pixel) and linear or compact.

    Raises:
        MeasurementInputError: shapes differ, or the body is empty.
    """
    where = say("cleft of {level}", level=level)
    reference = t2.reference
    signal, mask, box, warnings, _ = sample_body(t2.voxels, body, where)
    on_t2, marrow = reference.flattened(signal, box), reference.median
    bright_from = marrow + limits.fluid_sd * reference.spread
    fluid = on_t2 > max(bright_from, -np.inf if csf_signal is None else limits.csf_share * csf_signal)
    air = on_t2 < limits.void_share * marrow
    seen = ["T2"]
    for name, series in (("T1", t1), ("STIR", stir)):
        if series is None:
            continue
        other = series.reference
        signal, covered, *_ = sample_body(series.voxels, body, say("{where}, {name}", where=where, name=name))
        signal = other.flattened(signal, box)
        bright = signal > other.median + 2 * other.spread
        fluid &= covered & (~bright if name == "T1" else bright)
        air &= covered & (signal < limits.void_share * other.median if name == "T1" else ~bright)
        seen.append(name)

    inside = mask & (depth_mm(mask, voxel_mm[1:]) > limits.rim_mm)
    vein = vein_zone(mask)
    fluid_patches, air_patches = (
        _clefts(candidate & inside, on_t2, mask, vein, marrow, voxel_mm[1:], limits) for candidate in (fluid, air)
    )
    reasons = [say("judged on {join}", join=joined(" and ", seen))]
    if csf_signal is None:
        reasons.append("CSF signal not given: fluid judged against marrow alone")
    if cement and air_patches.any():
        reasons.append("a void without signal, but the vertebra holds cement: taken as cement, not air")
        air_patches[:] = False
    fluid_fraction, air_fraction = (float(p.sum() / mask.sum()) for p in (fluid_patches, air_patches))
    fluid_fraction, air_fraction = (f if f >= limits.min_fraction else 0.0 for f in (fluid_fraction, air_fraction))
    for kind, fraction in (("fluid-like", fluid_fraction), ("void", air_fraction)):
        if fraction:
            reasons.append(
                say("sharply bounded {kind} patch, {fraction:.0f}% of the body", kind=kind, fraction=100 * fraction)
            )
    if not fluid_fraction and not air_fraction:
        reasons.append("no sharply bounded patch like fluid or air")
    kinds = {(False, False): Cleft.NONE, (True, False): Cleft.FLUID, (False, True): Cleft.AIR, (True, True): Cleft.BOTH}
    return CleftSuggestion(
        cleft=kinds[fluid_fraction > 0, air_fraction > 0],
        volume=Measurement(
            method=CLEFT_VOLUME,
            value=100 * (fluid_fraction + air_fraction),
            unit=Unit.PERCENT,
            levels=(level,),
            source=source,
            warnings=warnings + reference.warnings,
            details=(
                ("fluid [% of body]", 100 * fluid_fraction),
                ("air [% of body]", 100 * air_fraction),
                ("fluid above [signal]", float(bright_from)),
                ("air below [signal]", float(limits.void_share * marrow)),
            ),
        ),
        air_fraction=air_fraction,
        fluid_fraction=fluid_fraction,
        reasons=tuple(reasons),
    )


def _clefts(
    candidate: Mask,
    t2: Array,
    body: Mask,
    vein: Mask,
    marrow: float,
    pixel_mm: tuple[float, float],
    limits: CleftLimits,
) -> Mask:
    """The in-plane patches of ``candidate`` that are large, sharply bounded, and linear or compact."""
    from scipy.ndimage import distance_transform_edt, label

    reach = max(1.5, *pixel_mm)
    kept = np.zeros(candidate.shape, bool)
    for index in np.flatnonzero(candidate.any(axis=(1, 2))):
        labels, n = label(candidate[index], structure=np.ones((3, 3)))
        for k in range(1, n + 1):
            patch = labels == k
            if patch.sum() * pixel_mm[0] * pixel_mm[1] < limits.min_area_mm2 or not (patch & ~vein[index]).any():
                continue
            distance = distance_transform_edt(~patch, sampling=pixel_mm)
            around = (distance > reach) & (distance <= 2 * reach) & body[index]
            if not around.any():
                continue
            peak = np.median(t2[index][patch])
            sharp = (peak - np.median(t2[index][around])) / (peak - marrow) >= 0.5
            if sharp and _solidity(patch) >= limits.min_solidity:
                kept[index] |= patch
    return kept


def _solidity(patch: Mask) -> float:
    """Share of its convex hull that a patch fills; 1 for a line, a disc or a block."""
    from scipy.spatial import ConvexHull

    y, x = np.nonzero(patch)
    # The hull of pixel corners, so that a line one pixel wide has an area.
    corners = np.concatenate([np.stack([y + dy, x + dx], 1) for dy in (-0.5, 0.5) for dx in (-0.5, 0.5)])
    return float(len(y) / ConvexHull(corners).volume)
