"""Vertebral bone quality (VBQ): T1 signal of the lumbar bodies over that of CSF.

Ehresman, Spine J 2020;20:556-62 (the score); Kadri, J Neurosurg Spine 2025 (after a compression fracture, high from
3.0, fractured level left out). High VBQ is common in everybody with fractures (about 70 % of Kadri's patients): it is
no individual risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist, median
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, OvcfError
from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.declare import Acquisition, Contrast, FromMarrow, Of
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import depth_mm, robust_sd, trabecular_roi
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import ArrayLike

    from ovcf.landmarks import Source
    from ovcf.measures.declare import SignalSeries
    from ovcf.measures.signal.marrow import Mask

VBQ = Method(
    "vbq",
    "Vertebral bone quality (VBQ)",
    "median T1 signal of the bodies L1-L4 / T1 signal of CSF at L3",
    ("kadri-2025", "ehresman-2020"),
)
VBQ_ALL_LEVELS = Method(
    "vbq-all-levels", "VBQ with the fractured level", VBQ.definition + ", fractured levels too", ("kadri-2025",)
)
VBQ_LEVELS = (Level.L1, Level.L2, Level.L3, Level.L4)
CSF_ORDER = (Level.L3, Level.L2, Level.L4)
HIGH_FROM = 3.0
TOLERANCE = 1e-9
REPEAT_SCAN_SD = 0.82 * math.sqrt(1 - 0.749)
"""SD of one VBQ between scans, 0.41: Kadri's SD of 0.82 and a repeat-scan ICC of .749, both from other cohorts."""
GROWN_SD = 1.5
"""How far the signal of pixels may lie from that of the CSF they join."""
TR_MS, TE_MS = (400.0, 850.0), (8.0, 20.0)
UNKNOWN = Acquisition()


@dataclass(frozen=True, slots=True, kw_only=True)
class VBQResult:
    """VBQ without (``excluding``) and with the excluded levels; None where fewer than two of L1-L4 remain.

    ``high`` is Kadri's >= 3.0 of ``excluding``, ``high_probability`` that of its true value. ``variant`` says in words
    which CSF and levels were used; ``reason`` why ``excluding`` is missing. ``level_values`` and ``csf`` are signals of
    this one series.
    """

    excluding: Measurement | None
    including: Measurement | None
    high: bool | None
    high_probability: float | None
    csf_level: Level
    csf: float
    variant: str
    level_values: tuple[tuple[Level, float], ...]
    warnings: tuple[str, ...] = ()
    reason: str = ""


def vbq(level_values: Mapping[Level, float], csf: float, exclude: Collection[Level] = ()) -> float | None:
    """Median of the values of L1-L4 that are not excluded, over ``csf``; None if fewer than two remain.

    Raises:
        MeasurementInputError: a signal is not finite and positive.
    """
    values = {level: level_values[level] for level in VBQ_LEVELS if level in level_values and level not in exclude}
    for name, value in (*values.items(), ("CSF", csf)):
        if not (math.isfinite(value) and value > 0):
            raise MeasurementInputError(
                say("VBQ, {name}", name=name),
                say("signal {value} is not positive", value=value),
                "Place its region again.",
            )
    return median(values.values()) / csf if len(values) >= 2 else None


