"""Fitting a logistic model: maximum likelihood by Newton's method, Firth's penalty by firthmodels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.optional_import import optional_import
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Estimator = Literal["maximum likelihood", "Firth"]
IntervalKind = Literal["wald", "profile"]


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients, constant first; ``interval`` holds their limits, ``p`` belongs to the kind of interval."""

    coefficients: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    interval: NDArray[np.float64]
    p: NDArray[np.float64]
    log_likelihood: float


def fit(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    estimator: Estimator = "maximum likelihood",
    interval: IntervalKind = "wald",
    coverage: float = 0.95,
) -> Fit:
    """Fit ``y`` (0, 1) on ``x`` (constant first).

    P is Wald's for ``wald`` and of the (penalised) likelihood ratio for ``profile``.

    Raises:
        CohortDataError: the fit does not converge.
    """
    if interval == "wald" and estimator == "maximum likelihood":
        return _by_newton(y, x, coverage)
    # Its searches get lost among columns of very different spread, and its step-halving at times fails at the strictest
    # tolerance (an error of about 1e-9 in the coefficients); the next ones still leave six digits.
    scale = np.append(x[:, 1:].std(axis=0), 1.0)
    for tolerance in (1e-7, 1e-6, 1e-5):
        model, limits, p = _by_firthmodels(y, x[:, 1:] / scale[:-1], estimator, interval, coverage, tolerance)
        if np.isfinite(limits).all() and np.isfinite(p).all() and model.converged_:
            break
    else:
        raise CohortDataError("logistic model", "does not converge", "Use fewer predictors, or Wald intervals.")
    first = np.roll(np.arange(x.shape[1]), 1)  # firthmodels puts the constant last
    coefficients = np.append(model.coef_, model.intercept_) / scale
    limits = limits / scale[:, None]
    penalty = np.log(scale).sum() if estimator == "Firth" else 0.0  # that of the columns as they were
    coefficients, limits, p = coefficients[first], limits[first], p[first]
    # From the information without the penalty, as Heinze and Schemper print them.
    risk = probability(x, coefficients)
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ (x * (risk * (1 - risk))[:, None]))))
    if interval == "wald":
        norm = optional_import("scipy.stats").norm
        half = norm.ppf(0.5 + coverage / 2) * errors
        limits = np.column_stack([coefficients - half, coefficients + half])
        p = 2 * norm.sf(np.abs(coefficients) / errors)
    return Fit(coefficients, errors, limits, p, float(model.loglik_ + penalty))


def _by_firthmodels(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    estimator: Estimator,
    interval: IntervalKind,
    coverage: float,
    tolerance: float,
) -> tuple[Any, NDArray[np.float64], NDArray[np.float64]]:
    """Model, limits and P; not a number where a search failed. ``x`` without the constant, which comes last.

    Without penalty it is maximum likelihood; its profile intervals are those of Venzon and Moolgavkar.
    """
    model = optional_import("firthmodels").FirthLogisticRegression(
        gtol=tolerance, xtol=tolerance, max_iter=200, penalty_weight=0.5 if estimator == "Firth" else 0.0
    )
    profile = {"method": "pl", "tol": tolerance, "max_iter": 200} if interval == "profile" else {"method": "wald"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not converge is refused by the caller
        try:
            model.fit(x, y)
            limits = model.conf_int(alpha=1 - coverage, **profile)
            p = model.lrt().lrt_pvalues_ if interval == "profile" else model.pvalues_
        except (RuntimeError, ValueError, np.linalg.LinAlgError):
            limits = p = np.array([np.nan])
    return model, np.asarray(limits), np.asarray(p)


def coefficients(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    estimator: Estimator = "maximum likelihood",
    *,
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Coefficients alone, by Newton's method from ``start``: for the thousands of refits of a bootstrap.

    Raises:
        CohortDataError: no convergence within 30 steps, which is how separation shows.
    """
    if estimator == "Firth":
        return fit(y, x, estimator).coefficients
    beta = start
    for _ in range(30):
        p = probability(x, beta)
        try:
            step = np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]), x.T @ (y - p))
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if np.abs(step).max() < 1e-9 * max(1.0, np.abs(beta).max()):
            return np.asarray(beta)
    raise CohortDataError("logistic model", "does not converge", "Look for separation; Firth's estimate is finite.")


def separated(y: NDArray[np.float64], x: NDArray[np.float64]) -> list[int]:
    """Columns of ``x`` whose maximum-likelihood coefficient is infinite.

    Newton's steps towards infinity never grow small. So where they do there is a finite maximum, and there is only one;
    where they do not, Konis' linear programme, which costs more than the fit, says which columns are to blame.
    """
    try:
        coefficients(y, x, start=np.zeros(x.shape[1]))
    except CohortDataError:
        pass
    else:
        return []
    found = optional_import("firthmodels").detect_separation(x[:, 1:], y)
    if not found.separation:
        return []
    return [i + 1 for i, finite in enumerate(found.is_finite[: x.shape[1] - 1]) if not finite]


def probability(x: NDArray[np.float64], coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of the event for each row of ``x``."""
    from scipy.special import expit

    return np.asarray(expit(x @ coefficients))


def _by_newton(y: NDArray[np.float64], x: NDArray[np.float64], coverage: float) -> Fit:
    norm = optional_import("scipy.stats").norm
    beta = coefficients(y, x, start=np.zeros(x.shape[1]))
    risk = probability(x, beta)
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(np.linalg.inv(x.T @ (x * (risk * (1 - risk))[:, None]))))
    if not np.isfinite(errors).all():
        raise CohortDataError("logistic model", "does not converge", "Look for separation; Firth's estimate is finite.")
    half = norm.ppf(0.5 + coverage / 2) * errors
    line = x @ beta
    return Fit(
        beta,
        errors,
        np.column_stack([beta - half, beta + half]),
        2 * norm.sf(np.abs(beta) / errors),
        float(y @ line - np.logaddexp(0, line).sum()),
    )
