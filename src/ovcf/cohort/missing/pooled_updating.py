"""A published model adapted to other patients over imputations: coefficients by Rubin's rules, tests by Meng and Rubin.

Their test takes likelihood ratios at each data set's own coefficients and at the pooled ones; what lies between is the
information that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import code, matrix, need_columns
from ovcf.cohort.missing.imputation import REFERENCES as OF_IMPUTATION
from ovcf.cohort.missing.imputation import pool
from ovcf.cohort.missing.pooled_shares import REFERENCE as OF_SHARES
from ovcf.cohort.missing.pooled_shares import pooled_proportion
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.prediction.updating import MAX_RISKS, REFERENCES, Update, is_sum_of, notes_of, shift_of
from ovcf.cohort.regression.diagnostics import refuse_collinear
from ovcf.cohort.regression.logistic_fit import coefficients
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.cohort.scale import from_scale, to_scale
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.data.design import Term
    from ovcf.cohort.missing.imputation import Imputed

    Array = NDArray[np.float64]

MENG_RUBIN = "Meng XL, Rubin DB. Biometrika 1992;79:103-111 (likelihood ratios over imputations)"


class PooledTest(NamedTuple):
    """Meng and Rubin's test: its statistic D, degrees of freedom above and below, P, and the relative increase of
    variance through what is missing."""

    statistic: float
    above: int
    below: float
    p: float
    increase: float


@dataclass(frozen=True, slots=True)
class PooledUpdate:
    """One way to adapt; ``intercept`` and ``slope`` are of the logit of the published risk, None where refitted.

    ``log_likelihood`` is the mean over data sets at the pooled coefficients; ``test`` whether refitting all would fit
    better (None for the refitted model itself).
    """

    update: Update
    intercept: Estimate | None
    slope: Estimate | None
    parameters: int
    log_likelihood: float
    test: PooledTest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledUpdateResult(AnalysisResult):
    """Every way to adapt, and the one ``chosen``."""

    models: tuple[PooledUpdate, ...]
    chosen: PooledUpdate


class _Patients(NamedTuple):
    """One completed data set: outcome, design, logit of the published risk."""

    y: Array
    x: Array
    z: Array


class _Way(NamedTuple):
    """A model of the logit: columns with a coefficient each, and what is added to them as it is."""

    update: Update
    columns: Callable[[_Patients], Array]
    offset: Callable[[_Patients], Array]
    fit: Callable[[_Patients], Array]

    def line(self, d: _Patients, b: Array) -> Array:
        """The logit of each patient's risk."""
        return np.asarray(self.offset(d) + self.columns(d) @ b)

    def log_likelihood(self, d: _Patients, b: Array) -> float:
        """Of one data set."""
        line = self.line(d, b)
        return float(d.y @ line - np.logaddexp(0, line).sum())

    def variances(self, d: _Patients, b: Array) -> Array:
        """Of the coefficients, by the information at ``b``."""
        x, p = self.columns(d), from_scale("logit", self.line(d, b))
        return np.asarray(np.diag(np.linalg.inv(x.T @ (x * (p * (1 - p))[:, None]))))


def _one(d: _Patients) -> Array:
    return np.ones((len(d.y), 1))


def _with_slope(d: _Patients) -> Array:
    return np.column_stack([_one(d), d.z])


def _nought(d: _Patients) -> Array:
    return np.zeros(len(d.y))


_WAYS = (
    _Way("as published", lambda d: np.empty((len(d.y), 0)), lambda d: d.z, lambda _: np.empty(0)),
    _Way("intercept", _one, lambda d: d.z, lambda d: np.array([shift_of(d.y, d.z)])),
    _Way(
        "intercept and slope",
        _with_slope,
        _nought,
        lambda d: coefficients(d.y, _with_slope(d), start=np.array([shift_of(d.y, d.z), 1.0])),
    ),
    _Way("refitted", lambda d: d.x, _nought, lambda d: coefficients(d.y, d.x, start=np.zeros(d.x.shape[1]))),
)


