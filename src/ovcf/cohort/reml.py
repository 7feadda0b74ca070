"""Restricted maximum likelihood of a linear mixed model with one grouping, profiled as lme4 does.

Variances relative to the residual one enter through their Cholesky factor, so that a variance of zero is an ordinary
point of the search and not a singular matrix (Bates et al., J Stat Softw 2015;67(1), sections 3.2 to 3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RemlFit:
    """Coefficients ``(p,)`` with their covariance, covariance of the random effects ``(q, q)``, residual variance, the
    residuals about each patient's own line ``(n,)`` and the restricted log-likelihood."""

    beta: Array
    covariance: Array
    random: Array
    residual: float
    residuals: Array
    log_likelihood: float


def fit_reml(y: Array, x: Array, z: Array, subject: NDArray[np.int64]) -> RemlFit:
    """Fit outcome ``y (n,)`` on ``x (n, p)`` with random effects ``z (n, q)`` of each ``subject (n,)``, 0 to m - 1.

    Raises:
        CohortDataError: effects that repeat one another, fewer visits than effects, nothing left to vary, or no
            convergence.
    """
    from scipy.optimize import minimize

    n, p = x.shape
    if np.linalg.matrix_rank(x) < p:
        raise CohortDataError("mixed model", "an effect repeats another", "Leave out an effect or a visit.")
    m, q = int(subject.max()) + 1, z.shape[1]
    if m == n:
        raise CohortDataError("mixed model", "no patient has two visits", "Compare groups without it.")
    least = np.linalg.lstsq(x, y, rcond=None)[0]
    if n <= p or ((y - x @ least) ** 2).sum() <= 1e-20 * (y**2).sum():
        raise CohortDataError("outcome", "does not vary beyond its means", "There is nothing to estimate.")
    both = np.column_stack([x, y - x @ least])  # about the plain fit, for accuracy
    zz, zb = np.zeros((m, q, q)), np.zeros((m, q, p + 1))
    np.add.at(zz, subject, z[:, :, None] * z[:, None, :])
    np.add.at(zb, subject, z[:, :, None] * both[:, None, :])
    crossed = both.T @ both
    spread = np.sqrt((z**2).mean(axis=0))  # a slope per day or per month is searched for alike
    lower = np.tril_indices(q)

    def factor(theta: Array) -> Array:
        made = np.zeros((q, q))
        made[lower] = theta
        return np.asarray(made / spread[:, None])

    def weighted(theta: Array) -> tuple[Array, float]:
        """Cross products of (x, y) weighted by the inverse of the outcomes' covariance, and its log-determinant."""
        f = factor(theta)
        inner = np.eye(q) + f.T @ zz @ f
        w = f.T @ zb
        explained = (w.transpose(0, 2, 1) @ np.linalg.solve(inner, w)).sum(axis=0)
        return crossed - explained, float(np.linalg.slogdet(inner)[1].sum())

    def deviance(theta: Array) -> float:
        products, log_determinant = weighted(theta)
        xx, xy = products[:p, :p], products[:p, p]
        left = products[p, p] - xy @ np.linalg.solve(xx, xy)
        if left <= 0:  # rounding, where the random effects leave nothing over
            return np.inf
        return float((n - p) * (1 + np.log(2 * np.pi * left / (n - p))) + log_determinant + np.linalg.slogdet(xx)[1])

    bounds = [(0.0, 1e4) if i == j else (-1e4, 1e4) for i, j in zip(*lower, strict=True)]
    # Zero is flat in every direction, so that a search which steps there stays: two starts.
    starts = (np.eye(q)[lower] * size for size in (0.1, 1.0))
    rough = min((minimize(deviance, s, method="L-BFGS-B", bounds=bounds) for s in starts), key=lambda r: r.fun).x
    options = {"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000, "maxfev": 4000}
    found = minimize(deviance, rough, method="Nelder-Mead", bounds=bounds, options=options)
    if not found.success or np.abs(found.x).max() > 0.99e4:
        raise CohortDataError(
            "mixed model", "does not converge", "Leave out the random slope or a covariate, or look for copied visits."
        )
    products, _ = weighted(found.x)
    inverse = np.linalg.inv(products[:p, :p])
    change = inverse @ products[:p, p]
    residual = float(products[p, p] - products[:p, p] @ change) / (n - p)
    f = factor(found.x)
    own = zb[:, :, p] - zb[:, :, :p] @ change
    lines = np.linalg.solve(np.eye(q) + f.T @ zz @ f, (own @ f)[:, :, None])[:, :, 0] @ f.T
    residuals = both[:, p] - x @ change - (z * lines[subject]).sum(axis=1)
    return RemlFit(least + change, residual * inverse, residual * f @ f.T, residual, residuals, -float(found.fun) / 2)
