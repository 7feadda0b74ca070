"""How often intervals of the cohort engine hold the truth, on made-up patients, as a Markdown table.

Run: uv run python -m bench.statistics.cohort_coverage [SETS].
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from ovcf.cohort.centres.pooling import pool_centres
from ovcf.cohort.missing.imputation import impute, pool, pooled_logistic
from ovcf.cohort.prediction.at_horizon import risk_at_horizon
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.result import Estimate


class Study(NamedTuple):
    """What is estimated, its truth, and one data set's estimate."""

    what: str
    truth: float
    estimate: Callable[[np.random.Generator], Estimate]


def tied(rng: np.random.Generator) -> Estimate:
    """Half of y is missing and its only predictor has two values: means of y are 10 apart."""
    x = np.repeat([0.0, 1.0], 500)
    frame = pd.DataFrame({"x": x, "y": 10 * x + rng.normal(0, 20, 1000)})
    frame.loc[rng.random(1000) < 0.5, "y"] = np.nan
    found = []
    for made in impute(frame, ["x", "y"], imputations=20, seed=int(rng.integers(1 << 31))).frames:
        one, none = (made.loc[made["x"] == v, "y"] for v in (1, 0))
        found.append((one.mean() - none.mean(), one.var() / len(one) + none.var() / len(none)))
    return pool(*zip(*found, strict=True), complete_degrees=998).estimate


def at_random(rng: np.random.Generator) -> Estimate:
    """A logistic coefficient of 1; the predictor is missing more often with the event and a high second predictor."""
    b = rng.normal(size=400)
    a = 0.5 * b + rng.normal(size=400)
    event = (rng.random(400) < 1 / (1 + np.exp(-(a - 0.5)))).astype(int)
    frame = pd.DataFrame({"a": a, "b": b, "event": event})
    frame.loc[rng.random(400) < np.where((event == 1) & (b > 0), 0.6, 0.1), "a"] = np.nan
    made = impute(frame, ["a", "b", "event"], imputations=10, cycles=5, seed=int(rng.integers(1 << 31)))
    return pooled_logistic(made, "event", ["a", "b"]).coefficients[1].estimate


def centres(rng: np.random.Generator) -> tuple[Estimate, Estimate]:
    """Twelve centres whose own values vary with 0.3 about 1, measured with errors of 0.1 to 0.4."""
    error = rng.uniform(0.1, 0.4, 12)
    found = pool_centres([str(i) for i in range(12)], rng.normal(rng.normal(1, 0.3, 12), error), error)
    return found.pooled, found.prediction


def new_centre(rng: np.random.Generator) -> Estimate:
    """The same, less where a new centre lies: an interval about nought holds it."""
    e = centres(rng)[1]
    own = rng.normal(1, 0.3)
    return Estimate(e.value - own, e.low - own, e.high - own)


def followed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Non-union with a known risk by six months, death before it, visits missed."""
    a = rng.normal(size=n)
    event, death, lost = 0.06 * np.exp(0.8 * a), np.full(n, 0.03), rng.uniform(2, 24, n)
    first = rng.exponential(1 / (event + death))
    kind = np.where(rng.random(n) < event / (event + death), 1, 2)
    risk = event / (event + death) * (1 - np.exp(-(event + death) * 6))
    return pd.DataFrame({"t": np.minimum(first, lost), "end": np.where(first <= lost, kind, 0), "risk": risk})


def by_six_months(rng: np.random.Generator) -> Estimate:
    return risk_at_horizon(followed(rng, 400), "t", "end", "risk", 6, happened=1, competing=[2]).auc


def true_auc() -> float:
    """Of the same risks, in so many patients that chance does not matter."""
    risk = followed(np.random.default_rng(0), 2_000_000)["risk"].sort_values().to_numpy()
    lower = np.cumsum(1 - risk) - (1 - risk) / 2
    return float(risk @ lower / (risk.sum() * (1 - risk).sum()))


def exaggerated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    z = rng.normal(-1, 1, 500)
    return (rng.random(500) < 1 / (1 + np.exp(-z))).astype(float), 1 / (1 + np.exp(-(0.3 + 1.5 * z)))


def slope(rng: np.random.Generator) -> Estimate:
    return calibration(*exaggerated(rng)).slope


def net_benefit(rng: np.random.Generator) -> Estimate:
    y, p = exaggerated(rng)
    return decision_curve(y, {"m": p}, thresholds=[0.25]).intervals[0][1][0]


def true_net_benefit() -> float:
    z = np.random.default_rng(0).normal(-1, 1, 4_000_000)
    true, said = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-(0.3 + 1.5 * z)))
    return float(np.mean((said >= 0.25) * (true - (1 - true) / 3)))


def studies() -> Iterator[Study]:
    yield Study("imputed: difference of means, predictor of two values, half of 1,000 missing", 10.0, tied)
    yield Study("imputed: logistic coefficient, a quarter of 400 missing at random", 1.0, at_random)
    yield Study("pooled: mean of centres like 12 that vary (Hartung-Knapp)", 1.0, lambda rng: centres(rng)[0])
    yield Study("pooled: prediction interval, a new centre less its own value", 0.0, new_centre)
    yield Study("AUC by 6 months with death and loss, 400 patients", true_auc(), by_six_months)
    yield Study("calibration slope, 500 patients", 1 / 1.5, slope)
    yield Study("net benefit at 0.25, 500 patients", true_net_benefit(), net_benefit)


def main(sets: int) -> None:
    print("## How often intervals hold the truth\n")
    print(
        f"{sets:,} made-up data sets each; 95% intervals. Coverage itself has a standard error of "
        f"{100 * (0.95 * 0.05 / sets) ** 0.5:.1f} points.\n"
    )
    print("| what | truth | bias | SD | mean half width / 1.96 | coverage |\n|---|---:|---:|---:|---:|---:|")
    for what, truth, estimate in studies():
        found = [estimate(np.random.default_rng([seed, 7])) for seed in range(sets)]
        values = np.array([e.value for e in found])
        width = np.mean([(e.high - e.low) / 3.92 for e in found])
        held = np.mean([e.low <= truth <= e.high for e in found])
        print(
            f"| {what} | {truth:.3f} | {values.mean() - truth:+.3f} | {values.std(ddof=1):.3f} | {width:.3f} "
            f"| {100 * held:.1f}% |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
