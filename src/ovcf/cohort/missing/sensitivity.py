"""What if those without a value differ from what the known ones let expect? An analysis over a range of shifts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.data.design import levels_of
from ovcf.cohort.missing.imputation import impute
from ovcf.cohort.result import COLOURS, Column, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from ovcf.cohort.missing.imputation import Imputed
    from ovcf.cohort.missing.pooled import PooledAnalysis, PooledFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaResult(PlottedResult):
    """One figure at each ``shift`` of the imputed values; 0 is missing at random."""

    column: str
    shifts: tuple[float, ...]
    figures: tuple[PooledFigure, ...]

    def plot(self, ax: Any = None) -> Any:
        """The figure and its interval over the shifts."""
        axes = new_axes(ax)
        estimates = [f.estimate for f in self.figures]
        axes.plot(self.shifts, [e.value for e in estimates], "o-", color=COLOURS[0], markersize=4)
        axes.fill_between(
            self.shifts, [e.low for e in estimates], [e.high for e in estimates], color=COLOURS[0], alpha=0.15, lw=0
        )
        axes.axvline(0, color="#999999", linewidth=0.8)
        axes.set(xlabel=tr(say("Shift of imputed {column}", column=self.column)), ylabel=tr(self.figures[0].name))
        return axes


def delta_adjusted(
    frame: pd.DataFrame,
    columns: Sequence[str],
    column: str,
    shifts: Sequence[float],
    analyse: Callable[[Imputed], PooledAnalysis],
    figure: str,
    **options: Any,
) -> DeltaResult:
    """Impute ``column`` with each of ``shifts`` added to what chained equations draw, and pool one figure.

    Args:
        frame: one patient per row.
        columns: of the imputation, as in :func:`ovcf.cohort.missing.imputation.impute`.
        column: whose missing values may lie higher or lower than expected: numbers by so much, yes and no by so much on
            the logit scale.
        shifts: to try; put 0 among them.
        analyse: the pooled analysis of the completed data sets.
        figure: which of its figures.
        options: of the imputation.

    Raises:
        CohortDataError: a column without missing values, no shift, or as the analysis.
    """
    if column not in frame.columns or not frame[column].isna().any():
        raise CohortDataError(column, "has no missing value", "Name a column that was imputed.")
    if not shifts:
        raise CohortDataError("shifts", "are none", "Give those that a clinician holds possible, 0 among them.")
    found = tuple(analyse(impute(frame, columns, shifts={column: s}, **options)) for s in shifts)
    plain = found[shifts.index(0)] if 0 in shifts else found[0]  # without a shift in its words
    figures, yes_and_no = tuple(a[figure] for a in found), bool(levels_of(frame[column]))
    return DeltaResult(
        title=say("{figure} if missing values of {column} are shifted", figure=figure, column=column),
        method=say(
            "Delta-adjusted imputation, with what chained equations draw for {column} shifted: {method}",
            column=column,
            method=plain.method,
        ),
        references=(
            *found[0].references,
            "Cro S et al. Stat Med 2020;39:2815-2842 (sensitivity by controlled imputation)",
        ),
        n=found[0].n,
        missing=found[0].missing,
        assumptions=("each shift is an assumption: no data can tell which one holds",),
        tables=(
            Table(
                figure,
                (
                    Column("shift", "Shift", ".2f"),
                    *((Column("odds", "Odds, times", ".2f"),) if yes_and_no else ()),
                    Column("value", say("{figure} (interval)", figure=figure), ".3f"),
                ),
                tuple(
                    (float(s), *((math.exp(s),) if yes_and_no else ()), f.estimate)
                    for s, f in zip(shifts, figures, strict=True)
                ),
            ),
        ),
        column=column,
        shifts=tuple(map(float, shifts)),
        figures=figures,
    )
