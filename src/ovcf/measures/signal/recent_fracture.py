"""Signs of a recent fracture: low signal on T1, high signal on a fluid-sensitive series.

HAN (Sci Rep 2025;15:16791) calls a fracture recent by low T1 signal; the UNC teaching case asks for high signal on
STIR or fat-suppressed T2 as well. Plain T2 is not fluid-sensitive: fat is bright on it too.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.kept import kept
from ovcf.landmarks import Source
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.body_sample import sample_body
from ovcf.measures.signal.marrow import RIM_MM, THRESHOLD_SD, marrow_signal
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from ovcf.measures.signal.marrow import MarrowReference, Spacing

T1_LOW = Method(
    "t1-low-percent",
    "Low-signal marrow on T1",
    "100 x volume below the reference marrow / body volume",
    ("han-2025", "unc-case"),
)
FLUID_HIGH = Method(
    "fluid-high-percent",
    "High-signal marrow on STIR or fat-suppressed T2",
    "100 x volume above the reference marrow / body volume",
    ("unc-case",),
)
MEASUREMENTS = tuple(
    FromMarrow(method=method, unit=Unit.PERCENT, contrast=contrast, finding="recency")
    for method, contrast in ((T1_LOW, Contrast.T1), (FLUID_HIGH, Contrast.FLUID))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentFractureSigns:
    """Each sign (None: no such series), what they say together (None: the reader must decide), and why.

    ``probability`` is that of recent (True), not recent (False) and "the reader must decide" (None) under the error of
    both measurements.
    """

    level: Level
    t1_low: bool | None
    fluid_high: bool | None
    recent: bool | None
    measurements: tuple[Measurement, ...]
    reasons: tuple[str, ...]
    probability: tuple[tuple[bool | None, float], ...] = ()


class BodySignal(NamedTuple):
    """One vertebral body on one series: signal, mask and reference marrow on one grid, sagittal slice first."""

    voxels: ArrayLike
    body: ArrayLike
    reference: MarrowReference
    voxel_mm: Spacing = (1.0, 1.0, 1.0)
    source: Source | None = None


MIN_USUAL = 3
"""Unaffected levels from which on their share is taken for usual: of one or two, either may be affected unseen."""
SURE = 0.9
"""How probable "recent" or "not recent" must be to be said: nearer to a limit the reader decides (project choice)."""
_ANSWERS = (True, False, None)


@kept
def recent_fracture_signs(
    level: Level,
    *,
    t1: BodySignal | None = None,
    fluid_sensitive: BodySignal | None = None,
    t1_usual: float = 0.0,
    fluid_usual: float = 0.0,
    threshold_sd: float = THRESHOLD_SD,
    min_fraction: float = 0.10,
    rim_mm: float = RIM_MM,
) -> RecentFractureSigns:
    """Signs of one vertebra on each series.

    A sign is present when at least ``min_fraction`` more of the body than usual lies beyond ``threshold_sd`` of the
    reference: a fracture may be a band, so the median of the body is not asked. Sound bodies have such parts too
    (the vein, fat in islands); ``t1_usual`` and ``fluid_usual`` are their shares in percent (:func:`usual_share`). Both
    present: recent. T1 not low, or no high fluid signal: not recent, except that fluid without low T1, or one series
    alone that is positive, leaves the decision to the reader, and so do shares so near to the limit that neither answer
    is :data:`SURE`.

    Raises:
        MeasurementInputError: no series is given, shapes differ, or the body is empty.
    """
    if t1 is None and fluid_sensitive is None:
        raise MeasurementInputError(
            say("recent-fracture signs of {level}", level=level),
            "neither T1 nor STIR or fat-suppressed T2 is given",
            "Plain T2 alone cannot answer this; acquire or add one of them.",
        )
    low = None if t1 is None else _share(T1_LOW, level, t1, -threshold_sd, rim_mm)
    high = None if fluid_sensitive is None else _share(FLUID_HIGH, level, fluid_sensitive, threshold_sd, rim_mm)
    limits = (100 * min_fraction + t1_usual, 100 * min_fraction + fluid_usual)
    t1_low = None if low is None else low.value >= limits[0] - 1e-9
    fluid_high = None if high is None else high.value >= limits[1] - 1e-9
    recent, verdict = _together(t1_low, fluid_high)
    shares = _shares(low, high, limits)
    if recent is not None and shares[recent] < SURE:
        # Of the answer that the values give: it is the likeliest, so that what is said of it is never close to none.
        text = "near the limit: recent with a probability of {p:.0f}%"
        if not recent:
            text = "near the limit: not recent with a probability of {p:.0f}%"
        recent, verdict = None, say(text, p=100 * shares[recent])
    judged = [(m, limit) for m, limit in zip((low, high), limits, strict=True) if m is not None]
    measurements = tuple(m for m, _ in judged)
    said = tuple(
        say(
            "{method}: {m:.0f} ± {standard_uncertainty:.0f}% of the body, limit {limit:.0f}%",
            method=m.method.name,
            m=m.value,
            standard_uncertainty=m.standard_uncertainty,
            limit=limit,
        )
        for m, limit in judged
    )
    return RecentFractureSigns(
        level=level,
        t1_low=t1_low,
        fluid_high=fluid_high,
        recent=recent,
        measurements=measurements,
        reasons=(*said, verdict),
        probability=tuple(shares.items()),
    )


def usual_share(
    contrast: Contrast, bodies: Mapping[Level, BodySignal], *, sd: float = THRESHOLD_SD, rim_mm: float = RIM_MM
) -> float:
    """The share, in percent, of the unaffected ``bodies`` of one series that lies beyond ``sd``: the median over the
    levels that its reference marrow was taken from; 0 where there are fewer than three.
    """
    method, sign = (T1_LOW, -1) if contrast is Contrast.T1 else (FLUID_HIGH, 1)
    shares = []
    for level, series in bodies.items():
        if level in series.reference.levels:
            with suppress(MeasurementInputError):
                shares.append(_share(method, level, series, sign * sd, rim_mm).value)
    return float(np.median(shares)) if len(shares) >= MIN_USUAL else 0.0


def _shares(low: Measurement | None, high: Measurement | None, limits: tuple[float, float]) -> dict[bool | None, float]:
    """Probability of each answer, the errors of the two measurements taken as independent."""
    total: dict[bool | None, float] = dict.fromkeys(_ANSWERS, 0.0)
    for t1_low, p in _chances(low, limits[0]):
        for fluid_high, q in _chances(high, limits[1]):
            total[_together(t1_low, fluid_high)[0]] += p * q
    return total


def _chances(share: Measurement | None, limit: float) -> tuple[tuple[bool | None, float], ...]:
    """Whether a sign is present, with the probability of either answer; None where there is no such series."""
    if share is None:
        return ((None, 1.0),)
    sd = share.standard_uncertainty
    p = 1 - NormalDist(share.value, sd).cdf(limit) if sd else float(share.value >= limit - 1e-9)
    return (True, p), (False, 1 - p)


def _together(t1_low: bool | None, fluid_high: bool | None) -> tuple[bool | None, str]:
    """What the two signs say together."""
    match t1_low, fluid_high:
        case True, True:
            return True, "low on T1 and high on the fluid-sensitive series: recent"
        case _, False:
            return False, "no high signal on the fluid-sensitive series: not recent (an old fracture, or none)"
        case False, None:
            return False, "no low signal on T1: not recent"
        case True, None:
            return (
                None,
                "low on T1 (recent by HAN's definition); STIR or fat-suppressed T2 would tell it from an old one",
            )
        case None, True:
            return None, "high on the fluid-sensitive series; T1 is missing"
        case _:
            return None, "high on the fluid-sensitive series but not low on T1: the signs disagree"


@kept
def _share(method: Method, level: Level, series: BodySignal, threshold: float, rim_mm: float) -> Measurement:
    """Percent of the body beyond ``threshold`` SD (below it if negative), with the median z score in the details."""
    voxels, body, reference, voxel_mm, source = series
    signal, mask, box, warnings, _ = sample_body(
        voxels, body, say("{method} of {level}", method=method.name, level=level)
    )
    z = reference.z(marrow_signal(signal, mask, voxel_mm[1:], rim_mm), box)[mask]
    beyond = z * np.sign(threshold)

    def percent(k: float) -> float:
        return float(100 * np.mean(beyond > k))

    step = float(np.hypot(1 / np.sqrt(3), reference.standard_error / reference.spread))
    return Measurement(
        method=method,
        value=percent(abs(threshold)),
        unit=Unit.PERCENT,
        levels=(level,),
        # The threshold is taken as uniform within 1 SD, and shifted by the standard error of the reference.
        standard_uncertainty=(percent(abs(threshold) - step) - percent(abs(threshold) + step)) / 2,
        source=source or Source(),
        warnings=warnings + reference.warnings,
        details=(
            ("threshold [SD of reference marrow]", threshold),
            ("median signal [SD from reference marrow]", float(np.median(z))),
        ),
    )
