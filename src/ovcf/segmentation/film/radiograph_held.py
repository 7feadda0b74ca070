"""How a radiograph is held: turned as a reader says, or asked about. It is never turned upside down unasked."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.stored import flipped_along
from ovcf.imaging.volume import ImagePlane
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.imaging.study import Series


class Flip(StrEnum):
    """What a reader says of a picture as it is stored: right way up with anterior at the left, or not."""

    NONE = "none"
    UPSIDE_DOWN = "upside-down"
    MIRRORED = "mirrored"
    BOTH = "both"

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the pixels ``(rows, columns)`` to turn round."""
        return {"none": (), "upside-down": (0,), "mirrored": (1,), "both": (0, 1)}[self.value]


class HeldUncertainError(SeriesGeometryError):
    """A radiograph that may be upside down: the reader must say how it is held."""


FLIPPED = (
    "the head is at the bottom of this image: it is read, and shown, upside down",
    "anterior is at the right of this image: it is read, and shown, mirrored",
)


def as_the_reader_says(series: Series, image: ImagePlane, flip: Flip) -> Series:
    """The series with the head at the top and anterior at the left."""
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
