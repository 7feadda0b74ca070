"""Landmark analysis: what happened before a fixed time decides the groups, what happens after it is compared.

Grouping patients by what happens to them later (healed by 3 months, say) gives those who healed a time in which they
could not have died. From a landmark time on, everyone's group is known (Anderson JR, Cain KC, Gelber RD. J Clin Oncol
1983;1:710-719).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.cohort.survival.follow_up import FollowUp, complete
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkResult(AnalysisResult):
    """Who can be analysed from the landmark on; ``frame`` holds them, their time counted from it."""

    frame: pd.DataFrame
    landmark: float
    event_before: int
    followed_too_short: int


def from_landmark(
    frame: pd.DataFrame,
    time: str,
    event: str,
    landmark: float,
    *,
    happened: Any = None,
    known_at: str | None = None,
    group: str = "by landmark",
) -> LandmarkResult:
    """Keep those still followed and free of the event after a landmark time, and start their clock there.

    Args:
        frame: one patient per row.
        time, event, happened: as in :func:`ovcf.cohort.survival.kaplan_meier.kaplan_meier`.
        landmark: the time at which the comparison starts, chosen before looking at the data.
        known_at: column of when something happened that makes the groups (empty: never). Only what happened by the
            landmark counts; the column ``group`` says whether it did.
        group: name of that column.

    Raises:
        CohortDataError: a column is absent or not as said, or nobody is left.
    """
    kept, missing = complete(frame, [time, event])
    data = FollowUp.of(kept, time, event, happened=happened)
    ended = data.time <= landmark
    before, short = int((ended & (data.status == 1)).sum()), int((ended & (data.status != 1)).sum())
    left = frame.loc[kept.index[~ended]].copy()
    if left.empty:
        raise CohortDataError(
            say("landmark {landmark:g}", landmark=landmark), "leaves nobody under follow-up", "Choose an earlier time."
        )
    left[time] -= landmark
    if known_at is not None:
        need_columns(frame, [known_at])
        left[group] = np.where(numbers(left[known_at], known_at) <= landmark, "yes", "no")
    counts = (
        ("all with known follow-up", len(kept)),
        ("event up to the landmark", before),
        ("followed no further than the landmark", short),
        ("analysed from the landmark on", len(left)),
    )
    return LandmarkResult(
        title=say("Landmark at {landmark:g}", landmark=landmark),
        method="Landmark analysis: events up to the landmark are left out, time counts from it",
        references=("Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-719",),
        n=len(left),
        missing=missing,
        notes=(data.reading, "The result holds for those who reached the landmark without the event."),
        tables=(Table("Patients", (Column("patients", "Patients"), Column("n", "n", "d")), counts),),
        frame=left,
        landmark=landmark,
        event_before=before,
        followed_too_short=short,
    )
