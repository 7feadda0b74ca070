"""How a radiograph is held: turned as a reader says, or asked about. The head is never moved to the top unasked."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.stored import flipped_along, transposed
from ovcf.imaging.volume import ImagePlane
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.imaging.study import Series


class Flip(StrEnum):
    """What a reader says of a picture as it is stored: right way up with anterior at the left, or not.

    Of one that lies on its side only where the head is; which side is anterior is then seen, as on any film.
    """

    NONE = "none"
    UPSIDE_DOWN = "upside-down"
    MIRRORED = "mirrored"
    BOTH = "both"
    HEAD_LEFT = "head-left"
    HEAD_RIGHT = "head-right"

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the pixels ``(rows, columns)`` to turn round; of a lying picture once it stands."""
        return {"upside-down": (0,), "mirrored": (1,), "both": (0, 1)}.get(self.value, ())

    @property
    def lies(self) -> bool:
        """Whether the picture lies on its side."""
        return self in (Flip.HEAD_LEFT, Flip.HEAD_RIGHT)


class HeldUncertainError(SeriesGeometryError):
    """A radiograph that may be upside down or lie on its side: the reader must say how it is held."""


FLIPPED = (
    "the head is at the bottom of this image: it is read, and shown, upside down",
    "anterior is at the right of this image: it is read, and shown, mirrored",
)


STOOD_UP = {
    Flip.HEAD_LEFT: "the head is at the left of this image: it is read, and shown, turned by 90 degrees",
    Flip.HEAD_RIGHT: "the head is at the right of this image: it is read, and shown, turned by 90 degrees",
}


def as_the_reader_says(series: Series, image: ImagePlane, flip: Flip) -> Series:
    """The series with the head at the top and, unless the picture lay on its side, anterior at the left."""
    if flip.lies:
        return stood_up(series, image, flip, say("{flipped}, as the reader says", flipped=STOOD_UP[flip]))
    for axis in flip.axes:
        series = flipped(series, image, axis, say("{flipped}, as the reader says", flipped=FLIPPED[axis]))
        assert isinstance(series.image, ImagePlane)
        image = series.image
    return series


def flipped(series: Series, image: ImagePlane, axis: int, reason: str) -> Series:
    """The series with its picture upside down (axis 0) or mirrored (1), and why."""
    pixels = np.ascontiguousarray(np.flip(image.pixels, axis))
    turned = flipped_along(image.turned, axis, image.pixels.shape[axis])
    return replace(series, image=replace(image, pixels=pixels, turned=turned), reasons=(*series.reasons, reason))


def stood_up(series: Series, image: ImagePlane, flip: Flip, reason: str) -> Series:
    """The series with its picture turned by 90 degrees, so that the side where the head is comes to the top."""
    axis = 1 if flip is Flip.HEAD_LEFT else 0
    pixels = np.ascontiguousarray(np.flip(image.pixels.T, axis))
    turned = flipped_along(transposed(image.turned), axis, pixels.shape[axis])
    spacing = image.spacing_mm and image.spacing_mm[::-1]
    image = replace(image, pixels=pixels, spacing_mm=spacing, turned=turned)
    return replace(series, image=image, reasons=(*series.reasons, reason))
