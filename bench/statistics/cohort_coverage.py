"""How often intervals of the cohort engine hold the truth, on made-up patients, as a Markdown table.

Run: uv run python -m bench.statistics.cohort_coverage [SETS] [--figure docs/simulation-coverage.svg]. The designs are
told in docs/simulation.md. Rows in italics are what a method is there to avoid.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ovcf.cohort.centres.performance import pooled_performance_by_centre
from ovcf.cohort.centres.pooling import PooledCentres, pool_centres
from ovcf.cohort.missing.imputation import Imputed, impute, pool, pooled_logistic
from ovcf.cohort.missing.pooled import pooled_auc
from ovcf.cohort.prediction.at_horizon import risk_at_horizon
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.result import Estimate


class Study(NamedTuple):
    """What is estimated, its truth, and one data set's estimate; ``part`` of the data sets are made where each takes
    long, ``contrast`` is a method that the engine does not use."""

    what: str
    truth: float
    estimate: Callable[[np.random.Generator], Estimate]
    part: float = 1.0
    contrast: bool = False


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


def at_random_patients(rng: np.random.Generator) -> pd.DataFrame:
    """A logistic coefficient of 1; the predictor is missing more often with the event and a high second predictor."""
    b = rng.normal(size=400)
    a = 0.5 * b + rng.normal(size=400)
    event = (rng.random(400) < 1 / (1 + np.exp(-(a - 0.5)))).astype(int)
    frame = pd.DataFrame({"a": a, "b": b, "event": event})
    frame.loc[rng.random(400) < np.where((event == 1) & (b > 0), 0.6, 0.1), "a"] = np.nan
    return frame


def completed(rng: np.random.Generator) -> Imputed:
    frame = at_random_patients(rng)
    return impute(frame, ["a", "b", "event"], imputations=10, cycles=5, seed=int(rng.integers(1 << 31)))


def at_random(rng: np.random.Generator) -> Estimate:
    return pooled_logistic(completed(rng), "event", ["a", "b"]).coefficients[1].estimate


def area_at_random(rng: np.random.Generator) -> Estimate:
    """Pooled on the logit scale."""
    return pooled_auc(completed(rng), "event", "a")["AUC"].estimate


def area_of_complete(rng: np.random.Generator) -> Estimate:
    known = at_random_patients(rng).dropna()
    return auc(known["event"], known["a"])


def true_area_at_random() -> float:
    rng = np.random.default_rng(0)
    b = rng.normal(size=2_000_000)
    a = 0.5 * b + rng.normal(size=len(b))
    return auc(rng.random(len(b)) < 1 / (1 + np.exp(-(a - 0.5))), a).value


def centres(rng: np.random.Generator) -> PooledCentres:
    """Twelve centres whose own values vary with 0.3 about 1, measured with errors of 0.1 to 0.4."""
    error = rng.uniform(0.1, 0.4, 12)
    return pool_centres([str(i) for i in range(12)], rng.normal(rng.normal(1, 0.3, 12), error), error)


def plain_centres(rng: np.random.Generator) -> Estimate:
    """The usual interval of the same mean, which takes the spread between centres as known."""
    found = centres(rng)
    error = np.array([e.standard_error for _, e, _ in found.centres])
    half = 1.96 / float(np.sqrt((1 / (error**2 + found.tau**2)).sum()))
    return Estimate(found.pooled.value, found.pooled.value - half, found.pooled.value + half)


def trial(rng: np.random.Generator) -> Estimate:
    """Ten centres of 80 that differ in level; a fifth of the score missing, more often with the event: imputed, the AUC
    by Rubin's rules in each centre, then over centres."""
    centre = np.repeat([f"C{i}" for i in range(10)], 80)
    a = rng.normal(size=800)
    line = a - 0.5 + np.repeat(rng.normal(0, 0.4, 10), 80)
    event = (rng.random(800) < 1 / (1 + np.exp(-line))).astype(int)
    frame = pd.DataFrame({"a": a, "b": a + rng.normal(size=800), "event": event, "centre": centre})
    frame.loc[rng.random(800) < np.where(event == 1, 0.3, 0.15), "a"] = np.nan
    seed = int(rng.integers(1 << 31))
    made = impute(frame, ["a", "b", "event", "centre"], imputations=10, cycles=2, seed=seed)
    found = pooled_performance_by_centre(made, "event", lambda f: 1 / (1 + np.exp(0.5 - f["a"])), "centre")
    return found["AUC"].pooled


def true_trial() -> float:
    """The AUC within a centre: level and score are unrelated."""
    rng = np.random.default_rng(0)
    areas = []
    for _ in range(200):
        a = rng.normal(size=20_000)
        areas.append(auc(rng.random(20_000) < 1 / (1 + np.exp(-(a - 0.5 + rng.normal(0, 0.4)))), a).value)
    return float(np.mean(areas))


def new_centre(rng: np.random.Generator) -> Estimate:
    """The same, less where a new centre lies: an interval about nought holds it."""
    return _less_its_own(rng, centres(rng).prediction)


def new_centre_by_t(rng: np.random.Generator) -> Estimate:
    """The usual prediction interval, which takes the spread between centres as known."""
    return _less_its_own(rng, centres(rng).prediction_by_t)


