"""How much a model flatters itself in the patients that it was made from: Harrell's bootstrap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import matrix
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.regression.logistic_fit import coefficients, probability
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ovcf.cohort.regression.logistic import LogisticResult


@dataclass(frozen=True, slots=True)
class Optimism:
    """One measure of a model: in the patients it was made from, how much that flatters, and what is left."""

    name: str
    apparent: float
    optimism: float

    @property
    def corrected(self) -> float:
        """What to expect in new patients of the same kind."""
        return self.apparent - self.optimism


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimismResult(AnalysisResult):
    """Internal validation by bootstrap; ``shrinkage`` is the corrected calibration slope."""

    measures: tuple[Optimism, ...]
    failed: int

    def __getitem__(self, name: str) -> Optimism:
        """A measure by its name: ``AUC``, ``slope``, ``intercept``, ``Brier``."""
        return {m.name: m for m in self.measures}[name]


def optimism(model: LogisticResult, frame: pd.DataFrame, *, resamples: int = 200, seed: int = 0) -> OptimismResult:
    """How much a model flatters itself, by Harrell's bootstrap: refit in each resample, test in the original.

    Predictors stay as they are in ``model``: a selection of variables made before is not repeated, and its optimism
    not counted.

    Raises:
        CohortDataError: more than half of the refits fail, or the model separates the outcome.
    """
    x, y = matrix(frame, model.codings), binary(frame[model.outcome], model.outcome)
    whole = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    x, y = x[whole], y[whole]
    apparent = _performance(y, probability(x, model.coefficients))
    rng = np.random.default_rng(seed)
    gaps = []
    for _ in range(resamples):
        rows = rng.integers(0, len(y), len(y))
        try:
            b = coefficients(y[rows], x[rows], model.estimator, start=model.coefficients)
            gaps.append(_performance(y[rows], probability(x[rows], b)) - _performance(y, probability(x, b)))
        except CohortDataError:  # a resample without events, or separated
            continue
    failed = resamples - len(gaps)
    if failed > resamples / 2:
        raise CohortDataError(
            "bootstrap",
            say("{failed} of {resamples} refits fail", failed=failed, resamples=resamples),
            "Use estimator='Firth' or fewer predictors.",
        )
    mean = np.mean(gaps, axis=0)
    measures = tuple(
        Optimism(name, float(a), float(o))
        for name, a, o in zip(("AUC", "intercept", "slope", "Brier"), apparent, mean, strict=True)
    )
    return OptimismResult(
        title="Internal validation",
        method=say(
            "Harrell's optimism, {gaps} bootstrap resamples (seed {seed}), {estimator}",
            gaps=len(gaps),
            seed=seed,
            estimator=model.estimator,
        ),
        references=("Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387",),
        n=len(y),
        missing=model.missing,
        notes=(say("{failed} resamples could not be fitted and are left out", failed=failed),) if failed else (),
        tables=(
            Table(
                "Apparent and corrected performance",
                (
                    Column("measure", "Measure"),
                    Column("apparent", "Apparent", ".3f"),
                    Column("optimism", "Optimism", ".3f"),
                    Column("corrected", "Corrected", ".3f"),
                ),
                tuple((m.name, m.apparent, m.optimism, m.corrected) for m in measures),
            ),
        ),
        measures=measures,
        failed=failed,
    )


def _performance(y: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """AUC, calibration intercept and slope (of one recalibration line), Brier score."""
    from scipy.special import logit

    area, z = auc(y, p).value, logit(np.clip(p, 1e-9, 1 - 1e-9))
    try:
        line = coefficients(y, np.column_stack([np.ones_like(z), z]), start=np.array([0.0, 1.0]))
    except CohortDataError:
        raise CohortDataError(
            "model", "separates the outcome, so its calibration slope is infinite", "Use fewer predictors."
        ) from None
    return np.array([area, line[0], line[1], ((p - y) ** 2).mean()])
