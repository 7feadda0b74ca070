"""T2 signal pattern of a fractured body on the mid-sagittal slice: confined or diffuse, high or low.

The patterns are Tsujio's (Spine 2011;36:1229-35), read by eye there. HAN (Sci Rep 2025;15:16791) gives the one area
rule: diffuse low is a low-signal area over more than half of the body. The same half is used here for diffuse high.

What "low" means to a program is a choice of this project. No source gives a number. A lesion is there where a region
(5 mm) lies further below the patient's own unaffected marrow than 3 robust SD of how its regions differ, and the same
above for "high". Its border lies half-way between its own signal and that of the marrow, as wherever blur and thick
slices spread a border: a fixed number of SD would cut into a lesion in patchy marrow, and reach beyond it in even
marrow. What is high must also lie 3 SD of single voxels above the marrow, as edema must. Single
voxels alone would miss diffuse low signal in patchy marrow (docs/decisions/004). The result carries the probability of
each pattern when the rules' numbers are uncertain, and ``bench/mri/signal_sensitivity.py`` shows what the threshold
does.
"""

from __future__ import annotations

import math
from bisect import insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow, Of
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import (
    OUTLINE_SD_MM,
    RIM_ERROR_MM,
    THRESHOLD_SD,
    marrow_signal,
    outline_uncertainty,
    regional_signal,
)
from ovcf.units import Unit
from ovcf.vocabulary import T2Pattern

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source
    from ovcf.measures.signal.marrow import Array, MarrowReference, Mask

LOW_T2_AREA = Method(
    "t2-low-percent",
    "Low-signal area on T2",
    "100 x area of low signal against the reference marrow / body area, mid-sagittal slice",
    ("han-2025", "tsujio-2011"),
)
HIGH_T2_AREA = Method(
    "t2-high-percent",
    "High-signal area on T2",
    "100 x area of high signal against the reference marrow / body area, mid-sagittal slice",
    ("tsujio-2011",),
)
MEASUREMENTS = tuple(
    FromMarrow(method=m, unit=Unit.PERCENT, contrast=Contrast.T2, of=Of.FRACTURES, finding="T2 pattern")
    for m in (LOW_T2_AREA, HIGH_T2_AREA)
)
TOLERANCE = 1e-9
T2_RIM_MM = 2.0
"""Deeper than for bright signal: the seam that blur and the shift of fat leave beside cortex is dark as a lesion is,
and joins lesions where less is taken off (docs/decisions/004)."""
DRAWS = 400
BORDER = (0.35, 0.65)
"""Where the border of a lesion may lie, as a share of the way from marrow to lesion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class T2PatternResult:
    """The pattern, the areas (percent) that led to it, and the probability of each pattern under their uncertainty."""

    pattern: T2Pattern
    low: Measurement
    high: Measurement
    probability: tuple[tuple[T2Pattern, float], ...]
    warnings: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the pattern is probable enough to be told; nearer to a limit the reader decides."""
        return dict(self.probability)[self.pattern] >= SURE

    @property
    def told(self) -> T2Pattern | None:
        """The pattern where it is sure."""
        return self.pattern if self.sure else None

    @property
    def likely(self) -> tuple[T2Pattern, T2Pattern]:
        """The two most probable patterns, the more probable first."""
        first, second, *_ = sorted(self.probability, key=lambda share: -share[1])
        return first[0], second[0]


SURE = 0.9
"""How probable a pattern must be to be told, so that sound bodies are hardly ever told one (docs/decisions/004)."""


def beyond_reference(level: Level, reference: MarrowReference) -> str:
    """The side on which no unaffected vertebra lies, ``above`` or ``below``; empty where both have one.

    There how the coil's signal falls off is extrapolated, and a sound last body of the view often reads as diffuse low.
    """
    ranks = [v.rank for v in reference.levels]
    if not any(rank < level.rank for rank in ranks):
        return "above"
    return "" if any(rank > level.rank for rank in ranks) else "below"


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
            "T2 pattern",
            say(
                "low {low_fraction} and high {high_fraction} are not parts of one area",
                low_fraction=low_fraction,
                high_fraction=high_fraction,
            ),
            "Give 0 to 1 each.",
        )
    if low_fraction > 0.5 + TOLERANCE:
        return T2Pattern.DIFFUSE_LOW
    if high_fraction > 0.5 + TOLERANCE:
        return T2Pattern.DIFFUSE_HIGH
    if max(both) < min_fraction - TOLERANCE:
        return T2Pattern.NONE
    return T2Pattern.CONFINED_LOW if low_fraction > high_fraction + TOLERANCE else T2Pattern.CONFINED_HIGH


