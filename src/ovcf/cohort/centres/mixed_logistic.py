"""Logistic regression whose level varies between centres, and the same with errors that know the centres."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import code, matrix, need_columns
from ovcf.cohort.groups.survey import SurveyDesign, SurveyLogistic, survey_logistic
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.regression.diagnostics import refuse_collinear
from ovcf.cohort.regression.forest import Effect, draw_forest
from ovcf.cohort.regression.logistic_fit import fit
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.visits.reml import newton
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

NODES = 25
"""Of the quadrature over a centre's own level, laid about where that level lies: more change nothing."""
STARTS = (0.1, 0.5, 1.5)
FEW_CENTRES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedLogisticResult(PlottedResult):
    """Odds ratios within a centre; ``spread`` is the standard deviation of the centres' own levels (logit scale).

    ``median_odds_ratio`` is how the odds of two like patients in two centres differ at the median (Larsen);
    ``p_centres`` tests whether centres differ at all.
    """

    effects: tuple[Effect, ...]
    intercept: Estimate
    spread: float
    median_odds_ratio: float
    p_centres: float
    log_likelihood: float

    def plot(self, ax: Any = None) -> Any:
        """A forest of the odds ratios."""
        return draw_forest(self.effects, ax)


def mixed_logistic(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    centre: str,
    *,
    references: Mapping[str, Any] | None = None,
    per: Mapping[str, float] | None = None,
    coverage: float = 0.95,
) -> MixedLogisticResult:
    """A logistic model in which every centre has a level of its own, drawn from a normal distribution; complete cases.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        predictors: columns; numbers enter linearly, others by level.
        centre: column that names the centre.
        references, per: as in :func:`ovcf.cohort.regression.logistic.logistic`.
        coverage: of all intervals.

    Raises:
        CohortDataError: an absent column, fewer than two centres, predictors that separate the outcome, no convergence.
    """
    kept, missing = _complete(frame, outcome, predictors, centre)
    codings = code(kept, predictors, references, per)
    x, y = matrix(kept, codings), binary(kept[outcome], outcome)
    terms = [term for c in codings for term in c.terms]
    refuse_collinear(x, terms)
    names, number = np.unique(kept[centre].astype(str), return_inverse=True)
    if len(names) < 2:
        raise CohortDataError(centre, "names fewer than two centres", "Use a plain logistic model.")
    plain = fit(y, x)
    beta, spread, covariance, log_likelihood = _fit(y, x, number, plain.coefficients)
    # A variance cannot be negative: half of the time it is zero where centres do not differ.
    gain = max(0.0, 2 * (log_likelihood - plain.log_likelihood))
    p_centres = two_sided_p(math.sqrt(gain)) / 2 if gain > 0 else 1.0
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    errors = np.sqrt(np.diag(covariance))
    effects = tuple(
        Effect(
            term,
            Estimate(math.exp(b), math.exp(b - z * e), math.exp(b + z * e), float(e), coverage),
            float(b),
            float(e),
            two_sided_p(float(b / e)),
        )
        for term, b, e in zip(terms, beta[1:], errors[1:], strict=True)
    )
    median = math.exp(math.sqrt(2) * spread * NormalDist().inv_cdf(0.75))
    low, high = beta[0] - z * errors[0], beta[0] + z * errors[0]
    return MixedLogisticResult(
        title=say("Logistic regression of {outcome} with a level of each {centre}", outcome=outcome, centre=centre),
        method="Random intercept, maximum likelihood by adaptive Gauss-Hermite quadrature, Wald intervals and P; odds "
        "ratios are those within a centre; complete cases",
        references=(
            "Pinheiro JC, Bates DM. J Comput Graph Stat 1995;4:12-35",
            "Larsen K, Merlo J. Am J Epidemiol 2005;161:81-88 (median odds ratio)",
        ),
        n=len(y),
        missing=missing,
        assumptions=(
            say(
                "{names} centres, standard deviation of their levels {spread:.3f}, median odds ratio {median:.2f}",
                names=len(names),
                spread=spread,
                median=median,
            ),
            say("that centres do not differ: {said_p}", said_p=said_p(p_centres)),
        ),
        notes=(
            say("{events} events", events=int(y.sum())),
            *(
                (say("{names} centres: how far they differ is hardly known.", names=len(names)),)
                if len(names) < FEW_CENTRES
                else ()
            ),
        ),
        tables=(_table(effects),),
        effects=effects,
        intercept=Estimate(float(beta[0]), float(low), float(high), float(errors[0]), coverage),
        spread=spread,
        median_odds_ratio=median,
        p_centres=p_centres,
        log_likelihood=log_likelihood,
    )