def pooled_likelihood_ratio(at_own: ArrayLike, at_pooled: ArrayLike, more: int) -> PooledTest:
    """Put likelihood-ratio statistics of two nested models together.

    Args:
        at_own: of each data set, both models at its own estimates, ``(m,)``.
        at_pooled: of each data set, both models at the estimates pooled over all data sets.
        more: parameters that the larger model has more.

    Raises:
        CohortDataError: fewer than two data sets.
    """
    from scipy.stats import chi2, f

    own, pooled = np.asarray(at_own, float), np.asarray(at_pooled, float)
    m = len(own)
    if m < 2 or len(pooled) != m:
        raise CohortDataError("pooling", "needs two data sets", "Give a statistic of each, both ways.")
    increase = max((m + 1) / (more * (m - 1)) * float(own.mean() - pooled.mean()), 0.0)
    statistic = max(float(pooled.mean()), 0.0) / (more * (1 + increase))
    free = more * (m - 1)
    if increase < 1e-12:  # nothing is missing: the usual test
        return PooledTest(statistic, more, np.inf, float(chi2.sf(more * statistic, more)), 0.0)
    if free > 4:
        below = 4 + (free - 4) * (1 + (1 - 2 / free) / increase) ** 2
    else:
        below = free * (1 + 1 / more) * (1 + 1 / increase) ** 2 / 2
    return PooledTest(statistic, more, below, float(f.sf(statistic, more, below)), increase)


def pooled_update(
    imputed: Imputed,
    outcome: str,
    risk: str | Callable[[pd.DataFrame], ArrayLike],
    predictors: Sequence[str] | Callable[[pd.DataFrame], pd.DataFrame],
    *,
    name: str = "",
    alpha: float = 0.05,
) -> PooledUpdateResult:
    """:func:`ovcf.cohort.prediction.updating.update_model` over imputations.

    Args:
        imputed: completed data sets.
        outcome: column of 0 and 1.
        risk: column of the published model's probabilities, strictly between 0 and 1, or a function that gives them
            for a completed table.
        predictors: columns of the model's predictors, or a function that gives a table of them.
        name: of the published risk, for print.
        alpha: of each test.

    Raises:
        CohortDataError: an absent column, risks of 0 or 1, separation in some data set.
    """
    sets, terms = _read(imputed, outcome, risk, predictors)
    fits = {way.update: [way.fit(d) for d in sets] for way in _WAYS}
    means = {name: np.mean(b, axis=0) for name, b in fits.items()}
    refitted, k = _WAYS[-1], sets[0].x.shape[1]
    models = []
    for way in _WAYS:
        own, mean = fits[way.update], means[way.update]
        test = None
        if (more := k - len(mean)) > 0:
            at_own, at_pooled = (
                [
                    2 * (refitted.log_likelihood(d, b) - way.log_likelihood(d, a))
                    for d, b, a in zip(sets, full, few, strict=True)
                ]
                for full, few in ((fits["refitted"], own), ([means["refitted"]] * len(sets), [mean] * len(sets)))
            )
            test = pooled_likelihood_ratio(at_own, at_pooled, more)
        found = _coefficients(way, sets, own) if way.update != "refitted" else []
        likelihood = float(np.mean([way.log_likelihood(d, mean) for d in sets]))
        intercept, slope = (found[i] if i < len(found) else None for i in (0, 1))
        models.append(PooledUpdate(way.update, intercept, slope, len(mean), likelihood, test))
    chosen = next(m for m in models if m.test is None or m.test.p >= alpha)
    events = float(np.mean([min(d.y.sum(), len(d.y) - d.y.sum()) for d in sets]))
    nested = all(is_sum_of(d.z, d.x) for d in sets)
    columns, rows = _risks_by_update(sets, means)
    return PooledUpdateResult(
        title=say(
            "Updating of {value}, multiply imputed",
            value=name or (risk if isinstance(risk, str) else "the published risk"),
        ),
        method=say(
            "Logistic recalibration and revision by maximum likelihood in each data set, "
            "coefficients by Rubin's rules; closed test against the refitted model by Meng and "
            "Rubin's likelihood ratios (D3), alpha {alpha:g}; {method}",
            alpha=alpha,
            method=imputed.method,
        ),
        references=(*REFERENCES, MENG_RUBIN, OF_SHARES, *OF_IMPUTATION),
        n=len(sets[0].y),
        missing=imputed.missing,
        assumptions=(say("{terms:.1f} events (or non-events) per refitted coefficient", terms=events / len(terms)),),
        notes=notes_of(chosen.update, nested=nested),
        tables=(
            Table(
                "Updates",
                (
                    Column("update", "Update"),
                    Column("intercept", "Intercept (interval)", ".2f"),
                    Column("slope", "Slope (interval)", ".2f"),
                    Column("parameters", "Parameters", "d"),
                    Column("log_likelihood", "Mean log-likelihood", ".2f"),
                    Column("statistic", "D3", ".2f"),
                    Column("p", "P, refitted is better", "p"),
                ),
                tuple(
                    (m.update, m.intercept, m.slope, m.parameters, m.log_likelihood)
                    + ((m.test.statistic, m.test.p) if m.test else (None, None))
                    for m in models
                ),
            ),
            *((Table("What each update says of the published risks", columns, rows),) if rows else ()),
        ),
        models=tuple(models),
        chosen=chosen,
    )


