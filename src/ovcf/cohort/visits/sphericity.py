"""Sphericity: whether all differences between visits vary alike, and what F must lose where they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.wording import said_p
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Mauchly's test and the two corrections of degrees of freedom, of the covariance pooled within groups.

    With fewer patients than visits there is no test: ``w``, ``chi_square`` and ``p`` are None. P is by two terms of
    Box's expansion (Anderson TW. An introduction to multivariate statistical analysis. Wiley 2003, section 10.7.4).
    """

    w: float | None
    chi_square: float | None
    degrees: int
    p: float | None
    greenhouse_geisser: float
    huynh_feldt: float


def orthonormal_contrasts(k: int) -> Array:
    """``(k, k - 1)``: what differs between ``k`` visits, free of their mean."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(k), np.eye(k)[:, :-1]]))
    contrasts: Array = q[:, 1:]
    return contrasts


def sphericity(s: Array, degrees: int) -> Sphericity:
    """Of the covariance ``s`` of orthonormal contrasts with its degrees of freedom."""
    p = len(s)
    trace = np.trace(s)
    w = float(np.linalg.det(s / (trace / p)))
    gg = float(trace**2 / (p * (s**2).sum()))
    hf = min(1.0, ((degrees + 1) * p * gg - 2) / (p * (degrees - p * gg))) if degrees > p * gg else 1.0
    df, hf = p * (p + 1) // 2 - 1, max(hf, gg)
    if degrees < p:
        return Sphericity(None, None, df, None, gg, hf)
    factor = degrees - (2 * p * p + p + 2) / (6 * p)
    chi_square = -factor * np.log(max(w, 1e-300))
    # Chi-square alone is the first term of the distribution's expansion; in few patients the second one counts.
    second = (p + 2) * (p - 1) * (p - 2) * (2 * p**3 + 6 * p**2 + 3 * p + 2) / (288 * (p * factor) ** 2)
    tail = optional_import("scipy.stats").chi2.sf(chi_square, [df, df + 4])
    value = float(np.clip(tail[0] + second * (tail[1] - tail[0]), 0, 1))
    return Sphericity(w, float(chi_square), df, value, gg, hf)


def describe(shape: Sphericity) -> str:
    """The test's outcome and what follows from it."""
    if shape.w is None or shape.p is None:
        test = "too few patients to test it, use the corrected P"
    else:
        advice = "use the corrected P" if shape.p < 0.05 else "no evidence against it"
        test = say("Mauchly W {w:.3f}, {said_p}, {advice}", w=shape.w, said_p=said_p(shape.p), advice=advice)
    gg, hf = shape.greenhouse_geisser, shape.huynh_feldt
    return say(
        "Sphericity: {test}; epsilon {gg:.3f} (Greenhouse-Geisser), {hf:.3f} (Huynh-Feldt).", test=test, gg=gg, hf=hf
    )
