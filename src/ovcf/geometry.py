"""Points, angles and frames.

Two frames only:

* **patient**: DICOM LPS millimetres, ``(3,)`` arrays, x to the patient's left, y to posterior, z to cranial.
* **plane**: ``(2,)`` arrays in a sagittal plane or a lateral radiograph, x from anterior to posterior and
  y from cranial to caudal; millimetres where calibrated, else pixels.

NIfTI's RAS exists only in :func:`ras_from_lps`, its own inverse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_PLANE = 2
_LPS_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def ras_from_lps(affine: ArrayLike) -> Array:
    """Turn a 4x4 affine into LPS millimetres into one into RAS millimetres, or back (it is its own inverse)."""
    return np.asarray(_LPS_RAS @ np.asarray(affine, dtype=float))


def distance(p: ArrayLike, q: ArrayLike) -> Array:
    """Euclidean distance between points ``(..., n)``, in their unit."""
    apart = np.asarray(q, float) - np.asarray(p, float)
    if apart.shape[-1] != _PLANE:
        return np.asarray(np.linalg.norm(apart, axis=-1))
    x, y = apart[..., 0], apart[..., 1]  # a sum over an axis of two is several times as slow
    return np.asarray(np.sqrt(x * x + y * y))


def signed_angle_deg(u: ArrayLike, v: ArrayLike) -> Array:
    """Angle in degrees from plane vectors ``u`` to ``v`` ``(..., 2)``, in (-180, 180].

    With both endplate vectors drawn anterior to posterior in the plane frame (x posterior, y caudal) and ``u``
    the cranial one, it is positive where the endplates come closer together anteriorly: kyphosis.
    """
    u, v = np.asarray(u, float), np.asarray(v, float)
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return np.asarray(np.degrees(np.arctan2(cross, np.sum(u * v, axis=-1))))


def polygon_area(points: ArrayLike) -> float:
    """Signed area of a closed polygon ``(n, 2)`` by the shoelace formula; positive when x turns towards y."""
    p = np.asarray(points, float)
    x, y = p[:, 0], p[:, 1]
    next_x, next_y = (np.concatenate([a[1:], a[:1]]) for a in (x, y))
    return float(0.5 * np.sum(x * next_y - next_x * y))


def unit_vector(v: ArrayLike) -> Array:
    """``v`` scaled to length 1."""
    v = np.asarray(v, float)
    return np.asarray(v / (math.sqrt(v.dot(v)) if v.ndim == 1 else np.linalg.norm(v)))


@dataclass(frozen=True)
class SagittalPlane:
    """A plane through the patient and its 2-D frame.

    ``origin`` is the plane point (0, 0); ``posterior`` and ``caudal`` are orthogonal unit vectors, all in patient
    LPS millimetres. Nothing says the plane is exactly sagittal: an oblique stack has an oblique plane.
    """

    origin: tuple[float, float, float]
    posterior: tuple[float, float, float]
    caudal: tuple[float, float, float]

    @property
    def normal(self) -> Array:
        """Unit normal, posterior x caudal; it points to the patient's right in an exactly sagittal plane."""
        return np.cross(np.asarray(self.posterior, float), np.asarray(self.caudal, float))

    def to_patient(self, points: ArrayLike) -> Array:
        """Plane millimetres ``(..., 2)`` to patient LPS millimetres ``(..., 3)``."""
        p = np.asarray(points, float)
        axes = np.stack([np.asarray(self.posterior, float), np.asarray(self.caudal, float)])
        return np.asarray(np.asarray(self.origin, float) + p @ axes)

    def from_patient(self, points: ArrayLike) -> Array:
        """Patient LPS millimetres ``(..., 3)`` to plane millimetres ``(..., 2)``, dropping what is off the plane."""
        axes = np.stack([np.asarray(self.posterior, float), np.asarray(self.caudal, float)], axis=1)
        return np.asarray((np.asarray(points, float) - np.asarray(self.origin, float)) @ axes)

    def distance_off_plane(self, points: ArrayLike) -> Array:
        """Signed distance of patient points ``(..., 3)`` from the plane, along :attr:`normal`, in millimetres."""
        return np.asarray((np.asarray(points, float) - np.asarray(self.origin, float)) @ self.normal)
