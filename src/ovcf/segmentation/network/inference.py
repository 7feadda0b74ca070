"""The built-in network on a volume: its slices at the network's pixel size, normalised; the probabilities it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.mid_sagittal import sagittal_volume
from ovcf.imaging.resample import at_rows_and_columns
from ovcf.imaging.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

CLASSES = ("background", "body", "disc", "canal", "cord", "sacrum", "arch")
"""What the network tells apart. ``canal`` is as deep as the dural sac with its dark margin and as wide as between the
pedicles, without the cord."""
POINTS = ("SA", "SP", "IA", "IP", "MS", "MI")
"""Its landmark maps, in the order of :data:`ovcf.landmarks.POINTS`."""
SLICES = 3
"""How many it is given to read one: the slice itself and those to either side, which tell what lies only half in it."""
PIXEL_MM = 1.0
"""Pixel size the network was trained on."""
OUTSIDE = -1.5
"""What it is given where there is no image."""
_MULTIPLE = 16
_NEIGHBOURHOOD_MM = 32.0
_LIMIT = 3.0
_MIN_SPACING_MM = 3.0
"""Thinner slices are averaged in groups up to this thickness; probabilities between are interpolated."""
_MIN_STEP_MM = 2.0
"""From the middle of a group to the next: where groups overlap, what errs in one errs less in the mean
(docs/decisions/006)."""
_CT_WINDOW_HU = (-250.0, 1000.0)
_BATCH = 4


class Network(Protocol):
    """What turns normalised slices ``(n, SLICES, rows, columns)`` into ``(n, classes + points, rows, columns)``.

    Rows and columns are multiples of 16.
    """

    def __call__(self, slices: Image) -> NDArray[np.floating]:
        """The probability of every class and the height of every landmark's map (0 to 1) at every pixel."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class SliceMaps:
    """Probabilities of the classes ``(classes, slices, rows, columns)`` and heat maps ``(points, ...)``, float16.

    Slices run right to left, rows cranial to caudal, columns anterior to posterior; ``affine`` maps (slice, row,
    column) to patient LPS millimetres.
    """

    classes: NDArray[np.float16]
    points: NDArray[np.float16]
    affine: Array

    def of(self, name: str) -> Image:
        """The probability of one class, ``(slices, rows, columns)``."""
        return np.asarray(self.classes[CLASSES.index(name)], np.float32)

    def volume(self, voxels: NDArray[np.generic]) -> Volume:
        """An array ``(slices, rows, columns)`` in the patient."""
        return Volume(voxels, self.affine)


def slice_maps(volume: Volume, network: Network, *, ct: bool = False) -> SliceMaps:
    """What the network sees in a sagittal or near-isotropic volume of any orientation and pixel size.

    Raises:
        SeriesGeometryError: no sagittal planes can be read from it, or it holds no image.
    """
    slices, affine, inside = network_slices(volume, ct=ct)
    alone = np.stack([normalised(*one) for one in zip(slices, inside, strict=True)])
    out = seen_by(network, with_neighbours(alone))
    return SliceMaps(out[: len(CLASSES)], out[len(CLASSES) :], affine)


def with_neighbours(slices: Image) -> Image:
    """Slices ``(n, rows, columns)`` of a series, each with those to either side ``(n, SLICES, rows, columns)``.

    The first and the last stand in for what lies beyond, as in training.
    """
    padded = np.concatenate([slices[:1], slices, slices[-1:]])
    return np.stack([slices, padded[:-2], padded[2:]], axis=1)


def seen_by(network: Network, slices: Image) -> NDArray[np.float16]:
    """What the network gives for slices of any size ``(n, SLICES, rows, columns)``, normalised and with neighbours.

    Probabilities and heat maps ``(classes + points, n, rows, columns)``.
    """
    n, _, rows, columns = slices.shape
    padding = [(0, -size % _MULTIPLE) for size in (rows, columns)]
    given = np.pad(slices, [(0, 0), (0, 0), *padding], constant_values=OUTSIDE)
    out = np.empty((len(CLASSES) + len(POINTS), n, rows, columns), np.float16)
    for k in range(0, len(given), _BATCH):
        out[:, k : k + _BATCH] = np.moveaxis(network(given[k : k + _BATCH]), 0, 1)[:, :, :rows, :columns]
    return out