def clustered_logistic(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], centre: str, **options: Any
) -> SurveyLogistic:
    """A logistic model of all centres together, with errors that allow for patients of a centre being alike.

    Odds ratios are those of all patients; errors by the sandwich over centres, t with (centres - coefficients) degrees
    of freedom. Options are ``references`` and ``per``.

    Raises:
        CohortDataError: an absent column, no more centres than coefficients, no convergence.
    """
    kept, missing = _complete(frame, outcome, predictors, centre)
    names, number = np.unique(kept[centre].astype(str), return_inverse=True)
    if len(names) < 2:
        raise CohortDataError(centre, "names fewer than two centres", "Use a plain logistic model.")
    design = SurveyDesign(np.ones(len(kept)), np.zeros(len(kept), np.int64), number.astype(np.int64))
    found = survey_logistic(kept, outcome, predictors, design, **options)
    return dataclasses.replace(
        found,
        title=say("Logistic regression of {outcome}, clustered by {centre}", outcome=outcome, centre=centre),
        method=say(
            "Maximum likelihood, sandwich variance over {names} centres; {method}",
            names=len(names),
            method=found.method,
        ),
        missing=missing,
    )


def _complete(
    frame: pd.DataFrame, outcome: str, predictors: Sequence[str], centre: str
) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    names = [outcome, *predictors, centre]
    need_columns(frame, names)
    kept = frame[names].dropna()
    if kept.empty:
        raise CohortDataError("data", "no row is complete", "Impute, or use fewer predictors.")
    return kept, tuple((name, int(frame[name].isna().sum())) for name in names)


def _table(effects: Sequence[Effect]) -> Table:
    columns = (Column("variable", "Variable"), Column("odds_ratio", "OR (interval)", ".3f"), Column("p", "P", "p"))
    return Table("Odds ratios", columns, tuple((str(e.term), e.odds_ratio, e.p) for e in effects))


def _fit(y: Array, x: Array, centre: NDArray[np.int64], start: Array) -> tuple[Array, float, Array, float]:
    """Coefficients, standard deviation of the centres, covariance of the coefficients, log-likelihood."""
    from scipy.optimize import minimize

    order = np.argsort(centre, kind="stable")
    y, x = y[order], x[order]
    first = np.flatnonzero(np.diff(centre[order], prepend=-1))
    sizes = np.diff([*first, len(y)])
    points, weights = np.polynomial.hermite.hermgauss(NODES)

    def value(theta: Array) -> tuple[float, Array]:
        """Minus the log-likelihood and its slope."""
        from scipy.special import expit, logsumexp

        beta, spread = theta[:-1], theta[-1]
        line = x @ beta
        mode = np.zeros(len(sizes))
        for _ in range(50):  # where each centre's own level lies
            p = expit(line + spread * np.repeat(mode, sizes))
            bend = spread**2 * np.add.reduceat(p * (1 - p), first) + 1
            step = (spread * np.add.reduceat(y - p, first) - mode) / bend
            mode = mode + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-12:
                break
        levels = mode[:, None] + points * np.sqrt(2 / bend)[:, None]
        logs, rest, slopes = np.empty_like(levels), np.empty_like(levels), np.empty((*levels.shape, x.shape[1]))
        for k in range(NODES):
            z = line + spread * np.repeat(levels[:, k], sizes)
            logs[:, k] = np.add.reduceat(y * z - np.logaddexp(0, z), first) - levels[:, k] ** 2 / 2
            left = y - expit(z)
            rest[:, k] = np.add.reduceat(left, first)
            slopes[:, k] = np.add.reduceat(left[:, None] * x, first, axis=0)
        logs += np.log(weights) + points**2
        own = logsumexp(logs, axis=1)
        share = np.exp(logs - own[:, None])
        total = float((own - np.log(bend * np.pi) / 2).sum())
        by_beta = np.einsum("ik,ikp->p", share, slopes)
        return -total, -np.append(by_beta, float((share * levels * rest).sum()))

    found = min(
        (newton(value, minimize(value, np.append(start, s), jac=True, method="L-BFGS-B").x) for s in STARTS),
        key=lambda theta: value(theta)[0],
    )
    low, slope = value(found)
    if not np.isfinite(found).all() or np.abs(slope).max() > 1e-4 * len(y):
        raise CohortDataError("mixed logistic model", "does not converge", "Use fewer predictors or merge centres.")
    step = 1e-5 * np.maximum(np.abs(found), 0.1)
    bend = np.array([(value(found + h)[1] - value(found - h)[1]) / (2 * h.max()) for h in np.diag(step)])
    covariance = np.linalg.pinv((bend + bend.T) / 2, hermitian=True)[:-1, :-1]
    return found[:-1], float(abs(found[-1])), covariance, -low
