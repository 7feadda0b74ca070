"""Tests of a mixed model in few patients (Kenward MG, Roger JH. Biometrics 1997;53:983-997).

Wald's tests take the variances as known. Here the covariance of the coefficients grows by what their estimation adds,
and F has as many denominator degrees of freedom as match its mean and variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.visits.reml import inner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.cohort.visits.reml import RemlFit

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class KenwardRoger:
    """``covariance`` of the coefficients as adjusted ``(p, p)``; the other fields are the parts of its tests.

    ``plain`` is the covariance with known variances, ``changes`` ``(s, p, p)`` how its inverse changes with each of the
    ``s`` variance parameters, ``uncertainty`` ``(s, s)`` the covariance of these.
    """

    beta: Array
    covariance: Array
    plain: Array
    changes: Array
    uncertainty: Array

    @classmethod
    def of(cls, fit: RemlFit) -> KenwardRoger:
        """Of a fitted model. In units of the residual variance: the adjustment is the same in any."""
        data, random = fit.likelihood, fit.relative
        q, p = len(random), len(fit.beta)
        zz, zx, many = data.zz, data.zb[:, :, :p], data.patients
        d = inner(zz, random)
        rest = np.eye(q) - d @ zz
        back = rest.transpose(0, 2, 1)
        k = zz @ rest  # Z' V^-1 Z
        a = back @ zx  # Z' V^-1 X
        b, kd = back @ a, back @ k  # Z' V^-2 X, Z' V^-2 Z
        dx, dzd = d @ zx, d @ zz @ d
        xx = data.crossed[:p, :p]

        def over(left: Array, right: Array) -> Array:
            return np.asarray(np.einsum("iap,iar->pr", left, right, optimize=True))

        pairs = [(i, j) for i in range(q) for j in range(i + 1)]
        units = np.array([_unit(q, i, j) for i, j in pairs])
        s = len(pairs) + 1
        changes, second, traces = np.zeros((s, p, p)), np.zeros((s, s, p, p)), np.zeros((s, s))
        for r, e in enumerate(units):
            changes[r] = -over(a, e @ a)
            second[r, -1] = over(a, e @ b)
            second[-1, r] = second[r, -1].T
            traces[r, -1] = traces[-1, r] = many @ np.einsum("ab,iba->i", e, kd)
            for t, f in enumerate(units):
                second[r, t] = over(a, e @ k @ f @ a)
                traces[r, t] = many @ np.einsum("ab,ibc,cd,ida->i", e, k, f, k, optimize=True)
        dzdx = dzd @ zx
        changes[-1] = -(xx - 2 * over(zx, dx) + over(zx, dzdx))
        second[-1, -1] = xx - 3 * over(zx, dx) + 3 * over(zx, dzdx) - over(zx, d @ zz @ dzdx)
        lost = d @ zz
        trace = np.einsum("iaa->i", lost)
        traces[-1, -1] = data.rows - many @ (2 * trace - np.einsum("iab,iba->i", lost, lost))

        plain = fit.covariance / fit.residual
        turned = plain @ changes
        information = (
            traces - 2 * np.einsum("pr,stpr->st", plain, second) + np.einsum("spr,trp->st", turned, turned)
        ) / 2
        uncertainty = np.linalg.pinv((information + information.T) / 2, rcond=1e-12, hermitian=True)
        growth = np.einsum("st,stpr->pr", uncertainty, second - np.einsum("spa,tar->stpr", changes, turned))
        adjusted = plain + plain @ (growth + growth.T) @ plain
        return cls(fit.beta, fit.residual * adjusted, plain, changes, uncertainty)

    def test(self, contrast: Array) -> tuple[float, float]:
        """F that ``contrast (l, p)`` of the coefficients is zero, and its denominator degrees of freedom."""
        size = len(contrast)
        value = contrast @ self.beta
        f = float(value @ np.linalg.solve(contrast @ self.covariance @ contrast.T, value)) / size
        theta = contrast.T @ np.linalg.solve(contrast @ self.plain @ contrast.T, contrast)
        parts = theta @ self.plain @ self.changes @ self.plain
        traces = np.einsum("spp->s", parts)
        a1 = float(traces @ self.uncertainty @ traces)
        a2 = float(np.einsum("st,spr,trp->", self.uncertainty, parts, parts))
        b = (a1 + 6 * a2) / (2 * size)
        g = ((size + 1) * a1 - (size + 4) * a2) / ((size + 2) * a2) if a2 > 0 else 0.0
        base = 3 * size + 2 * (1 - g)
        c1, c2, c3 = g / base, (size - g) / base, (size + 2 - g) / base
        rho = ((1 - a2 / size) / (1 - c2 * b)) ** 2 * (1 + c1 * b) / (1 - c3 * b) / size
        degrees = 4 + (size + 2) / (size * rho - 1) if size * rho > 1 else np.inf
        scale = degrees * (1 - a2 / size) / (degrees - 2) if np.isfinite(degrees) and abs(degrees - 2) > 0.01 else 1.0
        return scale * f, float(degrees)


def _unit(q: int, i: int, j: int) -> Array:
    """How the covariance changes with its element ``i, j``."""
    made = np.zeros((q, q))
    made[i, j] = made[j, i] = 1.0
    return made
