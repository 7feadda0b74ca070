"""Exact tests of two groups' ranks and of tables of counts, where every arrangement can be counted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LARGEST_GROUP = 50
"""Beyond it the ranks of two groups are as good as normal; the same limit as in R's ``wilcox.test``."""
MAX_ARRANGEMENTS = 5_000_000
HOPELESS = 50
"""So many times as many, the column totals disregarded, are not tried."""
SAME = 1e-7
"""Relative: arrangements as likely as the observed one count as no more likely, whatever the rounding."""


def rank_sum_p(first: Array, second: Array) -> float:
    """Two-sided P of the rank sum over all ways to share out the observed values, ties among them as midranks.

    Counted are the sums at least as far from their mean as the observed one. How many subsets have which sum is built
    up value by value (Streitberg and Roehmel's shift algorithm).
    """
    from scipy.stats import rankdata

    n = len(first)
    ranks = np.round(2 * rankdata(np.concatenate([first, second]))).astype(np.int64)
    observed, mean = int(ranks[:n].sum()), n * ranks.sum() / len(ranks)
    # Row k: how likely a draw of k values of those seen so far has each sum.
    ways = np.zeros((n + 1, int(np.sort(ranks)[-n:].sum()) + 1))
    ways[0, 0] = 1.0
    for i, rank in enumerate(ranks):
        # Each value joins the first group with the chance that is left for it: so the figures stay within bounds.
        taken = np.arange(n + 1)
        joins = np.clip((n - taken) / (len(ranks) - i), 0, 1)[:, None]
        joined = np.zeros_like(ways)
        joined[1:, rank:] = (ways * joins)[:-1, : ways.shape[1] - rank]
        ways = ways * (1 - joins) + joined
    sums = np.arange(ways.shape[1])
    return min(1.0, float(ways[n, np.abs(sums - mean) >= abs(observed - mean) - 1e-9].sum()))


def table_p(counts: Array) -> float | None:
    """P of all tables with the same margins that are no likelier than this one (Fisher, Freeman and Halton).

    None where they are too many. The rows are split in two halves. All ways to fill either are listed by the column
    totals that they leave, and joined by those; so the tables themselves need not be listed.
    """
    from scipy.special import gammaln

    table = counts if counts.shape[0] >= counts.shape[1] else counts.T
    table = table[np.argsort(-table.sum(axis=1))].astype(np.int64)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    ways = [math.prod(math.comb(int(r) + len(columns) - 1, len(columns) - 1) for r in rows[k::2]) for k in (0, 1)]
    if max(ways) > HOPELESS * MAX_ARRANGEMENTS:
        return None
    # Large rows are dealt to either half in turn, so that both lists are of a length.
    one, two = (_fillings(rows[start::2], columns) for start in (0, 1))
    if one is None or two is None:
        return None
    whole = float(gammaln(rows + 1).sum() + gammaln(columns + 1).sum() - gammaln(table.sum() + 1))
    limit = whole - float(gammaln(table + 1).sum()) + SAME
    (left, chance), (right, other) = one, two
    # Together both halves make the column totals.
    right = int(columns[:-1] @ _places(columns)) - right
    order = np.lexsort((other, right))
    right, other = right[order], other[order]
    total = 0.0
    partners = {key: other[a:b] for key, a, b in _runs(right)}
    order = np.argsort(left, kind="stable")
    left, chance = left[order], chance[order] + whole
    for key, start, end in _runs(left):
        if key not in partners:
            continue
        partner, own = partners[key], chance[start:end]
        top = partner[-1]
        sums = np.concatenate([[0.0], np.cumsum(np.exp(partner - top))])
        total += float((np.exp(own + top) * sums[np.searchsorted(partner, limit - own, side="right")]).sum())
    return min(1.0, total)


def _fillings(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> tuple[NDArray[np.int64], Array] | None:
    """All ways to fill ``rows`` within the column totals: a number for what they take of each column (but the last),
    and the logarithm of one over the product of their cells' factorials."""
    from scipy.special import gammaln

    taken, chance = np.zeros((1, len(columns)), np.int64), np.zeros(1)
    for row in rows:
        cells = _compositions(int(row), columns)
        if cells is None or len(cells) * len(taken) > MAX_ARRANGEMENTS:
            return None
        both = (taken[:, None] + cells[None]).reshape(-1, len(columns))
        value = (chance[:, None] - gammaln(cells + 1).sum(axis=1)[None]).ravel()
        fits = (both <= columns).all(axis=1)
        taken, chance = both[fits], value[fits]
    return np.asarray(taken[:, :-1] @ _places(columns)), chance


def _places(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """What one of each column (but the last) counts in the number of a filling: no two fillings have the same."""
    return np.concatenate([[1], np.cumprod(columns[:-2] + 1)])


def _runs(ordered: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Each value of a sorted array, with where it starts and ends."""
    values, starts = np.unique(ordered, return_index=True)
    return zip(values.tolist(), starts.tolist(), [*starts[1:].tolist(), len(ordered)], strict=True)


def _compositions(row: int, columns: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """All ways to deal ``row`` over the columns."""
    made = np.zeros((1, 0), np.int64)
    for c in columns[:-1]:
        step = np.arange(min(row, int(c)) + 1)
        if len(made) * len(step) > MAX_ARRANGEMENTS:
            return None
        made = np.column_stack([np.repeat(made, len(step), axis=0), np.tile(step, len(made))])
        made = made[made.sum(axis=1) <= row]
    last = row - made.sum(axis=1)
    keep = last <= columns[-1]
    return np.asarray(np.column_stack([made, last])[keep])