@kept
def t2_pattern(
    slice_pixels: ArrayLike,
    body_mask: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    source: Source,
    threshold_sd: float = THRESHOLD_SD,
    pixel_mm: tuple[float, float] = (1.0, 1.0),
    outline_sd_mm: float = OUTLINE_SD_MM,
) -> T2PatternResult:
    """T2 pattern of one body on one slice ``(rows, cols)``; ``reference`` is of the same series and rows.

    The rim (:data:`T2_RIM_MM`) goes with the marrow behind it: cortex is always dark, disc and CSF are bright. What is
    low and what is high each lies ``threshold_sd`` from the reference. Probabilities and standard uncertainties come
    from draws (the same in every run) in which both thresholds are uniform within 1 SD of it, the border uniform
    between 35 and 65 % of the way from marrow to lesion, the rim half a millimetre deeper or less deep, the reference
    varies by its standard error, and each side of the outline by ``outline_sd_mm``.

    Raises:
        MeasurementInputError: shapes differ, the mask is empty, or half of the body lies outside the image.
    """
    signal, mask, box, warnings, _ = sample_body(
        slice_pixels, body_mask, say("T2 pattern of {level}", level=level), ndim=2
    )
    seen = []
    for depth in (T2_RIM_MM, T2_RIM_MM - RIM_ERROR_MM, T2_RIM_MM + RIM_ERROR_MM):
        marrow = reference.flattened(marrow_signal(signal[None], mask[None], pixel_mm, depth)[0], box)
        region = regional_signal(marrow[None], mask[None], pixel_mm)[0]
        seen.append([_Side(sign, marrow, region, mask, reference) for sign in (-1, 1)])
    parts = [side.parts(np.array([threshold_sd]), 0.5, 0.0)[0] for side in seen[0]]
    low, high = (float(part.sum() / mask.sum()) for part in parts)

    rng = np.random.default_rng(0)
    rim, more = rng.integers(0, len(seen), DRAWS), rng.uniform(-1, 1, DRAWS)
    border, shift = rng.uniform(*BORDER, DRAWS), rng.standard_normal(DRAWS) * reference.standard_error
    draws = np.empty((DRAWS, 2))
    for at, sides in enumerate(seen):
        here = rim == at
        for k, side in enumerate(sides):
            found = side.parts(threshold_sd + more[here], border[here], shift[here])
            draws[here, k] = found.sum(axis=(1, 2)) / mask.sum()
    by_outline = [outline_uncertainty(part[None], mask[None], pixel_mm, outline_sd_mm) for part in parts]
    draws = np.clip(draws + by_outline * rng.standard_normal((DRAWS, 2)), 0, 1)
    patterns = [classify_t2(a, min(b, 1 - a)) for a, b in draws]
    warnings += reference.warnings
    if reference.median <= threshold_sd * reference.regional_spread:
        warnings += ("reference marrow is so heterogeneous that no signal is low enough to count as low",)

    def area(method: Method, fraction: float, draws: Array, threshold: float) -> Measurement:
        signal = reference.median + threshold * reference.regional_spread
        return Measurement(
            method=method,
            value=100 * fraction,
            unit=Unit.PERCENT,
            levels=(level,),
            # About the value itself: where the draws go to one side only, it is the value that may be off.
            standard_uncertainty=float(100 * np.sqrt(np.mean((draws - fraction) ** 2))),
            source=source,
            warnings=warnings,
            details=(
                ("body area [pixels]", float(mask.sum())),
                ("threshold [SD of reference marrow, by region]", threshold),
                ("threshold [signal, coil sensitivity divided out]", signal),
            ),
        )

    return T2PatternResult(
        pattern=classify_t2(low, high),
        low=area(LOW_T2_AREA, low, draws[:, 0], -threshold_sd),
        high=area(HIGH_T2_AREA, high, draws[:, 1], threshold_sd),
        probability=tuple((p, patterns.count(p) / DRAWS) for p in T2Pattern),
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True, eq=False)
class T2Areas:
    """What :func:`t2_pattern` counts on one slice.

    ``low`` and ``high`` are masks ``(rows, cols)``, ``signal`` ``(n,)`` that of the region around each pixel of the
    body in SD of how regions of the reference differ.
    """

    low: Mask
    high: Mask
    signal: Array


