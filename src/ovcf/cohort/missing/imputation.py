"""Missing values: multiple imputation by chained equations, and Rubin's rules to put the analyses together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import code, levels_of, need_columns
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.regression.logistic import LogisticResult, logistic
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.data.design import Coding

REFERENCES = (
    "van Buuren S, Groothuis-Oudshoorn K. J Stat Softw 2011;45(3)",
    "Rubin DB. Multiple imputation for nonresponse in surveys. Wiley 1987",
    "Barnard J, Rubin DB. Biometrika 1999;86:948-955",
    "Rubin DB, Schenker N. J Am Stat Assoc 1986;81:366-374 (bootstrap of donors)",
)
DONORS = 5
MANY_ROWS = 50_000
"""From here on products are large enough for several threads."""
PRIOR_SD = 2.5
"""Of a coefficient per standard deviation of its predictor, when categories are imputed: separation stays finite."""


@dataclass(frozen=True, slots=True)
class Imputed:
    """Completed copies of one frame; ``missing`` counts what was filled in per column."""

    frames: tuple[pd.DataFrame, ...] = field(repr=False)
    missing: tuple[tuple[str, int], ...]
    method: str


@dataclass(frozen=True, slots=True)
class Pooled:
    """One figure over all imputations; ``fraction`` is the share of information that is missing."""

    estimate: Estimate
    p: float
    degrees: float
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledLogisticResult(AnalysisResult):
    """A logistic model over all imputations; ``coefficients`` are on the logit scale, constant first."""

    models: tuple[LogisticResult, ...] = field(repr=False)
    coefficients: tuple[Pooled, ...]


def impute(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    imputations: int = 20,
    cycles: int = 10,
    seed: int = 0,
    shifts: Mapping[str, float] | None = None,
) -> Imputed:
    """Fill ``columns`` of ``frame`` in several times, each column from all the others (fully conditional).

    Numbers by predictive mean matching (5 donors, so every value is one that was observed); categories and booleans
    drawn from a multinomial model of a bootstrap sample. Name every column of the later analysis, the outcome too:
    left out, it biases what is found. For a survival analysis these are the event and the cumulative hazard then.

    ``shifts`` says by how much the missing values of a column lie higher than the known ones let expect (numbers; yes
    and no on the logit scale), to see what follows if they are not missing at random.

    Raises:
        CohortDataError: unknown columns, a column without any known value, fewer than two imputations.
    """
    need_columns(frame, columns)
    if imputations < 2 or len(columns) < 2:
        raise CohortDataError("imputation", "needs two imputations and two columns", "Rubin's rules compare them.")
    absent = {name: frame[name].isna().to_numpy(bool) for name in columns}
    for name, gaps in absent.items():
        if gaps.all():
            raise CohortDataError(name, "has no known value", "Leave it out.")
    shifts = shifts or {}
    for name in shifts:
        if len(levels_of(frame[name]) if name in columns else "") > 2 or name not in columns:
            raise CohortDataError(name, "cannot be shifted", "Shift a number, or yes and no, that is imputed.")
    todo = sorted((name for name in columns if absent[name].any()), key=lambda name: absent[name].sum())
    varying = [name for name in columns if frame[name].nunique() > 1]
    codings = {c.variable: c for c in code(frame, varying)} if varying else {}
    rng = np.random.default_rng(seed)
    # Thousands of small products: threads that wait for one another cost several times the work.
    with optional_import("threadpoolctl").threadpool_limits(limits=1 if len(frame) < MANY_ROWS else None):
        made = [
            _completed(frame, absent, todo, codings, rng, cycles if len(todo) > 1 else 1, shifts)
            for _ in range(imputations)
        ]
    return Imputed(
        tuple(made),
        tuple((name, int(gaps.sum())) for name, gaps in absent.items()),
        say(
            "{imputations} imputations by chained equations, {cycles} cycles, seed {seed}; predictive mean "
            "matching with {donors} donors of a bootstrap sample for numbers, multinomial draws for "
            "categories",
            imputations=imputations,
            cycles=cycles,
            seed=seed,
            donors=DONORS,
        )
        + "".join(say("; missing {name} shifted by {by:g}", name=name, by=by) for name, by in shifts.items() if by),
    )


def _completed(
    frame: pd.DataFrame,
    absent: Mapping[str, NDArray[np.bool_]],
    todo: Sequence[str],
    codings: Mapping[str, Coding],
    rng: np.random.Generator,
    cycles: int,
    shifts: Mapping[str, float],
) -> pd.DataFrame:
    """One completed copy; ``codings`` are of the columns that vary."""
    filled = frame.copy()
    for name in todo:  # to begin with, values drawn from the column itself
        known = frame[name].dropna().to_numpy()
        _put(filled, name, absent[name], rng.choice(known, absent[name].sum()))
    blocks = {name: coding.columns(filled) for name, coding in codings.items()}
    for _ in range(cycles):
        for name in todo:
            x = _standardised([block for other, block in blocks.items() if other != name], len(filled))
            _put(filled, name, absent[name], _drawn(filled[name], absent[name], x, rng, shifts.get(name, 0.0)))
            if name in blocks:
                blocks[name] = codings[name].columns(filled)
    return filled


def pool(
    estimates: ArrayLike, variances: ArrayLike, *, complete_degrees: float = math.inf, coverage: float = 0.95
) -> Pooled:
    """Rubin's rules for one figure: its estimate and squared standard error in every imputed data set.

    ``complete_degrees`` are those of the analysis without missing data (n - coefficients); degrees of freedom are
    those of Barnard and Rubin.

    Raises:
        CohortDataError: fewer than two, or unequal numbers.
    """
    from scipy.stats import t

    q, u = np.asarray(estimates, float), np.asarray(variances, float)
    if q.ndim != 1 or q.shape != u.shape or len(q) < 2:
        raise CohortDataError("pooling", "needs as many variances as estimates, two at least", "Give one each.")
    m, mean, within, between = len(q), float(q.mean()), float(u.mean()), float(q.var(ddof=1))
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    share = share if share > 1e-12 else 0.0  # the same in all data sets but for rounding
    old = (m - 1) / share**2 if share > 0 else math.inf
    seen = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    degrees = old if math.isinf(complete_degrees) else (seen if math.isinf(old) else 1 / (1 / old + 1 / seen))
    se = math.sqrt(total)
    half = float(t.ppf(0.5 + coverage / 2, degrees)) * se
    ratio = share / (1 - share) if share < 1 else math.inf
    fraction = (ratio + 2 / (degrees + 3)) / (ratio + 1) if math.isfinite(ratio) else 1.0
    p = float(2 * t.sf(abs(mean) / se, degrees))
    return Pooled(Estimate(mean, mean - half, mean + half, se, coverage), p, degrees, fraction)


def pooled_logistic(
    imputed: Imputed, outcome: str, predictors: Sequence[str], *, coverage: float = 0.95, **options: Any
) -> PooledLogisticResult:
    """A logistic model in every completed data set, put together by Rubin's rules; options as `logistic`."""
    models = tuple(logistic(f, outcome, predictors, coverage=coverage, **options) for f in imputed.frames)
    first = models[0]
    degrees = first.n - len(first.effects) - 1
    b = np.array([m.coefficients for m in models])
    se = np.array([(m.intercept_standard_error, *(e.standard_error for e in m.effects)) for m in models])
    found = tuple(pool(b[:, i], se[:, i] ** 2, complete_degrees=degrees, coverage=coverage) for i in range(b.shape[1]))
    firth = sum(m.estimator == "Firth" for m in models)
    return PooledLogisticResult(
        title=say("Logistic regression of {outcome}, multiply imputed", outcome=outcome),
        method=say("{method}; Rubin's rules with the degrees of freedom of Barnard and Rubin", method=imputed.method),
        references=REFERENCES,
        n=first.n,
        missing=imputed.missing,
        assumptions=("values are taken to be missing at random given the columns imputed from",),
        notes=(say("Firth's estimate in {firth} of {models} data sets", firth=firth, models=len(models)),)
        if firth
        else (),
        tables=(
            Table(
                "Odds ratios",
                (
                    Column("variable", "Variable"),
                    Column("level", "Level"),
                    Column("reference", "Reference"),
                    Column("odds_ratio", "OR (interval)", ".3f"),
                    Column("p", "P", "p"),
                    Column("missing_information", "Missing information", ".1%"),
                ),
                tuple(
                    (e.term.variable, e.term.level, e.term.reference, _exp(x.estimate), x.p, x.fraction)
                    for e, x in zip(first.effects, found[1:], strict=True)
                ),
            ),
        ),
        models=models,
        coefficients=found,
    )


