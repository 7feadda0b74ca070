"""Linear regression of a number, with errors that may know that patients come in clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import Coding, Term, code, matrix, need_columns
from ovcf.cohort.data.splines import REFERENCE as SPLINES
from ovcf.cohort.data.splines import spline_columns
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.regression.diagnostics import refuse_collinear
from ovcf.cohort.regression.forest import draw_intervals
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEW_CLUSTERS = 20
"""Below it errors by cluster are too small (Cameron and Miller, J Hum Resour 2015;50:317)."""
_CLUSTERS = "Liang KY, Zeger SL. Biometrika 1986;73:13-22 (errors by cluster)"


@dataclass(frozen=True, slots=True)
class LinearEffect:
    """One coefficient: by how much the outcome differs, in its own unit."""

    term: Term
    difference: Estimate
    t: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearResult(PlottedResult):
    """One fitted model; ``degrees`` of freedom of its t tests, ``residual_sd`` in the unit of the outcome."""

    outcome: str
    intercept: Estimate
    effects: tuple[LinearEffect, ...]
    r_squared: float
    adjusted_r_squared: float
    residual_sd: float
    degrees: int
    codings: tuple[Coding, ...] = field(repr=False)

    def predict(self, frame: pd.DataFrame) -> Array:
        """The outcome expected of new patients, NaN where a predictor is missing."""
        need_columns(frame, [c.variable for c in self.codings])
        b = np.array([self.intercept.value, *(e.difference.value for e in self.effects)])
        return np.asarray(matrix(frame, self.codings) @ b, float)

    def plot(self, ax: Any = None) -> Any:
        """A forest of the differences; the terms of splines mean nothing one by one."""
        bent = {c.variable for c in self.codings if c.knots}
        shown = [e for e in self.effects if e.term.variable.rstrip("'") not in bent]
        rows = [(str(e.term), e.difference) for e in shown]
        return draw_intervals(rows, ax, label=say("Difference of {outcome} (95% CI)", outcome=self.outcome))


def linear(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
    splines: Mapping[str, int] | None = None,
    cluster: str | None = None,
    coverage: float = 0.95,
) -> LinearResult:
    """Ordinary least squares of ``outcome`` (a number) on all ``predictors``, in complete cases.

    Args:
        frame: one row per patient.
        outcome: its column.
        predictors: columns; numbers enter linearly, others by level.
        references, per, splines: as in :func:`ovcf.cohort.regression.logistic.logistic`.
        cluster: column whose patients belong together, such as the centre: then errors are robust to it (the sandwich
            with G/(G-1) (n-1)/(n-p), t on G-1 degrees of freedom).
        coverage: of all intervals.

    Raises:
        CohortDataError: unknown columns, a constant outcome or predictor, collinear predictors, too few patients.
    """
    need_columns(frame, [outcome, *([cluster] if cluster else [])])
    codings = code(frame, predictors, references, per, splines)
    y, x = numbers(frame[outcome], outcome), matrix(frame, codings)
    absent = np.zeros(len(frame), bool) if cluster is None else frame[cluster].isna().to_numpy(bool)
    whole = ~(np.isnan(y) | np.isnan(x).any(axis=1) | absent)
    y, x = y[whole], x[whole]
    terms = [term for c in codings for term in c.terms]
    if len(y) < x.shape[1] + 2:
        raise CohortDataError(
            outcome, say("{y} complete patients for {terms} coefficients", y=len(y), terms=len(terms)), "Use fewer."
        )
    if np.ptp(y) == 0:
        raise CohortDataError(outcome, say("is always {y:g}", y=y[0]), "There is nothing to explain.")
    refuse_collinear(x, terms)
    q, r = np.linalg.qr(x)
    b = np.linalg.solve(r, q.T @ y)
    inverse = np.linalg.inv(r)
    bread, rest = inverse @ inverse.T, y - x @ b
    n, p = x.shape
    squares = float(rest @ rest)
    groups = None if cluster is None else frame.loc[whole, cluster].astype(str).to_numpy()
    covariance, degrees = (
        (bread * squares / (n - p), n - p) if groups is None else _by_cluster(bread, x, rest, groups, str(cluster))
    )
    t = optional_import("scipy.stats").t
    half = float(t.ppf(0.5 + coverage / 2, degrees)) * np.sqrt(np.diag(covariance))
    found = [
        Estimate(float(v), float(v - h), float(v + h), float(e), coverage)
        for v, h, e in zip(b, half, np.sqrt(np.diag(covariance)), strict=True)
    ]
    scores = [f.value / f.standard_error if f.standard_error else np.inf for f in found]
    effects = tuple(
        LinearEffect(term, d, float(s), float(2 * t.sf(abs(s), degrees)))
        for term, d, s in zip(terms, found[1:], scores[1:], strict=True)
    )
    explained = 1 - squares / float(((y - y.mean()) ** 2).sum())
    bent = {c.variable for c in codings if c.knots}
    straight = tuple(
        (e.term.variable, e.term.level, e.term.reference, e.difference, e.t, e.p)
        for e in effects
        if e.term.variable.rstrip("'") not in bent
    )
    smooth = _smooth_rows(codings, b, covariance, degrees, coverage)
    return LinearResult(
        title=say("Linear regression of {outcome}", outcome=outcome),
        method=say(
            "Ordinary least squares, t intervals ({coverage:g}%) on {degrees} degrees of freedom",
            coverage=100 * coverage,
            degrees=degrees,
        )
        + (say(", errors robust to clusters of {cluster}", cluster=cluster) if cluster else "")
        + "; complete cases",
        references=(*((_CLUSTERS,) if cluster else ()), *((SPLINES,) if bent else ())),
        n=n,
        missing=(
            (outcome, int(np.isnan(numbers(frame[outcome], outcome)).sum())),
            *((c.variable, int(frame[c.variable].isna().sum())) for c in codings),
        ),
        assumptions=_checked(rest, x),
        notes=(
            say(
                "R² {explained:.3f}, residual standard deviation {p:.3g}",
                explained=explained,
                p=np.sqrt(squares / (n - p)),
            ),
            say("{left} patients left out as incomplete", left=int((~whole).sum())),
            *_few(groups),
        ),
        tables=(
            *((Table("Differences", _COLUMNS, straight),) if straight else ()),
            *((Table("Smooth effects", _SMOOTH, smooth),) if smooth else ()),
        ),
        outcome=outcome,
        intercept=found[0],
        effects=effects,
        r_squared=explained,
        adjusted_r_squared=1 - (1 - explained) * (n - 1) / (n - p),
        residual_sd=float(np.sqrt(squares / (n - p))),
        degrees=degrees,
        codings=codings,
    )


_COLUMNS = (
    Column("variable", "Variable"),
    Column("level", "Level"),
    Column("reference", "Reference"),
    Column("difference", "Difference (interval)", ".3f"),
    Column("t", "t", ".2f"),
    Column("p", "P", "p"),
)
_SMOOTH = (
    Column("variable", "Variable"),
    Column("knots", "Knots"),
    Column("f", "F", ".2f"),
    Column("p", "P", "p"),
    Column("p_bend", "P, bend", "p"),
    Column("contrast", "Between"),
    Column("difference", "Difference (interval)", ".3f"),
)


def _by_cluster(bread: Array, x: Array, rest: Array, groups: Any, name: str) -> tuple[Array, int]:
    """The sandwich over clusters, and its degrees of freedom."""
    names, at = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise CohortDataError(name, "names fewer than two clusters", "Leave it out.")
    sums = np.zeros((len(names), x.shape[1]))
    np.add.at(sums, at, x * rest[:, None])
    n, p, g = *x.shape, len(names)
    return bread @ (sums.T @ sums) @ bread * (g / (g - 1) * (n - 1) / (n - p)), g - 1


def _few(groups: Any) -> tuple[str, ...]:
    count = FEW_CLUSTERS if groups is None else len(np.unique(groups))
    return (
        (
            say(
                "{count} clusters, fewer than {few_clusters}: the errors are too small",
                count=count,
                few_clusters=FEW_CLUSTERS,
            ),
        )
        if count < FEW_CLUSTERS
        else ()
    )


def _smooth_rows(
    codings: Sequence[Coding], b: Array, covariance: Array, degrees: int, coverage: float
) -> tuple[tuple[Any, ...], ...]:
    """Of every predictor with knots: F tests that it has no effect and that its effect is straight; one difference."""
    stats = optional_import("scipy.stats")
    rows, start = [], 1
    for c in codings:
        at = np.arange(start, start + len(c.terms))
        start += len(at)
        if not c.knots:
            continue
        part, v = b[at], covariance[np.ix_(at, at)]
        f = [float(part[i:] @ np.linalg.solve(v[i:, i:], part[i:])) / len(part[i:]) for i in (0, 1)]
        p = [float(stats.f.sf(value, len(part[i:]), degrees)) for i, value in enumerate(f)]
        low, high = c.knots[0], c.knots[-1]
        one, other = spline_columns(np.array([high, low]), c.knots)
        gap, error = float((one - other) @ part), float(np.sqrt((one - other) @ v @ (one - other)))
        half = float(stats.t.ppf(0.5 + coverage / 2, degrees)) * error
        knots = ", ".join(f"{k:g}" for k in c.knots)
        rows.append(
            (
                c.variable,
                knots,
                f[0],
                *p,
                say("{high:g} and {low:g}", high=high, low=low),
                Estimate(gap, gap - half, gap + half, error, coverage),
            )
        )
    return tuple(rows)


def _checked(rest: Array, x: Array) -> tuple[str, ...]:
    spread = float(optional_import("statsmodels.stats.diagnostic").het_breuschpagan(rest, x)[1])
    said = [say("Breusch-Pagan {said_p} (even spread of the residuals)", said_p=said_p(spread))]
    if 3 <= len(rest) <= 5000:
        said.append(
            say(
                "Shapiro-Wilk {said_p} (normal residuals)",
                said_p=said_p(float(optional_import("scipy.stats").shapiro(rest).pvalue)),
            )
        )
    return tuple(said)
