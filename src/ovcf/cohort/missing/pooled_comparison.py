"""Scores compared in the same patients over imputations: each area, and what each has less or more than the first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.cohort.missing.pooled import Figure, PooledAnalysis, pool_analysis
from ovcf.cohort.prediction.delong import auc, delong_paired
from ovcf.cohort.scale import logit_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.missing.imputation import Imputed

REFERENCE = "DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845"


def pooled_comparison(
    imputed: Imputed,
    outcome: str,
    scores: Mapping[str, str | Callable[[pd.DataFrame], ArrayLike]],
    *,
    coverage: float = 0.95,
) -> PooledAnalysis:
    """AUC of every score, and the difference of each from the first (DeLong, paired), by Rubin's rules.

    Args:
        imputed: completed data sets.
        outcome: column of 0 and 1.
        scores: by name, the first to be compared with: a column, or a function of a completed table.
        coverage: of all intervals.

    Raises:
        CohortDataError: scores that rank all patients alike, too few events.
    """

    def analyse(frame: pd.DataFrame) -> list[Figure]:
        values: dict[str, Any] = {n: frame[s] if isinstance(s, str) else s(frame) for n, s in scores.items()}
        first, *others = values
        figures = []
        for name, score in values.items():
            area = auc(frame[outcome], score)
            figures.append(Figure(f"AUC of {name}", area.value, logit_error(area), "logit"))
        for name in others:
            less = delong_paired(frame[outcome], values[first], values[name]).difference
            figures.append(Figure(f"{first} less {name}", less.value, less.standard_error or 0.0, null=0.0))
        return figures

    found = pool_analysis(
        imputed,
        analyse,
        title=f"{next(iter(scores))} beside other scores, multiply imputed",
        method="Areas and paired differences by DeLong; ",
        coverage=coverage,
    )
    return replace(found, references=(REFERENCE, *found.references))
