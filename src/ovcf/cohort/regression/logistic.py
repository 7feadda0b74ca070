"""Logistic regression, uni- and multivariable, that says when Firth's penalty was needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import Coding, Term, code, matrix, need_columns
from ovcf.cohort.regression.diagnostics import goodness_of_fit, refuse_collinear, variance_inflation
from ovcf.cohort.regression.forest import Effect, draw_forest
from ovcf.cohort.regression.logistic_fit import Estimator, IntervalKind, fit, probability, separated
from ovcf.cohort.regression.smooth import SmoothEffect, smooth_effects, smooth_table
from ovcf.cohort.result import AnalysisResult, Column, Estimate, PlottedResult, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

FEW_EVENTS = 5
"""Events per coefficient below which Firth is chosen (Vittinghoff and McCulloch, Am J Epidemiol 2007;165:710-718)."""
_FIRTH = ("Firth D. Biometrika 1993;80:27-38", "Heinze G, Schemper M. Stat Med 2002;21:2409-2419")
_COLUMNS = (
    Column("variable", "Variable"),
    Column("level", "Level"),
    Column("reference", "Reference"),
    Column("odds_ratio", "OR (interval)", ".3f"),
    Column("p", "P", "p"),
    Column("coefficient", "ln OR", ".3f"),
    Column("standard_error", "SE", ".3f"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticResult(PlottedResult):
    """One fitted model. ``vif`` is by variable (generalised for several levels); ``probabilities`` per patient kept.

    ``smooth`` are the predictors that entered by a spline; their terms among ``effects`` (age, age', age'') mean
    nothing one by one.
    """

    outcome: str
    estimator: Estimator
    events: int
    intercept: float
    intercept_standard_error: float
    effects: tuple[Effect, ...]
    log_likelihood: float
    vif: tuple[tuple[str, float], ...]
    codings: tuple[Coding, ...] = field(repr=False)
    probabilities: NDArray[np.float64] = field(repr=False, compare=False)
    smooth: tuple[SmoothEffect, ...] = field(default=(), repr=False, compare=False)

    def predict(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Probability of the event for new patients, NaN where a predictor is missing."""
        need_columns(frame, [c.variable for c in self.codings])
        return probability(matrix(frame, self.codings), self.coefficients)

    @property
    def coefficients(self) -> NDArray[np.float64]:
        """Intercept and coefficients, on the logit scale."""
        return np.array([self.intercept, *(e.coefficient for e in self.effects)])

    def plot(self, ax: Any = None) -> Any:
        """A forest of odds ratios on a logarithmic scale."""
        bent = {c.variable for c in self.codings if c.knots}
        return draw_forest([e for e in self.effects if e.term.variable.rstrip("'") not in bent], ax)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnivariableResult(PlottedResult):
    """Every predictor in a model of its own, in the patients in whom it is known."""

    models: tuple[LogisticResult, ...]

    def plot(self, ax: Any = None) -> Any:
        """A forest of the crude odds ratios."""
        return draw_forest(tuple(e for m in self.models for e in m.effects), ax)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrudeAndAdjusted(AnalysisResult):
    """Odds ratios of each predictor alone beside those of all together."""

    crude: UnivariableResult = field(repr=False)
    adjusted: LogisticResult = field(repr=False)


def logistic(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
    splines: Mapping[str, int] | None = None,
    estimator: Estimator | Literal["auto"] = "auto",
    interval: IntervalKind | Literal["auto"] = "auto",
    coverage: float = 0.95,
) -> LogisticResult:
    """A logistic model of ``outcome`` (0 and 1, or False and True) on all ``predictors``, in complete cases.

    Args:
        frame: one row per patient.
        outcome: its column.
        predictors: columns; numbers enter linearly, others by level.
        references: reference level by predictor; by default the first in order.
        per: units of a number that its odds ratio is for, such as 10 years.
        splines: numbers whose effect may bend, with how many knots (3 to 7): ``{"age": 4}``.
        estimator: ``auto`` is maximum likelihood, or Firth's when a coefficient would be infinite (separation) or there
            are fewer than 5 events (or non-events) per coefficient; the result says which and why.
        interval: ``auto`` is Wald for maximum likelihood and profile for Firth.
        coverage: of all intervals.

    Raises:
        CohortDataError: unknown columns, constant outcome or predictor, collinear predictors, no convergence.
    """
    need_columns(frame, [outcome])
    codings = code(frame, predictors, references, per, splines)
    y, x = binary(frame[outcome], outcome), matrix(frame, codings)
    missing = ((outcome, int(np.isnan(y).sum())), *((c.variable, int(frame[c.variable].isna().sum())) for c in codings))
    whole = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    if not whole.any():
        raise CohortDataError(outcome, "no patient is complete in all predictors", "Impute, or use fewer predictors.")
    y, x = binary(y[whole], outcome), x[whole]
    terms = [term for c in codings for term in c.terms]
    refuse_collinear(x, terms)
    events = int(min(y.sum(), len(y) - y.sum()))
    chosen, why = _choose(estimator, y, x, terms, events)
    kind: IntervalKind = ("profile" if chosen == "Firth" else "wald") if interval == "auto" else interval
    found = fit(y, x, chosen, kind, coverage)
    effects = tuple(
        Effect(
            term,
            Estimate(_exp(b), _exp(limits[0]), _exp(limits[1]), float(se), coverage),
            float(b),
            float(se),
            float(p),
        )
        for term, b, se, limits, p in zip(
            terms, found.coefficients[1:], found.standard_errors[1:], found.interval[1:], found.p[1:], strict=True
        )
    )
    risk = probability(x, found.coefficients)
    inflation = variance_inflation(x, codings, risk)
    bent = {c.variable for c in codings if c.knots}
    straight = tuple(_row(e) for e in effects if e.term.variable.rstrip("'") not in bent)
    covariance = np.asarray(np.linalg.inv(x.T @ (x * (risk * (1 - risk))[:, None])), float)
    smooth = smooth_effects(codings, found.coefficients[1:], covariance[1:, 1:], coverage)
    worst = max(inflation, key=lambda item: item[1])
    said, test = ("Wald", "Wald") if kind == "wald" else ("profile", "likelihood-ratio")
    return LogisticResult(
        title=say("Logistic regression of {outcome}", outcome=outcome),
        method=say(
            "{chosen}, {said} {coverage:g}% intervals, {test} P; complete cases",
            chosen=chosen,
            said=said,
            coverage=100 * coverage,
            test=test,
        ),
        references=_FIRTH if chosen == "Firth" else (),
        n=len(y),
        missing=missing,
        assumptions=(
            say("{terms:.1f} events (or non-events) per coefficient", terms=events / len(terms)),
            say("largest variance inflation {worst:.2f} ({worst_2})", worst=worst[1], worst_2=worst[0]),
            *goodness_of_fit(y, risk),
        ),
        notes=(
            say("{events} events", events=int(y.sum())),
            say("{left} patients left out as incomplete", left=int((~whole).sum())),
            *why,
        ),
        tables=(*((Table("Odds ratios", _COLUMNS, straight),) if straight else ()), *smooth_table(smooth, "OR")),
        outcome=outcome,
        estimator=chosen,
        events=int(y.sum()),
        intercept=float(found.coefficients[0]),
        intercept_standard_error=float(found.standard_errors[0]),
        effects=effects,
        log_likelihood=found.log_likelihood,
        vif=inflation,
        codings=codings,
        probabilities=risk,
        smooth=smooth,
    )


def univariable(frame: pd.DataFrame, outcome: str, predictors: Sequence[str], **options: Any) -> UnivariableResult:
    """Each predictor alone, by `logistic` with the same options."""
    if not predictors:
        raise CohortDataError("predictors", "are none", "Name one or more.")
    models = tuple(logistic(frame, outcome, [name], **options) for name in predictors)
    firth = [m.effects[0].term.variable for m in models if m.estimator == "Firth"]
    sizes = Column("n", "n", "d"), Column("events", "Events", "d")
    return UnivariableResult(
        title=say("Univariable logistic regression of {outcome}", outcome=outcome),
        method=say("One model per predictor; {method}", method=models[0].method),
        references=_FIRTH if firth else (),
        n=len(frame),
        missing=(models[0].missing[0], *(m.missing[1] for m in models)),
        notes=(say("Firth's estimate for {firth}", firth=joined(", ", firth)),) if firth else (),
        tables=(
            Table(
                "Odds ratios, each predictor alone",
                (*_COLUMNS, *sizes),
                tuple((*_row(e), m.n, m.events) for m in models for e in m.effects),
            ),
        ),
        models=models,
    )


def regression_table(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], adjusted: Sequence[str] | None = None, **options: Any
) -> CrudeAndAdjusted:
    """Crude and adjusted odds ratios side by side: each predictor alone, and those ``adjusted`` (or all) together."""
    crude = univariable(frame, outcome, predictors, **options)
    full = logistic(frame, outcome, adjusted or predictors, **options)
    by_term = {e.term: e for e in full.effects}
    rows = tuple(
        (str(e.term), m.n, e.odds_ratio, e.p, *((a.odds_ratio, a.p) if (a := by_term.get(e.term)) else (None, None)))
        for m in crude.models
        for e in m.effects
    )
    columns = (
        Column("term", "Variable"),
        Column("n", "n", "d"),
        Column("crude", "Crude OR (interval)", ".3f"),
        Column("crude_p", "P", "p"),
        Column("adjusted", "Adjusted OR (interval)", ".3f"),
        Column("adjusted_p", "P", "p"),
    )
    return CrudeAndAdjusted(
        title=say("{outcome}: crude and adjusted odds ratios", outcome=outcome),
        method=say("Crude: {method}. Adjusted: {method_2}", method=crude.method, method_2=full.method),
        references=tuple(dict.fromkeys((*crude.references, *full.references))),
        n=full.n,
        missing=crude.missing,
        assumptions=full.assumptions,
        notes=tuple(dict.fromkeys((*crude.notes, *full.notes))),
        tables=(Table("Odds ratios", columns, rows),),
        crude=crude,
        adjusted=full,
    )


def _row(e: Effect) -> tuple[Any, ...]:
    return (e.term.variable, e.term.level, e.term.reference, e.odds_ratio, e.p, e.coefficient, e.standard_error)


def _choose(
    wanted: Estimator | Literal["auto"], y: NDArray[np.float64], x: NDArray[np.float64], terms: list[Term], events: int
) -> tuple[Estimator, tuple[str, ...]]:
    infinite = [str(terms[i - 1]) for i in separated(y, x)]
    if infinite and wanted == "maximum likelihood":
        raise CohortDataError(
            ", ".join(infinite), "separates the outcome, so its odds ratio is infinite", "Use estimator='Firth'."
        )
    if wanted != "auto":
        return wanted, ()
    if infinite:
        return "Firth", (
            say("Firth's estimate, for {infinite} separates the outcome", infinite=joined(", ", infinite)),
        )
    if events < FEW_EVENTS * len(terms):
        return "Firth", (
            say(
                "Firth's estimate, for there are {events} events for {terms} coefficients",
                events=events,
                terms=len(terms),
            ),
        )
    return "maximum likelihood", ()


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
