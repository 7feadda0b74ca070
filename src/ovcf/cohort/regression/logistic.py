"""Logistic regression, uni- and multivariable, that says when Firth's penalty was needed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import Coding, Term, code, matrix, need_columns
from ovcf.cohort.extra import extra
from ovcf.cohort.regression.diagnostics import goodness_of_fit, refuse_collinear, variance_inflation
from ovcf.cohort.regression.logistic_fit import Estimator, IntervalKind, fit, probability, separated
from ovcf.cohort.result import AnalysisResult, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

FEW_EVENTS = 5
"""Events per coefficient below which Firth is chosen (Vittinghoff and McCulloch, Am J Epidemiol 2007;165:710-718)."""
_FIRTH = (
    "Firth D. Biometrika 1993;80:27-38",
    "Heinze G, Schemper M. Stat Med 2002;21:2409-2419",
)
_COLUMNS = (
    Column("variable", "Variable"),
    Column("level", "Level"),
    Column("reference", "Reference"),
    Column("odds_ratio", "OR (interval)", ".3f"),
    Column("p", "P", "p"),
    Column("coefficient", "ln OR", ".3f"),
    Column("standard_error", "SE", ".3f"),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One coefficient on the logit scale and its odds ratio."""

    term: Term
    odds_ratio: Estimate
    coefficient: float
    standard_error: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticResult(PlottedResult):
    """One fitted model. ``vif`` is by variable (generalised for several levels); ``probabilities`` per patient kept."""

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
        return draw_forest(self.effects, ax)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnivariableResult(PlottedResult):
    """Every predictor in a model of its own, in the patients in whom it is known."""

    models: tuple[LogisticResult, ...]

    def plot(self, ax: Any = None) -> Any:
        """A forest of the crude odds ratios."""
        return draw_forest(tuple(e for m in self.models for e in m.effects), ax)


def logistic(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
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
        estimator: ``auto`` is maximum likelihood, or Firth's when a coefficient would be infinite (separation) or there
            are fewer than 5 events (or non-events) per coefficient; the result says which and why.
        interval: ``auto`` is Wald for maximum likelihood and profile for Firth.
        coverage: of all intervals.

    Raises:
        CohortDataError: unknown columns, constant outcome or predictor, collinear predictors, no convergence.
    """
    need_columns(frame, [outcome])
    codings = code(frame, predictors, references, per)
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
            terms,
            found.coefficients[1:],
            found.standard_errors[1:],
            found.interval[1:],
            found.p[1:],
            strict=True,
        )
    )
    risk = probability(x, found.coefficients)
    inflation = variance_inflation(x, codings, risk)
    worst = max(inflation, key=lambda item: item[1])
    said, test = ("Wald", "Wald") if kind == "wald" else ("profile", "likelihood-ratio")
    return LogisticResult(
        title=f"Logistic regression of {outcome}",
        method=f"{chosen}, {said} {100 * coverage:g}% intervals, {test} P; complete cases",
        references=_FIRTH if chosen == "Firth" else (),
        n=len(y),
        missing=missing,
        assumptions=(
            f"{events / len(terms):.1f} events (or non-events) per coefficient",
            f"largest variance inflation {worst[1]:.2f} ({worst[0]})",
            *goodness_of_fit(y, risk),
        ),
        notes=(f"{int(y.sum())} events", f"{int((~whole).sum())} patients left out as incomplete", *why),
        tables=(Table("Odds ratios", _COLUMNS, tuple(_row(e) for e in effects)),),
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
    )


def univariable(frame: pd.DataFrame, outcome: str, predictors: Sequence[str], **options: Any) -> UnivariableResult:
    """Each predictor alone, by `logistic` with the same options."""
    if not predictors:
        raise CohortDataError("predictors", "are none", "Name one or more.")
    models = tuple(logistic(frame, outcome, [name], **options) for name in predictors)
    firth = [m.effects[0].term.variable for m in models if m.estimator == "Firth"]
    sizes = Column("n", "n", "d"), Column("events", "Events", "d")
    return UnivariableResult(
        title=f"Univariable logistic regression of {outcome}",
        method=f"One model per predictor; {models[0].method}",
        references=_FIRTH if firth else (),
        n=len(frame),
        missing=(models[0].missing[0], *(m.missing[1] for m in models)),
        notes=(f"Firth's estimate for {', '.join(firth)}",) if firth else (),
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
) -> AnalysisResult:
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
    return AnalysisResult(
        title=f"{outcome}: crude and adjusted odds ratios",
        method=f"Crude: {crude.method}. Adjusted: {full.method}",
        references=tuple(dict.fromkeys((*crude.references, *full.references))),
        n=full.n,
        missing=crude.missing,
        assumptions=full.assumptions,
        notes=tuple(dict.fromkeys((*crude.notes, *full.notes))),
        tables=(Table("Odds ratios", columns, rows),),
    )


def draw_forest(effects: Sequence[Effect], ax: Any = None) -> Any:
    """Odds ratios with intervals, one line each, on a logarithmic scale."""
    axes = new_axes(ax, size=(5.6, 0.9 + 0.34 * len(effects)))
    for i, e in enumerate(effects):
        ratio = e.odds_ratio
        axes.plot([ratio.low, ratio.high], [i, i], color="#0072B2", linewidth=1.4)
        axes.plot([ratio.value], [i], "s", color="#0072B2", markersize=5)
        axes.annotate(
            f"{ratio:.2f}",
            (1.02, i),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            annotation_clip=False,
        )
    axes.axvline(1, color="#999999", linewidth=0.8)
    axes.set(xscale="log", yticks=range(len(effects)), yticklabels=[str(e.term) for e in effects], xlabel="Odds ratio")
    ticker = extra("matplotlib.ticker")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if high < 200 * low else (1,)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_ylim(len(effects) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


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
        return "Firth", (f"Firth's estimate, for {', '.join(infinite)} separates the outcome",)
    if events < FEW_EVENTS * len(terms):
        return "Firth", (f"Firth's estimate, for there are {events} events for {len(terms)} coefficients",)
    return "maximum likelihood", ()


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