def _exp(e: Estimate) -> Estimate:
    return Estimate(math.exp(e.value), math.exp(e.low), math.exp(e.high), e.standard_error, e.coverage)


def _put(frame: pd.DataFrame, name: str, rows: NDArray[np.bool_], values: NDArray[Any]) -> None:
    frame.loc[rows, name] = values


def _standardised(blocks: Sequence[NDArray[np.float64]], n: int) -> NDArray[np.float64]:
    """A constant and the columns of ``blocks`` in units of their own spread, ``(n, p)``."""
    x = np.column_stack([np.ones(n), *blocks])
    x[:, 1:] = (x[:, 1:] - x[:, 1:].mean(axis=0)) / x[:, 1:].std(axis=0)
    return x


def _drawn(
    column: Any, gaps: NDArray[np.bool_], x: NDArray[np.float64], rng: np.random.Generator, shift: float
) -> NDArray[Any]:
    """New values for the gaps of one column, given the others; moved by ``shift``."""
    levels = levels_of(column)
    if levels:
        seen = rng.choice(np.flatnonzero(~gaps), (~gaps).sum())
        index = {level: i for i, level in enumerate(levels)}
        chances = _multinomial(x[seen], np.array([index[v] for v in column.iloc[seen]]), len(levels), x[gaps])
        if shift:
            odds = np.exp([0.0, shift])
            chances = chances * odds / (chances * odds).sum(axis=1, keepdims=True)
        picks = (rng.random(len(chances))[:, None] > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1)
        return np.array([levels[i] for i in picks])
    y = numbers(column, str(column.name))
    return _matched(x[~gaps], y[~gaps], x[gaps], rng) + shift


