"""The published margins of HAN 2025 (Sci Rep 15:16791), and the cohort reconstructed from them.

Counts: Tables 1-3, group outcomes, and level and sex by progressive kyphosis. Table 1 prints odds ratios, not counts of
events; every printed ratio and interval belongs to exactly one integer table
(:mod:`ovcf.cohort.published.consistency`). The low group has 47 patients throughout (INC-05).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.published.reconstruct import Cells, Margin, reconstruct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

N = 208
LEVELS = ("T11", "T12", "L1", "L2")
T_SCORE_BANDS = ("-2.5 < T <= -1.0", "-3.5 < T <= -2.5", "T <= -3.5")
FACTORS: dict[str, tuple[object, ...]] = {
    "fracture_type": ("compression", "burst"),
    "vhl_15_or_more": (False, True),
    "ka_15_or_more": (False, True),
    "t2_diffuse_low": (False, True),
    "t_score_band": T_SCORE_BANDS,
    "sex": ("female", "male"),
    "level": LEVELS,
    "non_union": (False, True),
    "progressive_kyphosis": (False, True),
}
SCORE_OR, SCORE_OR_INTERVAL, SCORE_AUC = 1.754, (1.504, 2.046), 0.872
"""The printed figures of the score alone for non-union (Table 5 and Fig. 1)."""
_TOTALS = np.arange(0, 13, 2)
_GROUP_OF_TOTAL = ("low", "medium", "medium", "high", "high", "high", "high")


def score_of(patient: Mapping[str, object]) -> dict[str, object]:
    """Total and group of NASOVCF from the categories that the paper prints."""
    two = (
        patient["fracture_type"] == "burst",
        patient["vhl_15_or_more"],
        patient["ka_15_or_more"],
        patient["t2_diffuse_low"],
    )
    total = 2 * sum(map(bool, two)) + 2 * T_SCORE_BANDS.index(str(patient["t_score_band"]))
    return {"nasovcf": total, "group": _GROUP_OF_TOTAL[total // 2]}


def margins() -> list[Margin]:
    """Every printed count, and what the printed quartiles of VHL and KA say of the 15 % and 15 degree items."""
    of = Margin.of
    found = [of(N)]
    by_outcome: list[tuple[str, object, int, int]] = [
        ("fracture_type", "burst", 24, 47),
        ("fracture_type", "compression", 25, 161),
        ("vhl_15_or_more", True, 23, 37),
        ("ka_15_or_more", True, 11, 17),
        ("t2_diffuse_low", True, 40, 105),
        *(("t_score_band", b, e, n) for b, e, n in zip(T_SCORE_BANDS, (5, 21, 23), (91, 83, 34), strict=True)),
        ("sex", "male", 7, 51),
        ("sex", "female", 42, 157),
        *(("level", x, e, n) for x, e, n in zip(LEVELS, (7, 10, 23, 9), (30, 38, 97, 43), strict=True)),
        ("group", "low", 1, 47),
        ("group", "medium", 9, 98),
        ("group", "high", 39, 63),
    ]
    for name, value, events, n in by_outcome:
        found += [of(n, **{name: value}), of(events, **{name: value, "non_union": True})]
    kyphosis: list[tuple[str, object, int]] = [
        *(("level", x, e) for x, e in zip(LEVELS, (5, 9, 24, 10), strict=True)),
        ("sex", "female", 44),
        ("sex", "male", 4),
        ("group", "low", 1),
        ("group", "medium", 17),
        ("group", "high", 30),
    ]
    found += [of(events, **{name: value, "progressive_kyphosis": True}) for name, value, events in kyphosis]
    for group, women, levels in (
        ("low", 31, (5, 9, 24, 9)),
        ("medium", 75, (16, 17, 44, 21)),
        ("high", 51, (9, 12, 29, 13)),
    ):
        found.append(of(women, group=group, sex="female"))
        found += [of(n, group=group, level=x) for x, n in zip(LEVELS, levels, strict=True)]
    # Median VHL of the high group is 15.1 (half of 63 at or above), its upper quartile of KA 14.85.
    return [*found, of((32, 37), group="high", vhl_15_or_more=True), of((0, 16), group="high", ka_15_or_more=True)]


def reconstructed() -> list[dict[str, object]]:
    """208 rows that agree with every margin and, of the score tables those allow, come closest to the printed figures.

    Closest: the largest deviation of odds ratio per point, its limits and AUC, in units of the last printed digit.
    The search takes some seconds; the packaged table is its result.
    """
    cells = Cells.of(FACTORS, score_of)
    printed = margins()
    for with_event, without in _by_closeness():
        table = [
            Margin.of(int(n), nasovcf=int(total), non_union=event)
            for event, counts in ((True, with_event), (False, without))
            for total, n in zip(_TOTALS, counts, strict=True)
        ]
        rows = reconstruct(cells, [*printed, *table])
        if rows is not None:
            return rows
    raise AssertionError("the margins of HAN 2025 are consistent, so some score table agrees with them")


def _by_closeness() -> Iterator[tuple[Array, Array]]:
    """Score tables (patients per total, with and without non-union) that keep the groups and points, closest first."""
    # The factor counts fix the points summed over patients: 330 with and 384 without non-union.
    events, others = _tables(9, 39, 1, 330), _tables(89, 24, 46, 384)
    below = np.tril(np.ones((7, 7)), -1) + np.eye(7) / 2
    auc = events @ below @ others.T / (events[0].sum() * others[0].sum())
    pairs = np.argwhere(np.abs(auc - SCORE_AUC) < 0.0005)
    slope, error = _logistic(events[pairs[:, 0]], others[pairs[:, 1]])
    figures = np.stack([np.exp(slope + z * error) for z in (0, -1.959964, 1.959964)], axis=1)
    off = np.abs(figures - (SCORE_OR, *SCORE_OR_INTERVAL)).max(axis=1) / 0.001
    off = np.maximum(off, np.abs(auc[tuple(pairs.T)] - SCORE_AUC) / 0.001)
    for i in np.argsort(off, kind="stable"):
        yield events[pairs[i, 0]], others[pairs[i, 1]]


def _tables(medium: int, high: int, low: int, points: int) -> Array:
    """Every way to spread a group's patients over its totals such that the points add up."""
    found = []
    for four, eight, ten, twelve in product(range(medium + 1), *(range(high + 1),) * 3):
        six = high - eight - ten - twelve
        counts = (low, medium - four, four, six, eight, ten, twelve)
        if six >= 0 and int(_TOTALS @ counts) == points:
            found.append(counts)
    return np.array(found, float)


def _logistic(events: Array, others: Array) -> tuple[Array, Array]:
    """Slope per point and its standard error, for many score tables ``(k, 7)`` at once, by Newton's method."""
    n = events + others
    x = np.stack([np.ones(7), _TOTALS.astype(float)], axis=1)
    beta = np.tile([-3.0, 0.5], (len(events), 1))
    information = np.empty(0)
    for _ in range(12):
        p = 1 / (1 + np.exp(-beta @ x.T))
        information = np.einsum("ks,si,sj->kij", n * p * (1 - p), x, x)
        beta = beta + np.linalg.solve(information, ((events - n * p) @ x)[..., None])[..., 0]
    return beta[:, 1], np.sqrt(np.linalg.inv(information)[:, 1, 1])
