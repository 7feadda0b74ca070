"""Gray's test of equal cumulative incidence (Gray RJ. Ann Stat 1988;16:1141-1154), rho = 0.

Score and variance are Gray's: the incidence of the null hypothesis in place of each group's own, competing events by
each group's own rate, and a factor for ties as in a draw without putting back, as R's cmprsk has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.optional_import import optional_import
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
    n, events, before, incidence = (
        np.array([getattr(p, name) for p in parts]) for name in ("at_risk", "events", "before", "incidence")
    )
    deaths = events.sum(axis=0)
    risk = n * (1 - incidence) / before
    score = (events - _share(risk) * deaths).sum(axis=1)
    # Of the null hypothesis: the rise of the common incidence, and the share of patients whom it has not reached.
    hazard = n / before
    rise = deaths / _or_one(hazard.sum(axis=0))
    common = np.cumsum(rise)
    k = len(groups)
    weight = hazard[:, None] * (np.eye(k)[:, :, None] - _share(hazard)[None])
    reached = np.cumsum(weight * rise / _or_one(1 - common + rise), axis=2)
    ahead = reached[:, :, -1:] - reached
    variance = np.zeros((k, k))
    for j, part in enumerate(parts):
        still = np.where(part.after > 0, (1 - common) / _or_one(part.after), 0.0)
        event = weight[:, j] + (1 - still) * ahead[:, j]
        variance += (event * part.event_variance(deaths, hazard.sum(axis=0))) @ event.T
        competing = still * ahead[:, j]
        variance += (competing * part.competing_variance()) @ competing.T
    degrees = int(np.linalg.matrix_rank(variance, tol=1e-9 * max(variance.max(), 1e-300)))
    if degrees == 0:
        raise CohortDataError("Gray's test", "the groups share no time at risk", "Follow them over the same time.")
    chi_square = float(score @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ score)
    p = float(optional_import("scipy.stats").chi2.sf(chi_square, degrees))
    return GrayTest(chi_square, degrees, p, tuple(map(float, score)))


def _or_one(values: Array) -> Array:
    """Divisors: where nobody is left the quotient counts for nothing, whatever it is."""
    return np.where(values > 0, values, 1.0)


def _share(values: Array) -> Array:
    return np.asarray(values / _or_one(values.sum(axis=0)))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One group at the times ``(t,)`` of any event in any group: counts, the chance to be free of any event just
    ``before`` and just ``after`` each time, and the incidence before it."""

    at_risk: Array
    events: Array
    competing: Array
    before: Array
    after: Array
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
        just_before = np.nextafter(times, -np.inf)
        return cls(
            (len(data.time) - np.searchsorted(np.sort(data.time), times)).astype(float),
            event,
            other,
            _or_one(step(counts.times, survival, just_before, 1.0)),
            step(counts.times, survival, times, 1.0),
            step(counts.times, incidence, just_before, 0.0),
        )

    def event_variance(self, deaths: Array, hazard: Array) -> Array:
        """Of this group's rise of incidence at each time, by the common rate of the null hypothesis; events at one time
        are drawn without putting back."""
        followed = (self.at_risk > 0) & (deaths > 0)
        expected = np.where(followed, hazard * self.before, 2.0)
        tied = np.where(deaths > 1, 1 - (deaths - 1) / _or_one(expected - 1), 1.0)
        return np.where(followed, tied * self.before * deaths / _or_one(hazard * self.at_risk), 0.0)

    def competing_variance(self) -> Array:
        """The same of competing events, by the group's own rate."""
        d, n = self.competing, _or_one(self.at_risk)
        tied = np.where(d > 1, 1 - (d - 1) / _or_one(n - 1), 1.0)
        return np.where(self.after > 0, tied * self.before**2 * d / n**2, 0.0)
