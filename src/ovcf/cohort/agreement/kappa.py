"""Agreement on categories: Cohen's kappa, plain and weighted, Fleiss' kappa, Gwet's AC1.

Agreement of measurements lives in ``ovcf.cohort.agreement.reliability`` and is offered here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.agreement.reliability import bland_altman, icc, sdc, sem
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["AgreementResult", "bland_altman", "cohen_kappa", "fleiss_kappa", "gwet_ac1", "icc", "sdc", "sem"]

Weights = Literal["linear", "quadratic"]

_COHEN = (
    "Cohen J. Educ Psychol Meas 1960;20:37-46",
    "Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327 (standard error)",
)
_GWET = "Gwet KL. Br J Math Stat Psychol 2008;61:29-48 (variance by linearisation over subjects)"
_FLEISS = ("Fleiss JL. Psychol Bull 1971;76:378-382", _GWET)
_COLUMNS = (
    Column("statistic", "Statistic"),
    Column("value", "Value (interval)", ".3f"),
    Column("standard_error", "SE", ".3f"),
    Column("observed", "Observed agreement", ".3f"),
    Column("expected", "By chance", ".3f"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementResult(AnalysisResult):
    """A chance-corrected coefficient with what it was made of; ``observed`` and ``expected`` are shares."""

    estimate: Estimate
    observed: float
    expected: float
    categories: tuple[str, ...]


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike | None = None,
    *,
    weights: Weights | None = None,
    categories: Sequence[Any] | None = None,
    coverage: float = 0.95,
) -> AgreementResult:
    """Agreement of two raters beyond chance.

    Args:
        first: a square table of counts (rows: first rater), or the first rater's label of each subject.
        second: the second rater's labels; None if ``first`` is a table. Subjects with a missing label are counted, then
            left out.
        weights: None for nominal categories; ``linear`` or ``quadratic`` for ordered ones, equally spaced.
        categories: their order; by default sorted. Needed when labels do not sort in their clinical order.
        coverage: of the interval, normal on the large-sample standard error.

    Raises:
        CohortDataError: not a table, raters of unequal length, a label outside ``categories``, nothing to agree on.
    """
    if second is None:
        table = np.asarray(first, float)
        if table.ndim != 2 or table.shape[0] != table.shape[1] or not np.isfinite(table).all() or (table < 0).any():
            raise CohortDataError(
                "kappa", "the table is not a square of counts", "Give one row and column per category."
            )
        names = tuple(str(c) for c in (categories if categories is not None else range(len(table))))
        missing = 0
    else:
        table, names, missing = _cross(first, second, categories)
    n = table.sum()
    if n < 2:
        raise CohortDataError("kappa", say("{n:g} subjects were rated by both", n=n), "Give at least two.")
    k = len(table)
    w = _weights(k, weights)
    p = table / n
    row, column = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((w * p).sum()), float(row @ w @ column)
    if k < 2 or expected >= 1 - 1e-12:
        raise CohortDataError(
            "kappa", "both raters used one and the same category throughout", "Report the percentage of agreement."
        )
    kappa = (observed - expected) / (1 - expected)
    pull = (w @ column)[:, None] + (row @ w)[None, :]
    spread = (p * (w - pull * (1 - kappa)) ** 2).sum() - (kappa - expected * (1 - kappa)) ** 2
    se = float(np.sqrt(max(spread, 0.0) / n) / (1 - expected))
    half = NormalDist().inv_cdf(0.5 + coverage / 2) * se
    name = "Cohen's kappa" if weights is None else say("Cohen's kappa, {weights} weights", weights=weights)
    estimate = Estimate(float(kappa), float(max(kappa - half, -1.0)), float(min(kappa + half, 1.0)), se, coverage)
    return _result(name, estimate, observed, expected, names, round(float(n)), missing, _COHEN)


def fleiss_kappa(ratings: ArrayLike, *, coverage: float = 0.95) -> AgreementResult:
    """Agreement of several raters on nominal categories, ``ratings`` of shape (subjects, raters).

    A missing rating (None or NaN) is left out and counted; each subject weighs the same.
    """
    return _several("Fleiss' kappa", ratings, coverage, _FLEISS)


def gwet_ac1(ratings: ArrayLike, *, coverage: float = 0.95) -> AgreementResult:
    """Gwet's AC1, which does not collapse when nearly all subjects fall in one category; input as `fleiss_kappa`."""
    return _several("Gwet's AC1", ratings, coverage, (_GWET,))


