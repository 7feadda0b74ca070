"""Pairwise t-tests after an analysis of visits: groups at each visit, visits within each group."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.cohort.groups.multiplicity import Correction, adjust, adjusted_by
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.survival.follow_up import groups_of
from ovcf.cohort.visits.longitudinal import visit_rows
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Family = Literal["stratum", "all"]


@dataclass(frozen=True, slots=True)
class Pair:
    """``first`` less ``second`` in one stratum (a visit or a group), with P before and after adjustment."""

    stratum: str
    first: str
    second: str
    n: tuple[int, int]
    difference: Estimate
    t: float
    degrees: float
    p: float
    adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult(AnalysisResult):
    """Every pair compared; intervals are of single comparisons, not adjusted."""

    pairs: tuple[Pair, ...]


def groups_at_visits(
    frame: pd.DataFrame,
    outcome: str,
    *,
    subject: str,
    visit: str,
    group: str,
    correction: Correction = "bonferroni",
    family: Family = "stratum",
    equal_variance: bool = True,
) -> PairResult:
    """Compare every two groups at each visit, as HAN did after the analysis of variance of VAS and ODI.

    Args:
        frame, outcome, subject, visit, group: as in :func:`ovcf.cohort.visits.longitudinal.mixed_anova`.
        correction: of P for the number of comparisons in a family.
        family: the comparisons of one visit, or all.
        equal_variance: Student's test; False for Welch's.

    Raises:
        CohortDataError: a column is absent, a visit repeated, or a group has fewer than two values at a visit.
    """
    kept, missing = visit_rows(frame, outcome, subject, visit, group)
    found = []
    for v in sorted(kept[visit].unique()):
        at = kept[kept[visit] == v]
        values = [(name, at.loc[rows, outcome].to_numpy(float)) for name, rows in groups_of(at, group)]
        found += [
            _t(say("{visit} {v:g}", visit=visit, v=v), a, b, x, y, paired=False, equal=equal_variance)
            for (a, x), (b, y) in combinations(values, 2)
        ]
    test = "Student's t-tests" if equal_variance else "Welch's t-tests"
    return _result(
        say("{outcome}: groups at each visit", outcome=outcome), test, found, kept, subject, missing, correction, family
    )


def visits_within_groups(
    frame: pd.DataFrame,
    outcome: str,
    *,
    subject: str,
    visit: str,
    group: str,
    correction: Correction = "bonferroni",
    family: Family = "stratum",
) -> PairResult:
    """Compare every two visits within each group by paired t-tests, over patients who have both; arguments as above."""
    kept, missing = visit_rows(frame, outcome, subject, visit, group)
    found = []
    for name, rows in groups_of(kept, group):
        wide = kept[rows].pivot(index=subject, columns=visit, values=outcome)
        for first, second in combinations(wide.columns, 2):
            both = wide[[first, second]].dropna().to_numpy(float)
            found.append(_t(name, f"{first:g}", f"{second:g}", both[:, 0], both[:, 1], paired=True, equal=True))
    return _result(
        say("{outcome}: visits within each group", outcome=outcome),
        "Paired t-tests",
        found,
        kept,
        subject,
        missing,
        correction,
        family,
    )


def _t(stratum: str, first: str, second: str, x: Array, y: Array, *, paired: bool, equal: bool) -> Pair:
    if min(len(x), len(y)) < 2:
        raise CohortDataError(
            say("{stratum}, {first} against {second}", stratum=stratum, first=first, second=second),
            "has fewer than 2 patients",
            "Pool or leave out.",
        )
    if np.ptp(x - y if paired else np.concatenate([x - x.mean(), y - y.mean()])) <= 1e-12 * max(np.abs(x).max(), 1.0):
        raise CohortDataError(
            say("{stratum}, {first} against {second}", stratum=stratum, first=first, second=second),
            "does not vary",
            "There is nothing to compare.",
        )
    stats = optional_import("scipy.stats")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of a group without spread, which the pooled variance allows
        test = stats.ttest_rel(x, y) if paired else stats.ttest_ind(x, y, equal_var=equal)
        low, high = test.confidence_interval()
    difference = Estimate(float(x.mean() - y.mean()), float(low), float(high))
    t, df, p = float(test.statistic), float(test.df), float(test.pvalue)
    return Pair(stratum, first, second, (len(x), len(y)), difference, t, df, p, p)


def _result(
    title: str,
    test: str,
    pairs: list[Pair],
    kept: pd.DataFrame,
    subject: str,
    missing: tuple[tuple[str, int], ...],
    correction: Correction,
    family: Family,
) -> PairResult:
    if not pairs:
        raise CohortDataError("table", "has fewer than two groups or visits", "There is nothing to compare.")
    families: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        families.setdefault(pair.stratum if family == "stratum" else "", []).append(i)
    for members in families.values():
        for i, p in zip(members, adjust([pairs[i].p for i in members], correction), strict=True):
            q = pairs[i]
            pairs[i] = Pair(q.stratum, q.first, q.second, q.n, q.difference, q.t, q.degrees, q.p, p)
    columns = (
        Column("stratum", "At"),
        Column("first", "First"),
        Column("second", "Second"),
        Column("n_first", "n", "d"),
        Column("n_second", "n", "d"),
        Column("difference", "Difference (95% CI)", ".2f"),
        Column("t", "t", ".2f"),
        Column("degrees", "df", ".1f"),
        Column("p", "P", "p"),
        Column("adjusted", "P, adjusted", "p"),
    )
    rows = tuple((q.stratum, q.first, q.second, *q.n, q.difference, q.t, q.degrees, q.p, q.adjusted) for q in pairs)
    size = max(len(m) for m in families.values())
    return PairResult(
        title=title,
        method=say(
            "{test}; P {adjusted_by} for {size} comparisons", test=test, adjusted_by=adjusted_by(correction), size=size
        )
        if correction != "none"
        else test,
        n=int(kept[subject].nunique()),
        missing=missing,
        notes=("Intervals are of single comparisons.",),
        tables=(Table("Differences, first less second", columns, rows),),
        pairs=tuple(pairs),
    )
