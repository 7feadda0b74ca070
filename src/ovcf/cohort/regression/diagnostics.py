"""Whether a logistic model can be trusted: collinear predictors, variance inflation, Hosmer-Lemeshow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.data.columns import binary
from ovcf.cohort.data.design import independent
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.data.design import Coding, Term


def refuse_collinear(x: NDArray[np.float64], terms: Sequence[Term]) -> None:
    """Name the first predictor that follows from those before it; ``x`` with constant."""
    if independent(x):
        return
    for i in range(1, x.shape[1]):
        if np.linalg.matrix_rank(x[:, : i + 1]) <= i:
            raise CohortDataError(str(terms[i - 1]), "follows from the predictors before it", "Leave one of them out.")


def variance_inflation(
    x: NDArray[np.float64], codings: Sequence[Coding], risk: NDArray[np.float64]
) -> tuple[tuple[str, float], ...]:
    """Variance inflation by variable, generalised for several columns (Fox and Monette 1992); ``x`` with constant.

    Of the model's own coefficients: patients count by the variance of their outcome at the fitted ``risk``, as in the
    model. Predictors that are unrelated in all patients may be related in those who decide.
    """
    if x.shape[1] == 2:
        return ((codings[0].variable, 1.0),)
    covariance = np.linalg.pinv(x.T @ (x * (risk * (1 - risk))[:, None]), hermitian=True)[1:, 1:]
    errors = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(errors, errors)
    whole, found, start = np.linalg.det(correlation), [], 0
    for c in codings:
        own = np.arange(start, start + len(c.terms))
        other = np.setdiff1d(np.arange(len(correlation)), own)
        parts = (np.linalg.det(correlation[np.ix_(i, i)]) for i in (own, other))
        found.append((c.variable, float(math.prod(parts) / whole)))
        start += len(own)
    return tuple(found)


def hosmer_lemeshow(outcome: ArrayLike, risk: ArrayLike, groups: int = 10) -> tuple[float, int, float]:
    """Chi-square, degrees of freedom and P of the Hosmer-Lemeshow test, by quantiles of the predicted risk.

    Degrees of freedom are groups - 2, for the patients that the model was fitted in.

    Raises:
        CohortDataError: the risks do not make three groups.
    """
    from scipy.stats import chi2

    y, p = binary(outcome), np.asarray(risk, float)
    edges = np.unique(np.quantile(p, np.linspace(0, 1, groups + 1)))
    if len(edges) < 4:
        raise CohortDataError(
            "Hosmer-Lemeshow", say("the risks make {edges} groups", edges=len(edges) - 1), "Use a calibration curve."
        )
    _, group = np.unique(np.searchsorted(edges[1:-1], p, side="left"), return_inverse=True)  # none is left empty
    n, observed, expected = (np.bincount(group, weights=w) for w in (np.ones_like(p), y, p))
    statistic = float(((observed - expected) ** 2 / (expected * (1 - expected / n))).sum())
    return statistic, len(n) - 2, float(chi2.sf(statistic, len(n) - 2))


def goodness_of_fit(y: NDArray[np.float64], risk: NDArray[np.float64]) -> tuple[str, ...]:
    """Hosmer-Lemeshow in words, or nothing where the risks are too few for groups."""
    if len(np.unique(risk)) < 10:  # a few categories: there are no deciles of risk
        return ()
    statistic, degrees, p = hosmer_lemeshow(y, risk)
    return (
        say(
            "Hosmer-Lemeshow chi-square {statistic:.2f} on {degrees} degrees of freedom, {said_p}",
            statistic=statistic,
            degrees=degrees,
            said_p=said_p(p),
        ),
    )
