"""How a score does in key groups of people, over imputations: what TRIPOD+AI asks for fairness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.centres.figures import AUC, RATIO, judge
from ovcf.cohort.missing.imputation import REFERENCES, pool
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.scale import from_scale, to_scale
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.centres.figures import CentreFigure, Judged
    from ovcf.cohort.missing.imputation import Imputed


def performance_in_groups(
    imputed: Imputed,
    outcome: str,
    risk: Callable[[pd.DataFrame], ArrayLike],
    score: Callable[[pd.DataFrame], ArrayLike],
    groups: Mapping[str, Callable[[pd.DataFrame], Any]],
) -> AnalysisResult:
    """AUC of ``score`` and observed / expected of ``risk`` in each of ``groups``, masks of a completed table by name.

    A figure that cannot be estimated in some data set is left empty.
    """
    columns = [
        (f[outcome].to_numpy(float), np.asarray(risk(f), float), np.asarray(score(f), float), f) for f in imputed.frames
    ]
    rows = []
    for name, mask in groups.items():
        judged, sizes = [], []
        for y, p, s, frame in columns:
            at = np.asarray(mask(frame), bool)
            sizes.append((at.sum(), y[at].sum()))
            judged.append(judge(y[at], p[at], s[at], None)[0])
        n, events = np.mean(sizes, axis=0)
        rows.append((name, f"{n:.0f}", f"{events:.0f}", _over(AUC, judged), _over(RATIO, judged)))
    return AnalysisResult(
        title="Key groups of patients",
        method=say(
            "In each group by itself: AUC of the total (DeLong), observed / expected of HAN's group rates; "
            "{method}; Rubin's rules",
            method=imputed.method,
        ),
        references=REFERENCES,
        n=len(imputed.frames[0]),
        missing=imputed.missing,
        notes=("Intervals of two groups that overlap do not show that the score does alike in both.",),
        tables=(
            Table(
                "Performance by group",
                (
                    Column("group", "Group"),
                    Column("n", "n"),
                    Column("events", "Events"),
                    Column("auc", "AUC (interval)", ".2f", "–"),
                    Column("ratio", "Observed / expected (interval)", ".2f", "–"),
                ),
                tuple(rows),
            ),
        ),
    )


def _over(figure: CentreFigure, judged: Sequence[Mapping[CentreFigure, Judged]]) -> Estimate | None:
    """One figure by Rubin's rules, as printed; None where a data set lacks it."""
    if any(figure not in each for each in judged):
        return None
    values = to_scale(figure.scale, [each[figure].value for each in judged])
    e = pool(values, [each[figure].standard_error ** 2 for each in judged]).estimate
    low, middle, high = (float(v) for v in from_scale(figure.scale, [e.low, e.value, e.high]))
    return Estimate(middle, low, high)
