"""Which test compares groups, why, and its result; and every pair of groups after it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.cohort.groups.contingency import independence, smallest_expected
from ovcf.cohort.groups.exact import LARGEST_GROUP, rank_sum_p
from ovcf.cohort.groups.multiplicity import Correction, adjust
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

TestName = Literal["anova", "welch", "kruskal", "chi-square", "fisher"]
LABELS: dict[str, str] = {
    "anova": "ANOVA",
    "welch": "Welch's ANOVA",
    "kruskal": "Kruskal-Wallis",
    "chi-square": "Pearson chi-square",
    "fisher": "Fisher exact",
}
OF_TWO = {"anova": "t test", "welch": "Welch's t test", "kruskal": "Mann-Whitney U test"}
"""The same tests where there are two groups."""
PLANNED = "chosen beforehand, not from the data"
ALPHA = 0.05
"""Shapiro-Wilk and Levene below this speak against ANOVA."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A test of all groups together; ``reason`` says why this one."""

    test: TestName
    p: float
    statistic: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two groups compared: P as it is and adjusted for the number of pairs."""

    first: str
    second: str
    test: str
    p: float
    p_adjusted: float


def compare_numbers(groups: Sequence[NDArray[np.float64]], test: TestName | None = None) -> Comparison:
    """Compare a number over groups, by the test named or by the one its distribution asks for.

    ANOVA if Shapiro-Wilk finds every group normal and Levene (about the medians) the spreads equal; Welch's if only the
    spreads differ; else Kruskal-Wallis. Two groups are the same tests with two groups: t, Welch's t, Mann-Whitney. That
    is exact below 50 each, ties as midranks, and else normal without continuity correction.

    Raises:
        CohortDataError: fewer than two groups, a group of fewer than two, all values the same, or an unfit test.
    """
    from scipy import stats

    if len(groups) < 2 or min(map(len, groups)) < 2:
        raise CohortDataError("groups", "fewer than two with two known values each", "Merge or leave out groups.")
    if np.ptp(np.concatenate(groups)) == 0:
        raise CohortDataError("values", "are all the same", "Leave this variable out.")
    chosen, reason = (test, PLANNED) if test else _suits(groups)
    if len(groups) == 2 and chosen in OF_TWO:
        return Comparison(chosen, *_of_two(groups[0], groups[1], chosen), reason)
    if chosen == "anova":
        found = stats.f_oneway(*groups)
        return Comparison(chosen, float(found.pvalue), float(found.statistic), reason)
    if chosen == "welch":
        found = optional_import("statsmodels.stats.oneway").anova_oneway(list(groups), use_var="unequal")
        return Comparison(chosen, float(found.pvalue), float(found.statistic), reason)
    if chosen == "kruskal":
        found = stats.kruskal(*groups)
        return Comparison(chosen, float(found.pvalue), float(found.statistic), reason)
    raise CohortDataError(
        "test", say("{chosen!r} does not compare numbers", chosen=chosen), "Give anova, welch or kruskal."
    )


def _of_two(a: NDArray[np.float64], b: NDArray[np.float64], test: TestName) -> tuple[float, float]:
    """P and t, or Mann-Whitney's U of the first group."""
    from scipy import stats

    if test == "kruskal":
        return rank_p(a, b), float(stats.mannwhitneyu(a, b, method="asymptotic").statistic)
    found = stats.ttest_ind(a, b, equal_var=test == "anova")
    return float(found.pvalue), float(found.statistic)


def label(test: str, groups: int) -> str:
    """A test as it is called with so many groups."""
    return OF_TWO.get(test, LABELS[test]) if groups == 2 else LABELS[test]


def compare_counts(table: ArrayLike, test: TestName | None = None) -> Comparison:
    """Compare categories over groups: Pearson's chi-square where its approximation holds, else Fisher's exact test.

    Cochran's rule: no expected count below 1 and at most a fifth of them below 5. Tables larger than 2x2 take the exact
    test too; where the tables are too many to count and it has more than 20 cells chi-square stays, and the reason says
    that it is doubtful.

    Raises:
        CohortDataError: not a table of counts with two rows and columns, or an unfit test.
    """
    tests = {t.name.split()[0].split("-")[0].lower(): t for t in independence(table)}
    counts = np.asarray(table, float)
    expected = counts.sum(axis=1)[:, None] * counts.sum(axis=0) / counts.sum()
    low, small = smallest_expected(counts), float((expected < 5).mean())
    holds = low >= 1 and small <= 0.2
    rule = say("smallest expected count {low:.1f}, {small:.0f}% below 5", low=low, small=100 * small)
    chosen: TestName = test or ("chi-square" if holds or "fisher" not in tests else "fisher")
    if chosen not in ("chi-square", "fisher"):
        raise CohortDataError(
            "test", say("{chosen!r} does not compare categories", chosen=chosen), "Give chi-square or fisher."
        )
    if chosen == "fisher" and "fisher" not in tests:
        raise CohortDataError("test", "the table is too large for the exact test", "Merge rare categories.")
    used = tests["pearson" if chosen == "chi-square" else "fisher"]
    if not test and chosen == "chi-square" and not holds:
        rule += ": doubtful, and the table is too large for the exact test"
    if "Monte Carlo" in used.name:
        rule += "; 20,000 drawn tables, which know no P below 0.00005"
    return Comparison(chosen, used.p, used.statistic, PLANNED if test else rule)


