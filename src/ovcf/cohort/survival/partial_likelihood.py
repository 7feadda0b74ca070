"""Cox's partial likelihood with Efron's ties and strata, its slope, its curvature, and the drift of its coefficients.

Sums over risk sets are running sums over patients ordered by time. What is quadratic in the covariates needs no sum of
its own at every event: it is one product over all patients, each weighted by the hazard that he went through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.cohort.survival.follow_up import FollowUp

    Array = NDArray[np.float64]

_STEPS = 50
FLAT = 1e-10
"""Of the curvature where no covariate matters, in the direction in which it is least."""
LARGEST = 100.0
"""Of a coefficient with its interval, per standard deviation of its covariate."""


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """Coefficients ``(p,)``, their covariance ``(p, p)``, the log partial likelihood, and that without covariates."""

    coefficients: Array
    covariance: Array
    log_likelihood: float
    null: float


def fit_cox(data: FollowUp, x: Array, strata: NDArray[np.int64], names: Sequence[str] = ()) -> tuple[CoxFit, RiskSets]:
    """Maximise the likelihood by Newton's method; ``x`` is ``(n, p)``, ``strata (n,)`` numbers the groups.

    Raises:
        CohortDataError: no finite maximum (separation); says of which of ``names``.
    """
    # In units of its own spread every covariate is searched for alike.
    scale = x.std(axis=0)
    sets = RiskSets.of(data, (x - x.mean(axis=0)) / scale, strata)
    beta = np.zeros(x.shape[1])
    now = start = sets.at(beta)
    for _ in range(_STEPS):
        try:
            move = np.linalg.solve(now.information, now.score)
        except np.linalg.LinAlgError as error:
            raise _no_maximum(names, beta) from error
        for _ in range(40):
            after = sets.at(beta + move)
            if after.log_likelihood >= now.log_likelihood - 1e-9 * (1 + abs(now.log_likelihood)):
                break
            move = move / 2
        beta, now = beta + move, after
        if np.abs(move).max() < 1e-10:
            # Far out the likelihood is so flat that rounding ends the search: that is no maximum, nor is its error 0.
            least = [float(np.linalg.eigvalsh(state.information)[0]) for state in (now, start)]
            if least[0] < FLAT * least[1]:
                break
            covariance = np.linalg.pinv(now.information, rcond=1e-15, hermitian=True)
            # A ratio whose interval reaches e to the 100 is none: the likelihood is flat to rounding, not at its top.
            if not np.abs(beta).max() + 2 * np.sqrt(np.abs(covariance).max()) < LARGEST:
                break
            covariance = covariance / np.outer(scale, scale)
            return CoxFit(beta / scale, covariance, now.log_likelihood, start.log_likelihood), sets
    raise _no_maximum(names, beta)


def _no_maximum(names: Sequence[str], beta: Array) -> CohortDataError:
    """The covariate whose coefficient ran farthest, in units of its spread, is the one that separates."""
    which = names[int(np.abs(beta).argmax())] if names else "a covariate"
    return CohortDataError(
        "Cox model",
        say("does not converge: {which} separates those with the event from those without", which=which),
        "Leave it out, or pool its categories.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """At given coefficients: log-likelihood, its slope ``(p,)`` and its curvature ``(p, p)``."""

    log_likelihood: float
    score: Array
    information: Array


@dataclass(frozen=True, slots=True, eq=False)
class RiskSets:
    """Patients by stratum and falling time, so that every risk set is a run of them; and one row for every event.

    The risk set of an event is the patients ``begin`` to ``last``; ``share`` is how much of those with an event at the
    same time (``tie``) Efron takes out of it. ``finish`` is the last patient of everyone's stratum.
    """

    x: Array
    time: Array
    event: NDArray[np.bool_]
    finish: NDArray[np.int64]
    begin: NDArray[np.int64]
    last: NDArray[np.int64]
    tie: NDArray[np.int64]
    share: Array

    @classmethod
    def of(cls, data: FollowUp, x: Array, strata: NDArray[np.int64]) -> RiskSets:
        """From follow-up, covariates ``(n, p)`` and the number of each patient's stratum."""
        order = np.lexsort((-data.time, strata))
        time, stratum, event = data.time[order], strata[order], data.status[order] == 1
        other_stratum = np.diff(stratum, prepend=stratum[0] - 1) != 0
        other_time = other_stratum | (np.diff(time, prepend=np.inf) != 0)
        starts, run = np.flatnonzero(other_stratum), np.cumsum(other_time) - 1
        ends = np.append(np.flatnonzero(other_time)[1:], len(time)) - 1
        own = np.cumsum(other_stratum) - 1
        at = np.flatnonzero(event)
        first = np.flatnonzero(np.diff(run[at], prepend=-1))
        counts = np.diff(np.append(first, len(at)))
        return cls(
            x[order],
            time,
            event,
            (np.append(starts[1:], len(time)) - 1)[own],
            starts[own[at]],
            ends[run[at]],
            np.repeat(np.arange(len(first)), counts),
            (np.arange(len(at)) - np.repeat(first, counts)) / np.repeat(counts, counts),
        )

    def at(self, beta: Array) -> State:
        """Likelihood, slope and curvature at coefficients ``(p,)``."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            hazard, size, mean = self._sums(beta)
            likelihood = float((self.x[self.event] @ beta).sum() - np.log(size).sum())
            score = self.x[self.event].sum(axis=0) - mean.sum(axis=0)
            return State(likelihood, score, self._curvature(hazard, size, mean, np.ones(len(size))))

    def drift(self, beta: Array, g: Array) -> tuple[Array, Array, Array, Array]:
        """Of coefficients that change with ``g (k,)``, a figure of each event: the slope ``(p,)``, and the curvature
        weighted by 1, by ``g`` and by its square, ``(p, p)`` each."""
        hazard, size, mean = self._sums(beta)
        plain, once, twice = (self._curvature(hazard, size, mean, g**power) for power in (0, 1, 2))
        return g @ (self.x[self.event] - mean), plain, once, twice

    def _sums(self, beta: Array) -> tuple[Array, Array, Array]:
        """Hazard of every patient ``(n,)``; of every event the hazard at risk and the mean of the covariates."""
        hazard = np.exp(self.x @ beta)
        size = self._at_risk(hazard)
        mean = np.stack([self._at_risk(hazard * column) for column in self.x.T], axis=1) / size[:, None]
        return hazard, size, mean

    def _at_risk(self, values: Array) -> Array:
        """Sums over every event's risk set, less its share of those with an event at the same time."""
        sums = np.concatenate([[0.0], np.cumsum(values)])
        tied = np.bincount(self.tie, values[self.event])[self.tie]
        return np.asarray(sums[self.last + 1] - sums[self.begin] - self.share * tied)

    def _curvature(self, hazard: Array, size: Array, mean: Array, weight: Array) -> Array:
        """Sum over events of the weighted covariance of the covariates in their risk sets."""
        rate = weight / size
        later = np.cumsum(np.bincount(self.last, rate, len(hazard))[::-1])[::-1]
        passed = later - np.append(later, 0.0)[self.finish + 1]
        passed[self.event] -= np.bincount(self.tie, self.share * rate)[self.tie]
        square = self.x.T @ (self.x * (hazard * passed)[:, None])
        return np.asarray(square - mean.T @ (mean * weight[:, None]))


