"""The statistical model of T4 to L4: contours, discs between them and stature, jointly, by sex and age.

A person without fracture is one vector: 13 contours in their own frames (mm), 12 joints and the standing height. Its
mean is linear in sex and age; the rest is a probabilistic principal component analysis (Tipping and Bishop 1999),
whose Gaussian gives stature or missing vertebrae their conditional distribution in closed form. Made by
``scripts/derive_shape_model.py`` from NHANES 2013-2014.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.shape import contour as c

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TABLE = "nhanes_2013_shape_model.npz"
N_BODIES = 13
N_JOINTS = N_BODIES - 1
_BODIES = N_BODIES * c.N_POINTS * 2
SIZE = _BODIES + N_JOINTS * 3 + 1
STATURE = SIZE - 1
#: Units of the vector in one mm of a contour point; in one degree and one mm of a joint, which moves a whole body; in
#: one cm of stature.
WEIGHT = np.concatenate([np.ones(_BODIES), np.tile([1.0, 3.0, 3.0], N_JOINTS), [0.3]])


def pack(contours: Array, joints: Array, stature_cm: Array) -> Array:
    """Vectors ``(n, SIZE)`` of contours ``(n, 13, 28, 2)``, joints ``(n, 12, 3)`` and statures ``(n,)``.

    NaN is missing.
    """
    n = len(contours)
    flat = [np.reshape(contours, (n, -1)), np.reshape(joints, (n, -1)), np.reshape(stature_cm, (n, 1))]
    return np.asarray(np.concatenate(flat, axis=1) * WEIGHT)


def unpack(vectors: Array) -> tuple[Array, Array]:
    """Contours ``(n, 13, 28, 2)`` and joints ``(n, 12, 3)`` of vectors ``(n, SIZE)``."""
    v = vectors / WEIGHT
    contours = v[:, :_BODIES].reshape(-1, N_BODIES, c.N_POINTS, 2)
    return contours, v[:, _BODIES:STATURE].reshape(-1, N_JOINTS, 3)


def covariates(male: Array, age_years: Array) -> Array:
    """``(n, 4)``: constant, male, age in decades from 60, and their product."""
    male, decades = np.asarray(male, float), (np.asarray(age_years, float) - 60) / 10
    return np.stack([np.ones_like(male), male, decades, male * decades], axis=-1)


@dataclass(frozen=True)
class ShapeModel:
    """``mean`` ``(4, SIZE)`` on the covariates, ``modes`` ``(SIZE, q)`` scaled to their SD, ``noise`` the rest's SD."""

    mean: Array
    modes: Array
    noise: float

    def expected(self, male: Array, age_years: Array) -> Array:
        """Mean vectors ``(n, SIZE)``."""
        return np.asarray(covariates(male, age_years) @ self.mean)

    def truncated(self, modes: int) -> ShapeModel:
        """The model with its first modes only, the variance of the others counted as noise."""
        lost = np.sum(self.modes[:, modes:] ** 2) / len(self.modes)
        return ShapeModel(mean=self.mean, modes=self.modes[:, :modes], noise=float(np.sqrt(self.noise**2 + lost)))

    def posterior(self, residual: Array, known: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Mean ``(n, q)`` and covariance ``(q, q)`` of the coefficients of the modes.

        ``residual`` ``(n, SIZE)`` are vectors less their mean, of which the part ``known`` ``(SIZE,)`` is used.
        """
        w = self.modes[known]
        covariance = np.asarray(np.linalg.inv(np.eye(w.shape[1]) + w.T @ w / self.noise**2), float)
        return np.asarray(residual[:, known] @ w @ covariance / self.noise**2), covariance

    def draw(
        self, rng: np.random.Generator, *, male: bool, age_years: float, height_cm: float | None = None
    ) -> tuple[Array, Array]:
        """Contours ``(13, 28, 2)`` and joints ``(12, 3)`` of one person without fracture.

        Only the modes are drawn: what they leave is mostly the reading error of the points, not shape.
        """
        mean = self.expected(np.array([float(male)]), np.array([age_years]))
        z = rng.standard_normal(self.modes.shape[1])
        if height_cm is not None:
            residual, known = np.zeros((1, SIZE)), np.arange(SIZE) == STATURE
            residual[0, STATURE] = height_cm * WEIGHT[STATURE] - mean[0, STATURE]
            (centre,), covariance = self.posterior(residual, known)
            z = centre + np.linalg.cholesky(covariance) @ z
        contours, joints = unpack(mean + z @ self.modes.T)
        return contours[0], joints[0]


@cache
def tables() -> dict[str, Array]:
    """Every array of the packaged table, by name."""
    with files("ovcf.phantom.shape").joinpath("tables", TABLE).open("rb") as file, np.load(file) as table:
        return {name: table[name].astype(float) for name in table.files}


def packaged() -> ShapeModel:
    """The model made from the survey."""
    t = tables()
    return ShapeModel(mean=t["mean"], modes=t["modes"], noise=float(t["noise"]))
