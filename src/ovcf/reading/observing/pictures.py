"""What a reader looks at: slices of each series in the frame of its landmarks, as grey pictures.

A picture of an MR or CT series is the volume cut in the plane of the landmarks, or parallel to it, so that a point lies
on the same place in every series of the patient. A radiograph is shown as it is.
"""

from __future__ import annotations

import io
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ovcf import budget
from ovcf.imaging.mid_sagittal import is_sagittal
from ovcf.imaging.plane_cut import cut
from ovcf.imaging.study import Role
from ovcf.imaging.volume import ImagePlane, Volume
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.study import Series, Study
    from ovcf.reading.observations import LandmarkSet, Observations

_SLICES_BESIDE = 3
"""Slices shown to either side of the plane of the landmarks."""
_MAX_ROWS = 1600
"""A radiograph finer than this is shown with its pixels averaged; it is measured as it is."""
_CT_STEP_MM = 3.0
"""How far apart pictures of a CT are at least."""
_BONE_HU = (-500.0, 1300.0)
"""What is black and white on CT: the usual bone window."""
_DARK, _BRIGHT = 0.005, 0.995
"""Quantiles of the signal that are shown black and white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One grey picture, rows cranial to caudal, columns anterior to posterior.

    The centre of its first pixel lies at ``origin`` (x, y) of the frame of ``landmark_set`` and pixels are ``spacing``
    (row, column) apart, in the unit of that set's points. ``size`` is (rows, columns). ``offset_mm`` is the distance of
    the slice from the plane of the landmarks, along its normal; 0 for a radiograph.
    """

    series: str
    landmark_set: str
    origin: tuple[float, float]
    spacing: tuple[float, float]
    size: tuple[int, int]
    offset_mm: float = 0.0
    png: bytes


def pictures_of(study: Study, seen: Observations) -> tuple[Picture, ...]:
    """The pictures of every series that landmarks can be seen on, the plane of the landmarks first."""
    making = [make for series in study.series for make in _pictures(series, seen)]
    with ThreadPoolExecutor(budget.threads()) as pool:  # cutting and compressing leave Python's lock alone
        return tuple(one for one in pool.map(lambda make: make(), making) if one is not None)


def _pictures(series: Series, seen: Observations) -> Iterator[Callable[[], Picture | None]]:
    landmarks = _set_for(series, seen)
    if landmarks is None:
        return
    if isinstance(series.image, ImagePlane):
        yield partial(_film, series, series.image, landmarks)
        return
    assert landmarks.plane is not None
    across, _ = series.image.axis_towards(landmarks.plane.normal)
    step = series.image.spacing_mm[across]
    if series.role is Role.CT:  # slices thinner than a millimetre would all show the same
        step *= ceil(_CT_STEP_MM / step)
    for n in sorted(range(-_SLICES_BESIDE, _SLICES_BESIDE + 1), key=abs):
        yield partial(_slice, series, series.image, landmarks, landmarks.plane, n * step)


def _slice(
    series: Series, volume: Volume, landmarks: LandmarkSet, plane: SagittalPlane, offset_mm: float
) -> Picture | None:
    """The slice so far from the plane of the landmarks; None where it lies beside the volume."""
    x, y, z = (float(v) for v in np.asarray(plane.origin) + offset_mm * plane.normal)
    pixels, origin, mm = cut(volume, replace(plane, origin=(x, y, z)), order=1)
    if not pixels.any():
        return None
    return Picture(
        series=series.uid,
        landmark_set=landmarks.id,
        origin=origin,
        spacing=(mm, mm),
        size=(pixels.shape[0], pixels.shape[1]),
        offset_mm=offset_mm,
        png=_png(pixels, _BONE_HU if series.role is Role.CT else None),
    )


def _set_for(series: Series, seen: Observations) -> LandmarkSet | None:
    """The landmarks to show on a series: its own, those its marrow is read with, or any in the patient's frame."""
    own = next((s for s in seen.landmarks if s.series == series.uid), None)
    if own is not None:
        return own
    if isinstance(series.image, Volume):
        if series.role is Role.OTHER or (series.role is not Role.CT and not is_sagittal(series.image)):
            return None  # a CT is cut in the plane however it was acquired
        read_with = next((m.landmark_set for m in seen.marrow if m.series == series.uid), None)
        flat = [s for s in seen.landmarks if s.plane is not None]
        return next((s for s in flat if s.id == read_with), flat[0] if flat else None)
    if series.role is not Role.RADIOGRAPH:
        return None
    films = [s for s in seen.landmarks if s.plane is None and s.source.modality is Modality.RADIOGRAPH]
    return next((s for s in films if s.source.image in ("", series.description, series.uid)), None)


def _film(series: Series, image: ImagePlane, landmarks: LandmarkSet) -> Picture:
    pixels = np.asarray(image.pixels, float)
    down, across = image.spacing_mm or (1.0, 1.0)
    if not landmarks.source.calibrated:
        down, across = 1.0, across / down
    png, step, (rows, columns) = film_png(pixels)
    half = (step - 1) / 2
    return Picture(
        series=series.uid,
        landmark_set=landmarks.id,
        origin=(half * across, half * down),
        spacing=(step * down, step * across),
        size=(rows, columns),
        png=png,
    )


def film_png(pixels: NDArray[np.float64]) -> tuple[bytes, int, tuple[int, int]]:
    """The picture of a film, how many of its pixels were averaged along each side, and its (rows, columns)."""
    step = max(1, -(-pixels.shape[0] // _MAX_ROWS))
    rows, columns = (n // step for n in pixels.shape)
    coarse = pixels[: rows * step, : columns * step].reshape(rows, step, columns, step).mean(axis=(1, 3))
    return _png(coarse), step, (rows, columns)


def _png(pixels: NDArray[np.float64], window: tuple[float, float] | None = None) -> bytes:
    from PIL import Image

    values = np.nan_to_num(pixels)
    shown = values[values != 0]
    low, high = window or (float(v) for v in np.quantile(shown if shown.size else values, (_DARK, _BRIGHT)))
    grey = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    out = io.BytesIO()
    # Noise repeats nothing but runs of black: to look for more takes four times as long and gives larger files.
    Image.fromarray(np.round(255 * grey).astype(np.uint8)).save(out, "PNG", compress_type=zlib.Z_RLE)
    return out.getvalue()