def network_slices(
    volume: Volume, *, ct: bool = False, pixel_mm: float = PIXEL_MM, only: Sequence[int] | None = None
) -> tuple[Image, Array, NDArray[np.bool_]]:
    """The slices of a volume at a pixel size, the network's by default, the affine, and where they hold an image.

    ``only`` picks some of the slices; the affine is that of all of them.

    Raises:
        SeriesGeometryError: no sagittal planes can be read, or nothing but one value is in it.
    """
    from scipy.ndimage import gaussian_filter1d

    turned = sagittal_volume(volume)
    voxels = np.nan_to_num(np.asarray(turned.voxels, np.float32))
    if ct or voxels.min() < _CT_WINDOW_HU[0] * 2:
        voxels = np.clip(voxels, *_CT_WINDOW_HU)
    if float(np.ptp(voxels)) == 0:
        raise SeriesGeometryError("volume", "holds one value only, no image", "Give the image itself.")
    across = turned.spacing_mm[0]
    thick = min(len(voxels), max(1, int(_MIN_SPACING_MM / across)))
    step = max(1, int(_MIN_STEP_MM / across))
    first = np.arange(0, len(voxels) - thick + 1, step)
    chosen = first if only is None else first[list(only)]
    voxels = np.mean([voxels[chosen + k] for k in range(thick)], axis=0)
    factor = pixel_mm / np.array(turned.spacing_mm[1:])
    for axis, f in enumerate(factor, 1):
        if f > 1:  # a box as wide as the new pixel has this Gaussian's SD
            voxels = gaussian_filter1d(voxels, np.sqrt(f**2 - 1) / np.sqrt(12), axis=axis, mode="nearest")
    shape = np.maximum(np.ceil(np.array(voxels.shape[1:]) / factor - 1e-6), 1).astype(int)
    # The borders of both grids coincide: pixel centres are half a pixel inside.
    start = 0.5 * factor - 0.5
    out = at_rows_and_columns(voxels, *(s + f * np.arange(m) for s, f, m in zip(start, factor, shape, strict=True)))
    affine = turned.affine.copy()
    affine[:3, 0] *= step
    affine[:3, 1:3] *= factor
    affine[:3, 3] = turned.to_patient([(thick - 1) / 2, *start])
    return out, affine, _fields_of_view(out)


def _fields_of_view(slices: Image) -> NDArray[np.bool_]:
    """Where there is an image: without the borders of one value that fill up a matrix."""
    seen = np.ones(slices.shape, bool)
    value = slices[:, :1, :1]
    differs = (slices != value).any(axis=0)
    if differs.any():
        rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
        seen[:, : rows[0]] = seen[:, rows[-1] + 1 :] = False
        seen[:, :, : columns[0]] = seen[:, :, columns[-1] + 1 :] = False
    return seen


def normalised(image: Image, inside: NDArray[np.bool_] | None = None) -> Image:
    """A slice ``(rows, columns)`` of 1 mm pixels with the local mean taken off and the local SD as its unit.

    Mean and SD are those of the tissue within some 3 cm, air left out; what is far away (a bright surface coil, an arm,
    the table) does not change what the network sees at the spine. ``inside`` is False where there is no image.
    """
    from scipy.ndimage import gaussian_filter

    inside = np.isfinite(image) if inside is None else inside & np.isfinite(image)
    image = np.where(inside, image, 0).astype(np.float32)
    if not inside.any():
        return np.full(image.shape, OUTSIDE, np.float32)
    low, high = np.percentile(image[inside], (1, 99.5))
    scaled = (image - low) / max(float(high - low), 1e-6)
    np.clip(scaled, 0, 1.5, out=scaled)
    tissue = (scaled > 0.04) & inside
    # Local statistics vary slowly: a sixteenth of the pixels gives them.
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
    mean, sd = (_enlarged(a, step)[: image.shape[0], : image.shape[1]] for a in (mean, sd))
    z = scaled
    z -= mean
    z /= sd + 0.02
    np.clip(z, -_LIMIT, _LIMIT, out=z)
    z[~inside] = OUTSIDE
    return np.asarray(z, np.float32)


def _enlarged(image: Array, step: int) -> Array:
    """An image with ``step`` times as many rows and columns, linear between its pixels.

    It is that of ``scipy.ndimage.zoom`` in grid mode but for rounding, in a fifth of the time.
    """
    by_rows, by_columns = (_beside(n, step) for n in image.shape)
    total = np.zeros((image.shape[0] * step, image.shape[1] * step))
    part = np.empty_like(total)
    for row, row_share in by_rows:
        line = image[row] * row_share[:, None]
        for column, share in by_columns:
            line.take(column, 1, out=part, mode="clip")
            part *= share
            total += part
    return total


def _beside(size: int, step: int) -> tuple[tuple[NDArray[np.intp], Array], tuple[NDArray[np.intp], Array]]:
    """The pixels of a line before and behind each place between them, and their shares."""
    at = np.clip((np.arange(size * step) + 0.5) / step - 0.5, 0, size - 1)
    first = at.astype(np.intp)
    share = at - first
    return (first, 1 - share), (np.minimum(first + 1, size - 1), share)
