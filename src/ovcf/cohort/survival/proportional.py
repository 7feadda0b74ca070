"""Are hazards proportional? The score test that a coefficient of a Cox model drifts over time.

Grambsch and Therneau's test (Biometrika 1994;81:515-526) as the exact score test of covariate x g(time), which R's
``cox.zph`` makes since version 3 of survival. g is 1 - Kaplan-Meier just before each event; ties by Efron.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.optional_import import optional_import

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.cohort.survival.follow_up import FollowUp
    from ovcf.cohort.survival.partial_likelihood import RiskSets

    Array = NDArray[np.float64]


def proportionality(
    data: FollowUp, sets: RiskSets, beta: Array, blocks: Sequence[Sequence[int]]
) -> tuple[tuple[float | None, ...], float | None]:
    """P for each block of columns of the covariates and for all of them; ``beta (p,)`` in the units of ``sets``.

    None where events at too few times leave nothing to test.
    """
    counts = data.counts()
    before = np.concatenate([[1.0], counts.survival(counts.events)[:-1]])
    g = 1 - before[np.searchsorted(counts.times, sets.time[sets.event])]
    score, plain, once, twice = sets.drift(beta, g - g.mean())
    if np.linalg.matrix_rank(plain) < len(plain):
        return (None,) * len(blocks), None
    variance = twice - once @ np.linalg.solve(plain, once)
    if np.linalg.matrix_rank(variance) < len(variance):
        return (None,) * len(blocks), None
    chi2 = optional_import("scipy.stats").chi2.sf

    def p(columns: Sequence[int]) -> float:
        at = list(columns)
        return float(chi2(score[at] @ np.linalg.solve(variance[np.ix_(at, at)], score[at]), len(at)))

    return tuple(p(block) for block in blocks), p(range(len(beta)))
