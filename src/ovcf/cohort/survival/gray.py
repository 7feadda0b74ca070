"""Gray's test of equal cumulative incidence (Gray RJ. Ann Stat 1988;16:1141-1154), rho = 0.

The score is Gray's. Its variance is that of the linearised score, with the common incidence of the null hypothesis and
multinomial increments at tied times; it differs from that of R's cmprsk by terms that vanish as n grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.extra import extra
from ovcf.cohort.survival.follow_up import FollowUp, step
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GrayTest:
    """Chi-square with ``degrees`` of freedom for equal cumulative incidence; ``score`` is observed less expected."""

    chi_square: float
    degrees: int
    p: float
    score: tuple[float, ...]


def gray_test(groups: Sequence[FollowUp]) -> GrayTest:
    """Compare the cumulative incidence of event 1 between groups.

    Raises:
        CohortDataError: the groups were never at risk at the same time.
    """
    times = np.unique(np.concatenate([g.time[g.status > 0] for g in groups]))
    parts = [_Part.of(g, times) for g in groups]
    risk = np.array([p.at_risk * (1 - p.incidence) / p.free for p in parts])
    total, events = risk.sum(axis=0), np.array([p.events for p in parts])
    share = risk / np.where(total > 0, total, 1)
    score = (events - share * events.sum(axis=0)).sum(axis=1)
    exposed = np.array([p.at_risk / p.free for p in parts]).sum(axis=0)
    rise = events.sum(axis=0) / np.where(exposed > 0, exposed, 1)
    k = len(groups)
    variance = np.zeros((k, k))
    for j, part in enumerate(parts):
        variance += part.variance(np.eye(k)[:, [j]] - share, rise)
    degrees = int(np.linalg.matrix_rank(variance, tol=1e-9 * max(variance.max(), 1e-300)))
    if degrees == 0:
        raise CohortDataError("Gray's test", "the groups share no time at risk", "Follow them over the same time.")
    chi_square = float(score @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ score)
    p = float(extra("scipy.stats").chi2.sf(chi_square, degrees))
    return GrayTest(chi_square, degrees, p, tuple(map(float, score)))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One group at the times ``(t,)`` of any event in any group: counts, and what holds just before each time."""

    at_risk: Array
    events: Array
    competing: Array
    free: Array
    incidence: Array

    @classmethod
    def of(cls, data: FollowUp, times: Array) -> _Part:
        counts = data.counts()
        survival = counts.survival()
        incidence = np.cumsum(np.concatenate([[1.0], survival[:-1]]) * counts.events / counts.at_risk)
        event, other = (
            np.bincount(np.searchsorted(times, data.time[data.status == s]), minlength=len(times)).astype(float)
            for s in (1, 2)
        )
        before = np.nextafter(times, -np.inf)
        free = step(counts.times, survival, before, 1.0)
        return cls(
            (len(data.time) - np.searchsorted(np.sort(data.time), times)).astype(float),
            event,
            other,
            # With no one left free of events no one is at risk, and the value does not matter.
            np.where(free > 0, free, 1.0),
            step(counts.times, incidence, before, 0.0),
        )

    def variance(self, weights: Array, rise: Array) -> Array:
        """Covariance ``(k, k)`` of the score's part in this group; ``rise`` is that of the common incidence."""
        followed = self.at_risk > 0
        n = np.where(followed, self.at_risk, 1.0)
        rise = np.where(followed, rise, 0.0)
        # 1 - F of the null hypothesis cancels between the weight and the hazard it weighs.
        a = weights * self.at_risk / self.free
        common = 1 - np.concatenate([[0.0], np.cumsum(rise)[:-1]])
        g = a + _after(a * rise / np.maximum(common, 1e-12))
        p_event, p_other = np.minimum(rise / self.free, 1.0) * followed, self.competing / n
        staying = 1 - p_event - p_other
        later = np.where(staying > 1e-9, _after(g * rise) / np.where(staying > 1e-9, staying, 1), 0.0) / n
        own = g * self.free / n - later
        mean = p_event * own - p_other * later
        size = self.at_risk
        result: Array = (own * p_event * size) @ own.T + (later * p_other * size) @ later.T - (mean * size) @ mean.T
        return result


def _after(values: Array) -> Array:
    """Sums over later times along the last axis."""
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1] - values
