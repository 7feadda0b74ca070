"""The score workshop: derive a points score from a cohort, the way HAN did and a better way.

HAN (Sci Rep 2025;15:16791) rounded the ln of each univariable odds ratio: simple, but items that go together are
counted twice, and no one learns how much better the score looks than it is. The better way fits all items together,
shrinks them, and repeats the whole derivation in bootstrap samples to estimate that optimism.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import Coding, Term, code, need_columns
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.prediction.points_score import Patterns, log_odds_ratios, ridge, slope
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Derivation = Callable[[Patterns], tuple[Array, Array]]


@dataclass(frozen=True, slots=True)
class PointItem:
    """One item of a score: what it is, the coefficient (ln OR) behind it, and its points."""

    term: Term
    coefficient: float
    points: int


@dataclass(frozen=True, slots=True)
class PointsScore:
    """A score that can be given to other patients; ``codings`` say how its items are read from a table."""

    items: tuple[PointItem, ...]
    codings: tuple[Coding, ...]

    def total(self, frame: pd.DataFrame) -> Array:
        """Points of each patient, NaN where an item is missing.

        Raises:
            CohortDataError: a column or a category that the score does not know.
        """
        need_columns(frame, [c.variable for c in self.codings])
        x = np.column_stack([c.columns(frame) for c in self.codings])
        return np.asarray(x @ [i.points for i in self.items], float)


@dataclass(frozen=True, slots=True)
class Optimism:
    """How much better a score looks in the patients it comes from (Harrell): means over bootstrap samples."""

    apparent_auc: float
    corrected_auc: float
    corrected_slope: float
    resamples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsResult(PlottedResult):
    """A derived score, its AUC in its own patients, its optimism, and the observed rate at each total."""

    score: PointsScore
    auc: Estimate
    optimism: Optimism
    rates: tuple[tuple[float, int, int, Estimate], ...]
    outcome: str

    def plot(self, ax: Any = None) -> Any:
        """Observed rate at each total with Wilson's interval; patients above."""
        ax = new_axes(ax, size=(5.0, 4.0))
        for total, n, _, rate in self.rates:
            ax.plot([total, total], [rate.low, rate.high], color="#0072B2")
            ax.plot(total, rate.value, "o", color="#0072B2")
            ax.text(total, 1.03, f"n={n}", ha="center", fontsize=7)
        ax.set(
            xlabel=tr("Total"), ylabel=tr(say("Observed {outcome} (95% CI)", outcome=self.outcome)), ylim=(-0.02, 1.08)
        )
        return ax


def points_by_univariable(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    references: Mapping[str, Any] | None = None,
    p_below: float = 0.05,
    resamples: int = 500,
    seed: int = 0,
) -> PointsResult:
    """Derive points as HAN did: the ln of every univariable odds ratio, rounded, for predictors with P below a limit.

    Args:
        frame: one patient per row; patients with a missing value are counted and left out.
        outcome: column of 0 and 1.
        predictors: columns of categories, or of 0 and 1; the first category has no points.
        references: another category without points, by column.
        p_below: a predictor stays if any of its categories has Wald's P below this; 1 keeps all.
        resamples, seed: of the bootstrap that repeats selection and rounding.

    Raises:
        CohortDataError: a column is absent, constant or a number that needs cutting into categories; nothing stays.
    """

    def derive(data: Patterns) -> tuple[Array, Array]:
        value, error = log_odds_ratios(data)
        limit = NormalDist().inv_cdf(1 - p_below / 2) if p_below < 1 else -1.0
        kept = np.zeros(len(value), bool)
        for block in data.blocks:
            kept[list(block)] = any(abs(value[j]) / error[j] > limit for j in block)
        return value, np.where(kept, _rounded(value), 0.0)

    method = say(
        "Points are the ln of the univariable odds ratio, rounded, of predictors with P < {p_below:g}", p_below=p_below
    )
    return _derived(frame, outcome, predictors, references, derive, method, resamples, seed)


def points_by_ridge(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    references: Mapping[str, Any] | None = None,
    top: int = 12,
    folds: int = 10,
    resamples: int = 500,
    seed: int = 0,
) -> PointsResult:
    """Derive points from all predictors together: ridge logistic regression, scaled so that totals span about ``top``.

    Args:
        frame, outcome, predictors, references: as in :func:`points_by_univariable`.
        top: points between the lowest and the highest possible total, before rounding.
        folds: of the cross-validation that chooses the penalty.
        resamples, seed: of the bootstrap that repeats penalty, fit, scaling and rounding.

    Raises:
        CohortDataError: as above.
    """
    if top < 1 or folds < 2:
        raise CohortDataError(
            "points score", say("top {top}, folds {folds}", top=top, folds=folds), "Give at least 1 point and 2 folds."
        )
    rng = np.random.default_rng(seed)

    def derive(data: Patterns) -> tuple[Array, Array]:
        value, _ = ridge(data, folds, rng)
        span = sum(max(0.0, *value[list(b)]) - min(0.0, *value[list(b)]) for b in data.blocks)
        return value, _rounded(value * top / span) if span > 0 else np.zeros_like(value)

    method = say(
        "Points are coefficients of a ridge logistic regression ({folds}-fold penalty), scaled to {top}, rounded",
        folds=folds,
        top=top,
    )
    return _derived(frame, outcome, predictors, references, derive, method, resamples, seed)