def pairwise_numbers(
    groups: Sequence[NDArray[np.float64]], names: Sequence[str], test: TestName, correction: Correction = "holm"
) -> tuple[Pair, ...]:
    """Every two groups by the test that follows from ``test``: t, Welch's t or Mann-Whitney."""
    from scipy import stats

    pairs = list(combinations(range(len(groups)), 2))
    if test == "kruskal":
        p = [rank_p(groups[a], groups[b]) for a, b in pairs]
    else:
        equal = test == "anova"
        p = [float(stats.ttest_ind(groups[a], groups[b], equal_var=equal).pvalue) for a, b in pairs]
    return _pairs(pairs, names, OF_TWO[test], p, correction)


def rank_p(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Mann-Whitney's P: exact in small groups, else by the normal distribution without continuity correction."""
    from scipy import stats

    if max(len(first), len(second)) < LARGEST_GROUP:
        return rank_sum_p(first, second)
    return float(stats.mannwhitneyu(first, second, use_continuity=False, method="asymptotic").pvalue)


def pairwise_counts(
    table: ArrayLike, names: Sequence[str], test: TestName, correction: Correction = "holm"
) -> tuple[Pair, ...]:
    """Every two rows of a table of counts by ``test``; categories that neither has are left out."""
    counts = np.asarray(table, float)
    pairs = list(combinations(range(len(counts)), 2))
    p = []
    for a, b in pairs:
        two = counts[[a, b]]
        two = two[:, two.sum(axis=0) > 0]
        p.append(compare_counts(two, test).p if two.shape[1] > 1 else 1.0)
    return _pairs(pairs, names, LABELS[test], p, correction)


def standardised_difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Difference of two means in pooled standard deviations, without sign; not a number without any spread."""
    spread = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    gap = abs(float(a.mean() - b.mean()))
    return gap / spread if spread > 0 else (0.0 if gap == 0 else np.nan)


def standardised_difference_of_counts(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The same for categories: Mahalanobis distance of the two sets of proportions (Yang and Dalton 2012)."""
    p, q = a / a.sum(), b / b.sum()
    used = (p + q > 0).nonzero()[0][1:]
    p, q = p[used], q[used]
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    return float(np.sqrt((p - q) @ np.linalg.pinv(covariance) @ (p - q)))


def _suits(groups: Sequence[NDArray[np.float64]]) -> tuple[TestName, str]:
    from scipy import stats

    if min(map(len, groups)) < 3 or min(float(np.ptp(g)) for g in groups) == 0:
        return "kruskal", "a group is too small or without spread for Shapiro-Wilk"
    # beyond 5,000 values the P of Shapiro-Wilk is not reliable; an evenly spaced sample of the order statistics serves
    normal = min(float(stats.shapiro(_thinned(g)).pvalue) for g in groups)
    if normal < ALPHA:
        return "kruskal", say("Shapiro-Wilk {said_p} in the least normal group", said_p=said_p(normal))
    spread = float(stats.levene(*groups).pvalue)
    said = say("Shapiro-Wilk {said_p} or more, Levene {said_p_2}", said_p=said_p(normal), said_p_2=said_p(spread))
    return ("anova" if spread >= ALPHA else "welch"), said


def _thinned(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values if len(values) <= 5000 else np.sort(values)[np.linspace(0, len(values) - 1, 5000).astype(int)]


def _pairs(
    pairs: list[tuple[int, int]], names: Sequence[str], label: str, p: list[float], correction: Correction
) -> tuple[Pair, ...]:
    adjusted = adjust(p, correction)
    return tuple(Pair(names[a], names[b], label, x, y) for (a, b), x, y in zip(pairs, p, adjusted, strict=True))
