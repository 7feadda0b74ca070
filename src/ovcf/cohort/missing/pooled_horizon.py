"""Risks by a given time, with death as a competing event, over imputations of what the risks are made from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.missing.pooled import Figure, pool_analysis
from ovcf.cohort.prediction.at_horizon import REFERENCES, auc_at_horizon, risk_at_horizon
from ovcf.cohort.scale import logit_error
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.missing.imputation import Imputed
    from ovcf.cohort.missing.pooled import PooledAnalysis


def cumulative_hazard(time: ArrayLike, happened: ArrayLike) -> NDArray[np.float64]:
    """Nelson and Aalen's estimate at everyone's own time ``(n,)``: what an imputation needs of times of follow-up.

    White IR, Royston P. Stat Med 2009;28:1982-1998. A time that is not known gives NaN.
    """
    t, e = numbers(time, "time"), np.asarray(happened, bool)
    known = np.isfinite(t)
    at, place = np.unique(t[known], return_inverse=True)
    events = np.bincount(place, e[known], len(at))
    at_risk = np.cumsum(np.bincount(place, minlength=len(at))[::-1])[::-1]
    found = np.full(len(t), np.nan)
    found[known] = np.cumsum(events / at_risk)[place]
    return found


def pooled_at_horizon(
    imputed: Imputed,
    time: str,
    event: str,
    risk: Callable[[pd.DataFrame], ArrayLike],
    horizon: float,
    *,
    score: Callable[[pd.DataFrame], ArrayLike] | None = None,
    happened: Any = None,
    competing: Sequence[Any] = (),
    unit: str = "months",
    coverage: float = 0.95,
) -> PooledAnalysis:
    """AUC, Brier score, incidence and observed / expected by ``horizon`` over all imputations.

    Args:
        imputed: completed data sets; imputed from the event and its cumulative hazard (:func:`cumulative_hazard`).
        time, event, happened, competing, unit: as in :func:`ovcf.cohort.prediction.at_horizon.risk_at_horizon`.
        risk: the probability of the event by ``horizon`` for a completed table.
        horizon: in the unit of ``time``.
        score: what the AUC is of, where it is finer than the risks.
        coverage: of all intervals.

    Raises:
        CohortDataError: as :func:`ovcf.cohort.prediction.at_horizon.risk_at_horizon` does.
    """
    kinds: dict[str, Any] = {"happened": happened, "competing": competing}

    def analyse(frame: pd.DataFrame) -> list[Figure]:
        data = frame.assign(risk=risk(frame))
        found = risk_at_horizon(data, time, event, "risk", horizon, **kinds, unit=unit)
        area = found.auc
        if score is not None:
            area = auc_at_horizon(data.assign(score=score(frame)), time, event, "score", horizon, **kinds)
        observed, ratio = found.observed, found.observed_to_expected
        error = observed.standard_error or 0.0
        return [
            Figure("AUC", area.value, logit_error(area), "logit", null=0.5),
            Figure("Observed incidence", observed.value, error / (observed.value * (1 - observed.value)), "logit"),
            Figure("Observed / expected", ratio.value, error / observed.value, "log", null=1.0),
            Figure("Brier score", found.brier.value, found.brier.standard_error or 0.0),
        ]

    made = pool_analysis(
        imputed,
        analyse,
        title=say("Predicted risk by {horizon:g} {unit}, multiply imputed", horizon=horizon, unit=unit),
        method="AUC and Brier score weighted by the inverse probability of being followed; those who meet a competing "
        "event are without the event; observed incidence by Aalen-Johansen; the expected is taken as known; ",
        coverage=coverage,
    )
    hazards = "White IR, Royston P. Stat Med 2009;28:1982-1998 (imputing from cumulative hazards)"
    return replace(made, references=(*REFERENCES, hazards, *made.references))
