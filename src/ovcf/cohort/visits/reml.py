"""Restricted maximum likelihood of a linear mixed model with one grouping, profiled as lme4 does.

Variances relative to the residual one enter through a triangular factor, so that a variance of zero is an ordinary
point of the search and not a singular matrix (Bates et al., J Stat Softw 2015;67(1), sections 3.2 to 3.4). Such a point
is flat in every direction even where it is no optimum. The slope in the variances themselves tells the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LARGEST = 1e4
"""Of a random effect's standard deviation over the residual one: beyond it nothing residual is left."""
STARTS = (0.1, 1.0, 10.0)
ROUNDS = 20


@dataclass(frozen=True, slots=True, eq=False)
class RemlFit:
    """Coefficients ``(p,)`` with their covariance, covariance of the random effects ``(q, q)``, residual variance, the
    residuals about each patient's own line ``(n,)`` and the restricted log-likelihood.

    ``likelihood`` holds the data as sums; in its units the covariance of the random effects is ``relative`` times the
    residual variance.
    """

    beta: Array
    covariance: Array
    random: Array
    residual: float
    residuals: Array
    log_likelihood: float
    likelihood: Likelihood
    relative: Array


def fit_reml(y: Array, x: Array, z: Array, subject: NDArray[np.int64]) -> RemlFit:
    """Fit outcome ``y (n,)`` on ``x (n, p)`` with random effects ``z (n, q)`` of each ``subject (n,)``, 0 to m - 1.

    Raises:
        CohortDataError: effects that repeat one another, fewer visits than effects, nothing left to vary, or no
            convergence.
    """
    n, p = x.shape
    if np.linalg.matrix_rank(x) < p:
        raise CohortDataError("mixed model", "an effect repeats another", "Leave out an effect or a visit.")
    if int(subject.max()) + 1 == n:
        raise CohortDataError("mixed model", "no patient has two visits", "Compare groups without it.")
    least = np.linalg.lstsq(x, y, rcond=None)[0]
    if n <= p or ((y - x @ least) ** 2).sum() <= 1e-20 * (y**2).sum():
        raise CohortDataError("outcome", "does not vary beyond its means", "There is nothing to estimate.")
    both = np.column_stack([x, y - x @ least])  # about the plain fit, for accuracy
    # As unrelated columns of unit size, level and slope are searched for alike, whatever the unit of time.
    white = np.linalg.inv(np.linalg.cholesky(z.T @ z / n)).T
    zw, order = z @ white, np.argsort(subject, kind="stable")
    first = np.flatnonzero(np.diff(subject[order], prepend=-1))
    zz, zb = (np.add.reduceat((zw[:, :, None] * b[:, None, :])[order], first, axis=0) for b in (zw, both))
    likelihood = Likelihood.of(both.T @ both, zz, zb, n)
    factor = _best(likelihood)
    at = likelihood.at(factor @ factor.T)
    change, inverse = at.change, at.inverse
    own = zb[:, :, p] - zb[:, :, :p] @ change
    lines = (inner(zz, factor @ factor.T) @ own[:, :, None])[:, :, 0]
    residuals = both[:, p] - x @ change - (zw * lines[subject]).sum(axis=1)
    residual = at.left / (n - p)
    f = white @ factor
    if np.abs(at.slope @ factor).max() > 1e-6 * n:
        raise CohortDataError("mixed model", "does not converge", "Leave out the random slope or a covariate.")
    return RemlFit(
        least + change,
        residual * inverse,
        residual * f @ f.T,
        residual,
        residuals,
        -at.deviance / 2,
        likelihood,
        factor @ factor.T,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The deviance where the random effects have a given covariance, and its slope in that covariance ``(q, q)``."""

    deviance: float
    slope: Array
    left: float
    change: Array
    inverse: Array


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What the likelihood needs of the data: cross products of all rows, and of random effects by patient.

    Patients with the same visits differ in nothing but their cross products with mean and outcome ``zb``, which enter
    as a sum of squares: as many rows as there are columns hold those of any number of patients.
    """

    crossed: Array
    zz: Array
    zb: Array
    patients: Array
    rows: int

    @classmethod
    def of(cls, crossed: Array, zz: Array, zb: Array, rows: int) -> Likelihood:
        """From the cross products of all rows, and of every patient."""
        m, q, width = zb.shape
        kinds, kind, counts = np.unique(zz.reshape(m, -1), axis=0, return_inverse=True, return_counts=True)
        if len(kinds) * q * width >= m:
            return cls(crossed, zz, zb, np.ones(m), rows)
        sorted_zb = np.split(zb[np.argsort(kind.ravel(), kind="stable")].reshape(m, -1), np.cumsum(counts)[:-1])
        small = [block if len(block) <= q * width else np.linalg.qr(block, mode="r") for block in sorted_zb]
        sizes = [len(block) for block in small]
        return cls(
            crossed,
            np.repeat(kinds.reshape(-1, q, q), sizes, axis=0),
            np.concatenate(small).reshape(-1, q, width),
            np.repeat(counts / sizes, sizes),
            rows,
        )

    def at(self, random: Array) -> Point:
        """At the covariance ``(q, q)`` of the random effects over the residual variance."""
        p = self.zb.shape[2] - 1
        free = self.rows - p
        q = len(random)
        own = inner(self.zz, random)
        flat = self.zb.reshape(-1, p + 1)
        products = self.crossed - flat.T @ (own @ self.zb).reshape(-1, p + 1)
        inverse = np.asarray(np.linalg.inv(products[:p, :p]), float)
        change = inverse @ products[:p, p]
        left = float(products[p, p] - products[:p, p] @ change)
        rest = np.eye(q) - own @ self.zz  # what the random effects leave of a change in themselves
        back = rest.transpose(0, 2, 1) @ self.zb
        u = back @ np.concatenate([-change, [1.0]])
        # A row for each random effect, so that sums over patients are one product.
        of_mean = back[:, :, :p].transpose(1, 0, 2)
        determinant = np.linalg.slogdet(np.eye(q) + random @ self.zz)[1] @ self.patients
        deviance = free * (1 + np.log(2 * np.pi * left / free)) + determinant + np.linalg.slogdet(products[:p, :p])[1]
        slope = (
            np.tensordot(self.patients, self.zz @ rest, 1)
            - free / left * u.T @ u
            - (of_mean @ inverse).reshape(q, -1) @ of_mean.reshape(q, -1).T
        )
        return Point(float(deviance), (slope + slope.T) / 2, left, change, inverse)


def inner(zz: Array, random: Array) -> Array:
    """Of every patient, the inverse of (inverse covariance + zz), without inverting the covariance."""
    return np.asarray(np.linalg.solve(np.eye(len(random)) + random @ zz, np.broadcast_to(random, zz.shape)))


def _best(likelihood: Likelihood) -> Array:
    """The triangular factor of the covariance of the random effects where the likelihood is largest."""
    from scipy.optimize import minimize

    q = likelihood.zz.shape[1]
    lower = np.tril_indices(q)

    def factor(theta: Array) -> Array:
        made = np.zeros((q, q))
        made[lower] = theta
        return made

    def value(theta: Array) -> tuple[float, Array]:
        f = factor(theta)
        with np.errstate(invalid="ignore", divide="ignore"):
            at = likelihood.at(f @ f.T)
        if not (at.left > 0 and np.isfinite(at.deviance)):  # rounding, where the random effects leave nothing over
            return np.inf, np.zeros(len(theta))
        return at.deviance, 2 * (at.slope @ f)[lower]

    def search(start: Array) -> Array:
        bounds = [(-LARGEST, LARGEST)] * len(start)
        return np.asarray(minimize(value, start, jac=True, method="L-BFGS-B", bounds=bounds).x)

    found = min((search(size * np.eye(q)[lower]) for size in STARTS), key=lambda theta: value(theta)[0])
    found = newton(value, found)
    for _ in range(ROUNDS):
        if np.abs(found).max() > 0.99 * LARGEST:
            break
        f = factor(found)
        steepness, directions = np.linalg.eigh(likelihood.at(f @ f.T).slope)
        if steepness[0] > -1e-6 * likelihood.rows:
            return f
        # A variance of zero from which the likelihood still rises: the search goes on in that direction.
        away = f @ f.T + 0.01 * np.outer(directions[:, 0], directions[:, 0]) + 1e-12 * np.eye(q)
        better = newton(value, search(np.asarray(np.linalg.cholesky(away))[lower]))
        if value(better)[0] > value(found)[0] - 1e-9:
            return f
        found = better
    raise CohortDataError(
        "mixed model", "does not converge", "Leave out the random slope or a covariate, or look for copied visits."
    )


def newton(value: Callable[[Array], tuple[float, Array]], theta: Array) -> Array:
    """To the very optimum from nearby: where the deviance is flat to rounding its slope still is not."""
    for _ in range(ROUNDS):
        slope = value(theta)[1]
        step = 1e-5 * np.maximum(np.abs(theta), 1e-2)
        curve = np.array([(value(theta + h)[1] - value(theta - h)[1]) / (2 * h.max()) for h in np.diag(step)])
        size, axes = np.linalg.eigh((curve + curve.T) / 2)
        sure = size > 1e-8 * size.max()
        move = axes[:, sure] @ ((axes[:, sure].T @ slope) / size[sure])
        tried = theta - move
        if not np.isfinite(tried).all() or np.abs(value(tried)[1]).max() >= np.abs(slope).max():
            break
        theta = tried
    return theta
