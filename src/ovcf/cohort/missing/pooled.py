"""Any analysis of multiply imputed patients, put together by Rubin's rules on a scale where figures are normal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovcf.cohort.missing.imputation import REFERENCES, Imputed, Pooled, pool
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve, gain_over_everyone
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.scale import Scale, from_scale, logit_error, to_scale
from ovcf.cohort.survival.competing_risks import fine_gray
from ovcf.cohort.survival.cox import HazardResult, cox
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike


class Figure(NamedTuple):
    """One figure of one data set: its value as printed, its standard error on the scale of pooling, the degrees of
    freedom that it would have without missing values, and what P compares it with (None: nothing)."""

    name: str
    value: float
    standard_error: float
    scale: Scale = "identity"
    degrees: float = np.inf
    null: float | None = None


@dataclass(frozen=True, slots=True)
class PooledFigure:
    """A figure over all imputations; ``pooled`` is on the scale of pooling, ``estimate`` as printed; ``p`` is that it
    differs from ``null``."""

    name: str
    estimate: Estimate
    scale: Scale
    pooled: Pooled
    null: float | None
    p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledAnalysis(AnalysisResult):
    """Every figure of an analysis over all imputations."""

    figures: tuple[PooledFigure, ...] = field(repr=False)

    def __getitem__(self, name: str) -> PooledFigure:
        return next(f for f in self.figures if f.name == name)


def pool_analysis(
    imputed: Imputed,
    analyse: Callable[[pd.DataFrame], Sequence[Figure]],
    *,
    title: str = "Pooled analysis",
    method: str = "",
    coverage: float = 0.95,
) -> PooledAnalysis:
    """Run ``analyse`` in every completed data set and pool each of its figures.

    Raises:
        CohortDataError: what the analysis raises; a figure without error in a data set; other figures in another one.
    """
    found = [list(analyse(frame)) for frame in imputed.frames]
    names = [f.name for f in found[0]]
    if any([f.name for f in figures] != names for figures in found):
        raise CohortDataError("imputations", "give different figures", "Merge rare categories before imputing.")
    pooled = []
    for same in zip(*found, strict=True):
        first = same[0]
        values = to_scale(first.scale, [f.value for f in same])
        errors = np.array([f.standard_error for f in same])
        if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors > 0).all()):
            raise CohortDataError(first.name, "has no finite error in some data set", "Pool another figure.")
        p = pool(values, errors**2, complete_degrees=float(np.mean([f.degrees for f in same])), coverage=coverage)
        e = p.estimate
        low, middle, high = (float(v) for v in from_scale(first.scale, [e.low, e.value, e.high]))
        estimate = Estimate(middle, low, high, e.standard_error, coverage)
        pooled.append(PooledFigure(first.name, estimate, first.scale, p, first.null, _p(p, first)))
    scales = {f.scale for f in pooled} - {"identity"}
    said = {"logit": "shares on the logit scale", "log": "ratios on the logarithmic scale"}
    on_scale = joined("", [say("; {said}", said=said[s]) for s in sorted(scales)])
    return PooledAnalysis(
        title=title,
        method=say(
            "{method}{method_2}; Rubin's rules with the degrees of freedom of Barnard and Rubin{on_scale}",
            method=method,
            method_2=imputed.method,
            on_scale=on_scale,
        ),
        references=REFERENCES,
        n=len(imputed.frames[0]),
        missing=imputed.missing,
        assumptions=("values are taken to be missing at random given the columns imputed from",),
        tables=(
            Table(
                "Pooled",
                (
                    Column("figure", "Figure"),
                    Column("value", say("Value ({coverage:g}% CI)", coverage=100 * coverage), ".3f"),
                    Column("null", "Against", "g"),
                    Column("p", "P", "p"),
                    Column("degrees", "df", ".0f"),
                    Column("missing_information", "Missing information", ".1%"),
                ),
                tuple((f.name, f.estimate, f.null, f.p, f.pooled.degrees, f.pooled.fraction) for f in pooled),
            ),
        ),
        figures=tuple(pooled),
    )


def pooled_performance(
    imputed: Imputed,
    outcome: str,
    risk: str | Callable[[pd.DataFrame], ArrayLike],
    *,
    score: str | Callable[[pd.DataFrame], ArrayLike] | None = None,
    thresholds: Sequence[float] = (),
    coverage: float = 0.95,
) -> PooledAnalysis:
    """AUC, calibration, Brier score and net benefit of a predicted risk over all imputations.

    Args:
        imputed: completed data sets.
        outcome: column of 0 and 1.
        risk: column of probabilities, or a function that gives them for a completed table (a score of imputed items).
        score: what the AUC is of, where it is finer than the risks (the points behind rates of groups).
        thresholds: of risk, for net benefit.
        coverage: of all intervals.
    """

    def analyse(frame: pd.DataFrame) -> list[Figure]:
        p = frame[risk] if isinstance(risk, str) else risk(frame)
        found = calibration(frame[outcome], p, coverage=coverage)
        ratio, area = found.observed_to_expected, found.auc
        if score is not None:
            area = auc(frame[outcome], frame[score] if isinstance(score, str) else score(frame))
        figures = [
            Figure("AUC", area.value, logit_error(area), "logit", null=0.5),
            Figure("Calibration in the large", found.intercept.value, _error(found.intercept), null=0.0),
            Figure("Calibration slope", found.slope.value, _error(found.slope), null=1.0),
            Figure("Observed / expected", ratio.value, _error(ratio), "log", null=1.0),
            Figure("Brier score", found.brier.value, _error(found.brier)),
        ]
        if thresholds:
            curve = decision_curve(frame[outcome], {"risk": p}, thresholds=thresholds, coverage=coverage)
            for t, e in zip(thresholds, curve.intervals[0][1], strict=True):
                figures.append(Figure(say("Net benefit at {t:g}", t=t), e.value, _error(e)))
                more = gain_over_everyone(frame[outcome], p, t)
                if more.standard_error:  # where nobody is below the threshold, it is the same as acting on everyone
                    figures.append(
                        Figure(say("Net benefit at {t:g} over acting on everyone", t=t), more.value, _error(more))
                    )
        return figures

    name = risk if isinstance(risk, str) else "Predicted risk"
    return pool_analysis(imputed, analyse, title=say("{name}, multiply imputed", name=name), coverage=coverage)


def pooled_auc(
    imputed: Imputed, outcome: str, score: str | Callable[[pd.DataFrame], ArrayLike], *, coverage: float = 0.95
) -> PooledAnalysis:
    """The AUC of any score over all imputations, on the logit scale."""

    def analyse(frame: pd.DataFrame) -> list[Figure]:
        values = frame[score] if isinstance(score, str) else score(frame)
        area = auc(frame[outcome], values)
        return [Figure("AUC", area.value, logit_error(area), "logit", null=0.5)]

    name = score if isinstance(score, str) else "Score"
    return pool_analysis(
        imputed, analyse, title=say("AUC of {name}, multiply imputed", name=name), method="DeLong; ", coverage=coverage
    )


def pooled_cox(
    imputed: Imputed, time: str, event: str, covariates: Sequence[str], *, coverage: float = 0.95, **options: Any
) -> PooledAnalysis:
    """Cox's model over all imputations; options as in Cox regression."""
    return _pooled_hazards(imputed, lambda f: cox(f, time, event, covariates, **options), "Cox regression", coverage)