@kept
def t2_areas(
    slice_pixels: ArrayLike,
    body_mask: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    sd: float = THRESHOLD_SD,
    pixel_mm: tuple[float, float] = (1.0, 1.0),
) -> T2Areas:
    """What is low and high on one slice, to be shown to the reader.

    Raises:
        MeasurementInputError: shapes differ, the mask is empty, or half of the body lies outside the image.
    """
    signal, mask, box, _, _ = sample_body(slice_pixels, body_mask, say("T2 pattern of {level}", level=level), ndim=2)
    marrow = reference.flattened(marrow_signal(signal[None], mask[None], pixel_mm, T2_RIM_MM)[0], box)
    region = regional_signal(marrow[None], mask[None], pixel_mm)[0]
    whole = []
    for sign in (-1, 1):
        side = _Side(sign, marrow, region, mask, reference)
        there = np.zeros(np.shape(slice_pixels), bool)
        there[box] = side.parts(np.array([sd]), 0.5, 0.0)[0]
        whole.append(there)
    away = (region[mask] - reference.median) / reference.regional_spread
    return T2Areas(low=whole[0], high=whole[1], signal=np.asarray(away))


class _Side(NamedTuple):
    """What lies below (``sign`` -1) or above (+1) the marrow of one body on one slice, ready for any threshold."""

    sign: int
    marrow: Array
    region: Array
    mask: Mask
    reference: MarrowReference

    def parts(self, threshold_sd: Array, border: ArrayLike, shift: ArrayLike) -> Mask:
        """Where the lesions are whose regions exceed each threshold, as far as ``border`` of their deviation.

        ``shift`` is added to the median of the reference. One mask for each threshold: ``(n, rows, columns)``.
        """
        from scipy.ndimage import generate_binary_structure, label

        n = len(threshold_sd)
        median, edge = (
            np.broadcast_to(np.asarray(x, float), n) for x in (self.reference.median + np.asarray(shift), border)
        )
        beyond = self.sign * (self.region - median[:, None, None])
        core = self.mask & (beyond > (threshold_sd * self.reference.regional_spread)[:, None, None])
        size = core.sum(axis=(1, 2))
        found = np.zeros(core.shape, bool)
        some = size > 0
        if not some.any():
            return found
        own = self._medians()[size[some]] - self.sign * median[some]
        # Dark signal ends at none, perhaps within 3 SD of patchy marrow; what is bright can stand out from any marrow.
        least = threshold_sd[some] * self.reference.spread if self.sign > 0 else 0.0
        away = self.sign * (self.marrow - median[some][:, None, None])
        inside = self.mask & (away > np.maximum(edge[some] * own, least)[:, None, None])
        within_its_own = np.zeros((3, 3, 3), bool)
        within_its_own[1] = generate_binary_structure(2, 1)
        labels, count = label(inside, within_its_own)
        lesion = np.zeros(count + 1, bool)
        lesion[labels[core[some]]] = True
        lesion[0] = False
        found[some] = lesion[labels]
        return found

    def _medians(self) -> Array:
        """The median deviation of the marrow in the 1, 2, 3 ... pixels whose regions deviate most, from no pixel on."""
        order = np.argsort(-self.sign * self.region[self.mask], kind="stable")
        medians, so_far = [np.nan], list[float]()
        for value in (self.sign * self.marrow[self.mask])[order].tolist():
            insort(so_far, value)
            m = len(so_far)
            medians.append((so_far[(m - 1) // 2] + so_far[m // 2]) / 2)
        return np.array(medians)