def vertebral_bone_quality(
    t1_slice: ArrayLike,
    bodies: Mapping[Level, ArrayLike],
    csf: Mapping[Level, ArrayLike | float],
    *,
    exclude: Collection[Level] = (),
    placed: Mapping[Level, float] | None = None,
    acquisition: Acquisition = UNKNOWN,
    pixel_mm: tuple[float, float] = (1.0, 1.0),
    margin_mm: float = 3.0,
    source: Source,
) -> VBQResult:
    """VBQ on the mid-sagittal T1 slice ``(rows, cols)``, its coil's sensitivity divided out: CSF lies nearer to it.

    Each level's value is the mean of its trabecular bone (``margin_mm`` off the edge, without the basivertebral vein).
    ``csf`` gives a mask or a mean signal at L3, else L2, else L4, in this order. ``exclude`` names levels that are
    fractured, cemented, instrumented, metastatic or hold a haemangioma. ``placed`` gives the mean signal of regions
    that a reader placed in a body, in place of the one found there. :data:`REPEAT_SCAN_SD` becomes the standard
    uncertainty: the difference between two scans of one person dwarfs that between pixels of one region.

    Raises:
        MeasurementInputError: contrast-enhanced images, no CSF at L2-L4, shapes that differ, or signal <= 0.
    """
    if acquisition.contrast_agent:
        raise MeasurementInputError(
            "VBQ", "the T1 images are contrast-enhanced", "Give T1 images from before the contrast agent."
        )
    image = np.asarray(t1_slice, float)
    warnings = list(_protocol_warnings(acquisition))
    csf_level = next((level for level in CSF_ORDER if level in csf), None)
    if csf_level is None:
        raise MeasurementInputError("VBQ", "no CSF region at L3, L2 or L4", "Place one at L3, away from the roots.")
    given = csf[csf_level]
    csf_signal = (
        float(np.asarray(given))
        if np.ndim(given) == 0
        else _mean(image, given, say("VBQ, CSF at {csf_level}", csf_level=csf_level))
    )
    values, too_small = body_signals(image, bodies, pixel_mm, margin_mm, placed)
    warnings += too_small
    without = vbq(values, csf_signal, exclude)
    used = [level for level in values if level not in exclude]
    variant = say("CSF at {csf_level}; median of {value}", csf_level=csf_level, value=joined(", ", used) or "no level")
    if by_hand := [level for level in used if level in (placed or {})]:
        variant += say("; region placed by the reader in {join}", join=joined(", ", by_hand))
    if csf_level != Level.L3:
        warnings.append(say("CSF taken at {csf_level}: the published score takes it at L3", csf_level=csf_level))

    def measurement(method: Method, value: float | None, levels: Collection[Level]) -> Measurement | None:
        if value is None:
            return None
        return Measurement(
            method=method,
            value=value,
            unit=Unit.RATIO,
            levels=tuple(levels),
            standard_uncertainty=REPEAT_SCAN_SD,
            source=source,
            warnings=tuple(warnings),
            details=(
                *((say("{level} signal", level=level), values[level]) for level in levels),
                (say("CSF signal at {csf_level}", csf_level=csf_level), csf_signal),
            ),
        )

    return VBQResult(
        excluding=measurement(VBQ, without, used),
        including=measurement(VBQ_ALL_LEVELS, vbq(values, csf_signal), values),
        high=None if without is None else without >= HIGH_FROM - TOLERANCE,
        high_probability=None if without is None else NormalDist(without, REPEAT_SCAN_SD).cdf(2 * without - HIGH_FROM),
        csf_level=csf_level,
        csf=csf_signal,
        variant=variant,
        level_values=tuple(values.items()),
        warnings=tuple(warnings),
        reason="" if without is not None else say("{used} of L1-L4 usable, at least 2 are needed", used=len(used)),
    )


def body_signals(
    image: ArrayLike,
    bodies: Mapping[Level, ArrayLike],
    pixel_mm: tuple[float, float],
    margin_mm: float = 3.0,
    placed: Mapping[Level, float] | None = None,
) -> tuple[dict[Level, float], tuple[str, ...]]:
    """Mean signal of the trabecular bone of each of L1-L4 on one slice ``(rows, cols)``, and which were too small.

    What a reader ``placed`` goes before the region found in a body.

    Raises:
        MeasurementInputError: shapes differ, or half of a body lies outside the image.
    """
    by_hand = placed or {}
    values: dict[Level, float] = {}
    small = []
    for level in VBQ_LEVELS:
        if level in by_hand:
            values[level] = by_hand[level]
            continue
        if level not in bodies or not np.any(bodies[level]):
            continue
        body = sample_body(image, bodies[level], say("VBQ, {level}", level=level), ndim=2)
        roi = trabecular_roi(body.mask[None], (1.0, *pixel_mm), margin_mm)[0]
        if roi.any():
            values[level] = float(body.signal[roi].mean())
        else:
            small.append(
                say(
                    "{level} is too small for a region {margin_mm:g} mm inside its edge: left out",
                    level=level,
                    margin_mm=margin_mm,
                )
            )
    return values, tuple(small)


