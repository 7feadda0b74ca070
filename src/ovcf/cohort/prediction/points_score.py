"""Numbers behind a points score: patients of the same items pooled, coefficients by two ways, totals and their AUC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.published.consistency import grouped_auc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PENALTIES = np.logspace(-2, 3, 16)
_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Distinct rows ``x`` ``(m, p)`` of 0/1 items, patients ``n`` and ``events`` of each, and which belongs to whom.

    ``blocks`` are the columns of each predictor: at most one of a block is 1, none for its reference.
    """

    x: Array
    n: Array
    events: Array
    blocks: tuple[tuple[int, ...], ...]
    row: NDArray[np.int64]
    outcome: Array

    @classmethod
    def of(cls, x: Array, y: Array, blocks: Sequence[Sequence[int]]) -> Patterns:
        """From one row per patient."""
        distinct, row = np.unique(x, axis=0, return_inverse=True)
        row = row.ravel()
        n, events = (np.bincount(row, weights, len(distinct)).astype(float) for weights in (None, y))
        return cls(distinct, n, events, tuple(map(tuple, blocks)), row, y)

    def resampled(self, rng: np.random.Generator) -> Patterns:
        """As many patients drawn with replacement, again until both outcomes occur."""
        while True:
            drawn = rng.integers(0, len(self.row), len(self.row))
            y = self.outcome[drawn]
            if 0 < y.sum() < len(y):
                row = self.row[drawn]
                n, events = (np.bincount(row, weights, len(self.x)).astype(float) for weights in (None, y))
                return Patterns(self.x, n, events, self.blocks, row, y)

    def auc(self, points: Array) -> float:
        """AUC of the totals that the points ``(p,)`` give."""
        total, at = np.unique(self.x @ points, return_inverse=True)
        events, others = (np.bincount(at, w, len(total)) for w in (self.events, self.n - self.events))
        return grouped_auc([int(v) for v in events], [int(v) for v in others])


def log_odds_ratios(data: Patterns) -> tuple[Array, Array]:
    """Each item alone against the reference of its predictor: ln OR ``(p,)`` and Woolf's standard error ``(p,)``.

    One half is added to every cell of an item that has an empty one (Haldane); an item that nobody has gives 0.
    """
    value, error = np.zeros(data.x.shape[1]), np.full(data.x.shape[1], np.inf)
    for block in data.blocks:
        reference = (data.x[:, block] == 0).all(axis=1)
        for j in block:
            cells = np.array(
                [
                    v[chosen].sum()
                    for chosen in (data.x[:, j] == 1, reference)
                    for v in (data.events, data.n - data.events)
                ]
            )
            if cells[:2].sum() == 0 or cells[2:].sum() == 0:
                continue
            cells = cells + 0.5 * (cells == 0).any()
            value[j] = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
            error[j] = np.sqrt((1 / cells).sum())
    return value, error


def ridge(data: Patterns, folds: int, rng: np.random.Generator) -> tuple[Array, float]:
    """Coefficients ``(p,)`` of all items together, under the L2 penalty that predicts best across ``folds``; and it.

    Items are penalised in units of their standard deviation; the intercept is not.
    """
    fold = rng.permutation(len(data.row)) % folds
    pooled = np.ravel_multi_index((fold, data.row), (folds, len(data.x)))
    n, events = (
        np.bincount(pooled, weights, folds * len(data.x)).reshape(folds, -1) for weights in (None, data.outcome)
    )
    train_n, train_events = (data.n - n, data.events - events)
    k = len(PENALTIES)
    beta = fit_ridge(
        data.x, np.repeat(train_n, k, axis=0), np.repeat(train_events, k, axis=0), np.tile(PENALTIES, folds)
    )
    p = _probability(data.x, beta).reshape(folds, k, -1)
    deviance = -(events[:, None] * np.log(p) + (n - events)[:, None] * np.log1p(-p)).sum(axis=(0, 2))
    best = float(PENALTIES[int(deviance.argmin())])
    return fit_ridge(data.x, data.n[None], data.events[None], np.array([best]))[0, 1:], best


def fit_ridge(x: Array, n: Array, events: Array, penalty: Array) -> Array:
    """Logistic coefficients ``(k, p + 1)``, intercept first, of ``k`` samples ``(k, m)`` at once, by Newton's way."""
    share = n / n.sum(axis=1, keepdims=True)
    mean = share @ x
    variance = share @ x**2 - mean**2
    weight = np.concatenate([np.zeros((len(n), 1)), penalty[:, None] * variance + 1e-9], axis=1)
    design = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros((len(n), design.shape[1]))
    rate = np.clip(events.sum(axis=1) / n.sum(axis=1), 1e-6, 1 - 1e-6)
    beta[:, 0] = np.log(rate / (1 - rate))
    for _ in range(_STEPS):
        p = _probability(x, beta)
        score = (events - n * p) @ design - weight * beta
        information = np.einsum("km,mi,mj->kij", n * p * (1 - p), design, design, optimize=True)
        information += np.einsum("ki,ij->kij", weight, np.eye(design.shape[1]))
        move = np.linalg.solve(information, score[..., None])[..., 0]
        # Far from the maximum a full step can overshoot.
        move *= np.minimum(1, 3 / np.maximum(np.abs(move).max(axis=1, keepdims=True), 1e-300))
        beta += move
        if np.abs(move).max() < 1e-9:
            break
    return beta


def slope(data: Patterns, points: Array) -> tuple[float, float]:
    """Intercept and slope of the log odds over the total of the points."""
    fit = fit_ridge((data.x @ points)[:, None], data.n[None], data.events[None], np.zeros(1))[0]
    return float(fit[0]), float(fit[1])


def _probability(x: Array, beta: Array) -> Array:
    eta = np.clip(beta[:, :1] + beta[:, 1:] @ x.T, -30, 30)
    return np.asarray(1 / (1 + np.exp(-eta)), float)
