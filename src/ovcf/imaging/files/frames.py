"""The images of a study frame by frame, 16 bits a pixel, with their place in the patient: what a viewer shows.

One zip: ``series.json`` lists the series (:class:`FrameSeries`), ``N/K`` is frame K of series N, little-endian unsigned
16-bit values in rows. Signal is ``slope * value + intercept``.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.imaging.mid_sagittal import can_be_reformatted
from ovcf.imaging.study import Role
from ovcf.imaging.volume import ImagePlane, Volume

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ovcf.imaging.study import Study

INDEX = "series.json"
MAX_BYTES = 512 * 2**20
"""Of all frames of a study, unpacked. A spine MRI has about 60 million bytes; of more, what comes last stays out."""
_MOST = 2**16 - 1
_DARK, _BRIGHT = 0.005, 0.995
"""Quantiles of the signal that a first window shows black and white."""

_ALIKE = 1.05
"""Up to this ratio of the coarsest to the finest spacing no axis stands out as that of the slices."""

_TURNED = (((1, 0, 0), (0, 0, -1), (0, 1, 0)), ((0, 1, 0), (0, 0, -1), (1, 0, 0)), ((0, 0, -1), (0, 1, 0), (1, 0, 0)))
"""Sagittal, coronal, axial slices: the directions (LPS) from slice to slice, down the rows, and along a row."""

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSeries:
    """One series. Frames are ``rows`` by ``columns`` pixels, ``spacing`` (row, column) apart, in ``unit``.

    Of a volume the centre of the first pixel of frame 0 lies at ``origin`` in the patient (LPS, mm); one pixel to the
    right, one row down and one frame on are ``across``, ``down`` and ``on``. A radiograph has none of these.
    ``window`` is (centre, width) in signal.
    """

    number: int
    uid: str
    description: str
    role: str
    modality: str
    posture: str
    acquired_on: str | None
    study_uid: str
    frames: int
    rows: int
    columns: int
    spacing: tuple[float, float]
    unit: str
    origin: Vector | None
    across: Vector | None
    down: Vector | None
    on: Vector | None
    slope: float
    intercept: float
    window: tuple[float, float]
    left_out: bool = False


def frames_of(study: Study) -> bytes:
    """The archive of a study. Series that can be read for something come first; what is beyond :data:`MAX_BYTES` is
    listed as left out."""
    out, listed, room = io.BytesIO(), [], MAX_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, series in enumerate(sorted(study.series, key=lambda s: (s.role is Role.OTHER, s.uid))):
            image = series.image
            cut = series.role is Role.CT and isinstance(image, Volume) and can_be_reformatted(image)
            block, place = _film(image) if isinstance(image, ImagePlane) else _stack(image, reformatted=cut)
            values, slope, intercept = _packed(block)
            fits = values.nbytes <= room
            if fits:
                room -= values.nbytes
                for k, frame in enumerate(values):
                    archive.writestr(f"{number}/{k}", frame.tobytes())
            listed.append(
                FrameSeries(
                    number=number,
                    uid=series.uid,
                    description=series.description,
                    role=series.role.value,
                    modality=series.modality.value,
                    posture=series.posture.value,
                    acquired_on=series.acquired_on,
                    study_uid=series.study_uid,
                    frames=values.shape[0],
                    rows=values.shape[1],
                    columns=values.shape[2],
                    slope=slope,
                    intercept=intercept,
                    window=_window(block),
                    left_out=not fits,
                    **place,
                )
            )
        archive.writestr(INDEX, json.dumps([asdict(s) for s in listed]))
    return out.getvalue()


class Frames:
    """An archive of frames, opened."""

    def __init__(self, data: bytes) -> None:
        self._lock = Lock()
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        told = json.loads(self._archive.read(INDEX))
        self.series = tuple(FrameSeries(**{k: _tupled(v) for k, v in one.items()}) for one in told)

    def frame(self, series: int, number: int) -> NDArray[np.uint16]:
        """One frame, (rows, columns).

        Raises:
            KeyError: there is no such frame.
        """
        if not 0 <= series < len(self.series):
            raise KeyError(series)
        told = self.series[series]
        with self._lock:  # one file position for all who read
            data = self._archive.read(f"{series}/{number}")
        return np.frombuffer(data, "<u2").reshape(told.rows, told.columns)


def thumbnail(frames: Frames, side: int = 256) -> bytes | None:
    """The middle frame of the first series, as a PNG of at most ``side`` pixels a side; None where there is none."""
    from PIL import Image

    shown = next((s for s in frames.series if not s.left_out), None)
    if shown is None:
        return None
    pixels = frames.frame(shown.number, shown.frames // 2).astype(float) * shown.slope + shown.intercept
    centre, width = shown.window
    grey = np.clip((pixels - centre) / max(width, 1e-9) + 0.5, 0, 1)
    image = Image.fromarray(np.round(255 * grey).astype(np.uint8))
    down, across = shown.spacing
    tall, wide = shown.rows * down, shown.columns * across
    scale = side / max(tall, wide)
    image = image.resize((max(1, round(wide * scale)), max(1, round(tall * scale))))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _stack(volume: Volume, *, reformatted: bool = False) -> tuple[NDArray[np.generic], dict[str, Any]]:
    """The volume as it was acquired, slice by slice, each turned as people look at it.

    Slices are those along the axis of the coarsest spacing; where all are alike, or the volume is ``reformatted`` to be
    measured, sagittal ones. Sagittal ones run from
    the patient's right to the left, rows downwards, columns to posterior; axial ones from cranial to caudal, rows to
    posterior, columns to the left; coronal ones from anterior to posterior, rows downwards, columns to the left.
    """
    spacing = volume.spacing_mm
    units = volume.affine[:3, :3] / np.asarray(spacing)
    cut = reformatted or max(spacing) < _ALIKE * min(spacing)
    slices = int(np.argmax(np.abs(units[0]) if cut else spacing))
    looked_along = int(np.argmax(np.abs(units[:, slices])))
    towards = np.asarray(_TURNED[looked_along], float)
    rest = [axis for axis in range(3) if axis != slices]
    rest.sort(key=lambda axis: -abs(float(units[:, axis] @ towards[1])))
    order = (slices, *rest)
    senses = [1 if float(units[:, axis] @ to) > 0 else -1 for axis, to in zip(order, towards, strict=True)]
    corner = np.zeros(3)
    for axis, sense in zip(order, senses, strict=True):
        corner[axis] = 0 if sense > 0 else volume.voxels.shape[axis] - 1
    block = np.transpose(volume.voxels, order)[tuple(slice(None, None, sense) for sense in senses)]
    on, down, across = (_vector(sense * volume.affine[:3, axis]) for axis, sense in zip(order, senses, strict=True))
    return block, {
        "origin": _vector(volume.to_patient(corner)),
        "on": on,
        "down": down,
        "across": across,
        "spacing": (spacing[order[1]], spacing[order[2]]),
        "unit": "mm",
    }


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = (float(v) for v in values)
    return x, y, z


def _film(image: ImagePlane) -> tuple[NDArray[np.generic], dict[str, Any]]:
    return image.pixels[None], {
        "origin": None,
        "on": None,
        "down": None,
        "across": None,
        "spacing": image.spacing_mm or (1.0, 1.0),
        "unit": "mm" if image.spacing_mm else "px",
    }


def _packed(block: NDArray[np.generic]) -> tuple[NDArray[np.uint16], float, float]:
    """16-bit values, slope and intercept: without loss where the signal is whole numbers of that range."""
    signal = np.nan_to_num(np.asarray(block, np.float64))
    low, high = float(signal.min()), float(signal.max())
    whole = high - low <= _MOST and bool(np.equal(np.mod(signal, 1), 0).all())
    slope = 1.0 if whole or high == low else (high - low) / _MOST
    values = np.ascontiguousarray(np.round((signal - low) / slope).astype("<u2"))
    return values, slope, low


def _window(block: NDArray[np.generic]) -> tuple[float, float]:
    signal = np.nan_to_num(np.asarray(block, np.float64)).ravel()
    shown = signal[signal != 0][:: max(1, signal.size // 500_000)]
    low, high = (float(v) for v in np.quantile(shown if shown.size else signal, (_DARK, _BRIGHT)))
    return (low + high) / 2, max(high - low, 1e-6)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def indexed(series: Iterable[FrameSeries]) -> dict[str, object]:
    """What a worklist tells of a study: its UID and the day of its newest image."""
    days = [s.acquired_on for s in series if s.acquired_on]
    return {"study_uid": next((s.study_uid for s in series if s.study_uid), ""), "acquired_on": max(days, default=None)}
