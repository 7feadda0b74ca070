"""What the network is given of an image: turned, scaled, cropped, blurred and noisy views, and maps of landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

from ovcf.segmentation.network.inference import POINTS, normalised
from training.mri.cuts import Drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

SIZE = 192
HEAT_SD_PX = 2.0
CLOSER = 0.28
"""Logarithm of the most that a view is enlarged."""
BODIES = 20
"""Room for the bodies of one view."""


def view(
    rng: np.random.Generator, images: Image, drawn: Drawn, pixel_mm: float
) -> tuple[Image, NDArray[np.uint8], Array]:
    """What the network is given of a slice: turned, scaled, cropped, blurred, noisy, normalised; 1 mm pixels.

    ``images`` ``(n, rows, columns)`` are the slice and those beside it, if any, all treated alike.
    """
    shape = np.array(images.shape[1:])
    if rng.random() < 0.6:
        images = gaussian_filter(images, (0, *rng.uniform(0.1, 1.1, 2)))
    if rng.random() < 0.3:
        # A coarse matrix, interpolated afterwards.
        factor = rng.uniform(0.45, 0.95, 2)
        small = [zoom(image, factor, order=1) for image in images]
        images = np.stack([zoom(image, shape / image.shape, order=1) for image in small])
    turn, scale = np.radians(rng.normal(0, 12)), np.exp(rng.normal(0, 0.08, 2))
    shear = np.array([[1.0, rng.normal(0, 0.04)], [0.0, 1.0]])
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ shear @ np.diag(scale) / pixel_mm
    # Any part of the canvas, or the spine well inside.
    shift = rng.uniform(-1, 1, 2) * rng.choice([25.0, 55.0])
    offset = (shape - 1) / 2 + shift / pixel_mm - matrix @ np.full(2, (SIZE - 1) / 2)
    points = (drawn.points - offset) @ np.linalg.inv(matrix).T
    # Between one slice and the next the patient may have moved.
    moved = [offset, *(offset + rng.normal(0, rng.choice([0.1, 0.5]), 2) / pixel_mm for _ in images[1:])]
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    if rng.random() < 0.7:
        rows, columns, points = _bent(rng, points)
    index = np.tensordot(matrix, np.stack([rows, columns]), 1)
    out = np.stack(
        [map_coordinates(image, index + at[:, None, None], order=1) for image, at in zip(images, moved, strict=True)]
    )
    classes = map_coordinates(drawn.classes, index + offset[:, None, None], order=0)
    inside = np.ones(classes.shape, bool)
    if rng.random() < 0.45:
        # A smaller field of view: nothing outside it.
        low, high = rng.uniform(0, 0.3, 2) * SIZE, SIZE - rng.uniform(0, 0.3, 2) * SIZE
        inside[: int(low[0])] = inside[int(high[0]) :] = inside[:, : int(low[1])] = inside[:, int(high[1]) :] = False
        classes = np.where(inside, classes, 0)
        out = np.where(inside, out, 0)
        seen = (points > low - 0.5) & (points < high - 0.5)
        points = np.where(seen.all(axis=-1, keepdims=True), points, np.nan)
    top = float(np.percentile(out[0, inside], 99.5)) + 1e-6
    out = np.clip(out / top, 0, rng.uniform(0.7, 1.3)) ** np.exp(rng.normal(0, 0.3))
    if rng.random() < 0.5:
        out = np.abs(out + rng.uniform(0.005, 0.07) * rng.standard_normal(out.shape))
    if rng.random() < 0.3:
        out = np.round(out * 255) / 255
    told = inside if rng.random() < 0.5 else None
    z = np.stack([normalised(one.astype(np.float32), told) for one in out])
    z = z * rng.uniform(0.85, 1.15) + rng.normal(0, 0.15)
    return z.astype(np.float32), classes.astype(np.uint8), points


def _bent(rng: np.random.Generator, points: Array) -> tuple[Array, Array, Array]:
    """A smooth displacement of pixels, and where points come to lie."""
    coarse = rng.normal(0, rng.uniform(0.5, 4.5), (2, 7, 7))
    field = np.stack([zoom(c, SIZE / 7, order=3) for c in coarse])
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float) + field
    # The inverse of a gentle field is its negative, taken where the point goes.
    flat = points.reshape(-1, 2)
    moved = flat.copy()
    for _ in range(6):
        at = np.nan_to_num(moved).T
        moved = flat - np.stack([map_coordinates(f, at, order=1, mode="nearest") for f in field], axis=1)
    return rows, columns, moved.reshape(points.shape)


def heat_maps(points: Array, size: int = SIZE) -> Image:
    """Heat maps ``(6, size, size)`` of landmarks ``(bodies, 6, 2)``: Gaussians of one at each."""
    out = np.zeros((len(POINTS), size, size), np.float32)
    reach = int(4 * HEAT_SD_PX)
    for six in points:
        for k, (r, c) in enumerate(six):
            if not (np.isfinite(r) and -reach < r < size + reach and -reach < c < size + reach):
                continue
            r0, c0 = max(0, int(r) - reach), max(0, int(c) - reach)
            r1, c1 = min(size, int(r) + reach + 1), min(size, int(c) + reach + 1)
            y, x = np.ogrid[r0:r1, c0:c1]
            spot = np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * HEAT_SD_PX**2))
            out[k, r0:r1, c0:c1] = np.maximum(out[k, r0:r1, c0:c1], spot)
    return out


def in_room(points: Array) -> Image:
    """Landmarks ``(n, 6, 2)`` as ``(BODIES, 6, 2)``, so that views with more and fewer bodies go together."""
    out = np.full((BODIES, len(POINTS), 2), np.nan, np.float32)
    out[: len(points)] = points
    return out
