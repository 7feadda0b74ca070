"""The numbers of Fine and Gray's model: a Cox model in which those with a competing event stay at risk.

They stay with a weight that falls as censoring would have removed them. The variance allows for that weight being
estimated (Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.cohort.survival.follow_up import FollowUp

    Array = NDArray[np.float64]

_STEPS = 30


@dataclass(frozen=True, slots=True, eq=False)
class FineGrayFit:
    """Coefficients ``(p,)``, their covariance ``(p, p)`` and the log partial likelihood."""

    coefficients: Array
    covariance: Array
    log_likelihood: float


def fit_fine_gray(data: FollowUp, x: Array) -> FineGrayFit:
    """Maximise the weighted partial likelihood (ties by Breslow) by Newton's method; ``x`` is ``(n, p)``.

    Raises:
        CohortDataError: no finite maximum.
    """
    risk = _RiskSets.of(data, x - x.mean(axis=0))
    beta = np.zeros(x.shape[1])
    now = risk.at(beta)
    for _ in range(_STEPS):
        try:
            move = np.linalg.solve(now.information, now.score)
        except np.linalg.LinAlgError as error:
            raise _no_maximum() from error
        after = risk.at(beta + move)
        while not after.log_likelihood >= now.log_likelihood - 1e-9 and np.abs(move).max() > 1e-12:
            move /= 2
            after = risk.at(beta + move)
        beta, now = beta + move, after
        if np.abs(move).max() < 1e-10:
            inverse = np.linalg.inv(now.information)
            influence = risk.influence(beta, now)
            return FineGrayFit(beta, inverse @ (influence.T @ influence) @ inverse, now.log_likelihood)
    raise _no_maximum()


def _no_maximum() -> CohortDataError:
    return CohortDataError(
        "Fine-Gray model",
        "does not converge: a covariate separates those with the event from those without",
        "Leave it out, or pool its categories.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    log_likelihood: float
    score: Array
    information: Array
    s0: Array
    mean: Array


@dataclass(frozen=True, slots=True, eq=False)
class _RiskSets:
    """``k`` event times; a patient is at risk himself up to ``last`` and, after a competing event, by weight since."""

    data: FollowUp
    x: Array
    deaths: Array
    last: NDArray[np.int64]
    kept: Array
    kept_of_patient: Array

    @classmethod
    def of(cls, data: FollowUp, x: Array) -> _RiskSets:
        times, deaths = np.unique(data.time[data.status == 1], return_counts=True)
        ends, position, ended = np.unique(data.time, return_inverse=True, return_counts=True)
        at_risk = len(data.time) - np.concatenate([[0], np.cumsum(ended)[:-1]])
        censored = np.bincount(position, data.status == 0, minlength=len(ends))
        # Probability of not yet being censored, just before each end of follow-up.
        kept = np.concatenate([[1.0], np.cumprod(1 - censored / at_risk)[:-1]])
        return cls(
            data,
            x,
            deaths.astype(float),
            np.searchsorted(times, data.time, side="right"),
            kept[np.searchsorted(ends, times)],
            kept[position],
        )

    def over_risk_sets(self, values: Array) -> Array:
        """Sum of ``values`` ``(n, ...)`` over each risk set, ``(k, ...)``."""
        k = len(self.deaths)
        own = np.zeros((k + 1, *values.shape[1:]))
        np.add.at(own, self.last, values)
        competing = self.data.status == 2
        stayed = np.zeros_like(own)
        weight = (1 / self.kept_of_patient[competing]).reshape(-1, *(1,) * (values.ndim - 1))
        np.add.at(stayed, self.last[competing], values[competing] * weight)
        own_sum = np.cumsum(own[::-1], axis=0)[::-1][1:]
        total: Array = own_sum + np.cumsum(stayed, axis=0)[:k] * self.kept.reshape(-1, *(1,) * (values.ndim - 1))
        return total

    def at(self, beta: Array) -> _State:
        with np.errstate(over="ignore", invalid="ignore"):
            hazard = np.exp(self.x @ beta)
            s0 = self.over_risk_sets(hazard)
            mean = self.over_risk_sets(hazard[:, None] * self.x) / s0[:, None]
            square = self.over_risk_sets(hazard[:, None, None] * self.x[:, :, None] * self.x[:, None, :])
            spread = square / s0[:, None, None] - mean[:, :, None] * mean[:, None, :]
            events = self.data.status == 1
            return _State(
                float((self.x[events] @ beta).sum() - self.deaths @ np.log(s0)),
                self.x[events].sum(axis=0) - self.deaths @ mean,
                np.einsum("k,kpq->pq", self.deaths, spread),
                s0,
                mean,
            )

    def influence(self, beta: Array, state: _State) -> Array:
        """What each patient adds to the score, with what he adds through the estimated censoring, ``(n, p)``."""
        status, x = self.data.status, self.x
        hazard = np.exp(x @ beta)
        step = self.deaths / state.s0
        zero = np.zeros((1, x.shape[1]))
        base = np.concatenate([[0], np.cumsum(step)])
        base_mean = np.concatenate([zero, np.cumsum(step[:, None] * state.mean, axis=0)])
        later = _from_end(self.kept * step)
        later_mean = _from_end((self.kept * step)[:, None] * state.mean)

        own = x * base[self.last, None] - base_mean[self.last]
        stayed = np.where(status == 2, 1 / self.kept_of_patient, 0.0)
        stayed_part = x * later[self.last, None] - later_mean[self.last]
        event = status == 1
        score = -hazard[:, None] * (own + stayed[:, None] * stayed_part)
        score[event] += x[event] - state.mean[self.last[event] - 1]

        # Through the weights: each censoring changes the weight of those whose competing event came before it.
        order = np.argsort(self.data.time, kind="stable")
        ends, position = np.unique(self.data.time, return_inverse=True)
        at_risk = len(x) - np.searchsorted(self.data.time[order], ends)
        censored = np.bincount(position, status == 0, minlength=len(ends))
        share = hazard * stayed
        before = np.concatenate([[0], np.cumsum(np.bincount(position, share, minlength=len(ends)))[:-1]])
        x_before = np.zeros((len(ends), x.shape[1]))
        np.add.at(x_before, position, share[:, None] * x)
        x_before = np.concatenate([zero, np.cumsum(x_before, axis=0)[:-1]])
        place = np.zeros(len(ends), np.int64)
        place[position] = self.last
        q = (x_before * later[place, None] - before[:, None] * later_mean[place]) / at_risk[:, None]
        compensator = np.cumsum(q * (censored / at_risk)[:, None], axis=0)
        through: Array = np.where(status == 0, 1.0, 0.0)[:, None] * q[position] - compensator[position]
        return np.asarray(score + through, float)


def _from_end(values: Array) -> Array:
    """Sums of ``values`` from each place to the end, and 0 after it, ``(k + 1, ...)``."""
    return np.concatenate([np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, *values.shape[1:]))])
