"""Surveys with weights, strata and clusters: shares and logistic regression whose errors know the design.

Variances are by Taylor linearisation: the influence of every person on the estimate, summed within each primary
sampling unit, varies between the units of a stratum (with replacement). People outside a subgroup keep their place in
the design and count nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.data.design import code, matrix, need_columns
from ovcf.cohort.regression.forest import Effect, draw_forest
from ovcf.cohort.result import AnalysisResult, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.kaplan_meier import COLOURS
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_REFERENCE = "Binder DA. Int Stat Rev 1983;51:279-292"


@dataclass(frozen=True, slots=True, eq=False)
class SurveyDesign:
    """Weight, stratum and primary sampling unit of everyone in the sample, ``(n,)`` each."""

    weight: Array
    stratum: NDArray[np.int64]
    unit: NDArray[np.int64]

    @classmethod
    def of(cls, frame: pd.DataFrame, *, weight: str, stratum: str, unit: str) -> SurveyDesign:
        """Read three columns; units are numbered within their stratum.

        Raises:
            CohortDataError: a column is absent or has a missing value, a weight is negative, a stratum has one unit.
        """
        need_columns(frame, [weight, stratum, unit])
        columns = {name: numbers(frame[name], name) for name in (weight, stratum, unit)}
        for name, values in columns.items():
            if np.isnan(values).any():
                raise CohortDataError(name, "has missing values", "Everyone in the sample has a place in its design.")
        w = columns[weight]
        if (w < 0).any() or not w.any():
            raise CohortDataError(weight, "is negative, or 0 for everyone", "Give the weights of the release.")
        _, strata = np.unique(columns[stratum], return_inverse=True)
        pairs, units = np.unique(np.stack([strata, columns[unit]]), axis=1, return_inverse=True)
        alone = np.bincount(pairs[0].astype(int)) < 2
        if alone.any():
            raise CohortDataError(
                stratum, say("{alone} strata have a single unit", alone=int(alone.sum())), "Merge them with others."
            )
        return cls(w, strata.astype(np.int64), units.ravel().astype(np.int64))

    def degrees(self, inside: NDArray[np.bool_]) -> int:
        """Units less strata, of those with anyone ``inside``."""
        return len(np.unique(self.unit[inside])) - len(np.unique(self.stratum[inside]))

    def covariance(self, influence: Array) -> Array:
        """Covariance ``(k, k)`` of estimates from the influence ``(n, k)`` of everyone, 0 outside a subgroup."""
        units = np.zeros((self.unit.max() + 1, influence.shape[1]))
        np.add.at(units, self.unit, influence)
        stratum = np.zeros(len(units), int)
        stratum[self.unit] = self.stratum
        found = np.zeros((influence.shape[1],) * 2)
        for s in range(stratum.max() + 1):
            z = units[stratum == s]
            z = z - z.mean(axis=0)
            found += len(z) / (len(z) - 1) * z.T @ z
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyShares(PlottedResult):
    """Weighted shares; ``rows`` are (group, subgroup, events, n, share)."""

    outcome: str
    rows: tuple[tuple[str, str, int, int, Estimate], ...]

    def plot(self, ax: Any = None) -> Any:
        """Shares with intervals over the subgroups, one line per group, set apart a little."""
        ax = new_axes(ax, size=(4.8, 3.6))
        groups, places = (list(dict.fromkeys(str(r[i]) for r in self.rows)) for i in (0, 1))
        for i, (group, colour) in enumerate(zip(groups, COLOURS, strict=False)):
            own = [r for r in self.rows if str(r[0]) == group]
            x = [places.index(str(r[1])) + 0.08 * (i - (len(groups) - 1) / 2) for r in own]
            y = [100 * r[4].value for r in own]
            error = [[100 * (r[4].value - r[4].low) for r in own], [100 * (r[4].high - r[4].value) for r in own]]
            ax.errorbar(x, y, error, marker="osD^v"[i % 5], ms=5, capsize=3, color=colour, label=tr(group))
        ax.set_xticks(range(len(places)), [*map(tr, places)])
        ax.set(ylabel=tr(say("{outcome}, % (95% CI)", outcome=self.outcome)), ylim=(0, None))
        ax.legend(frameon=False, loc="upper left")
        return ax


def survey_shares(
    frame: pd.DataFrame, outcome: str, design: SurveyDesign, *, by: tuple[str, str], label: str
) -> SurveyShares:
    """Weighted share of a 0/1 outcome in every combination of two categorical columns, with logit intervals.

    Raises:
        CohortDataError: an absent column, another outcome than 0 and 1, a combination without anyone.
    """
    need_columns(frame, [outcome, *by])
    y = binary(frame[outcome], outcome)
    rows = []
    for first in frame[by[0]].cat.categories:
        for second in frame[by[1]].cat.categories:
            inside = ((frame[by[0]] == first) & (frame[by[1]] == second)).to_numpy(bool) & ~np.isnan(y)
            if not inside.any():
                raise CohortDataError(f"{first}, {second}", "nobody is in it", "Merge categories.")
            share = _share(np.nan_to_num(y), inside, design)
            rows.append((str(first), str(second), int(y[inside].sum()), int(inside.sum()), share))
    columns = (
        Column("first", by[0]),
        Column("second", by[1]),
        Column("events", "Events in the sample", "d"),
        Column("n", "n", "d"),
        Column("share", "Weighted share (95% CI)", ".1%"),
    )
    return SurveyShares(
        title=say("{label} by {by} and {by_2}", label=label, by=by[0], by_2=by[1]),
        method="Weighted share; variance by Taylor linearisation over strata and sampling units, logit interval by t",
        references=(_REFERENCE,),
        n=int((~np.isnan(y)).sum()),
        missing=tuple((c, int(frame[c].isna().sum())) for c in (outcome, *by)),
        notes=("where nobody or everybody has the outcome, the interval is not known (–)",),
        tables=(Table(label, columns, tuple(rows)),),
        outcome=label,
        rows=tuple(rows),
    )


def _share(y: Array, inside: NDArray[np.bool_], design: SurveyDesign) -> Estimate:
    w = design.weight * inside
    p = float((w * y).sum() / w.sum())
    if p in (0, 1):
        return Estimate(p, math.nan, math.nan)
    error = math.sqrt(design.covariance((w * (y - p) / w.sum())[:, None])[0, 0])
    logit, half = math.log(p / (1 - p)), _t(design.degrees(inside)) * error / (p * (1 - p))
    low, high = (1 / (1 + math.exp(-logit - s * half)) for s in (-1, 1))
    return Estimate(p, low, high, error)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyLogistic(AnalysisResult):
    """Odds ratios of a weighted logistic model."""

    effects: tuple[Effect, ...]

    def plot(self, ax: Any = None) -> Any:
        """A forest of odds ratios on a logarithmic scale."""
        return draw_forest(self.effects, ax)


def survey_logistic(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    design: SurveyDesign,
    *,
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
) -> SurveyLogistic:
    """A logistic model by weighted likelihood, with errors of the survey's design; complete cases.

    P and intervals by Student's t with (units - strata + 1 - coefficients) degrees of freedom. ``references`` and
    ``per`` as in :func:`ovcf.cohort.regression.logistic.logistic`.

    Raises:
        CohortDataError: as there; no convergence; more coefficients than the design has degrees of freedom.
    """
    from scipy.stats import t as student

    need_columns(frame, [outcome])
    codings = code(frame, predictors, references, per)
    x, y = matrix(frame, codings), binary(frame[outcome], outcome)
    columns = {c.variable: c.columns(frame)[:, 0] for c in codings}
    whole, missing = complete_rows(**{outcome: y}, **columns)
    w = design.weight * whole
    x, y = np.where(whole[:, None], x, 0.0), np.where(whole, y, 0.0)
    beta, information = _weighted_fit(x, y, w)
    p = 1 / (1 + np.exp(-x @ beta))
    inverse = np.linalg.inv(information)
    error = np.sqrt(np.diag(design.covariance((w * (y - p))[:, None] * x @ inverse)))
    degrees = design.degrees(whole) + 1 - len(beta)
    if degrees < 1:
        raise CohortDataError(
            "model", say("{beta} coefficients are too many for the design", beta=len(beta)), "Name fewer."
        )
    quantile = _t(degrees)
    terms = [term for c in codings for term in c.terms]
    effects = tuple(
        Effect(
            term,
            Estimate(math.exp(b), math.exp(b - quantile * e), math.exp(b + quantile * e), float(e)),
            float(b),
            float(e),
            float(2 * student.sf(abs(b) / e, degrees)),
        )
        for term, b, e in zip(terms, beta[1:], error[1:], strict=True)
    )
    table = Table(
        "Odds ratios",
        (
            Column("variable", "Variable"),
            Column("level", "Level"),
            Column("reference", "Reference"),
            Column("odds_ratio", "OR (95% CI)", ".2f"),
            Column("p", "P", "p"),
        ),
        tuple((e.term.variable, e.term.level, e.term.reference, e.odds_ratio, e.p) for e in effects),
    )
    return SurveyLogistic(
        title=say("Weighted logistic regression of {outcome}", outcome=outcome),
        method=say(
            "Weighted likelihood; sandwich variance over strata and sampling units, t with {degrees} "
            "degrees of freedom; complete cases",
            degrees=degrees,
        ),
        references=(_REFERENCE,),
        n=int(whole.sum()),
        missing=missing,
        notes=(say("{events} events", events=int(y.sum())),),
        tables=(table,),
        effects=effects,
    )


def _weighted_fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
    """Coefficients and information by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
        information = (x * (w * p * (1 - p))[:, None]).T @ x
        try:
            step = np.linalg.solve(information, x.T @ (w * (y - p)))
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return beta, information
    raise CohortDataError("logistic model", "does not converge", "Use fewer predictors; look for separation.")


def _t(degrees: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, degrees))
