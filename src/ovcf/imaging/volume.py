"""Images in patient coordinates: a volume of slices, or the plane of a projection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import SeriesGeometryError
from ovcf.imaging.stored import AS_STORED, Row

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Voxels and where they lie.

    ``voxels`` is ``(n0, n1, n2)`` in any axis order; ``affine`` (4, 4) maps the index of a voxel's *centre* to patient
    LPS millimetres. No axis order is ever assumed: ask :meth:`axis_towards`.
    """

    voxels: NDArray[np.generic]
    affine: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.voxels.ndim != 3 or min(self.voxels.shape) == 0:
            raise SeriesGeometryError(
                "volume", f"shape {self.voxels.shape} is not three-dimensional", "Give one volume."
            )
        if self.affine.shape != (4, 4) or not np.isfinite(self.affine).all() or abs(np.linalg.det(self.affine)) < 1e-9:
            raise SeriesGeometryError(
                "volume", "its position in the patient is not defined", "Export it again with geometry."
            )

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxel centres along each array axis."""
        a, b, c = (float(x) for x in np.linalg.norm(self.affine[:3, :3], axis=0))
        return a, b, c

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    def to_patient(self, index: ArrayLike) -> NDArray[np.float64]:
        """Voxel indices ``(..., 3)`` (centres at integers) to patient LPS millimetres."""
        return np.asarray(np.asarray(index, float) @ self.affine[:3, :3].T + self.affine[:3, 3])

    def to_index(self, points: ArrayLike) -> NDArray[np.float64]:
        """Patient LPS millimetres ``(..., 3)`` to fractional voxel indices."""
        return np.asarray((np.asarray(points, float) - self.affine[:3, 3]) @ np.linalg.inv(self.affine[:3, :3]).T)

    def axis_towards(self, direction: ArrayLike) -> tuple[int, int]:
        """The array axis closest to a patient direction, and +1 or -1 for its sense."""
        cosines = np.asarray(direction, float) @ (self.affine[:3, :3] / np.asarray(self.spacing_mm))
        axis = int(np.argmax(np.abs(cosines)))
        return axis, 1 if cosines[axis] > 0 else -1

    def same_grid(self, other: Volume, tolerance_mm: float = 0.1) -> bool:
        """Whether both have the same shape and put every corner voxel at the same place."""
        if self.voxels.shape != other.voxels.shape:
            return False
        corners = np.array(list(np.ndindex(2, 2, 2))) * (np.array(self.voxels.shape) - 1)
        return bool(np.abs(self.to_patient(corners) - other.to_patient(corners)).max() <= tolerance_mm)


class Calibration(StrEnum):
    """What a projection's pixel spacing means."""

    CALIBRATED = "calibrated in the patient"
    DETECTOR = "spacing at the detector, magnification unknown"
    NONE = "no spacing given"


@dataclass(frozen=True, slots=True, eq=False)
class ImagePlane:
    """A radiograph: it has no place in the patient's 3-D frame, only a calibration status.

    ``pixels`` is ``(rows, columns)``, already turned so that columns run anterior to posterior and rows cranial to
    caudal; ``oriented`` tells that tags say so. ``spacing_mm`` is (row, column) spacing, None without calibration.
    ``turned`` leads back to the stored pixels (:class:`ovcf.imaging.stored.StoredImages`).
    """

    pixels: NDArray[np.generic]
    spacing_mm: tuple[float, float] | None
    calibration: Calibration
    oriented: bool = False
    turned: tuple[Row, ...] = AS_STORED
