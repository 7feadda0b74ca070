"""T2 signal pattern of a fractured body on the mid-sagittal slice: confined or diffuse, high or low.

The patterns are Tsujio's (Spine 2011;36:1229-35), read by eye there. HAN (Sci Rep 2025;15:16791) gives the one area
rule: diffuse low is a low-signal area over more than half of the body. The same half is used here for diffuse high.

What "low" means to a program is a choice of this project: further below the patient's own unaffected marrow than 3
robust SD of its heterogeneity, and the same above for "high". No source gives a number, so the result carries the
probability of each pattern for thresholds from 2 to 4 SD, and ``bench/signal_sensitivity.py`` shows what the choice
does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.measures.marrow import RIM_MM, THRESHOLD_SD, marrow_signal, sample_body
from ovcf.measures.measurement import Measurement, Method
from ovcf.units import Unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source
    from ovcf.measures.marrow import Array, MarrowReference

LOW_T2_AREA = Method(
    "t2-low-percent",
    "Low-signal area on T2",
    "100 x area below the reference marrow / body area, mid-sagittal slice",
    ("han-2025", "tsujio-2011"),
)
HIGH_T2_AREA = Method(
    "t2-high-percent",
    "High-signal area on T2",
    "100 x area above the reference marrow / body area, mid-sagittal slice",
    ("tsujio-2011",),
)
TOLERANCE = 1e-9
DRAWS = 2000


class T2Pattern(StrEnum):
    """Tsujio's patterns, and none of them."""

    CONFINED_HIGH = "confined high"
    DIFFUSE_HIGH = "diffuse high"
    CONFINED_LOW = "confined low"
    DIFFUSE_LOW = "diffuse low"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class T2PatternResult:
    """The pattern, the areas (percent) that led to it, and the probability of each pattern under their uncertainty."""

    pattern: T2Pattern
    low: Measurement
    high: Measurement
    probability: tuple[tuple[T2Pattern, float], ...]
    warnings: tuple[str, ...] = ()


def classify_t2(low_fraction: float, high_fraction: float, min_fraction: float = 0.10) -> T2Pattern:
    """The pattern of two area fractions (0 to 1).

    Diffuse is more than half (exactly half is not); diffuse low and diffuse high exclude each other. Below that the
    larger area from ``min_fraction`` upwards decides; equal areas count as high, the one of the two confined patterns
    that the literature links to non-union.

    Raises:
        MeasurementInputError: not fractions, or together more than 1.
    """
    both = (low_fraction, high_fraction)
    if not all(math.isfinite(f) and -TOLERANCE <= f <= 1 + TOLERANCE for f in both) or sum(both) > 1 + TOLERANCE:
        raise MeasurementInputError(
            "T2 pattern", f"low {low_fraction} and high {high_fraction} are not parts of one area", "Give 0 to 1 each."
        )
    if low_fraction > 0.5 + TOLERANCE:
        return T2Pattern.DIFFUSE_LOW
    if high_fraction > 0.5 + TOLERANCE:
        return T2Pattern.DIFFUSE_HIGH
    if max(both) < min_fraction - TOLERANCE:
        return T2Pattern.NONE
    return T2Pattern.CONFINED_LOW if low_fraction > high_fraction + TOLERANCE else T2Pattern.CONFINED_HIGH


def t2_pattern(
    slice_pixels: ArrayLike,
    body_mask: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    source: Source,
    low_sd: float = THRESHOLD_SD,
    high_sd: float = THRESHOLD_SD,
    min_fraction: float = 0.10,
    pixel_mm: tuple[float, float] = (1.0, 1.0),
    rim_mm: float = RIM_MM,
) -> T2PatternResult:
    """T2 pattern of one body on one slice ``(rows, cols)``; ``reference`` is of the same series and rows.

    The rim (``rim_mm``) goes with the marrow behind it: cortex is always dark, disc and CSF are bright. Probabilities
    and standard uncertainties come from 2000 draws (fixed seed) in which both thresholds are uniform within 1 SD of
    theirs and the reference varies by its standard error.

    Raises:
        MeasurementInputError: shapes differ, the mask is empty, or half of the body lies outside the image.
    """
    signal, mask, box, warnings = sample_body(slice_pixels, body_mask, f"T2 pattern of {level}", ndim=2)
    marrow = marrow_signal(signal[None], mask[None], pixel_mm, rim_mm)[0]
    z = np.sort(reference.z(marrow, box)[mask])

    rng = np.random.default_rng(0)
    shift = rng.standard_normal(DRAWS) * reference.standard_error / reference.spread
    low_draws = _below(z, shift - low_sd + rng.uniform(-1, 1, DRAWS))
    high_draws = _above(z, shift + high_sd + rng.uniform(-1, 1, DRAWS))
    patterns = [classify_t2(a, b, min_fraction) for a, b in zip(low_draws, high_draws, strict=True)]
    low, high = float(_below(z, np.array(-low_sd))), float(_above(z, np.array(high_sd)))
    warnings += reference.warnings
    if reference.median <= low_sd * reference.spread:
        warnings += ("reference marrow is so heterogeneous that no signal is low enough to count as low",)

    def area(method: Method, fraction: float, draws: Array, threshold: float) -> Measurement:
        return Measurement(
            method=method,
            value=100 * fraction,
            unit=Unit.PERCENT,
            levels=(level,),
            standard_uncertainty=float(100 * draws.std()),
            source=source,
            warnings=warnings,
            details=(
                ("body area [pixels]", float(mask.sum())),
                ("threshold [SD of reference marrow]", threshold),
                ("threshold [signal, coil sensitivity divided out]", reference.median + threshold * reference.spread),
            ),
        )

    return T2PatternResult(
        pattern=classify_t2(low, high, min_fraction),
        low=area(LOW_T2_AREA, low, low_draws, -low_sd),
        high=area(HIGH_T2_AREA, high, high_draws, high_sd),
        probability=tuple((p, patterns.count(p) / DRAWS) for p in T2Pattern),
        warnings=warnings,
    )


def _below(ordered: Array, threshold: Array) -> Array:
    """Share of ``ordered`` values strictly below each threshold."""
    return np.asarray(np.searchsorted(ordered, threshold, side="left") / len(ordered))


def _above(ordered: Array, threshold: Array) -> Array:
    """Share of ``ordered`` values strictly above each threshold."""
    return np.asarray(1 - np.searchsorted(ordered, threshold, side="right") / len(ordered))
