"""Bone marrow edema on STIR or fat-suppressed T2: how much of the body, over all slices.

The percentage is Voormolen's (AJNR 2006;27:983-988, "based on all images"), there a visual estimate; the four levels
are Nagao's (J Spine Res 2025;16:50-57). After augmentation edema says nothing about pain (Voormolen): never show it
as such.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow, Of, Printed
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import (
    OUTLINE_SD_MM,
    RIM_ERROR_MM,
    RIM_MM,
    THRESHOLD_SD,
    edges_of,
    marrow_signal,
    outline_uncertainty,
    regional_signal,
    vein_zone,
)
from ovcf.units import Unit
from ovcf.vocabulary import BmeLevel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source
    from ovcf.measures.signal.marrow import Array, MarrowReference, Mask, Spacing

BONE_MARROW_EDEMA = Method(
    "bme-percent",
    "Bone marrow edema (BME)",
    "100 x sum of edema area over all slices / sum of body area over all slices",
    ("voormolen-2006", "nagao-2025"),
)
MEASUREMENTS = (
    FromMarrow(
        method=BONE_MARROW_EDEMA,
        unit=Unit.PERCENT,
        contrast=Contrast.FLUID,
        of=Of.FRACTURES,
        printed=Printed.SUMMARY,
        finding="edema level",
    ),
)
TOLERANCE = 1e-9
MIN_AREA_MM2 = 10.0
EDGE_SHARE, EDGE_SHARE_ERROR = 0.5, 0.15
"""Where bright edema ends: at this share of its own signal, uniform within the error."""
MAX_HIDDEN = 0.10
"""Share of the body whose edema noise may hide before the percentage is refused (chosen, docs/decisions/004)."""
MAX_UNEVEN = 0.5
"""Spread of the reference, as a share of its median, at which no threshold means anything: intact marrow spreads far
less, brightness that changes between slices more (chosen, docs/decisions/004)."""
EDGE_MM = 3.0
"""How far from a voxel the signal of the edema it belongs to, and the sound marrow that it may be, are looked for; the
latter in regions of this size."""


UNEXPLAINED = 1.0
"""Standard uncertainty in points for what no cause below explains (chosen, docs/decisions/004)."""


def bme_level(percent: float) -> BmeLevel:
    """Nagao's level of an edema percentage, made continuous: 0 none, < 25 minor, < 75 moderate, else severe.

    Raises:
        MeasurementInputError: not a number from 0 to 100.
    """
    if not math.isfinite(percent) or not -TOLERANCE <= percent <= 100 + TOLERANCE:
        raise MeasurementInputError(
            "bone marrow edema", say("{percent} is not a percentage", percent=percent), "Give 0 to 100."
        )
    if percent <= TOLERANCE:
        return BmeLevel.NONE
    if percent < 25 - TOLERANCE:
        return BmeLevel.MINOR
    return BmeLevel.MODERATE if percent < 75 - TOLERANCE else BmeLevel.SEVERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """How far the outline of a body is trusted.

    ``sd_mm`` is the standard uncertainty of each side, millimetres; ``inside_mm`` how far within the body the outline
    ends; ``end_weight`` (0 to 1) what the two outermost slices count for.
    """

    sd_mm: float = OUTLINE_SD_MM
    inside_mm: float = 0.0
    end_weight: float = 1.0


DRAWN = Outline()
"""An outline that a person drew."""


@kept
def marrow_edema(
    voxels: ArrayLike,
    body: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    voxel_mm: Spacing,
    threshold_sd: float = THRESHOLD_SD,
    outline: Outline = DRAWN,
    cement: ArrayLike | None = None,
    cleft: ArrayLike | None = None,
    source: Source,
) -> Measurement:
    """BME of one body in percent, over all its slices.

    Edema is signal above the reference by more than ``threshold_sd`` of its spread; where sound marrow lies within
    3 mm, by at least half as much as the edema beside it, too (within 3 mm, at most the median of all edema, so that
    fluid is not its plateau): blur and thick slices carry a bright lesion over any fixed threshold beyond its edge. The
    rim (:data:`~ovcf.measures.signal.marrow.RIM_MM`) goes with the marrow behind it, since it shares its voxels with
    disc and CSF. In each slice patches below :data:`MIN_AREA_MM2`, and patches wholly where the basivertebral vein
    leaves the body, are not edema. ``cement`` and ``cleft`` (masks) stay in the denominator and never count as edema.

    The standard uncertainty combines: the threshold, taken as uniform within 1 SD of ``threshold_sd`` and shifted by
    the standard error of the reference; the edge, uniform between 35 and 65 % of the signal beside it, and within what
    would be taken off, did sound marrow lie everywhere; the depth of the rim, uniform within half a millimetre; single
    voxels, each on the wrong side with the probability that its distance from the threshold gives; each side of the
    outline, off by ``outline.sd_mm``; the two outermost slices, each as likely to belong to the body as not; and
    :data:`UNEXPLAINED`. Noise widens the spread and so raises the threshold: the edema of regions
    (:func:`ovcf.measures.signal.marrow.regional_signal`) that the spread of marrow alone would show in addition
    counts as a standard uncertainty, too. Who trusts an outline so little gives the outermost slices less weight in the
    percentage, too (``outline.end_weight``).

    An outline that ends ``outline.inside_mm`` within the body leaves out a border that is sound more often than what
    lies within: the rim is thinner by as much, and voxels at the outline count for what lies beyond them, too.

    Raises:
        MeasurementInputError: shapes differ, the mask is empty, half of the body lies outside the series, noise may
            hide more than 10 % of the body, or the reference spreads over more than half of its median.
    """
    find = partial(_find, voxels, body, reference, level, voxel_mm, cement, cleft)
    rim_mm = RIM_MM - outline.inside_mm
    found, by_spread = _searched(find, rim_mm, reference, level, threshold_sd)
    area, total = found.edema(threshold_sd), int(found.mask.sum())
    weight = _with_what_lies_beyond(found.mask, voxel_mm[1:], outline.inside_mm)
    weight[[0, -1]] *= outline.end_weight if len(area) > 2 else 1.0
    pixel_area = voxel_mm[1] * voxel_mm[2]
    # Uniform within +-1 SD has a standard deviation of 1/sqrt(3).
    step = math.hypot(1 / math.sqrt(3), reference.standard_error / reference.spread)
    by_threshold = (found.edema(threshold_sd - step).sum() - found.edema(threshold_sd + step).sum()) / 2
    edges = (EDGE_SHARE - EDGE_SHARE_ERROR, EDGE_SHARE + EDGE_SHARE_ERROR)
    most, least = (found.edema(threshold_sd, edge).sum() for edge in edges)
    by_edge = (most - least) / 2 / math.sqrt(3)
    everywhere = found._replace(darkest=np.full(found.z.shape, -np.inf)).edema(threshold_sd)
    by_neighbour = float(area.sum() - everywhere.sum()) / math.sqrt(3)
    shallow, deep = (find(rim).edema(threshold_sd).sum() for rim in (rim_mm - RIM_ERROR_MM, rim_mm + RIM_ERROR_MM))
    by_rim = (deep - shallow) / 2 / math.sqrt(3)
    by_noise = math.sqrt(_misplaced_variance(found.z[found.mask] - threshold_sd))
    by_outline = total * outline_uncertainty(area, found.mask, voxel_mm[1:], outline.sd_mm)
    by_ends = total * _by_ends(area, found.mask)
    voxels_off = (by_threshold, by_edge, by_neighbour, by_rim, by_noise, by_spread, by_outline, by_ends)
    vein = (found.z > threshold_sd) & found.vein & ~area
    return Measurement(
        method=BONE_MARROW_EDEMA,
        value=float(100 * weight[area].sum() / weight.sum()),
        unit=Unit.PERCENT,
        levels=(level,),
        standard_uncertainty=math.hypot(UNEXPLAINED, 100 * math.hypot(*voxels_off) / total),
        source=source,
        warnings=found.warnings + reference.warnings,
        details=(
            ("edema area, all slices [mm2]", float(area.sum() * pixel_area)),
            ("body area, all slices [mm2]", float(total * pixel_area)),
            ("slices", float(found.mask.any(axis=(1, 2)).sum())),
            ("threshold [SD of reference marrow]", threshold_sd),
            ("cement and cleft area [mm2]", float(np.isneginf(found.z[found.mask]).sum() * pixel_area)),
            ("bright vein area left out [mm2]", float(vein.sum() * pixel_area)),
        ),
    )


def _with_what_lies_beyond(body: Mask, pixel_mm: tuple[float, float], beyond_mm: float) -> Array:
    """How many voxels each voxel of a body stands for in its slice, were the body larger by so much on every side."""
    weight = body.astype(float)
    for axis, mm in enumerate(pixel_mm, 1):
        for edge in edges_of(body, axis):
            weight[edge] += beyond_mm / mm
    return weight


@kept
def edema_mask(
    voxels: ArrayLike,
    body: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    voxel_mm: Spacing,
    threshold_sd: float = THRESHOLD_SD,
    outline: Outline = DRAWN,
    cement: ArrayLike | None = None,
    cleft: ArrayLike | None = None,
) -> Mask:
    """The voxels that :func:`marrow_edema` counts, on the grid of ``voxels``, to be shown to the reader.

    Raises:
        MeasurementInputError: where that refuses to.
    """
    find = partial(_find, voxels, body, reference, level, voxel_mm, cement, cleft)
    found, _ = _searched(find, RIM_MM - outline.inside_mm, reference, level, threshold_sd)
    whole = np.zeros(np.shape(voxels), bool)
    whole[found.box] = found.edema(threshold_sd)
    return whole


@kept
def edema_signal(
    voxels: ArrayLike,
    body: ArrayLike,
    reference: MarrowReference,
    *,
    level: Level,
    voxel_mm: Spacing,
    outline: Outline = DRAWN,
) -> Array:
    """The signal of each voxel of a body ``(n,)`` in SD of the reference, as the threshold of edema looks at it.

    Raises:
        MeasurementInputError: shapes differ, the mask is empty, or half of the body lies outside the series.
    """
    found = _find(voxels, body, reference, level, voxel_mm, None, None, RIM_MM - outline.inside_mm)
    return np.asarray(found.z[found.mask])


class _Search(NamedTuple):
    """One body made ready for any threshold: ``z`` in SD of the reference, -inf where edema cannot be, and the
    ``darkest`` region beside each voxel."""

    z: Array
    darkest: Array
    mask: Mask
    vein: Mask
    box: tuple[slice, ...]
    min_pixels: float
    reach: tuple[int, int, int]
    warnings: tuple[str, ...]

    def edema(self, threshold_sd: float, edge_share: float = EDGE_SHARE) -> Mask:
        """The in-plane patches above a threshold, up to their edges, that are neither specks nor the vein alone."""
        from scipy.ndimage import label, maximum_filter

        bright = self.z > threshold_sd
        if bright.any():
            plateau = np.minimum(maximum_filter(self.z, self.reach, mode="nearest"), np.median(self.z[bright]))
            bright &= (self.z >= edge_share * plateau) | (self.darkest > threshold_sd)
        labels, n = label(bright, structure=_IN_PLANE)
        size = np.bincount(labels.ravel(), minlength=n + 1)
        outside = np.bincount(labels[~self.vein], minlength=n + 1)
        keep = (size >= self.min_pixels) & (outside > 0)
        keep[0] = False
        return np.asarray(keep[labels])


def _find(
    voxels: ArrayLike,
    body: ArrayLike,
    reference: MarrowReference,
    level: Level,
    voxel_mm: Spacing,
    cement: ArrayLike | None,
    cleft: ArrayLike | None,
    rim_mm: float,
    *,
    regional: bool = False,
) -> _Search:
    where = say("bone marrow edema of {level}", level=level)
    signal, mask, box, warnings, _ = sample_body(voxels, body, where)
    marrow = marrow_signal(signal, mask, voxel_mm[1:], rim_mm)
    z = reference.z(regional_signal(marrow, mask, voxel_mm[1:]) if regional else marrow, box)
    z[~mask] = -np.inf
    for name, other in (("cement", cement), ("cleft", cleft)):
        if other is None:
            continue
        if np.shape(other) != np.shape(voxels):
            raise MeasurementInputError(
                where, say("the {name} mask has another shape", name=name), "Give it on the same grid."
            )
        inside = mask & (np.asarray(other)[box] != 0)
        z[inside] = -np.inf
        if inside.any():
            warnings += (
                say(
                    "{name} covers {inside:.0f}% of the body: kept in it",
                    name=name,
                    inside=100 * inside.sum() / mask.sum(),
                ),
            )
    min_pixels = MIN_AREA_MM2 / (voxel_mm[1] * voxel_mm[2])
    steps = [round(EDGE_MM / mm) for mm in voxel_mm[1:]]
    reach = (1, 2 * steps[0] + 1, 2 * steps[1] + 1)
    darkest = _darkest(z, (1, steps[0] | 1, steps[1] | 1), reach)
    return _Search(z, darkest, mask, vein_zone(mask), box, min_pixels, reach, warnings)


def _darkest(z: Array, region: tuple[int, int, int], reach: tuple[int, int, int]) -> Array:
    """The least mean of a region of marrow within reach of each voxel."""
    from scipy.ndimage import minimum_filter, uniform_filter

    marrow = np.isfinite(z)
    share = uniform_filter(marrow.astype(float), region)
    mean = uniform_filter(np.where(marrow, z, 0.0), region) / np.maximum(share, 1e-9)
    return np.asarray(minimum_filter(np.where(marrow, mean, np.inf), reach))


def _searched(
    find: Callable[..., _Search], rim_mm: float, reference: MarrowReference, level: Level, threshold_sd: float
) -> tuple[_Search, float]:
    """A body made ready, and how many voxels of edema noise may hide (see :func:`_hidden`)."""
    return find(rim_mm), _hidden(find(rim_mm, regional=True), reference, level, threshold_sd)


def _hidden(regions: _Search, reference: MarrowReference, level: Level, threshold_sd: float) -> float:
    """How many voxels of edema stand out of the marrow's own spread but not of that which noise has widened.

    Raises:
        MeasurementInputError: these are too many, or the reference is too uneven for any threshold.
    """
    where = say("bone marrow edema of {level}", level=level)
    if reference.spread > MAX_UNEVEN * abs(reference.median):
        raise MeasurementInputError(
            where,
            say(
                "the signal of sound marrow varies by {spread:.0f}% of its median",
                spread=100 * reference.spread / abs(reference.median),
            ),
            "Look for slices of differing brightness and for noise; judge the edema by eye, or repeat the series.",
        )
    own_threshold_sd = threshold_sd * reference.own_spread / reference.spread
    hidden = float(regions.edema(own_threshold_sd).sum() - regions.edema(threshold_sd).sum())
    share = hidden / regions.mask.sum()
    if share > MAX_HIDDEN:
        raise MeasurementInputError(
            where,
            say("the image is so noisy that edema of {share:.0f}% of the body may not stand out", share=100 * share),
            "Judge the edema by eye, or repeat the series.",
        )
    return hidden


_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[1] = True


def _by_ends(area: Mask, mask: Mask) -> float:
    """Standard uncertainty of the share of edema from the two outermost slices."""
    share = area.sum() / mask.sum()
    ends = [np.arange(len(mask)) != end for end in (0, len(mask) - 1)] if len(mask) > 2 else []
    return math.hypot(*(float(area[rest].sum() / mask[rest].sum() - share) / 2 for rest in ends))


def _misplaced_variance(distance_sd: Array) -> float:
    """Variance of a count of voxels when each may fall on the wrong side of the threshold."""
    from scipy.special import ndtr

    p = ndtr(distance_sd)
    return float(np.sum(p * (1 - p)))
