"""Mean time free of the event up to a limit: what a curve says in months, without proportional hazards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.survival.follow_up import FollowUp, complete, groups_of
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd

REFERENCE = "Royston P, Parmar MKB. BMC Med Res Methodol 2013;13:152"


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Of two groups' restricted means, first less second."""

    first: str
    second: str
    difference: Estimate
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedMeanResult(AnalysisResult):
    """Mean time free of the event up to ``until`` in every group, and their differences."""

    until: float
    means: tuple[tuple[str, Estimate], ...]
    differences: tuple[MeanDifference, ...]


def restricted_mean(
    frame: pd.DataFrame,
    time: str,
    event: str,
    until: float,
    *,
    group: str | None = None,
    happened: Any = None,
    unit: str = "months",
    coverage: float = 0.95,
) -> RestrictedMeanResult:
    """The area under Kaplan-Meier's curve up to ``until``, per group, with differences from the first group.

    Args:
        frame: one patient per row.
        time, event, happened: as in :func:`ovcf.cohort.survival.kaplan_meier.kaplan_meier`.
        until: the limit, within every group's follow-up.
        group: column to compare.
        unit: of time, for print.
        coverage: of all intervals.

    Raises:
        CohortDataError: a limit beyond a group's follow-up; as in Kaplan-Meier.
    """
    kept, missing = complete(frame, [time, event, *([group] if group else [])])
    data = FollowUp.of(kept, time, event, happened=happened)
    if until <= 0:
        raise CohortDataError("limit", say("{until:g} is no time", until=until), "Give one above 0.")
    means = []
    for name, rows in groups_of(kept, group):
        part = data[rows]
        if part.time.max() < until:
            raise CohortDataError(
                "limit",
                say("nobody of {name} is followed up to {until:g}", name=name, until=until),
                say("Choose {max:g} or less.", max=part.time.max()),
            )
        means.append((name, Estimate.around(*_area(part, until), coverage)))
    differences = []
    for name, mean in means[1:]:
        first, base = means[0]
        error = float(np.hypot(base.standard_error or 0.0, mean.standard_error or 0.0))
        gap = Estimate.around(base.value - mean.value, error, coverage)
        differences.append(MeanDifference(first, name, gap, two_sided_p(gap.value / error) if error else 1.0))
    compared = Table(
        "Differences",
        (
            Column("first", "First"),
            Column("second", "Second"),
            Column("difference", say("Difference, {unit} (CI)", unit=unit), ".2f"),
            Column("p", "P", "p"),
        ),
        tuple((d.first, d.second, d.difference, d.p) for d in differences),
    )
    return RestrictedMeanResult(
        title=say("Mean time free of the event in {until:g} {unit}", until=until, unit=unit),
        method="Area under Kaplan-Meier's curve, Greenwood's variance, normal intervals",
        references=(REFERENCE,),
        n=len(kept),
        missing=missing,
        assumptions=("Censoring is taken to be unrelated to the event; hazards need not be proportional.",),
        notes=(data.reading,),
        tables=(
            Table(
                say("Restricted mean, {unit}", unit=unit),
                (
                    Column("group", "Group"),
                    Column("mean", say("Mean ({coverage:g}% CI)", coverage=100 * coverage), ".2f"),
                ),
                tuple(means),
            ),
            *((compared,) if differences else ()),
        ),
        until=until,
        means=tuple(means),
        differences=tuple(differences),
    )


def _area(data: FollowUp, until: float) -> tuple[float, float]:
    """Area under the curve and its standard error."""
    counts = data.counts()
    within = (counts.times < until) & (counts.events > 0)
    times, d, n = counts.times[within], counts.events[within], counts.at_risk[within]
    curve = np.concatenate([[1.0], counts.survival(counts.events)[within]])
    steps = curve * np.diff(np.concatenate([[0.0], times, [until]]))
    ahead = np.cumsum(steps[::-1])[::-1][1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(n > d, d / (n * (n - d)), 0.0)
    return float(steps.sum()), float(np.sqrt((ahead**2) @ rate))
