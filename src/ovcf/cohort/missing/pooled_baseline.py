"""The first table of a paper where values were imputed: each cell is the mean over the completed data sets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.baseline import BaselineResult, Kind, Share, Spread, baseline
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.cohort.missing.imputation import Imputed


@dataclass(frozen=True, slots=True)
class MeanShare:
    """The mean over imputations of a count and of its percentage."""

    count: float
    of: int

    def __str__(self) -> str:
        return f"{self.count:.0f} ({100 * self.count / self.of:.1f}%)" if self.of else "0"

    def parts(self) -> dict[str, float]:
        """Its columns in tidy data."""
        return {"_count": self.count, "_of": self.of}


def pooled_baseline(
    imputed: Imputed, group: str, variables: Sequence[str], *, kinds: Mapping[str, Kind] | None = None
) -> AnalysisResult:
    """Describe ``variables`` in each group of ``group`` over all imputations.

    Means, medians, quartiles and percentages are means over the data sets, standard deviations the root of the mean
    variance: what patients are like, without the uncertainty of the imputation. So there are no P values; a comparison
    is made by :func:`ovcf.cohort.missing.pooled.pool_analysis`.

    Raises:
        CohortDataError: as :func:`ovcf.cohort.groups.baseline.baseline` does, of any data set.
    """
    first = baseline(imputed.frames[0], group, variables, kinds=kinds)
    # One kind of cell a row: by ranks or not is decided once, in the first data set.
    tests = {line.variable: line.comparison.test for line in first.lines}
    later = (baseline(frame, group, variables, kinds=kinds, tests=tests) for frame in imputed.frames[1:])
    made: list[BaselineResult] = [first, *later]
    missing, smd = (
        dict(imputed.missing),
        {
            name: float(np.mean([next(x.smd for x in m.lines if x.variable == name) for m in made]))
            for name in variables
        },
    )
    rows, name = [], ""
    for same in zip(*(m.tables[0].rows for m in made), strict=True):
        begins, name = bool(same[0][0]), same[0][0] or name
        cells = [_pooled(list(column)) for column in zip(*(row[2:-3] for row in same), strict=True)]
        rows.append((*same[0][:2], *cells, *((smd[name], missing.get(name, 0)) if begins else (None, None))))
    kept = first.tables[0].columns
    return AnalysisResult(
        title=say("Patients by {group}, {frames} imputations", group=group, frames=len(imputed.frames)),
        method=say(
            "Means over the completed data sets of mean ± SD, median (IQR) or n (%); SD from the mean "
            "variance; SMD is the mean of the largest standardised differences; imputed by {method}",
            method=imputed.method,
        ),
        references=("van Buuren S. Flexible Imputation of Missing Data, 2nd ed. CRC 2018, section 5.2",),
        n=first.n,
        missing=imputed.missing,
        notes=("It describes; the uncertainty of what was imputed is not in it, so that no P values are given.",),
        tables=(Table("Baseline", (*kept[:-3], kept[-2], Column("missing", "Imputed", "d")), tuple(rows)),),
    )


def _pooled(cells: list[Any]) -> Spread | MeanShare:
    if isinstance(cells[0], Share):
        return MeanShare(float(np.mean([c.count for c in cells])), cells[0].of)
    first: Spread = cells[0]
    mean, median, lower, upper, variance = (
        float(v) for v in np.mean([(c.mean, c.median, c.lower, c.upper, c.sd**2) for c in cells], axis=0)
    )
    return replace(first, mean=mean, sd=variance**0.5, median=median, lower=lower, upper=upper)
