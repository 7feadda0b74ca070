"""Are hazards proportional? The score test that a coefficient of a Cox model drifts over time.

Grambsch and Therneau's test (Biometrika 1994;81:515-526) as the exact score test of covariate x g(time), which R's
``cox.zph`` makes since version 3 of survival; lifelines has the older approximation. g is 1 - Kaplan-Meier just before
each event; ties by Efron.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.extra import extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.cohort.survival.follow_up import FollowUp

    Array = NDArray[np.float64]


def proportionality(
    data: FollowUp, x: Array, beta: Array, strata: NDArray[np.int64], blocks: Sequence[Sequence[int]]
) -> tuple[tuple[float | None, ...], float | None]:
    """P for each block of columns of ``x`` ``(n, p)`` and for all of them; ``strata`` ``(n,)`` numbers the groups.

    None where events at too few times leave nothing to test.
    """
    counts = data.counts()
    before = np.concatenate([[1.0], counts.survival(counts.events)[:-1]])
    x = x - x.mean(axis=0)
    parts = [p for s in np.unique(strata) for p in _residuals(data[strata == s], x[strata == s], beta)]
    times = np.array([t for t, _, _, _ in parts])
    g = 1 - before[np.searchsorted(counts.times, times)]
    deaths = np.array([d for _, d, _, _ in parts])
    g = g - (deaths @ g) / deaths.sum()
    score = g @ np.array([u for _, _, u, _ in parts])
    spread = np.array([v for _, _, _, v in parts])
    plain, once, twice = (np.einsum("k,kpq->pq", g**power, spread) for power in (0, 1, 2))
    if np.linalg.matrix_rank(plain) < len(plain):
        return (None,) * len(blocks), None
    variance = twice - once @ np.linalg.solve(plain, once)
    if np.linalg.matrix_rank(variance) < len(variance):
        return (None,) * len(blocks), None
    chi2 = extra("scipy.stats").chi2.sf

    def p(columns: Sequence[int]) -> float:
        at = list(columns)
        return float(chi2(score[at] @ np.linalg.solve(variance[np.ix_(at, at)], score[at]), len(at)))

    return tuple(p(block) for block in blocks), p(range(x.shape[1]))


def _residuals(data: FollowUp, x: Array, beta: Array) -> list[tuple[float, int, Array, Array]]:
    """At each event time of a stratum: the time, deaths, sum of Schoenfeld residuals, variance of the covariates."""
    order = np.argsort(-data.time, kind="stable")
    time, event, x = data.time[order], data.status[order] == 1, x[order]
    hazard = np.exp(x @ beta)
    s0 = np.cumsum(hazard)
    s1 = np.cumsum(hazard[:, None] * x, axis=0)
    s2 = np.cumsum(hazard[:, None, None] * x[:, :, None] * x[:, None, :], axis=0)
    found = []
    for t in np.unique(time[event]):
        # In descending order those at risk come first.
        last = int(np.searchsorted(-time, -t, side="right")) - 1
        own = (time == t) & event
        d = int(own.sum())
        h = hazard[own]
        d0, d1 = h.sum(), h @ x[own]
        d2 = np.einsum("i,ip,iq->pq", h, x[own], x[own])
        residual, variance = x[own].sum(axis=0), np.zeros_like(d2)
        for share in np.arange(d) / d:
            size = s0[last] - share * d0
            mean = (s1[last] - share * d1) / size
            residual = residual - mean
            variance = variance + (s2[last] - share * d2) / size - np.outer(mean, mean)
        found.append((float(t), d, residual, variance))
    return found
