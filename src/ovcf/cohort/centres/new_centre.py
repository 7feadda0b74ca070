"""Where the figure of a new centre is expected, with the spread between centres known only as well as it is.

The usual interval takes the estimated spread as if it were known, and so is too narrow in few centres. Here every
spread counts by its confidence, as told by Cochran's Q (Nagashima K, Noma H, Furukawa TA. Stat Methods Med Res
2019;28:1689-1702). Their parametric bootstrap draws; the same integrals are here taken without chance.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

REFERENCE = "Nagashima K, Noma H, Furukawa TA. Stat Methods Med Res 2019;28:1689-1702 (prediction interval)"
_SPREADS, _PLACES, _GRID = 24, 61, 120
"""Spreads between centres, and places of a centre within one, at which the integrals are taken; spreads tried to find
the former."""
_REACH = 6.0
"""Standard deviations on either side of the mean within which places of a centre lie."""
_NODES = 16
"""On either side of the contour; its error falls by eight with each (Weideman and Trefethen)."""


def prediction_interval(y: Array, v: Array, coverage: float, *, at_least_plain: bool = False) -> tuple[float, float]:
    """Lower and upper limit for a new centre's own value.

    Args:
        y: values of the centres ``(k,)``, two at least, on the scale on which they are taken to vary normally.
        v: their sampling variances.
        coverage: of the interval.
        at_least_plain: never let the error of the mean be smaller than the plain one.
    """
    from scipy.optimize import brentq
    from scipy.special import stdtr

    tau2, chance = _spreads(y, v)
    w = 1 / (v + tau2[:, None])
    mean = (w @ y) / w.sum(axis=1)
    spread = (w * (y - mean[:, None]) ** 2).sum(axis=1) / (len(y) - 1)
    error = np.sqrt((np.maximum(spread, 1.0) if at_least_plain else np.maximum(spread, 1e-300)) / w.sum(axis=1))
    away = np.linspace(-_REACH, _REACH, _PLACES)
    density = np.exp(-(away**2) / 2)
    centre = mean[:, None] + np.sqrt(tau2)[:, None] * away
    weight = chance[:, None] * density / density.sum()

    def limit(p: float) -> float:
        def excess(x: float) -> float:
            return float((weight * stdtr(len(y) - 1, (x - centre) / error[:, None])).sum()) - p

        low, high = float(y.min()), float(y.max())
        step = (high - low) or math.sqrt(float(v.max()))
        while excess(low) > 0:
            low, step = low - step, 2 * step
        while excess(high) < 0:
            high, step = high + step, 2 * step
        return float(brentq(excess, low, high, xtol=1e-7 * (high - low)))

    return limit(0.5 - coverage / 2), limit(0.5 + coverage / 2)


def _spreads(y: Array, v: Array) -> tuple[Array, Array]:
    """Variances between centres at which to integrate, and the probability that each stands for.

    The confidence that the variance lies below a value is the chance, were it that value, of a larger Q than was seen;
    what is left at nought is the confidence in no spread at all.
    """
    from scipy.interpolate import PchipInterpolator

    w = 1 / v
    q = float(w @ (y - (w @ y) / w.sum()) ** 2)
    typical = (len(y) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
    none = float(_larger(q, v, np.zeros(1))[0])
    place, weight = np.polynomial.legendre.leggauss(_SPREADS)
    place, weight = (1 - place) / 2, weight / 2
    asked = 1 - (1 - none) * place**2  # dense towards large spreads, which decide how far the interval reaches
    top = typical + float(np.ptp(y) ** 2)
    while _larger(q, v, np.array([top]))[0] < asked.max():
        top *= 4
    tried = np.concatenate([[0.0], np.geomspace(1e-6 * typical, top, _GRID)])
    confidence, places = np.unique(np.maximum.accumulate(_larger(q, v, tried)), return_index=True)
    if len(confidence) < 2:
        return np.zeros(1), np.ones(1)
    found = PchipInterpolator(confidence, np.sqrt(tried[places]))(np.clip(asked, confidence[0], confidence[-1]))
    return np.concatenate([[0.0], found**2]), np.concatenate([[none], (1 - none) * 2 * place * weight])


def _larger(q: float, v: Array, tau2: Array) -> Array:
    """The chance of a Q beyond ``q`` for each variance between centres ``(t,)``."""
    w = 1 / v
    a = np.diag(w) - np.outer(w, w) / w.sum()
    root = np.sqrt(v + tau2[:, None])
    weights = np.linalg.eigvalsh(root[:, :, None] * a * root[:, None, :])[:, 1:]
    return 1 - chance_below(q, np.maximum(weights, 0.0))


def chance_below(q: float, weights: Array) -> Array:
    """The distribution at ``q`` of sums of squared standard normals, each sum with its ``weights`` ``(..., m)``.

    Its Laplace transform is inverted along a parabola (Weideman JAC, Trefethen LN. Math Comp 2007;76:1341-1356).
    """
    if q <= 0:
        return np.zeros(weights.shape[:-1])
    step = 3 / _NODES
    at = step * np.arange(-_NODES, _NODES + 1)
    wide = math.pi * _NODES / (12 * q)
    s, slope = wide * (1j * at + 1) ** 2, 2j * wide * (1j * at + 1)
    transform = np.exp(-0.5 * np.log1p(2 * weights[..., None, :] * s[:, None]).sum(axis=-1)) / s
    found = (np.exp(s * q) * transform * slope).sum(axis=-1) * step / (2j * math.pi)
    return np.asarray(np.clip(found.real, 0.0, 1.0))
