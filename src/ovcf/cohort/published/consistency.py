"""Can a published figure be what it says? Checks that need nothing but the paper.

Counts are whole numbers, so a printed percentage, mean or odds ratio has only a few counts that could have given it
(for means: Brown and Heathers, GRIM, 2017). What several tests give for one printed table tells which of them was used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Events and non-events of the group of interest, then of the reference."""

    events: int
    others: int
    reference_events: int
    reference_others: int


def counts_for_percent(percent: float, n: int, decimals: int = 0) -> tuple[int, ...]:
    """The counts out of ``n`` that print as ``percent``; none if the percentage is impossible with this ``n``."""
    half = 0.5 * 10.0**-decimals + 1e-9
    low, high = math.ceil((percent - half) * n / 100), math.floor((percent + half) * n / 100)
    return tuple(k for k in range(max(low, 0), min(high, n) + 1))


def sizes_for_percent(percent: float, up_to: int, decimals: int = 0) -> tuple[int, ...]:
    """The group sizes, at most ``up_to``, for which a percentage is possible."""
    return tuple(n for n in range(1, up_to + 1) if counts_for_percent(percent, n, decimals))


def mean_is_possible(mean: float, n: int, decimals: int, *, step: float = 1.0) -> bool:
    """Whether ``n`` values that are multiples of ``step`` can have a mean that prints as ``mean`` (GRIM)."""
    nearest = round(mean * n / step) * step / n
    return abs(nearest - mean) <= 0.5 * 10.0**-decimals + 1e-9


def tables_with_odds_ratio(
    n: int, n_reference: int, odds_ratio: float, interval: tuple[float, float], tolerance: float = 0.003
) -> tuple[TwoByTwo, ...]:
    """Every 2x2 table with these group sizes whose odds ratio and Woolf 95 % interval print as given.

    Raises:
        MeasurementInputError: a group is empty, or the figures are not positive.
    """
    if min(n, n_reference) < 2 or min(odds_ratio, *interval) <= 0:
        raise MeasurementInputError("odds ratio", "group sizes or figures are not positive", "Give them as printed.")
    a, c = np.meshgrid(np.arange(1, n), np.arange(1, n_reference), indexing="ij")
    b, d = n - a, n_reference - c
    log_or = np.log(a * d / (b * c))
    se = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    figures = np.exp(np.stack([log_or, log_or - 1.959964 * se, log_or + 1.959964 * se]))
    printed = np.array([odds_ratio, *interval])[:, None, None]
    fits = (np.abs(figures - printed) <= tolerance).all(axis=0)
    return tuple(TwoByTwo(*(int(v) for v in cell)) for cell in zip(a[fits], b[fits], c[fits], d[fits], strict=True))


def p_values(table: ArrayLike, comparisons: int = 1) -> dict[str, float]:
    """P of a 2x2 table by every usual test, plain and after Bonferroni for ``comparisons``."""
    from scipy.stats import chi2_contingency, fisher_exact

    t = np.asarray(table, float)
    found = {
        "Pearson": float(chi2_contingency(t, correction=False).pvalue),
        "Yates": float(chi2_contingency(t, correction=True).pvalue),
        "Fisher": float(fisher_exact(t).pvalue),
    }
    adjusted = {
        say("{name}, Bonferroni x {comparisons}", name=name, comparisons=comparisons): min(1.0, p * comparisons)
        for name, p in found.items()
    }
    return found | (adjusted if comparisons > 1 else {})


def which_test(printed: float, table: ArrayLike, comparisons: int = 1, decimals: int = 3) -> tuple[str, ...]:
    """The tests whose P prints as ``printed``."""
    half = 0.5 * 10.0**-decimals + 1e-9
    return tuple(name for name, p in p_values(table, comparisons).items() if abs(p - printed) <= half)


def anova_p_from_summaries(
    n: Sequence[int], means: Sequence[float], sds: Sequence[float], decimals: int | None = None
) -> tuple[float, float, float]:
    """P of one-way ANOVA from group sizes, means and SD, and its range if those were rounded to ``decimals``."""
    from scipy.stats import f as f_distribution

    def p(m: ArrayLike, s: ArrayLike) -> float:
        size, mean, sd = (np.asarray(x, float) for x in (n, m, s))
        grand = (size * mean).sum() / size.sum()
        between = (size * (mean - grand) ** 2).sum() / (len(size) - 1)
        within = ((size - 1) * sd**2).sum() / (size.sum() - len(size))
        return float(f_distribution.sf(between / within, len(size) - 1, size.sum() - len(size)))

    value = p(means, sds)
    if decimals is None:
        return value, value, value
    half = 0.5 * 10.0**-decimals
    corners = np.array(list(np.ndindex(*(3,) * len(n)))) - 1
    range_ = [p(np.asarray(means) + half * c, np.asarray(sds) + half * s) for c in corners for s in (-1, 0, 1)]
    return value, min(range_), max(range_)


def youden(events_positive: int, events: int, others_positive: int, others: int) -> float:
    """Youden's J of a cut-off: sensitivity + specificity - 1."""
    return events_positive / events - others_positive / others


def cut_off_is_possible(cut_off: float, attainable: Sequence[float], tolerance: float = 1e-3) -> bool:
    """Whether a ROC cut-off is a value of the score or halfway between two neighbouring ones."""
    values = np.unique(np.asarray(attainable, float))
    candidates = np.concatenate([values, (values[:-1] + values[1:]) / 2])
    return bool((np.abs(candidates - cut_off) <= tolerance).any())


def grouped_auc(events: Sequence[int], others: Sequence[int]) -> float:
    """AUC of an ordered grouping (lowest first) from its counts, ties counting one half."""
    e, o = np.asarray(events, float), np.asarray(others, float)
    below = np.tril(np.ones((len(e), len(e))), -1) + np.eye(len(e)) / 2
    return float(e @ below @ o / (e.sum() * o.sum()))
