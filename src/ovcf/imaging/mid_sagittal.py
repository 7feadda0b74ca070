"""The mid-sagittal plane of a volume, and volumes put into sagittal order."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import GridMismatchError, SeriesGeometryError
from ovcf.geometry import SagittalPlane, unit_vector
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_LEFT, _CAUDAL, _POSTERIOR = np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), np.array([0, 1.0, 0])
_NEAR_ISOTROPIC = 1.5
_SAGITTAL_WITHIN_DEG = 30.0
COARSEST_REFORMAT_MM = 3.0
"""Distance of slices up to which a sagittal plane is cut through a stack of another plane."""


def slice_normal(volume: Volume) -> Array | None:
    """Unit normal of the acquired slices, or None where voxels are near-isotropic and any plane can be cut."""
    spacing = np.asarray(volume.spacing_mm)
    single = [axis for axis, n in enumerate(volume.voxels.shape) if n == 1]
    if not single and spacing.max() <= _NEAR_ISOTROPIC * spacing.min():
        return None
    axis = single[0] if single else int(spacing.argmax())
    first, second = (volume.affine[:3, other] for other in range(3) if other != axis)
    return unit_vector(np.cross(first, second))


def degrees_from_sagittal(volume: Volume) -> float:
    """Angle between the acquired slices and the patient's sagittal plane; 0 for near-isotropic voxels."""
    normal = slice_normal(volume)
    return 0.0 if normal is None else float(np.degrees(np.arccos(min(1.0, abs(float(normal @ _LEFT))))))


def is_sagittal(volume: Volume) -> bool:
    """Whether sagittal planes of the volume can be read: acquired so, or near-isotropic."""
    return degrees_from_sagittal(volume) <= _SAGITTAL_WITHIN_DEG


def can_be_reformatted(volume: Volume) -> bool:
    """Whether a stack of another plane is fine enough in all directions for sagittal planes to be cut from it.

    This asks of CT alone: slices of an MRI series of another plane may be apart and tilted with the discs.
    """
    return min(volume.voxels.shape) > 1 and max(volume.spacing_mm) <= COARSEST_REFORMAT_MM


def sagittal_volume(volume: Volume) -> Volume:
    """:func:`in_sagittal_order` of a volume whose sagittal slices can be read.

    Raises:
        SeriesGeometryError: neither acquired sagittally (within 30 degrees), nor near-isotropic, nor fine enough to be
            reformatted.
    """
    if not is_sagittal(volume) and not can_be_reformatted(volume):
        raise SeriesGeometryError(
            "volume",
            say(
                "its slices lie {degrees_from_sagittal:.0f} degrees off the sagittal plane",
                degrees_from_sagittal=degrees_from_sagittal(volume),
            ),
            "Give a sagittal series, or one with near-isotropic voxels.",
        )
    return in_sagittal_order(volume)


def in_sagittal_order(volume: Volume) -> Volume:
    """The same voxels with axes right to left, cranial to caudal, anterior to posterior, however they were acquired.

    Only flips and transposes, no resampling: every voxel stays at its place in the patient.
    """
    order, senses = _sagittal_axes(volume)
    start = [0 if sense > 0 else volume.voxels.shape[axis] - 1 for axis, sense in zip(order, senses, strict=True)]
    affine = np.eye(4)
    affine[:3, :3] = volume.affine[:3, list(order)] * senses
    corner = np.zeros(3)
    corner[list(order)] = start
    affine[:3, 3] = volume.to_patient(corner)
    turned = volume.voxels.transpose(order)[tuple(slice(None, None, int(sense)) for sense in senses)]
    return Volume(turned, affine)


def mid_sagittal_plane(volume: Volume, bodies: Volume | None = None) -> SagittalPlane:
    """The sagittal plane through the middle of the vertebral bodies, parallel to the slices of the volume.

    With ``bodies`` (labels > 0, any grid) it passes through the median of the bodies' middles, so that one outlier
    moves it little; without, through the middle of the volume, where a sagittal stack is planned. Its point (0, 0) is
    the most anterior and cranial corner of the volume, so plane coordinates are image millimetres.

    Raises:
        GridMismatchError: the label map is empty.
    """
    order, senses = _sagittal_axes(volume)
    columns = volume.affine[:3, list(order)] * senses
    normal = slice_normal(volume)
    if normal is None or not is_sagittal(volume):
        normal = np.cross(columns[:, 2], columns[:, 1])
    normal = unit_vector(normal if normal @ _LEFT > 0 else -normal)
    caudal = unit_vector(columns[:, 1] - (columns[:, 1] @ normal) * normal)
    posterior = np.cross(normal, caudal)
    posterior *= np.sign(posterior @ _POSTERIOR)
    corners = volume.to_patient(np.array(list(np.ndindex(2, 2, 2))) * (np.array(volume.voxels.shape) - 1))
    offset = float((corners @ normal).mean()) if bodies is None else _middle_of(bodies, normal)
    origin = offset * normal + (corners @ posterior).min() * posterior + (corners @ caudal).min() * caudal
    return SagittalPlane(_triple(origin), _triple(posterior), _triple(caudal))


def _middle_of(bodies: Volume, normal: Array) -> float:
    """Where the bodies' middles lie along the normal: the median over labels of the median over voxels."""
    index = np.argwhere(np.asarray(bodies.voxels, float) > 0)
    if not len(index):
        raise GridMismatchError("label map", "holds no body", "Give a label map with at least one vertebral body.")
    along = bodies.to_patient(index) @ normal
    labels = bodies.voxels[tuple(index.T)]
    return float(np.median([np.median(along[labels == label]) for label in np.unique(labels)]))


def _sagittal_axes(volume: Volume) -> tuple[tuple[int, int, int], Array]:
    """Array axes nearest to left, caudal and posterior, and the sense of each."""
    cosines = np.stack([_LEFT, _CAUDAL, _POSTERIOR]) @ (volume.affine[:3, :3] / np.asarray(volume.spacing_mm))
    a, b, c = max(permutations(range(3)), key=lambda p: float(np.abs(cosines[[0, 1, 2], p]).sum()))
    return (a, b, c), np.where(cosines[[0, 1, 2], (a, b, c)] > 0, 1.0, -1.0)


def _triple(v: Array) -> tuple[float, float, float]:
    x, y, z = (float(c) for c in v)
    return x, y, z
