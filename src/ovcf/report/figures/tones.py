"""Grey levels that show what matters: bone on a radiograph, marrow and canal on MRI.

Every function takes pixels of any scale and gives 0 (black) to 1 (white); pixels that are no numbers become black.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.study import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

BONE_WINDOW = (3.0, 99.7)
"""Percentiles of the spine's strip that become black and white on a radiograph."""
BONE_GAMMA = 0.75
"""Opens the spongy bone, which is dark beside its cortex."""
_REMOVED = 0.95
"""Share of the slow background that is taken out of a radiograph: a little is left for depth."""
_MRI_WINDOW = (1.0, 99.6)
MARROW = 0.5
"""Grey of sound marrow on T1 and T2; fat and fluid stay between it and white."""
_BRIGHTEST_MARROW = 0.62
"""Share of white that marrow may have before a gamma takes it to the middle."""
STIR_GAMMA = 0.6
_STIR_MARROW = 0.2
"""Where a gamma of 0.6 leaves sound marrow darker than this, it is opened further, but not beyond 0.4."""


def radiograph(pixels: Array, strip: Mask, reach: float) -> Array:
    """A radiograph whose window is that of the spine alone.

    ``strip`` marks the pixels along the spine; lung and air outside of it count for nothing. What changes over more
    than ``reach`` pixels is taken for the soft tissue in front of the bone and removed.
    """
    values = _numbers(pixels)
    strip = strip & np.isfinite(pixels)
    if not strip.any():
        return _stretched(values, *np.percentile(values, BONE_WINDOW)) ** BONE_GAMMA
    flat = values - _REMOVED * _background(values, strip, reach)
    return _stretched(flat, *np.percentile(flat[strip], BONE_WINDOW)) ** BONE_GAMMA


def _background(values: Array, strip: Mask, reach: float) -> Array:
    """The mean of the strip's pixels nearby, weighted by a Gaussian of ``reach`` pixels, everywhere in the picture."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    rows, columns = values.shape
    step = max(1.0, reach / 6)
    small = max(1, round(columns / step)), max(1, round(rows / step))

    def resized(a: Array, size: tuple[int, int], how: Image.Resampling) -> Array:
        return np.asarray(Image.fromarray(a.astype(np.float32)).resize(size, how), float)

    base = float(np.median(values[strip]))
    weight = resized(strip.astype(float), small, Image.Resampling.BOX)
    signal = resized(np.where(strip, values - base, 0.0), small, Image.Resampling.BOX)
    # A second, wide Gaussian carries the background on to where no strip is near.
    near, far = reach / step, 4 * reach / step
    sums = [(gaussian_filter(signal, s), gaussian_filter(weight, s), share) for s, share in ((near, 1.0), (far, 0.02))]
    top = sum(share * a for a, _, share in sums)
    bottom = sum(share * b for _, b, share in sums)
    smooth = np.asarray(top) / np.maximum(np.asarray(bottom), 1e-6 * float(np.max(bottom)))
    return base + resized(smooth, (columns, rows), Image.Resampling.BICUBIC)


def mri(pixels: Array, shown: Mask, marrow: float | None) -> Array:
    """T1 or T2: ``marrow``, the signal of sound bodies, becomes mid-grey; the brightest of what is ``shown`` white."""
    values = _numbers(pixels)
    dark, bright = _range(values, shown)
    if marrow is None:
        return _stretched(values, dark, bright)
    bright = max(bright, dark + (marrow - dark) / _BRIGHTEST_MARROW)  # where hardly anything is brighter
    grey = _stretched(values, dark, bright)
    at = float(np.clip((marrow - dark) / max(bright - dark, 1e-12), 0.05, 0.95))
    return np.asarray(grey ** np.clip(np.log(MARROW) / np.log(at), 0.5, 1.5))


def fluid_sensitive(pixels: Array, shown: Mask, marrow: float | None) -> Array:
    """STIR or fat-suppressed T2: opened by a gamma of 0.6, so that dark marrow shows and fluid keeps its structure."""
    values = _numbers(pixels)
    dark, bright = _range(values, shown)
    grey, gamma = _stretched(values, dark, bright), STIR_GAMMA
    if marrow is not None:
        at = float(np.clip((marrow - dark) / max(bright - dark, 1e-12), 0.01, 0.95))
        gamma = float(np.clip(np.log(_STIR_MARROW) / np.log(at), 0.4, STIR_GAMMA))
    return np.asarray(grey**gamma)


def ct(pixels: Array) -> Array:
    """CT in the usual bone window, -500 to 1300 HU."""
    return _stretched(_numbers(pixels), -500.0, 1300.0)


def of_role(role: Role, pixels: Array, shown: Mask, marrow: float | None) -> Array:
    """The grey levels of a cross-section read for ``role``."""
    if role is Role.CT:
        return ct(pixels)
    return (fluid_sensitive if role in (Role.STIR, Role.FS_T2) else mri)(pixels, shown, marrow)


def _numbers(pixels: Array) -> Array:
    values = np.asarray(pixels, float)
    finite = values[np.isfinite(values)]
    low = float(finite.min()) if finite.size else 0.0
    return np.where(np.isfinite(values), values, low)


def _range(values: Array, shown: Mask) -> tuple[float, float]:
    """Black and white from the shown pixels that hold signal: what lies outside the scanned volume is 0."""
    seen = values[shown & (values != 0)]
    dark, bright = np.percentile(seen, _MRI_WINDOW) if seen.size else (0.0, 1.0)
    return float(dark), float(bright)


def _stretched(values: Array, dark: float, bright: float) -> Array:
    return np.asarray(np.clip((values - dark) / max(bright - dark, 1e-12), 0, 1))
