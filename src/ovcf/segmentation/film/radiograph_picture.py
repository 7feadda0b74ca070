"""A radiograph's pixels as the network reads them: graded, at a scale that may be true, laid out as one slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

MAGNIFICATION = 1.2
"""Of the spine on a detector: 1.1 to 1.35 by distance and size of the patient (a rounded choice)."""
_HEIGHTS_MM = tuple(float(h) for h in np.geomspace(110, 1050, 11))
"""What an image of unknown scale may show from top to bottom: three bodies to a whole trunk."""
_FINE_MM = 0.5
_MIN_PIXELS = 64


def graded(image: ImagePlane, name: str) -> tuple[Image, float]:
    """The pixels from about 0 to 1, and the width of a pixel over its height."""
    pixels = np.nan_to_num(np.asarray(image.pixels, np.float32))
    if pixels.ndim != 2 or min(pixels.shape) < _MIN_PIXELS:
        raise SeriesGeometryError(
            name,
            say("{join} pixels are too few for a radiograph of the spine", join="x".join(map(str, pixels.shape))),
            say("Give the radiograph itself, at least {min_pixels} pixels wide and high.", min_pixels=_MIN_PIXELS),
        )
    low, high = (float(v) for v in np.quantile(pixels[::4, ::4], (0.001, 0.999)))
    if high <= low:
        raise SeriesGeometryError(name, "holds one value only, no image", "Give the image itself.")
    ratio = image.spacing_mm[1] / image.spacing_mm[0] if image.spacing_mm else 1.0
    return np.clip((pixels - low) / (high - low), 0, 1), ratio


def scales(image: ImagePlane, highest_mm: float = float("inf")) -> tuple[float, ...]:
    """Heights of a pixel at the patient (mm) that come into question; ``highest_mm`` bounds an unknown scale."""
    if image.spacing_mm is None:
        return tuple(h / image.pixels.shape[0] for h in _HEIGHTS_MM if h <= highest_mm)
    return (image.spacing_mm[0] / (1.0 if image.calibration is Calibration.CALIBRATED else MAGNIFICATION),)


def laid(picture: Image, mm: float, ratio: float, thickness_mm: float) -> Volume:
    """The picture as one sagittal slice; its first pixel at the origin, pixels averaged where finer than is of use."""
    step = max(1, int(_FINE_MM / mm))
    rows, columns = (n // step for n in picture.shape)
    coarse = picture[: rows * step, : columns * step].reshape(rows, step, columns, step).mean(axis=(1, 3))
    affine = np.zeros((4, 4))
    affine[0, 0], affine[3, 3] = thickness_mm, 1.0
    affine[2, 1], affine[1, 2] = -mm * step, mm * ratio * step
    affine[1:3, 3] = mm * ratio * (step - 1) / 2, -mm * (step - 1) / 2
    return Volume(coarse[None], affine)