def _several(name: str, ratings: ArrayLike, coverage: float, references: tuple[str, ...]) -> AgreementResult:
    from scipy.stats import t

    counts, categories, missing = _count(name, ratings)
    n, q = counts.shape
    raters = counts.sum(axis=1)
    paired = raters >= 2
    if n < 2 or not paired.any():
        raise CohortDataError(
            name, "no two subjects have two ratings", "Give subjects x raters with at least two of each."
        )
    share = counts / raters[:, None]
    prevalence = share.mean(axis=0)
    agreeing = np.where(paired, (counts * (counts - 1)).sum(axis=1) / np.maximum(raters * (raters - 1), 1), 0.0)
    observed = float(agreeing[paired].mean())
    chance_of = share @ (1 - prevalence) / max(q - 1, 1) if name == "Gwet's AC1" else share @ prevalence
    expected = float(chance_of.mean())
    if expected >= 1 - 1e-12 or q < 2:
        raise CohortDataError(name, "every rating is the same category", "Report the percentage of agreement.")
    value = (observed - expected) / (1 - expected)
    part = n / paired.sum() * (agreeing - expected * paired) / (1 - expected)
    part = part - 2 * (1 - value) * (chance_of - expected) / (1 - expected)
    se = float(np.sqrt(((part - value) ** 2).sum() / (n * (n - 1))))
    half = float(t.ppf(0.5 + coverage / 2, n - 1)) * se
    estimate = Estimate(value, max(value - half, -1.0), min(value + half, 1.0), se, coverage)
    return _result(name, estimate, observed, expected, categories, n, missing, references)


def _result(
    name: str,
    estimate: Estimate,
    observed: float,
    expected: float,
    categories: tuple[str, ...],
    n: int,
    missing: int,
    references: tuple[str, ...],
) -> AgreementResult:
    row = (name, estimate, estimate.standard_error, observed, expected)
    return AgreementResult(
        title=name,
        method=say("{name} with its large-sample {coverage:g}% interval", name=name, coverage=100 * estimate.coverage),
        references=references,
        n=n,
        missing=(("ratings", missing),),
        tables=(
            Table(
                say("{name}, {n} subjects, {categories} categories", name=name, n=n, categories=len(categories)),
                _COLUMNS,
                (row,),
            ),
        ),
        estimate=estimate,
        observed=observed,
        expected=expected,
        categories=categories,
    )


def _weights(k: int, kind: Weights | None) -> NDArray[np.float64]:
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if kind is None:
        return np.eye(k)
    if kind not in ("linear", "quadratic"):
        raise CohortDataError("weights", say("{kind!r} is unknown", kind=kind), "Give None, 'linear' or 'quadratic'.")
    return np.asarray(1 - apart if kind == "linear" else 1 - apart**2)


def _is_missing(label: object) -> bool:
    return label is None or label != label or label == ""  # only not-a-number differs from itself


def _sorted(labels: set[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:
        raise CohortDataError(
            "ratings",
            say("mix labels of different kinds ({labels})", labels=", ".join(map(repr, labels))),
            "Use one spelling per category.",
        ) from None


def _cross(
    first: ArrayLike, second: ArrayLike, categories: Sequence[Any] | None
) -> tuple[NDArray[np.float64], tuple[str, ...], int]:
    a, b = list(np.asarray(first, object).ravel()), list(np.asarray(second, object).ravel())
    if len(a) != len(b):
        raise CohortDataError(
            "kappa", say("the raters saw {a} and {b} subjects", a=len(a), b=len(b)), "Give both for each subject."
        )
    both = [(x, y) for x, y in zip(a, b, strict=True) if not (_is_missing(x) or _is_missing(y))]
    seen = {label for pair in both for label in pair}
    order = list(categories) if categories is not None else _sorted(seen)
    if unknown := seen - set(order):
        raise CohortDataError(
            "kappa", say("the label {next!r} is not among the categories", next=next(iter(unknown))), "Name them all."
        )
    at = {label: i for i, label in enumerate(order)}
    table = np.zeros((len(order), len(order)))
    for x, y in both:
        table[at[x], at[y]] += 1
    return table, tuple(str(c) for c in order), len(a) - len(both)


def _count(name: str, ratings: ArrayLike) -> tuple[NDArray[np.float64], tuple[str, ...], int]:
    table = np.asarray(ratings, object)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 2:
        raise CohortDataError(
            name, "the ratings are not subjects x raters", "Give one row per subject, a column per rater."
        )
    order = _sorted({label for label in table.ravel() if not _is_missing(label)})
    counts = np.array([[sum(1 for label in row if label == c) for c in order] for row in table], float)
    rated = counts.sum(axis=1) > 0
    return counts[rated], tuple(str(c) for c in order), int(table.size - counts.sum())