def _matched(
    x: NDArray[np.float64], y: NDArray[np.float64], x_new: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Predictive mean matching: a donor among the five whose fit is nearest to a draw of the prediction.

    Donors are a bootstrap sample of those with a value: imputations then differ by as much as a mean of donors is
    uncertain, also where the fit tells few of them apart (Rubin and Schenker's approximate Bayesian bootstrap).
    """
    # a ridge as small as rounding keeps collinear columns solvable, as the R package mice does
    gram = x.T @ x
    inverse = np.linalg.inv(gram + 1e-5 * np.diag(np.diag(gram)))
    beta = inverse @ x.T @ y
    free = max(len(y) - x.shape[1], 1)
    sigma = math.sqrt(float(((y - x @ beta) ** 2).sum()) / rng.chisquare(free))
    drawn = beta + sigma * np.linalg.cholesky(inverse) @ rng.normal(size=len(beta))
    donors_of = rng.integers(0, len(y), len(y))
    fitted, wanted, given = (x @ beta)[donors_of], x_new @ drawn, y[donors_of]
    exact = 1e-9 * (np.ptp(fitted) or 1.0)  # equal predictors differ by rounding
    fitted = np.round(fitted / exact) * exact
    order = np.argsort(fitted)
    ranked, donors = fitted[order], min(DONORS, len(y))
    near = np.searchsorted(ranked, wanted)[:, None] + np.arange(-donors, donors)
    inside = (near >= 0) & (near < len(y))
    near = np.where(inside, near, 0)
    gap = np.where(inside, np.abs(ranked[near] - wanted[:, None]), np.inf)
    rows = np.arange(len(wanted))
    chosen = np.argsort(gap, axis=1)[rows, rng.integers(0, donors, len(wanted))]
    value = ranked[near[rows, chosen]]
    # Everybody fitted alike is as near: which of them gives is drawn, not left to the order of the rows.
    drawn_at = rng.integers(np.searchsorted(ranked, value), np.searchsorted(ranked, value, side="right"))
    return np.asarray(given[order][drawn_at])


def _multinomial(
    x: NDArray[np.float64], level: NDArray[np.intp], k: int, x_new: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Chances of each level for new rows, by a multinomial logit with a weak normal prior (Newton's method)."""
    from scipy.special import logsumexp, softmax

    hot, p = np.eye(k)[level], x.shape[1]
    precision = np.full(p, 1 / PRIOR_SD**2)
    precision[0] = 1e-4  # the constant is all but free

    def loss(beta: NDArray[np.float64]) -> float:
        z = x @ beta
        return float((logsumexp(z, axis=1) - (hot * z).sum(axis=1)).sum() + (precision[:, None] * beta**2).sum() / 2)

    beta, now = np.zeros((p, k)), math.inf
    for _ in range(50):
        chance = softmax(x @ beta, axis=1)
        gradient = (x.T @ (chance - hot) + precision[:, None] * beta).T.ravel()
        curve = np.zeros((k, p, k, p))
        for i in range(k):
            for j in range(i + 1):
                weight = chance[:, i] * ((i == j) - chance[:, j])
                curve[i, :, j] = curve[j, :, i] = x.T @ (x * weight[:, None])
            curve[i, :, i] += np.diag(precision)
        move = np.linalg.solve(curve.reshape(k * p, k * p), gradient).reshape(k, p).T
        now = loss(beta)
        while loss(beta - move) > now + 1e-9 * abs(now) and np.abs(move).max() > 1e-9:
            move = move / 2
        beta = beta - move
        if np.abs(move).max() < 1e-6:
            break
    return np.asarray(softmax(x_new @ beta, axis=1))