def concordance(data: FollowUp, risk: Array, strata: NDArray[np.int64]) -> float:
    """Harrell's C: of pairs of a stratum of whom one is known to have had the event first, how often he has the higher
    risk; equal risks count half."""
    order = np.lexsort((data.status == 1, -data.time, strata))
    time, stratum, event = data.time[order], strata[order], data.status[order] == 1
    rank = np.unique(risk, return_inverse=True)[1][order]
    other_stratum = np.diff(stratum, prepend=stratum[0] - 1) != 0
    begin = np.flatnonzero(other_stratum)[np.cumsum(other_stratum) - 1]
    # Those at risk beyond an event come before the first event of its time.
    new = other_stratum | (np.diff(time, prepend=np.inf) != 0) | (np.diff(event, prepend=True) != 0)
    upto = np.flatnonzero(new)[np.cumsum(new) - 1]
    lower, equal = _below(rank, begin[event], upto[event], rank[event])
    pairs = (upto - begin)[event].sum()
    return float((lower.sum() + equal.sum() / 2) / pairs) if pairs else float("nan")


def _below(
    values: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], limit: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For every query, how many of ``values[start:end]`` are below, and how many equal to, its ``limit``.

    Bit by bit from the highest, values sorted by what was read of them so far (a wavelet matrix).
    """
    below = np.zeros(len(limit), np.int64)
    for bit in range(int(values.max()).bit_length() - 1, -1, -1):
        one = (values >> bit & 1).astype(bool)
        zeros = np.concatenate([[0], np.cumsum(~one)])
        up = (limit >> bit & 1).astype(bool)
        low, high = zeros[start], zeros[end]
        below += np.where(up, high - low, 0)
        start, end = np.where(up, zeros[-1] + start - low, low), np.where(up, zeros[-1] + end - high, high)
        values = np.concatenate([values[~one], values[one]])
    return below, end - start