def csf_signals(series: SignalSeries) -> dict[Level, float]:
    """Signal of CSF behind the first of L3, L2 and L4 where there is a region; one that a reader placed goes first.

    Raises:
        MeasurementInputError: there is none, as at L3.
    """
    for level in CSF_ORDER:
        if (placed := series.placed(level, "csf")) is not None:
            return {level: placed}
    first: OvcfError | None = None
    for level in CSF_ORDER:
        if level in series.bodies:
            try:
                return {level: series.csf(level)}
            except OvcfError as error:
                first = first or error
    if first is not None:
        raise first
    raise MeasurementInputError("VBQ", "the series shows none of L2 to L4", "Use images that show L1 to L4.")


def placed_in(series: SignalSeries) -> dict[Level, float]:
    """Mean signal of each region that a reader placed in a body of L1-L4."""
    return {at: signal for at in VBQ_LEVELS if (signal := series.placed(at, "body")) is not None}


@kept
def quality_of(series: SignalSeries, affected: frozenset[Level]) -> VBQResult:
    """VBQ of a T1 series without and with the ``affected`` levels.

    Raises:
        MeasurementInputError: see :func:`csf_signals` and :func:`vertebral_bone_quality`.
    """
    at = series.middle
    return vertebral_bone_quality(
        series.flat(at),
        {level: mask[at] for level, mask in series.bodies.items() if mask[at].any()},
        csf_signals(series),
        exclude=affected,
        placed=placed_in(series),
        acquisition=series.acquisition,
        pixel_mm=series.spacing[1:],
        source=series.source,
    )


def _without_affected(series: SignalSeries, _: Level | None, affected: frozenset[Level]) -> Measurement:
    result = quality_of(series, affected)
    if result.excluding is None:
        raise MeasurementInputError("VBQ", result.reason, "Use images that show L1 to L4.")
    return result.excluding


def _with_affected(series: SignalSeries, _: Level | None, affected: frozenset[Level]) -> Measurement | None:
    """VBQ with the fractured levels, where that is another figure."""
    try:
        result = quality_of(series, affected)
    except MeasurementInputError:  # VBQ itself, withheld for the same reason, says why
        return None
    return result.including if affected & {level for level, _ in result.level_values} else None


MEASUREMENTS = (
    FromMarrow(method=VBQ, unit=Unit.RATIO, of=Of.SPINE, contrast=Contrast.T1, csf=True, function=_without_affected),
    FromMarrow(
        method=VBQ_ALL_LEVELS, unit=Unit.RATIO, of=Of.SPINE, contrast=Contrast.T1, csf=True, function=_with_affected
    ),
)