def _read(
    imputed: Imputed,
    outcome: str,
    risk: str | Callable[[pd.DataFrame], ArrayLike],
    predictors: Sequence[str] | Callable[[pd.DataFrame], pd.DataFrame],
) -> tuple[list[_Patients], list[Term]]:
    """Every data set, with its predictors coded as in all of them together."""
    tables = []
    for frame in imputed.frames:
        need_columns(frame, [outcome])
        tables.append(predictors(frame) if callable(predictors) else frame[list(predictors)])
    together = optional_import("pandas").concat(tables, ignore_index=True)
    codings = code(together, list(together.columns))
    terms = [term for c in codings for term in c.terms]
    sets = []
    for frame, table in zip(imputed.frames, tables, strict=True):
        p = np.asarray(risk(frame) if callable(risk) else frame[risk], float)
        if not ((p > 0) & (p < 1)).all():
            raise CohortDataError("risk", "is not strictly between 0 and 1", "Such a risk has no logit to adapt.")
        x = matrix(table, codings)
        refuse_collinear(x, terms)
        sets.append(_Patients(binary(frame[outcome], outcome), x, to_scale("logit", p)))
    return sets, terms


def _coefficients(way: _Way, sets: Sequence[_Patients], own: Sequence[Array]) -> list[Estimate]:
    """Intercept, and slope if it is free, by Rubin's rules."""
    variances = np.array([way.variances(d, b) for d, b in zip(sets, own, strict=True)])
    values = np.array(own)
    return [pool(values[:, i], variances[:, i]).estimate for i in range(values.shape[1])]


def _risks_by_update(
    sets: Sequence[_Patients], means: dict[Update, Array]
) -> tuple[tuple[Column, ...], tuple[tuple[object, ...], ...]]:
    """Each published risk with what happened and the mean risk by each update; no row where there are many risks."""
    values = np.unique(np.concatenate([np.unique(d.z) for d in sets]))
    columns = (
        Column("published", "Published", ".1%"),
        Column("n", "n", ".0f"),
        Column("observed", "Observed (interval)", ".1%"),
        *(Column(way.update, way.update.capitalize(), ".1%") for way in _WAYS[1:]),
    )
    if len(values) > MAX_RISKS:
        return columns, ()
    risks = [[from_scale("logit", way.line(d, means[way.update])) for d in sets] for way in _WAYS[1:]]
    rows = []
    for v in values:
        groups = [d.z == v for d in sets]
        n = [float(g.sum()) for g in groups]
        if min(n) < 1:
            continue
        events = [float(d.y[g].sum()) for d, g in zip(sets, groups, strict=True)]
        new = (float(np.mean([r[g].mean() for r, g in zip(by, groups, strict=True)])) for by in risks)
        rows.append((float(from_scale("logit", v)), float(np.mean(n)), pooled_proportion(events, n), *new))
    return columns, tuple(rows)