def pooled_fine_gray(
    imputed: Imputed, time: str, event: str, covariates: Sequence[str], *, coverage: float = 0.95, **options: Any
) -> PooledAnalysis:
    """Fine and Gray's model over all imputations; options as there."""
    return _pooled_hazards(
        imputed, lambda f: fine_gray(f, time, event, covariates, **options), "Fine-Gray regression", coverage
    )


def pooled_mixed_model(imputed: Imputed, outcome: str, *, coverage: float = 0.95, **options: Any) -> PooledAnalysis:
    """A linear mixed model over all imputations of a table of one row per visit; options as there.

    A missing outcome needs no imputation, for the model uses the visits that there are; missing covariates do.
    """

    def analyse(frame: pd.DataFrame) -> list[Figure]:
        found = linear_mixed_model(frame, outcome, **options)
        return [Figure(e.term, e.estimate.value, _error(e.estimate), "identity", e.degrees, 0.0) for e in found.effects]

    return pool_analysis(
        imputed,
        analyse,
        title=say("{outcome} over visits, multiply imputed", outcome=outcome),
        method="Linear mixed model; ",
        coverage=coverage,
    )


def _pooled_hazards(
    imputed: Imputed, model: Callable[[pd.DataFrame], HazardResult], title: str, coverage: float
) -> PooledAnalysis:
    def analyse(frame: pd.DataFrame) -> list[Figure]:
        return [Figure(r.term, r.ratio.value, r.standard_error, "log", null=1.0) for r in model(frame).ratios]

    return pool_analysis(imputed, analyse, title=say("{title}, multiply imputed", title=title), coverage=coverage)


def _p(pooled: Pooled, figure: Figure) -> float | None:
    if figure.null is None:
        return None
    from scipy.stats import t

    e = pooled.estimate
    away = abs(e.value - float(to_scale(figure.scale, figure.null))) / (e.standard_error or np.inf)
    return float(2 * t.sf(away, pooled.degrees))


def _error(e: Estimate) -> float:
    return e.standard_error or 0.0
