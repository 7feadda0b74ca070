"""What each simulated patient is like and what becomes of them, drawn together from HAN's printed tables.

Fracture type, T2 pattern, T-score band, sex, level and both outcomes of a patient are those of one row of the cohort
that was reconstructed from the paper (:mod:`ovcf.cohort.published.han_2025`): so they go together as printed there.
Height loss and kyphosis angle follow the quartiles of the score's groups in HAN's Table 4. What HAN does not print
(pain by numbers, treatment, loss, death, secondary fractures, edema) is invented, of a believable size.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.scores.prognosis.follow_up import PROGRESSION_DEG
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Flags = NDArray[np.bool_]

GROUPS = ("low", "medium", "high")
_AT = (0.0, 0.25, 0.5, 0.75, 1.0)
_VHL = ((0.0, 0.8, 2.5, 7.0, 14.9), (0.0, 2.5, 5.4, 8.4, 24.0), (1.0, 11.85, 15.1, 23.0, 48.0))
_VHL_MORE = ((0.1, 0.5, 0.9, 1.4, 5.0), (0.5, 2.3, 3.5, 6.25, 16.0), (1.0, 5.35, 13.1, 18.65, 32.0))
_KA = ((-2.0, 1.5, 2.4, 5.45, 14.9), (0.0, 2.7, 3.65, 5.5, 22.0), (0.5, 9.35, 12.5, 14.85, 30.0))
_KA_MORE = ((0.0, 0.5, 0.9, 1.5, 13.0), (0.0, 1.5, 2.95, 5.3, 20.0), (0.5, 5.05, 9.5, 15.55, 30.0))
"""Quartiles of the low, medium and high group (HAN, Table 4); the ends are guesses."""
_AGE = (60.0, 65.0, 70.5, 76.0, 93.0)
_BANDS = {"-2.5 < T <= -1.0": (-2.4, -1.0), "-3.5 < T <= -2.5": (-3.4, -2.5), "T <= -3.5": (-4.9, -3.5)}
DEATH_A_YEAR, LOST_A_VISIT, MISSED = 0.04, 0.035, 0.05
SECONDARY_A_YEAR = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """``n`` patients, an array of each figure. Days count from the first visit; infinite where it never happens."""

    female: Flags
    age: Array
    level: NDArray[np.str_]
    group: NDArray[np.intp]
    burst: Flags
    t2_low: Flags
    t_score: Array
    vhl: Array
    vhl_more: Array
    ka: Array
    ka_more: Array
    non_union: Flags
    edema: Array
    pain: Array
    death: Array
    secondary: Array


def draw(rng: np.random.Generator, n: int) -> Drawn:
    """Draw patients treated without operation, as HAN's were."""
    cohort = _cohort()
    who = rng.integers(len(cohort["group"]), size=n)
    group = cohort["group"][who]
    low, high = cohort["t_low"][who], cohort["t_high"][who]
    high_group = group == 2
    non_union = cohort["non_union"][who]
    t_score = np.round(rng.uniform(low, high), 1)
    hazard = SECONDARY_A_YEAR * np.where(t_score <= -3.5, 2.0, np.where(t_score <= -2.5, 1.0, 0.6))
    return Drawn(
        female=cohort["female"][who],
        age=np.round(_quantile(_AGE, rng.random(n)), 1),
        level=cohort["level"][who],
        group=group,
        burst=cohort["burst"][who],
        t2_low=cohort["t2_low"][who],
        t_score=t_score,
        vhl=_by_group(rng, _VHL, group, VHL_LIMIT_PERCENT, cohort["vhl"][who], strictly=False),
        vhl_more=_free(rng, _VHL_MORE, group),
        ka=_by_group(rng, _KA, group, KYPHOSIS_LIMIT_DEG, cohort["ka"][who], strictly=False),
        ka_more=_by_group(rng, _KA_MORE, group, PROGRESSION_DEG, cohort["progressive"][who], strictly=True),
        non_union=non_union,
        edema=np.round(100 * rng.beta(4.0 + 2 * high_group, 2.5), 0),
        pain=np.clip(rng.normal(6.6 + 0.9 * high_group, 1.1), 2, 10),
        death=rng.exponential(365.25 / DEATH_A_YEAR, n),
        secondary=rng.exponential(365.25 / hazard),
    )


@cache
def _cohort() -> dict[str, NDArray[Any]]:
    text = files("ovcf.cohort").joinpath("tables", "han_2025_reconstructed.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))

    def flags(column: str) -> Flags:
        return np.array([row[column] == "1" for row in rows])

    limits = np.array([_BANDS[row["t_score_band"]] for row in rows])
    return {
        "female": np.array([row["sex"] == "female" for row in rows]),
        "level": np.array([row["level"] for row in rows]),
        "group": np.array([GROUPS.index(row["group"]) for row in rows]),
        "burst": np.array([row["fracture_type"] == "burst" for row in rows]),
        "vhl": flags("vhl_15_or_more"),
        "ka": flags("ka_15_or_more"),
        "t2_low": flags("t2_diffuse_low"),
        "t_low": limits[:, 0],
        "t_high": limits[:, 1],
        "non_union": flags("non_union"),
        "progressive": flags("progressive_kyphosis"),
    }


def _by_group(
    rng: np.random.Generator,
    quartiles: tuple[tuple[float, ...], ...],
    group: NDArray[np.intp],
    limit: float,
    beyond: Flags,
    *,
    strictly: bool,
) -> Array:
    """Values with the quartiles of their group that lie on the side of the limit that the row of the cohort says."""
    found = np.empty(len(group))
    u = rng.random(len(group))
    for number, points in enumerate(quartiles):
        at = float(np.interp(limit, points, _AT))
        here = group == number
        place = np.where(beyond, at + (1 - at) * u, at * u)
        found[here] = _quantile(points, place[here])
    step = 0.1
    inside = np.minimum(np.round(found, 1), limit - (0.0 if strictly else step))
    outside = np.maximum(np.round(found, 1), limit + (step if strictly else 0.0))
    return np.where(beyond, outside, inside)


def _free(rng: np.random.Generator, quartiles: tuple[tuple[float, ...], ...], group: NDArray[np.intp]) -> Array:
    u = rng.random(len(group))
    by_group = np.stack([_quantile(points, u) for points in quartiles])
    return np.round(by_group[group, np.arange(len(group))], 1)


def _quantile(points: tuple[float, ...], u: Array) -> Array:
    return np.interp(u, _AT, points)
