"""Two or more scores in one cohort: AUC by DeLong, reclassification, and what acting on each would bring."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.prediction.decision import DecisionCurveResult, decision_curve
from ovcf.cohort.prediction.points_score import fit_ridge
from ovcf.cohort.prediction.roc import RocComparison, compare_roc
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.groups.multiplicity import Correction

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reclassification:
    """What the second of two risks changes (Pencina 2008): net share of events moved up, of non-events moved down,
    their sum (NRI), and the gain in mean risk of events less that of non-events (IDI)."""

    events: float
    non_events: float
    nri: float
    idi: float


@dataclass(frozen=True, slots=True)
class ReclassificationPair:
    """The second score against the first, with bootstrap intervals."""

    first: str
    second: str
    events: Estimate
    non_events: Estimate
    nri: Estimate
    idi: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreComparison(PlottedResult):
    """The same patients under every score."""

    roc: RocComparison
    reclassification: tuple[ReclassificationPair, ...]
    decision: DecisionCurveResult

    def plot(self, ax: Any = None) -> Any:
        """The ROC curves; ``decision.plot()`` draws the net benefit."""
        return self.roc.plot(ax)


def reclassification(
    outcome: ArrayLike, first: ArrayLike, second: ArrayLike, limits: Sequence[float] = ()
) -> Reclassification:
    """How patients move between categories of risk cut at ``limits``; without limits any change counts.

    Raises:
        CohortDataError: a missing value, an outcome other than 0 and 1, limits that do not rise between 0 and 1.
    """
    y, a, b = binary(outcome), numbers(first, "first"), numbers(second, "second")
    whole, _ = complete_rows(outcome=y, first=a, second=b)
    if not whole.all():
        raise CohortDataError("risks", "have missing values", "Leave those rows out first.")
    cuts = np.asarray(limits, float)
    if len(cuts) and (cuts[0] <= 0 or cuts[-1] >= 1 or (np.diff(cuts) <= 0).any()):
        raise CohortDataError(
            "limits of risk", say("are {list}", list=list(limits)), "Give rising limits between 0 and 1."
        )
    return _moves(y == 1, a, b, cuts)


def compare_scores(
    frame: pd.DataFrame,
    outcome: str,
    scores: Sequence[str],
    *,
    limits: Sequence[float] = (),
    correction: Correction = "holm",
    resamples: int = 1000,
    seed: int = 0,
) -> ScoreComparison:
    """Compare scores, each a column of numbers in which more means more risk, in the patients who have them all.

    AUC needs no risks. Reclassification and decision curves do: each score is turned into a risk by a logistic
    regression on it in these patients, so they show what a score could do once recalibrated, a little flattered.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        scores: columns, the established score first; every later one is compared with every earlier one.
        limits: of categories of risk for the net reclassification; none counts every change.
        correction: of P for the number of pairs.
        resamples, seed: of the bootstrap intervals of reclassification, which refit the risks.

    Raises:
        CohortDataError: an absent or constant column, fewer than two scores, limits that do not rise.
    """
    need_columns(frame, [outcome, *scores])
    if len(set(scores)) < max(2, len(scores)):
        raise CohortDataError(
            "scores", say("are {scores}", scores=joined(", ", scores)), "Name at least two, each once."
        )
    y, columns = binary(frame[outcome], outcome), {name: numbers(frame[name], name) for name in scores}
    whole, missing = complete_rows(**{outcome: y, **columns})
    y, columns = binary(y[whole], outcome), {name: column[whole] for name, column in columns.items()}
    curves = compare_roc(y, columns, correction=correction)
    models = {name: _Risk.of(column) for name, column in columns.items()}
    everyone = np.arange(len(y))
    risks = {name: model.risk(y, everyone) for name, model in models.items()}
    reclassification(y, risks[scores[0]], risks[scores[1]], limits)  # refuses limits that do not rise
    pairs = list(combinations(scores, 2))
    cuts, rng = np.asarray(limits, float), np.random.default_rng(seed)
    drawn: list[list[tuple[float, float, float, float]]] = []
    while len(drawn) < resamples:
        rows = rng.integers(0, len(y), len(y))
        if 0 < y[rows].sum() < len(y):
            found = {name: model.risk(y, rows)[rows] for name, model in models.items()}
            drawn.append([_figures(_moves(y[rows] == 1, found[a], found[b], cuts)) for a, b in pairs])
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    changes = tuple(
        ReclassificationPair(
            a,
            b,
            *(
                Estimate(value, float(lo), float(hi))
                for value, lo, hi in zip(
                    _figures(_moves(y == 1, risks[a], risks[b], cuts)), low[i], high[i], strict=True
                )
            ),
        )
        for i, (a, b) in enumerate(pairs)
    )
    decision = decision_curve(y, risks)
    categories = (
        say("categories cut at {c}", c=joined(", ", (f"{c:g}" for c in limits))) if len(cuts) else "any change of risk"
    )
    columns_of_pairs = (
        Column("first", "From"),
        Column("second", "To"),
        Column("events", "Events, net up", ".3f"),
        Column("non_events", "Others, net down", ".3f"),
        Column("nri", "NRI", ".3f"),
        Column("idi", "IDI", ".3f"),
    )
    moves = Table(
        say("Reclassification: {categories}", categories=categories),
        columns_of_pairs,
        tuple((c.first, c.second, c.events, c.non_events, c.nri, c.idi) for c in changes),
    )
    shown = tuple(row for row in decision.tables[0].rows if round(100 * row[0]) % 10 == 0)
    return ScoreComparison(
        title=say("Scores compared for {outcome}", outcome=outcome),
        method=say(
            "{method}; risks by logistic regression on each score in these patients; NRI and IDI with "
            "percentile intervals of {resamples} bootstrap samples (seed {seed}); decision curves",
            method=curves.method,
            resamples=resamples,
            seed=seed,
        ),
        references=(
            *curves.references,
            "Pencina MJ et al. Stat Med 2008;27:157-172 (NRI, IDI)",
            "Pencina MJ, D'Agostino RB, Steyerberg EW. Stat Med 2011;30:11-21 (NRI of any change)",
            *decision.references,
        ),
        n=len(y),
        missing=missing,
        notes=(
            *curves.notes,
            "NRI can favour a useless or badly calibrated score (Pepe 2015): trust AUC and net benefit first.",
        ),
        tables=(*curves.tables, moves, Table("Net benefit", decision.tables[0].columns, shown)),
        roc=curves,
        reclassification=changes,
        decision=decision,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Risk:
    """A score as standardised distinct values ``(m, 1)`` and which of them each patient has."""

    values: Array
    row: NDArray[np.int64]

    @classmethod
    def of(cls, column: Array) -> _Risk:
        values, row = np.unique((column - column.mean()) / column.std(), return_inverse=True)
        return cls(values[:, None], row)

    def risk(self, y: Array, rows: NDArray[np.int64]) -> Array:
        """The risk of every patient, from a logistic regression in ``rows``; a trace of penalty keeps it finite."""
        at = self.row[rows]
        n, events = (np.bincount(at, w, len(self.values)).astype(float)[None] for w in (None, y[rows]))
        a, b = fit_ridge(self.values, n, events, np.array([1e-6]))[0]
        return np.asarray(1 / (1 + np.exp(-np.clip(a + b * self.values[:, 0], -30, 30))), float)[self.row]


def _moves(event: NDArray[np.bool_], first: Array, second: Array, cuts: Array) -> Reclassification:
    change = second - first
    if len(cuts):
        moved = np.sign(np.searchsorted(cuts, second, side="right") - np.searchsorted(cuts, first, side="right"))
    else:
        moved = np.where(np.abs(change) > 1e-12, np.sign(change), 0)
    up, down = float(moved[event].mean()), float(-moved[~event].mean())
    return Reclassification(up, down, up + down, float(change[event].mean() - change[~event].mean()))


def _figures(r: Reclassification) -> tuple[float, float, float, float]:
    return r.events, r.non_events, r.nri, r.idi
