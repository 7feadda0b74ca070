"""A published model adapted to other patients, by as little as their data ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.cohort.data.columns import binary, numbers
from ovcf.cohort.data.design import code, matrix, need_columns
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.regression.diagnostics import refuse_collinear
from ovcf.cohort.regression.logistic_fit import coefficients, probability
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Update = Literal["as published", "intercept", "intercept and slope", "refitted"]
REFERENCES = (
    "Vergouwe Y et al. Stat Med 2017;36:4529-4539 (closed test)",
    "Steyerberg EW. Clinical Prediction Models, 2nd ed. Springer 2019, chapter 20",
)

MAX_RISKS = 12
"""Of different published risks, that a table can show one by one."""
NOT_NESTED = (
    "The logit of the published risk is no sum of these predictors' effects: the refitted model does not contain the "
    "published one, and the test of the two is approximate."
)


@dataclass(frozen=True, slots=True)
class UpdatedModel:
    """One way to adapt: the logit of the new risk is ``intercept + slope x`` the old one's; both None where refitted.

    ``p`` tests whether refitting all coefficients would fit better (None for the refitted model itself).
    """

    update: Update
    intercept: float | None
    slope: float | None
    parameters: int
    log_likelihood: float
    p: float | None


def notes_of(chosen: Update, *, nested: bool) -> tuple[str, ...]:
    """What is to be known of the chosen update; ``nested``: the refitted model contains the published one."""
    return (
        say("Chosen: {update}.", update=chosen),
        "The chosen model is fitted to these patients: its performance in them flatters it.",
        *(() if nested else (NOT_NESTED,)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResult(AnalysisResult):
    """Every way to adapt, and the one ``chosen``; ``risk`` is each patient's by it, NaN where data are missing."""

    models: tuple[UpdatedModel, ...]
    chosen: UpdatedModel
    risk: Array


def update_model(
    frame: pd.DataFrame, outcome: str, risk: str, predictors: Sequence[str], *, alpha: float = 0.05
) -> UpdateResult:
    """Choose how far a published logistic model must be adapted to these patients.

    The closed test asks whether refitting everything beats the published model, then a new intercept, then a new
    intercept and slope. The first that is not beaten is kept; so small data change little.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        risk: column of the published model's probabilities, strictly between 0 and 1.
        predictors: columns of the model's predictors, for the refitted model.
        alpha: of each test.

    Raises:
        CohortDataError: an absent column, risks of 0 or 1, no complete patient, separation.
    """
    from scipy.special import expit, logit
    from scipy.stats import chi2

    need_columns(frame, [outcome, risk, *predictors])
    codings = code(frame, predictors)
    y, p, x = binary(frame[outcome], outcome), numbers(frame[risk], risk), matrix(frame, codings)
    whole = ~(np.isnan(y) | np.isnan(p) | np.isnan(x).any(axis=1))
    if not whole.any():
        raise CohortDataError("data", "no patient is complete", "Impute, or use fewer predictors.")
    y, x = binary(y[whole], outcome), x[whole]
    if not ((p[whole] > 0) & (p[whole] < 1)).all():
        raise CohortDataError(risk, "is not strictly between 0 and 1", "Such a risk has no logit to adapt.")
    terms = [term for c in codings for term in c.terms]
    refuse_collinear(x, terms)
    z = logit(p[whole])
    one = np.ones((len(z), 1))
    level = shift_of(y, z)
    line = coefficients(y, np.column_stack([one, z]), start=np.array([level, 1.0]))
    full = coefficients(y, x, start=np.zeros(x.shape[1]))

    def likelihood(risks: Array) -> float:
        return float((y * np.log(risks) + (1 - y) * np.log1p(-risks)).sum())

    fits: tuple[tuple[Update, float | None, float | None, int, Array], ...] = (
        ("as published", 0.0, 1.0, 0, expit(z)),
        ("intercept", level, 1.0, 1, expit(level + z)),
        ("intercept and slope", float(line[0]), float(line[1]), 2, expit(line[0] + line[1] * z)),
        ("refitted", None, None, x.shape[1], probability(x, full)),
    )
    best = likelihood(fits[-1][-1])
    models = []
    for name, a, b, k, risks in fits:
        gain, more = 2 * (best - likelihood(risks)), x.shape[1] - k
        test = float(chi2.sf(max(gain, 0.0), more)) if more > 0 else None
        models.append(UpdatedModel(name, a, b, k, likelihood(risks), test))
    chosen = next(m for m in models if m.p is None or m.p >= alpha)
    new = np.full(len(whole), np.nan)
    new[whole] = fits[models.index(chosen)][-1]
    missing = tuple((name, int(frame[name].isna().sum())) for name in (outcome, risk, *predictors))
    nested = is_sum_of(z, x)
    columns, rows = _risks_by_update(y, p[whole], [(name, risks) for name, *_, risks in fits])
    return UpdateResult(
        title=say("Updating of {risk}", risk=risk),
        method=say(
            "Logistic recalibration and revision by maximum likelihood; closed test by likelihood ratios "
            "against the refitted model, alpha {alpha:g}; complete cases",
            alpha=alpha,
        ),
        references=REFERENCES,
        n=int(whole.sum()),
        missing=missing,
        assumptions=(
            say(
                "{terms:.1f} events (or non-events) per refitted coefficient",
                terms=int(min(y.sum(), len(y) - y.sum())) / len(terms),
            ),
        ),
        notes=notes_of(chosen.update, nested=nested),
        tables=(
            Table(
                "Updates",
                (
                    Column("update", "Update"),
                    Column("intercept", "Intercept", ".3f"),
                    Column("slope", "Slope", ".3f"),
                    Column("parameters", "Parameters", "d"),
                    Column("log_likelihood", "Log-likelihood", ".2f"),
                    Column("p", "P, refitted is better", "p"),
                ),
                tuple((m.update, m.intercept, m.slope, m.parameters, m.log_likelihood, m.p) for m in models),
            ),
            *((Table("What each update says of the published risks", columns, rows),) if rows else ()),
        ),
        models=tuple(models),
        chosen=chosen,
        risk=new,
    )


def _risks_by_update(
    y: Array, p: Array, fits: Sequence[tuple[str, Array]]
) -> tuple[tuple[Column, ...], tuple[tuple[object, ...], ...]]:
    """Each published risk with what happened and the mean risk by each update; no row where there are many risks."""
    values = np.unique(p)
    columns = (
        Column("published", "Published", ".1%"),
        Column("n", "n", "d"),
        Column("observed", "Observed (Wilson)", ".1%"),
        *(Column(name, name.capitalize(), ".1%") for name, _ in fits[1:]),
    )
    if len(values) > MAX_RISKS:
        return columns, ()
    groups = [p == v for v in values]
    rows = (
        (float(v), int(g.sum()), proportion(int(y[g].sum()), int(g.sum())), *(float(r[g].mean()) for _, r in fits[1:]))
        for v, g in zip(values, groups, strict=True)
    )
    return columns, tuple(rows)


def is_sum_of(z: Array, x: Array) -> bool:
    """Whether ``z`` is a sum of effects of the columns of ``x``: then a model of these contains the published one."""
    apart = np.abs(z - x @ np.linalg.lstsq(x, z, rcond=None)[0]).max()
    return bool(apart <= 1e-8 * max(1.0, float(np.abs(z).max())))


def shift_of(y: Array, z: Array) -> float:
    """The intercept at which the mean risk is the observed share."""
    from scipy.optimize import brentq
    from scipy.special import expit

    return float(brentq(lambda a: float(expit(a + z).sum() - y.sum()), -60, 60, xtol=1e-14, rtol=1e-14))
