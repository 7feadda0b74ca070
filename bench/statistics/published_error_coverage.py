"""How often observed / expected holds its truth where the expected rates came from few patients, as Markdown tables.

Run: uv run python -m bench.statistics.published_error_coverage [SETS]. Of one group the coverage is exact: it sums over
every pair of counts. Of all patients, and of groups over time, it is simulated. Told in docs/simulation.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import binom

from ovcf.cohort.groups.contingency import jeffreys, proportion
from ovcf.cohort.groups.mover import ratio
from ovcf.cohort.missing.pooled_shares import pooled_proportion
from ovcf.cohort.prediction.calibration import observed_to_expected
from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.cohort.published.observed_expected import with_sampling_error
from ovcf.cohort.result import Estimate
from ovcf.cohort.survival.competing_risks import incidence_as_share, incidence_of
from ovcf.cohort.survival.follow_up import FollowUp

GROUPS = PUBLISHED["non_union"].groups
HERE, RATIOS = (40, 200, 800), (0.5, 1.0, 1.5)
MIXES = {"like HAN's": (47, 98, 63), "1,500 in centres": (340, 700, 460), "mostly low": (300, 120, 30)}


def exact(k: int, m: int, n: int, true: float) -> tuple[float, float, float]:
    """Coverage for ``n`` patients here and a rate published from ``k`` of ``m``: as printed, with its error, and the
    same by Wilson's limits of the published rate; given that the paper saw an event at all."""
    here = [proportion(o, n) for o in range(n + 1)]
    paper = [(jeffreys(j, m), proportion(j, m)) for j in range(1, m + 1)]
    weights = np.outer(binom.pmf(np.arange(n + 1), n, true * k / m), binom.pmf(np.arange(1, m + 1), m, k / m))
    ways: tuple[Callable[[Estimate, tuple[Estimate, Estimate]], Estimate], ...] = (
        lambda e, p: Estimate(e.value / p[1].value, e.low / p[1].value, e.high / p[1].value),
        lambda e, p: ratio(e, p[0]),
        lambda e, p: ratio(e, p[1]),
    )
    found = []
    for way in ways:
        held = np.array([[(r := way(e, p)).low <= true <= r.high for p in paper] for e in here])
        found.append(float((weights * held).sum() / weights.sum()))
    return found[0], found[1], found[2]


def whole(mix: Sequence[int], more: Sequence[float], sets: int) -> tuple[float, float]:
    """Coverage in all patients, both samples drawn anew; ``more``: how much likelier the event is here, by group."""
    rng, n = np.random.default_rng(5), np.array(mix)
    rates, sizes = np.array([k / m for k, m in GROUPS]), np.array([m for _, m in GROUPS])
    here = rates * np.array(more)
    true = float(n @ here / (n @ rates))
    held = np.zeros(2)
    for _ in range(sets):
        printed, events = rng.binomial(sizes, rates), rng.binomial(n, here)
        y = np.concatenate([np.arange(m) < k for k, m in zip(events, n, strict=True)]).astype(float)
        known = observed_to_expected(y, np.repeat(printed / sizes, n))
        both = with_sampling_error(known, mix, list(zip(map(int, printed), map(int, sizes), strict=True)))
        held += [e.low <= true <= e.high for e in (known, both)]
    return float(held[0] / sets), float(held[1] / sets)


def group_over_time(n: int, risk: float, sets: int) -> tuple[float, float]:
    """Coverage of the incidence by 6 months in a group, a third lost and a tenth dead by then: on the log(-log) scale,
    and Wilson's of the effective number of patients."""
    rng, held = np.random.default_rng(6), np.zeros(2)
    death, loss = 0.018, 0.068
    hazard = -np.log1p(-risk) / 6
    true = hazard / (hazard + death) * (1 - np.exp(-(hazard + death) * 6))
    for _ in range(sets):
        first, lost = rng.exponential(1 / (hazard + death), n), np.minimum(rng.exponential(1 / loss, n), 12)
        kind = np.where(rng.random(n) < hazard / (hazard + death), 1, 2)
        data = FollowUp(np.minimum(first, lost), np.where(first <= lost, kind, 0))
        k, size = incidence_as_share(data, 6)
        for i, e in enumerate((incidence_of(data, 6), pooled_proportion([k, k], [size, size]))):
            held[i] += e.low <= true <= e.high
    return float(held[0] / sets), float(held[1] / sets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=int, nargs="?", default=2000, help="made-up data sets for each simulated row")
    sets: int = parser.parse_args().sets
    print("| published | patients here | true O / E | as printed | with its error | by Wilson's limits |")
    print("|---|---:|---:|---:|---:|---:|")
    for k, m in GROUPS:
        for n in HERE:
            for true in RATIOS:
                known, both, wilson = exact(k, m, n, true)
                print(f"| {k} of {m} | {n} | {true:g} | {known:.1%} | {both:.1%} | {wilson:.1%} |", flush=True)
    print("\n| patients here | low, medium, high | true O / E by group | as printed | with the error |")
    print("|---|---|---|---:|---:|")
    for name, mix in MIXES.items():
        for more in ((1, 1, 1), (0.5, 1, 1.3)):
            known, both = whole(mix, more, sets)
            sizes, ratios = (", ".join(f"{v:g}" for v in values) for values in (mix, more))
            print(f"| {name} | {sizes} | {ratios} | {known:.1%} | {both:.1%} |", flush=True)
    print("\n| patients in the group | rate | log(-log) | effective number |\n|---:|---:|---:|---:|")
    for n, risk in ((40, 0.05), (40, 0.2), (150, 0.02), (150, 0.1), (150, 0.6)):
        plain, effective = group_over_time(n, risk, sets)
        print(f"| {n} | {risk:.0%} | {plain:.1%} | {effective:.1%} |", flush=True)


if __name__ == "__main__":
    main()
