"""Where the points of a radiograph lie on its stored pixels: how it was turned before it was read is found again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.dicom_out.images.point_on_image import OnFilm
from ovcf.errors import SeriesChoiceError
from ovcf.imaging.files.multiframe import FrameTags
from ovcf.imaging.files.pixels import decode
from ovcf.imaging.radiograph import as_stated
from ovcf.reading.observing.pictures import film_png

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from ovcf.imaging.files.archive import FoundFile
    from ovcf.reading.observations import ObservedSeries
    from ovcf.reading.observing.pictures import Picture

_FLIPS: tuple[tuple[int, ...], ...] = ((), (1,), (0,), (0, 1))
"""Axes along which a film may have been flipped after its tags were followed, by a reader or by what it shows."""
_WAYS = tuple((lay, axes) for lay in (False, True) for axes in _FLIPS)
"""The same, of a film that lay on its side with rows and columns exchanged first."""
_GREY_LEVELS = 1.0
"""Mean difference below which two pictures of one film are the same: its decoding may round otherwise."""


def film_of(
    file: FoundFile, tags: Dataset, facts: ObservedSeries, picture: Picture | None, *, calibrated: bool
) -> OnFilm:
    """The place of a film's points.

    Its tags say how it was turned; whether it was turned beyond that, as a reader said or as the canal showed, is told
    by the reading's own ``picture`` of it, which the stored pixels must give again.

    Raises:
        SeriesChoiceError: the file does not hold the film that was read.
    """
    rows, columns = int(tags.Rows), int(tags.Columns)
    stored = as_stated(FrameTags(tags), np.arange(rows * columns).reshape(rows, columns))[0]
    index = _held(stored, _way(file, tags, picture))
    if index.shape != tuple(facts.size):
        raise _other(file)
    corner, right, down = (np.array(divmod(int(index[at]), columns)[::-1], float) for at in ((0, 0), (0, 1), (1, 0)))
    turn = np.eye(3)
    turn[:2] = np.column_stack([right - corner, down - corner, corner])
    down_mm, across_mm = facts.spacing_mm or (1.0, 1.0)
    spacing = (down_mm, across_mm) if calibrated else (1.0, across_mm / down_mm)
    return OnFilm(facts.instances[0], spacing, turn)


def _way(file: FoundFile, tags: Dataset, picture: Picture | None) -> tuple[bool, tuple[int, ...]]:
    if picture is None:
        return _WAYS[0]
    pixels = np.asarray(as_stated(FrameTags(tags), next(decode([(file, tags)]))[0])[0], float)
    seen = _grey(picture.png)
    for way in _WAYS:
        again = _grey(film_png(_held(pixels, way))[0])
        if again.shape == seen.shape and np.abs(again - seen).mean() < _GREY_LEVELS:
            return way
    raise _other(file)


def _held(pixels: NDArray[Any], way: tuple[bool, tuple[int, ...]]) -> NDArray[Any]:
    lay, axes = way
    pixels = pixels.T if lay else pixels
    return np.flip(pixels, axes) if axes else pixels


def _grey(png: bytes) -> NDArray[np.float64]:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("L"), float)


def _other(file: FoundFile) -> SeriesChoiceError:
    return SeriesChoiceError(
        file.name, "does not hold the radiograph that was read: its pixels are others", "Give the image itself."
    )
