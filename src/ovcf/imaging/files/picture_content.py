"""Whether a picture without tags shows a slice of MRI rather than a radiograph, from its grey values alone.

A radiograph is a shadow: what lies behind one another adds up, so that most of its contrast is broad, and fine detail
lies everywhere. A slice shows tissue beside tissue, with sharp borders between quiet areas, most of them along the
spine. Fifteen figures of that kind are weighed by a logistic regression. None of them changes when the picture is
turned by 90 or 180 degrees, mirrored or inverted, as exports and photographs of a screen are. The regression was
fitted to slices of real MRI and of digital patients, and to films of digital patients
(``training/evidence/slice_or_film.py``); its rates stand in docs/model.md.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

LOOKS_LIKE_A_SLICE = 0.5
"""From this probability on a picture is asked about."""
_SIDE, _FEWEST = 192, 64
_FRAME, _FLAT = 0.03, 0.06
"""Share of the whole range of greys within which a row is part of a frame, and a place is black or white."""
_WEIGHTS = {
    "outside": 1.254,
    "contrast 1": -0.551,
    "contrast 2": 3.382,
    "contrast 4": 1.963,
    "contrast 8": 2.436,
    "outliers 2": -1.648,
    "outliers 4": -1.247,
    "outliers 8": -0.530,
    "gentle": -0.752,
    "steepest": 13.386,
    "one way": 10.338,
    "quiet": 1.016,
    "middling": 0.409,
    "busy": -1.555,
    "greys": 1.011,
}
_CONSTANT = -1.516


def slice_probability(pixels: NDArray[np.generic]) -> float:
    """How probably grey values ``(rows, columns)`` are those of a slice and not of a radiograph; 0 if too few."""
    if min(pixels.shape) < _FEWEST:
        return 0.0
    found = figures(pixels)
    logit = _CONSTANT + sum(weight * found[name] for name, weight in _WEIGHTS.items())
    return float(1 / (1 + np.exp(-np.clip(logit, -50, 50))))


def figures(pixels: NDArray[np.generic]) -> dict[str, float]:
    """What the probability is weighed from, by name.

    None depends on the window or the size of the picture, on how it is held, or on whether black or white is dense.
    """
    from scipy.ndimage import gaussian_filter

    grey = _small(_within_frame(np.nan_to_num(np.asarray(pixels, np.float32))))
    levels = [grey, *(gaussian_filter(grey, sigma, truncate=3.0) for sigma in (1, 2, 4, 8))]
    bands = [fine - broad for fine, broad in pairwise(levels)]
    outside = _from_border(levels[1] < _FLAT) | _from_border(levels[1] > 1 - _FLAT)
    core = _core(outside)
    inside = grey[core]
    spread = float(inside.std()) + 1e-6
    down, across = (step[core] for step in np.gradient(levels[1]))
    steep = np.hypot(down, across)
    gentle, steepest = np.quantile(steep, (0.25, 0.95)) / (float(steep.mean()) + 1e-9)
    detail = gaussian_filter(np.abs(grey - levels[2]), 3.0, truncate=2.0)[core]
    quiet, middling, busy = np.quantile(detail, (0.1, 0.5, 0.9)) / spread
    return {
        "outside": float(outside.mean()),
        **{f"contrast {2**n}": _log(float(band[core].std()) / spread) for n, band in enumerate(bands)},
        **{f"outliers {2**n}": _outliers(bands[n][core]) for n in (1, 2, 3)},
        "gentle": _log(gentle),
        "steepest": _log(steepest),
        "one way": _one_way(down, across),
        "quiet": _log(quiet),
        "middling": _log(middling),
        "busy": _log(busy),
        "greys": _entropy(inside),
    }


def _within_frame(grey: Image) -> Image:
    """Without the rows and columns of one grey that a viewer or a shutter leaves around a picture."""
    most = _FRAME * float(np.ptp(grey))
    rows, columns = (np.flatnonzero(np.ptp(grey, axis=axis) > most) for axis in (1, 0))
    if min(len(rows), len(columns)) < _FEWEST:
        return grey
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _core(outside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is well inside the body; everything where there is no telling."""
    from scipy.ndimage import binary_erosion

    body = ~outside
    body = body if body.mean() >= 0.05 else np.ones_like(body)
    core = binary_erosion(body, iterations=4)
    return np.asarray(core if core.sum() >= 500 else body, bool)


def _outliers(band: Image) -> float:
    """How much of a band's contrast is in few places: the logarithm of its kurtosis."""
    power = float((band**2).mean()) + 1e-12
    return _log(float((band**4).mean()) / power**2)


def _one_way(down: Image, across: Image) -> float:
    """How much more borders run one way, whichever, than the other; 0 to 1."""
    along, athwart, both = float((down**2).mean()), float((across**2).mean()), float((down * across).mean())
    return float(np.hypot(along - athwart, 2 * both) / (along + athwart + 1e-9))


def _entropy(inside: Image) -> float:
    """How evenly the greys are used."""
    share = np.histogram(inside, 32, (0, 1))[0] / inside.size
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def _log(share: float) -> float:
    return float(np.log(share + 1e-4))


def _small(grey: Image) -> Image:
    """From 0 to 1 but for the outermost half percent, its shorter side of one length."""
    from scipy.ndimage import zoom

    step = max(1, min(grey.shape) // _SIDE)
    rows, columns = (n // step for n in grey.shape)
    grey = grey[: rows * step, : columns * step].reshape(rows, step, columns, step).mean(axis=(1, 3))
    grey = zoom(grey, _SIDE / min(grey.shape), order=1)
    low, high = np.quantile(grey, (0.005, 0.995))
    return np.asarray(np.clip((grey - low) / max(float(high - low), 1e-6), 0, 1), np.float32)


def _from_border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The parts of a mask that reach the border of the picture."""
    from scipy.ndimage import label

    parts, _ = label(mask)
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    return np.isin(parts, edge[edge > 0])
