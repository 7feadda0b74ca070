"""Whether a picture without tags shows a slice of MRI rather than a radiograph, from its grey values alone.

A radiograph is a shadow: what lies behind one another adds up, so that most of its contrast is broad. A slice shows
tissue beside tissue, with borders everywhere, a bright rim of fat under the skin, and black air that reaches the border
of the picture. Twelve such figures are weighed by a logistic regression, which was fitted to slices of real MRI and of
digital patients, and to films of digital patients (``training/evidence/slice_or_film.py``); its rates stand in
docs/validation.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

LOOKS_LIKE_A_SLICE = 0.5
"""From this probability on a picture is asked about."""
_SIDE, _FEWEST = 192, 64
_BLACK, _WHITE = 0.06, 0.97
_WEIGHTS = {
    "air": 2.518,
    "white": -9.793,
    "mean": -7.948,
    "skew": 1.323,
    "contrast 1": 0.160,
    "contrast 2": 2.775,
    "contrast 4": 1.389,
    "contrast 8": 1.519,
    "contrast 16": -0.298,
    "gradient": 2.479,
    "upright": 10.127,
    "rim": 0.934,
}
_CONSTANT = 15.692


def slice_probability(pixels: NDArray[np.generic]) -> float:
    """How probably grey values ``(rows, columns)`` are those of a slice and not of a radiograph; 0 if too few."""
    if min(pixels.shape) < _FEWEST:
        return 0.0
    found = figures(pixels)
    logit = _CONSTANT + sum(weight * found[name] for name, weight in _WEIGHTS.items())
    return float(1 / (1 + np.exp(-np.clip(logit, -50, 50))))


def figures(pixels: NDArray[np.generic]) -> dict[str, float]:
    """What the probability is weighed from, by name; none depends on the window or the size of the picture."""
    from scipy.ndimage import binary_erosion, gaussian_filter

    grey = _small(pixels)
    smooth = gaussian_filter(grey, 1.0)
    air, white = _from_border(smooth < _BLACK), _from_border(smooth > _WHITE)
    body = ~(air | white)
    body = body if body.mean() >= 0.05 else np.ones_like(body)
    core = binary_erosion(body, iterations=4)
    core = core if core.sum() >= 500 else body
    inside = grey[core]
    spread = float(inside.std()) + 1e-6
    levels = [grey, *(gaussian_filter(grey, sigma) for sigma in (1, 2, 4, 8, 16))]
    down, across = np.gradient(levels[1])
    rim = (gaussian_filter(air.astype(np.float32), 6) > 0.15) & body & air.any()
    mean = float(inside.mean())
    return {
        "air": float(air.mean()),
        "white": float(white.mean()),
        "mean": mean,
        "skew": float(((inside - mean) ** 3).mean()) / spread**3,
        **{
            f"contrast {2**n}": _log(float((levels[n] - levels[n + 1])[core].std()) / spread)
            for n in range(len(levels) - 1)
        },
        "gradient": _log(float(np.hypot(down, across)[core].mean()) / spread),
        "upright": _log(float(np.abs(across)[core].mean() + 1e-6) / float(np.abs(down)[core].mean() + 1e-6)),
        "rim": (float(grey[rim].mean()) - mean) / spread if rim.sum() > 50 else 0.0,
    }


def _log(share: float) -> float:
    return float(np.log(share + 1e-4))


def _small(pixels: NDArray[np.generic]) -> Image:
    """From 0 to 1 but for the outermost half percent, its shorter side of one length."""
    from scipy.ndimage import zoom

    grey = np.nan_to_num(np.asarray(pixels, np.float32))
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
