"""What HAN 2025 prints of NASOVCF and each of its two outcomes, to compare other cohorts with."""

from __future__ import annotations

from dataclasses import dataclass

from ovcf.cohort.result import Estimate

PRINTED_AT_MONTHS = 6
"""The only time at which HAN prints who had non-union or progressive kyphosis; VAS and ODI were taken earlier, too."""
HAN = "Han W, Deng Z, Lin Z, Luo J, Xu J. Sci Rep 2025;15:16791"


@dataclass(frozen=True, slots=True)
class Published:
    """What HAN prints of an outcome: events and patients of the groups, odds ratio per point, AUC where the score's."""

    label: str
    groups: tuple[tuple[int, int], ...]
    odds_ratio: Estimate
    auc: Estimate | None


PUBLISHED = {
    "non_union": Published(
        "Non-union at 6 months",
        ((1, 47), (9, 98), (39, 63)),
        Estimate(1.754, 1.504, 2.046),
        Estimate(0.872, 0.816, 0.928),
    ),
    # The printed AUC of 0.835 is that of a model with sex, age, VAS and ODI, not of the score.
    "progressive_kyphosis": Published(
        "Progressive kyphosis at 6 months", ((1, 47), (17, 98), (30, 63)), Estimate(1.429, 1.266, 1.614), None
    ),
}