def _less_its_own(rng: np.random.Generator, e: Estimate) -> Estimate:
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


def death_as_censoring(rng: np.random.Generator) -> Estimate:
    """Observed over expected where the dead are taken for lost: they could still have had the event, it is assumed."""
    frame = followed(rng, 400)
    frame["end"] = frame["end"].where(frame["end"] != 2, 0)
    return risk_at_horizon(frame, "t", "end", "risk", 6, happened=1).observed_to_expected


def ratio_by_six_months(rng: np.random.Generator) -> Estimate:
    return risk_at_horizon(followed(rng, 400), "t", "end", "risk", 6, happened=1, competing=[2]).observed_to_expected


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
    area = true_area_at_random()
    yield Study("imputed: AUC of the same, pooled on the logit scale", area, area_at_random)
    yield Study("the same AUC in complete cases", area, area_of_complete, contrast=True)
    yield Study("pooled: mean of centres like 12 that vary (Hartung-Knapp)", 1.0, lambda rng: centres(rng).pooled)
    yield Study("the same, by the plain interval", 1.0, plain_centres, contrast=True)
    yield Study("pooled: prediction interval, a new centre less its own value", 0.0, new_centre)
    yield Study("the same, by the usual interval (t)", 0.0, new_centre_by_t, contrast=True)
    yield Study("imputed, then pooled over ten centres: AUC within a centre", true_trial(), trial, part=0.3)
    yield Study("AUC by 6 months with death and loss, 400 patients", true_auc(), by_six_months)
    yield Study("observed / expected by 6 months, death a competing event", 1.0, ratio_by_six_months)
    yield Study("the same, the dead taken for lost", 1.0, death_as_censoring, contrast=True)
    yield Study("calibration slope, 500 patients", 1 / 1.5, slope)
    yield Study("net benefit at 0.25, 500 patients", true_net_benefit(), net_benefit)


class Held(NamedTuple):
    """How an estimate did over ``sets`` data sets."""

    study: Study
    sets: int
    bias: float
    sd: float
    error: float
    coverage: float


def held(study: Study, sets: int) -> Held:
    made = max(2, round(sets * study.part))
    found = [study.estimate(np.random.default_rng([seed, 7])) for seed in range(made)]
    values = np.array([e.value for e in found])
    return Held(
        study,
        made,
        float(values.mean() - study.truth),
        float(values.std(ddof=1)),
        float(np.mean([(e.high - e.low) / 3.92 for e in found])),
        float(np.mean([e.low <= study.truth <= e.high for e in found])),
    )


def draw(rows: list[Held], path: Path) -> None:
    """Coverage of every row with its own uncertainty, and its bias in units of its spread."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams |= {"svg.hashsalt": "ovcf", "font.size": 8}
    figure = Figure(figsize=(8.2, 0.32 * len(rows) + 0.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.3, 1))
    for y, row in enumerate(rows):
        colour = "#999999" if row.study.contrast else "#0072B2"
        error = 1.96 * (row.coverage * (1 - row.coverage) / row.sets) ** 0.5
        left.errorbar(100 * row.coverage, y, xerr=100 * error, fmt="o", color=colour, ms=4, lw=1)
        error = 1.96 / row.sets**0.5
        right.errorbar(row.bias / row.sd, y, xerr=error, fmt="o", color=colour, ms=4, lw=1)
    left.axvline(95, color="#333333", lw=0.8, ls="--")
    right.axvline(0, color="#333333", lw=0.8, ls="--")
    left.set_yticks(range(len(rows)), [row.study.what for row in rows])
    for label, row in zip(left.get_yticklabels(), rows, strict=True):
        label.set_color("#666666" if row.study.contrast else "#111111")
    left.set(ylim=(len(rows) - 0.5, -0.5), xlabel="Intervals that hold the truth (%)")
    right.set(xlabel="Bias / SD")
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    figure.savefig(path, metadata={"Date": None, "Creator": "ovcf"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=1000, help="made-up data sets for each row")
    parser.add_argument("--figure", type=Path, help="where the figure goes (SVG)")
    given = parser.parse_args()
    sets: int = given.sets
    print("## How often intervals hold the truth\n")
    print(
        f"{sets:,} made-up data sets each, or as many as said; 95% intervals. Coverage itself has a standard error of "
        f"{100 * (0.95 * 0.05 / sets) ** 0.5:.1f} points. The designs and a figure: [Simulation study](simulation.md). "
        "Rows in italics are what a method is there to avoid.\n"
    )
    print(
        "| what | sets | truth | bias | SD | mean half width / 1.96 | coverage |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    rows: list[Held] = []
    for study in studies():
        row = held(study, sets)
        rows.append(row)
        what = f"*{study.what}*" if study.contrast else study.what
        print(
            f"| {what} | {row.sets:,} | {study.truth:.3f} | {row.bias:+.3f} | {row.sd:.3f} | {row.error:.3f} "
            f"| {100 * row.coverage:.1f}% |",
            flush=True,
        )
    if given.figure is not None:
        draw(rows, given.figure)


if __name__ == "__main__":
    main()