def _derived(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    references: Mapping[str, Any] | None,
    derive: Derivation,
    method: str,
    resamples: int,
    seed: int,
) -> PointsResult:
    need_columns(frame, [outcome, *predictors])
    codings = code(frame, predictors, references)
    y, columns = binary(frame[outcome], outcome), [c.columns(frame) for c in codings]
    x = np.column_stack(columns)
    whole = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    missing = tuple((name, int(frame[name].isna().sum())) for name in (outcome, *predictors))
    y, x = binary(y[whole], outcome), x[whole]
    _only_categories(x, codings)
    ends = np.cumsum([0, *(c.shape[1] for c in columns)])
    data = Patterns.of(x, y, [range(a, b) for a, b in pairwise(ends)])
    value, points = derive(data)
    if not points.any():
        raise CohortDataError("points score", "no predictor earns a point", "Give others, or a higher limit of P.")
    items = zip([t for c in codings for t in c.terms], value, points, strict=True)
    score = PointsScore(tuple(PointItem(t, float(v), int(p)) for t, v, p in items), codings)
    optimism = _optimism(data, points, derive, resamples, np.random.default_rng([seed, 1]))
    total = x @ points
    area, rates = auc(y, total), _rates(y, total)
    without = [c.variable for c, b in zip(codings, data.blocks, strict=True) if not points[list(b)].any()]
    return PointsResult(
        title=say("Points score for {outcome}", outcome=outcome),
        method=say(
            "{method}; optimism of {resamples} bootstrap samples that repeat the derivation",
            method=method,
            resamples=resamples,
        ),
        references=(
            "Han W, et al. Sci Rep 2025;15:16791 (univariable ln OR, rounded)",
            "Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387 (optimism)",
            "Steyerberg EW. Clinical Prediction Models, 2nd ed. Springer 2019",
        ),
        n=len(y),
        missing=missing,
        notes=(
            say(
                "{events} events; {left} patients left out as incomplete.",
                events=int(y.sum()),
                left=int((~whole).sum()),
            ),
            *((say("No points: {without}.", without=joined(", ", without)),) if without else ()),
        ),
        tables=(_items_table(score), _performance_table(area, optimism), _rates_table(rates)),
        score=score,
        auc=area,
        optimism=optimism,
        rates=rates,
        outcome=outcome,
    )


def _rounded(values: Array) -> Array:
    """Half away from zero, as one rounds by hand."""
    return np.asarray(np.sign(values) * np.floor(np.abs(values) + 0.5), float)


def _only_categories(x: Array, codings: Sequence[Coding]) -> None:
    first = 0
    for coding in codings:
        if not coding.levels and not np.isin(x[:, first], (0, 1)).all():
            raise CohortDataError(
                coding.variable, "is a number, and points need categories", "Cut it at limits chosen beforehand."
            )
        first += len(coding.terms)


def _optimism(data: Patterns, points: Array, derive: Derivation, resamples: int, rng: np.random.Generator) -> Optimism:
    apparent = data.auc(points)
    losses, slopes = [], []
    for _ in range(resamples):
        sample = data.resampled(rng)
        _, made = derive(sample)
        losses.append(sample.auc(made) - data.auc(made))
        if made.any():
            _, own = slope(sample, made)
            slopes.append(slope(data, made)[1] / own)
    corrected = apparent - float(np.mean(losses)) if losses else float("nan")
    return Optimism(apparent, corrected, float(np.median(slopes)) if slopes else float("nan"), resamples)


def _rates(y: Array, total: Array) -> tuple[tuple[float, int, int, Estimate], ...]:
    found = []
    for value in np.unique(total):
        n, events = int((total == value).sum()), int(y[total == value].sum())
        found.append((float(value), n, events, proportion(events, n)))
    return tuple(found)


def _items_table(score: PointsScore) -> Table:
    columns = (
        Column("variable", "Item"),
        Column("level", "Category"),
        Column("coefficient", "ln OR", ".3f"),
        Column("points", "Points", "d"),
    )
    rows = tuple((i.term.variable, i.term.level, i.coefficient, i.points) for i in score.items)
    return Table("Items and points", columns, rows)


def _performance_table(area: Estimate, optimism: Optimism) -> Table:
    return Table(
        "Discrimination and calibration",
        (Column("figure", "Figure"), Column("value", "Value", ".3f")),
        (
            ("AUC in these patients (DeLong)", area),
            ("AUC, corrected for optimism", optimism.corrected_auc),
            ("Calibration slope, corrected", optimism.corrected_slope),
        ),
    )


def _rates_table(rates: Sequence[tuple[float, int, int, Estimate]]) -> Table:
    columns = (
        Column("total", "Total", "g"),
        Column("n", "n", "d"),
        Column("events", "Events", "d"),
        Column("rate", "Rate (Wilson 95% CI)", ".3f"),
    )
    return Table("Observed by total", columns, tuple(rates))
