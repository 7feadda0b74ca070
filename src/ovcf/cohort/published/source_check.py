"""The contradictions of the source papers, recomputed: each printed figure beside what it should be.

Ids are those of the evidence tables. Contradictions of wording (INC-11, 12, 17-23, 27-29, 31-37) cannot be computed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovcf.cohort.published.consistency import (
    anova_p_from_summaries,
    counts_for_percent,
    cut_off_is_possible,
    grouped_auc,
    p_values,
    sizes_for_percent,
    tables_with_odds_ratio,
    which_test,
    youden,
)
from ovcf.language.worded import joined, say

_TOTALS = range(0, 13, 2)
_UNION = {"low": (46, 1), "medium": (89, 9), "high": (24, 63 - 24)}


@dataclass(frozen=True, slots=True)
class Check:
    """One printed statement and its recomputation; ``holds`` None where it is possible but not decided by it."""

    id: str
    source: str
    printed: str
    recomputed: str
    holds: bool | None


def check_sources() -> tuple[Check, ...]:
    """Every contradiction in the sources that can be computed, in the order of their ids."""
    return (*_han_score(), *_han_groups(), *_han_tables(), *_others())


def _han_score() -> list[Check]:
    maxima = (2, 2, 2, 2, 4)
    j_two, j_high = youden(48, 49, 159 - 46, 159), youden(39, 49, 24, 159)
    return [
        Check(
            "INC-01",
            "HAN",
            "scores range from 0 to 10",
            say("item maxima add up to {maxima}", maxima=sum(maxima)),
            sum(maxima) == 10,
        ),
        Check(
            "INC-02",
            "HAN",
            "cut-off 0.893",
            "no value of an all-even score, nor halfway between two",
            cut_off_is_possible(0.893, _TOTALS),
        ),
        Check("INC-03", "HAN", "high > 4, three times the cut-off", f"3 x 0.893 = {3 * 0.893:.3f}", 3 * 0.893 > 4),
        Check(
            "INC-04",
            "HAN",
            "cut-off 0.893 optimal by Youden",
            say(
                "J is {j_two:.3f} at >= 2, the first total above it, and {j_high:.3f} at > 4",
                j_two=j_two,
                j_high=j_high,
            ),
            False,
        ),
        Check("INC-08", "HAN", "ln 9.162 = 2.21", f"{math.log(9.162):.4f}", round(math.log(9.162), 2) == 2.21),
        Check(
            "INC-09",
            "HAN",
            "AUC .895 beside the score",
            say(
                "of the three groups {grouped_auc:.3f}; the printed .872 is the score's",
                grouped_auc=grouped_auc((1, 9, 39), (46, 89, 24)),
            ),
            False,
        ),
    ]


def _han_groups() -> list[Check]:
    kyphosis = p_values([[1, 46], [17, 81]], 3)
    p = kyphosis["Pearson"]
    union = [list(_UNION["low"]), list(_UNION["medium"])]
    return [
        Check(
            "INC-05",
            "HAN",
            "progressive kyphosis in the low group 1/46, 2.2%",
            "the group has 47 patients, and 1 + 17 + 30 of 47 + 98 + 63 give the printed totals of 48 and 208",
            47 + 98 + 63 != 208,
        ),
        Check(
            "INC-06",
            "HAN",
            "progressive kyphosis, low against medium P < .001",
            say("Pearson P = {p:.4f}", p=p),
            p < 0.001,
        ),
        Check(
            "INC-07",
            "HAN",
            "union, low against medium P = .222, Pearson with Bonferroni",
            say(
                "that is {value}; Pearson x 3 = {p_values:.3f}",
                value=joined(", ", which_test(0.222, union, 3, decimals=2)) or "no test",
                p_values=p_values(union, 3)["Pearson, Bonferroni x 3"],
            ),
            "Pearson, Bonferroni x 3" in which_test(0.222, union, 3),
        ),
    ]


def _han_tables() -> list[Check]:
    printed = {
        "burst": (47, 161, 5.677, (2.781, 11.586)),
        "VHL >= 15": (37, 171, 9.162, (4.181, 20.080)),
        "KA >= 15": (17, 191, 7.382, (2.567, 21.226)),
        "diffuse low T2": (105, 103, 6.427, (2.919, 14.151)),
    }
    found = {name: tables_with_odds_ratio(*figures) for name, figures in printed.items()}
    totals = {t.events + t.reference_events for tables in found.values() for t in tables}
    women = {group: 100 * k / n for group, k, n in (("low", 31, 47), ("medium", 75, 98), ("high", 51, 63))}
    bmi, low, high = anova_p_from_summaries((47, 98, 63), (24.51, 24.30, 24.89), (2.61, 2.49, 2.31), decimals=2)
    return [
        Check(
            "TABLE-1",
            "HAN",
            "odds ratios and intervals of Table 1",
            say(
                "one integer table each, and all give {sorted} non-unions",
                sorted=joined(" or ", map(str, sorted(totals))),
            ),
            all(len(tables) == 1 for tables in found.values()) and totals == {49},
        ),
        Check(
            "INC-13",
            "HAN",
            "women in the low group 14.9%",
            "that is 31 of all 208; within the groups " + ", ".join(f"{g} {p:.1f}%" for g, p in women.items()),
            round(women["low"], 1) == 14.9,
        ),
        Check(
            "INC-14",
            "HAN",
            "L2 in the high group 6.2%",
            say("13/208 = {value:.2f}%, rounded down", value=100 * 13 / 208),
            13 in counts_for_percent(6.2, 208, decimals=1),
        ),
        Check(
            "INC-15",
            "HAN",
            "BMI P = .325",
            say("{bmi:.3f}, {low:.3f} to {high:.3f} under rounding", bmi=bmi, low=low, high=high),
            low <= 0.3255 and high >= 0.3245,
        ),
    ]


def _others() -> list[Check]:
    sizes = ", ".join(map(str, sizes_for_percent(71, 39)[-3:]))
    possible = all(counts_for_percent(p, n) for p, n in ((34, 64), (5, 39), (50, 64), (38, 103)))
    return [
        Check(
            "INC-25",
            "NAG",
            "severe edema in 71% of 39",
            say("no count out of 39 gives 71%; possible with n = {sizes}", sizes=sizes),
            bool(counts_for_percent(71, 39)),
        ),
        Check("INC-26", "NAG", "34% of 64, 5% of 39, 50% of 64, 38% of 103", "all possible", possible),
        Check(
            "INC-30",
            "UNC",
            "sensitivity 85.6%, specificity 67.6% of 139 each",
            say(
                "{counts_for_percent} and {counts_for_percent_2} of 139: accuracy for acute against 6-month-old "
                "fractures, not for finding one",
                counts_for_percent=counts_for_percent(85.6, 139, 1),
                counts_for_percent_2=counts_for_percent(67.6, 139, 1),
            ),
            bool(counts_for_percent(85.6, 139, 1)) and bool(counts_for_percent(67.6, 139, 1)),
        ),
    ]
