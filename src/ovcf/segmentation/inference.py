"""The built-in network on the slices of a volume: resampling, normalisation, probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

CLASSES = ("background", "body", "disc", "canal", "cord", "sacrum", "arch")
POINTS = ("SA", "SP", "IA", "IP", "MS", "MI")
PIXEL_MM = 1.0
"""Pixel size the network was trained on."""
_NEIGHBOURHOOD_MM = 32.0
_LIMIT = 3.0


def normalised(image: Image, inside: NDArray[np.bool_] | None = None) -> Image:
    """A slice ``(rows, columns)`` of 1 mm pixels with the local mean taken off and the local SD as its unit.

    Mean and SD are those of the tissue within some 3 cm, air left out; what is far away (a bright surface coil, an arm,
    the table) does not change what the network sees at the spine. ``inside`` is False where there is no image.
    """
    from scipy.ndimage import gaussian_filter, zoom

    inside = np.isfinite(image) if inside is None else inside & np.isfinite(image)
    image = np.where(inside, image, 0).astype(np.float32)
    if not inside.any():
        return image
    low, high = np.percentile(image[inside], (1, 99.5))
    scaled = np.clip((image - low) / max(float(high - low), 1e-6), 0, 1.5)
    tissue = (scaled > 0.04) & inside
    # Local statistics vary slowly: a quarter of the pixels gives them.
    step = 4
    rows, columns = (-(-n // step) * step for n in image.shape)
    pad = ((0, rows - image.shape[0]), (0, columns - image.shape[1]))
    small = [
        np.pad(a, pad).reshape(rows // step, step, columns // step, step).mean(axis=(1, 3))
        for a in (tissue.astype(np.float32), scaled * tissue, scaled**2 * tissue)
    ]
    sigma = _NEIGHBOURHOOD_MM / PIXEL_MM / step
    # A little of the whole slice keeps the statistics of places without tissue finite.
    weight, first, second = (gaussian_filter(a, sigma, mode="constant") + 1e-3 * a.mean() for a in small)
    mean = first / np.maximum(weight, 1e-8)
    sd = np.sqrt(np.maximum(second / np.maximum(weight, 1e-8) - mean**2, 1e-5))
    mean, sd = (zoom(a, step, order=1, grid_mode=True, mode="nearest")[: image.shape[0], : image.shape[1]] for a in (mean, sd))
    z = (scaled - mean) / (sd + 0.02)
    return np.asarray(np.where(inside, np.clip(z, -_LIMIT, _LIMIT), -_LIMIT * 0.5), np.float32)
