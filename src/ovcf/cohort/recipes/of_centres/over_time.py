"""How well the total tells who has the event by 3, 6 and 12 months, death competing, over imputations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.cohort.missing.pooled import Figure, pool_analysis
from ovcf.cohort.prediction.at_horizon import REFERENCES, auc_at_horizon
from ovcf.cohort.published.han_published import PRINTED_AT_MONTHS
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.cohort.scale import logit_error
from ovcf.cohort.survival.competing_risks import incidence_of
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.missing.imputation import Imputed

HORIZONS = (3.0, 6.0, 12.0)
"""Months at which the centres see their patients."""
FEW_EVENTS = 10
ONE_TIME = say(
    "HAN 2025 prints union at {months} months and at no other time. So calibration is judged at {months} months alone; "
    "by 3 and 12 months there is no published rate to compare with, and none is made up.",
    months=PRINTED_AT_MONTHS,
)
EARLY = say(
    "HAN's outcome is judged at {months} months. What is non-union before is what your table calls so: such a fracture "
    "may unite yet.",
    months=PRINTED_AT_MONTHS,
)


def auc_over_time(
    imputed: Imputed,
    time: str,
    event: str,
    score: Callable[[pd.DataFrame], ArrayLike],
    horizons: Sequence[float] = HORIZONS,
    *,
    happened: Any,
    competing: Sequence[Any] = (),
) -> AnalysisResult:
    """Events, incidence and AUC of ``score`` by each of ``horizons`` (months); those that cannot be judged are named.

    Args:
        imputed: completed data sets; time and event known in everyone.
        time, event, happened, competing: as in :func:`ovcf.cohort.prediction.at_horizon.risk_at_horizon`.
        score: of a completed table, higher for those likelier to have the event.
        horizons: in months.

    Raises:
        CohortDataError: none of the horizons can be judged.
    """
    kinds: dict[str, Any] = {"happened": happened, "competing": competing}
    first = FollowUp.of(imputed.frames[0], time, event, **kinds)
    rows, said = [], []
    for at in horizons:
        events = int(((first.status == 1) & (first.time <= at)).sum())

        def analyse(frame: pd.DataFrame, at: float = at) -> list[Figure]:
            area = auc_at_horizon(frame.assign(score=score(frame)), time, event, "score", at, **kinds)
            return [Figure("AUC", area.value, logit_error(area), "logit", null=0.5)]

        if events < FEW_EVENTS or first.time.max() <= at:
            why = (
                say("{events} events by then", events=events) if events < FEW_EVENTS else "nobody is followed beyond it"
            )
            said.append(say("{at:g} months: not judged, {why}.", at=at, why=why))
            continue
        died = int(((first.status == 2) & (first.time <= at)).sum())
        rows.append((at, events, died, incidence_of(first, at), pool_analysis(imputed, analyse)["AUC"].estimate))
    if not rows:
        raise CohortDataError("horizons", "can none be judged", joined(" ", said))
    return AnalysisResult(
        title="Non-union by 3, 6 and 12 months",
        method="AUC of the total weighted by the inverse probability of being followed, over imputations by Rubin's "
        "rules on the logit scale; incidence by Aalen-Johansen; the dead are without the event",
        references=REFERENCES,
        n=len(imputed.frames[0]),
        missing=imputed.missing,
        notes=(*said, ONE_TIME, EARLY),
        tables=(
            Table(
                "By time",
                (
                    Column("months", "Months", "g"),
                    Column("events", "Non-unions by then", "d"),
                    Column("died", "Died before", "d"),
                    Column("incidence", "Incidence (interval)", ".1%"),
                    Column("auc", "AUC of the total (interval)", ".2f"),
                ),
                tuple(rows),
            ),
        ),
    )
