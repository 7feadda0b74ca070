"""How probable it is that two correlated measurements lie above their limits."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ScoreInputError
from ovcf.scores.tally import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

#: A covariance computed from an SD that is almost 0 may exceed its bound by this much.
_ROUNDING = 1e-12


def covariance_of(uncertainty: ArrayLike, names: str) -> tuple[float, float, float]:
    """``(sd, sd, correlation)`` of a 2 x 2 covariance matrix, or of two SD of independent errors.

    Raises:
        ScoreInputError: neither of the two, or no covariance that errors can have.
    """
    given = np.asarray(uncertainty, float)
    if given.shape == (2,):
        matrix = np.diag(given**2)
        possible = bool(np.all(given >= 0))
    else:
        matrix = given
        possible = given.shape == (2, 2)
    possible = possible and bool(
        np.isfinite(matrix).all()
        and np.allclose(matrix, matrix.T)
        and np.all(np.diag(matrix) >= 0)
        and matrix[0, 1] ** 2 <= matrix[0, 0] * matrix[1, 1] * (1 + 1e-6) + _ROUNDING
    )
    if not possible:
        raise ScoreInputError(
            f"uncertainty of {names}",
            f"{given.tolist()} is no covariance",
            "Give two standard deviations, or the symmetric 2 x 2 covariance matrix in squared units.",
        )
    first, second = math.sqrt(matrix[0, 0]), math.sqrt(matrix[1, 1])
    correlation = matrix[0, 1] / (first * second) if first * second > 0 else 0.0
    return first, second, min(1.0, max(-1.0, float(correlation)))


def both_at_least(
    means: Sequence[float], limits: Sequence[float], sd: Sequence[float], correlation: float
) -> tuple[float, float, float]:
    """P(first >= limit), P(second >= limit) and P(both) of a bivariate normal; an SD of 0 means certain."""
    z = [_standardised(m, t, s) for m, t, s in zip(means, limits, sd, strict=True)]
    first, second = (_phi(v) for v in z)
    joint = first * second
    if all(map(math.isfinite, z)):
        joint += _correlated_part(z[0], z[1], correlation)
    return first, second, min(first, second, max(0.0, first + second - 1, joint))


def _standardised(mean: float, limit: float, sd: float) -> float:
    above = mean - (limit - TOLERANCE)
    return above / sd if sd > 0 else math.copysign(math.inf, above)


def _phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


@lru_cache(maxsize=1)
def _gauss_legendre() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(96)
    return 0.5 * (nodes + 1), 0.5 * weights


def _correlated_part(h: float, k: float, correlation: float) -> float:
    """P(both) minus the product of the two: Plackett's integral over the correlation, by its arcsine."""
    end = math.asin(correlation)
    nodes, weights = _gauss_legendre()
    theta = end * nodes
    exponent = -(h * h - 2 * h * k * np.sin(theta) + k * k) / (2 * np.cos(theta) ** 2)
    return float(end * np.sum(weights * np.exp(exponent)) / (2 * math.pi))