def csf_roi(
    sagittal_slice: ArrayLike,
    canal_mask: ArrayLike,
    body_mask: ArrayLike,
    *,
    sequence: str = "T1",
    pixel_mm: tuple[float, float] = (1.0, 1.0),
    margin_mm: float = 2.0,
    share: float = 1 / 3,
) -> Mask:
    """CSF behind one body, for the denominator of VBQ: a mask ``(rows, cols)``.

    Within the canal, ``margin_mm`` off its wall, level with the body. CSF is the darkest tissue there on T1 and the
    brightest on T2, roots and fat are not. So the region starts from the largest connected patch of the darkest
    (brightest) ``share`` after a 3 x 3 median, level with the middle half of the body. Strips narrower than three
    pixels are no patch: ligament and chemical shift line the wall of the canal and are darker than CSF on T1. The patch
    then grows to what joins it within 1.5 robust SD, since the darkest third of noisy CSF is darker than CSF
    (docs/decisions/004).

    Raises:
        MeasurementInputError: shapes differ, ``sequence`` is neither T1 nor T2, or no canal lies behind the body.
    """
    from scipy.ndimage import binary_opening, label, median_filter

    if sequence not in ("T1", "T2"):
        raise MeasurementInputError(
            "CSF region", say("sequence {sequence!r} is not known", sequence=sequence), "Give T1 or T2."
        )
    image, canal = np.asarray(sagittal_slice, float), np.asarray(canal_mask) != 0
    sample_body(image, canal, "CSF region, canal", ndim=2)
    body = sample_body(image, body_mask, "CSF region", ndim=2)
    rows, cols = (index + side.start for index, side in zip(np.nonzero(body.mask), body.box, strict=True))
    top, bottom = np.quantile(rows, (0.25, 0.75))
    # Nothing is looked at but what is level with the body, and as much beside it as the canal's wall may be away.
    beside = math.ceil(margin_mm / pixel_mm[0]) + 2
    first, last = int(rows.min()), int(rows.max())
    strip = slice(max(0, first - beside), last + 1 + beside)
    region = np.zeros(image.shape, bool)
    like_csf = np.nan_to_num(image[strip]) * (1 if sequence == "T1" else -1)
    core = (depth_mm(canal[None, strip], pixel_mm)[0] > margin_mm) & np.isfinite(image[strip])
    core[:, : int(cols.mean())] = False
    core[: first - strip.start] = core[last + 1 - strip.start :] = False
    middle = core.copy()
    middle[: math.ceil(top) - strip.start] = middle[math.floor(bottom) + 1 - strip.start :] = False
    if not middle.any():
        raise MeasurementInputError(
            "CSF region", "the canal does not lie behind the body on this slice", "Choose the mid-sagittal slice."
        )
    smooth = median_filter(like_csf, 3)
    chosen = middle & (smooth <= np.quantile(smooth[middle], share))
    wide = binary_opening(chosen, np.ones((3, 3), bool))
    labels, _ = label(wide if wide.any() else chosen)
    patch = grown = labels == 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    for _ in range(3):
        limit = np.median(like_csf[grown]) + GROWN_SD * robust_sd(like_csf[grown])
        labels, _ = label(patch | (core & (smooth <= limit)))
        grown = (labels > 0) & np.isin(labels, labels[patch])
    region[strip] = grown
    return region


def _mean(image: ArrayLike, mask: ArrayLike, where: str) -> float:
    region = sample_body(image, mask, where, ndim=2)
    return float(region.signal[region.mask].mean())


def _protocol_warnings(acquisition: Acquisition) -> tuple[str, ...]:
    """What about the protocol keeps this VBQ from being compared with the published threshold."""
    found = []
    tesla = acquisition.field_strength_t
    if tesla is None:
        found.append("field strength unknown: the 3.0 threshold is from 1.5 T")
    elif abs(tesla - 1.5) > 0.1:
        found.append(
            say("{tesla:g} T: VBQ runs lower at 3 T (2.20 against 2.77), the 3.0 threshold is from 1.5 T", tesla=tesla)
        )
    tr, te = acquisition.repetition_time_ms, acquisition.echo_time_ms
    for name, value, (low, high) in (("TR", tr, TR_MS), ("TE", te, TE_MS)):
        if value is not None and not low <= value <= high:
            found.append(
                say(
                    "{name} {value:g} ms lies outside {low:g}-{high:g} ms: T1 weighting differs from the source",
                    name=name,
                    value=value,
                    low=low,
                    high=high,
                )
            )
    if acquisition.contrast_agent is None:
        found.append("not known whether contrast agent was given: only unenhanced T1 is valid")
    return tuple(found)
