"""Outcomes and measurements by group, as a paper's table and one figure each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.groups.contingency import independence, odds_ratio, proportion, proportion_difference
from ovcf.cohort.groups.group_tests import compare_numbers, pairwise_numbers
from ovcf.cohort.groups.group_tests import label as label_of_test
from ovcf.cohort.groups.multiplicity import adjust
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.follow_up import complete, groups_of
from ovcf.cohort.survival.kaplan_meier import COLOURS
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeByGroup(PlottedResult):
    """How many of each group had the outcome: (group, events, patients, share with Wilson's interval)."""

    outcome: str
    groups: tuple[tuple[str, int, int, Estimate], ...]
    p_adjusted: tuple[tuple[str, str, float], ...]

    def plot(self, ax: Any = None) -> Any:
        """A dot and interval for each group, the counts beside it."""
        ax = new_axes(ax, size=(4.6, 0.9 + 0.5 * len(self.groups)))
        for y, (_, events, n, share) in enumerate(reversed(self.groups)):
            ax.plot([100 * share.low, 100 * share.high], [y, y], color=COLOURS[0], lw=1.4)
            ax.plot([100 * share.value], [y], "s", color=COLOURS[0], ms=5.5)
            ax.annotate(f"{events}/{n}", (1.02, y), xycoords=("axes fraction", "data"), va="center", fontsize=9)
        ax.set_yticks(range(len(self.groups)), [*map(tr, [g[0] for g in reversed(self.groups)])])
        ax.set(
            xlim=(0, 100),
            ylim=(-0.6, len(self.groups) - 0.4),
            xlabel=tr(say("{outcome}, % (95% Wilson interval)", outcome=self.outcome)),
        )
        return ax


def outcome_by_group(frame: pd.DataFrame, outcome: str, group: str, *, label: str) -> OutcomeByGroup:
    """Share of a yes-or-no outcome in each group with Wilson's intervals, every two groups compared with Bonferroni.

    Raises:
        CohortDataError: an absent column, an outcome that is not 0 and 1 or constant, fewer than two groups.
    """
    kept, missing = complete(frame, [outcome, group])
    y = binary(kept[outcome], outcome)
    names, rows = zip(*groups_of(kept, group), strict=True)
    counts = [(int(y[r].sum()), int(r.sum())) for r in rows]
    groups = tuple((name, *c, proportion(*c)) for name, c in zip(names, counts, strict=True))
    pairs = list(combinations(range(len(names)), 2))
    tables = [[(counts[i][0], counts[i][1] - counts[i][0]) for i in pair] for pair in pairs]
    tests = [_p_of(t) for t in tables]
    pearson, fisher = (adjust([t[i] for t in tests], "bonferroni") for i in (0, 1))
    empty = [min(map(min, t)) == 0 for t in tables]
    compared = [
        (
            say("{names} against {names_2}", names=names[a], names_2=names[b]),
            proportion_difference(*counts[a], *counts[b]),
            odds_ratio(table, haldane=add),
            p[0],
            pearson[i],
            p[1],
            fisher[i],
        )
        for i, ((a, b), table, add, p) in enumerate(zip(pairs, tables, empty, tests, strict=True))
    ]
    columns = (
        Column("pair", "Groups"),
        Column("difference", "Difference (95% CI)", ".1%"),
        Column("odds_ratio", "OR (95% CI)", ".2f"),
        Column("p", "P, Pearson", "p"),
        Column("p_adjusted", "P, Pearson, Bonferroni", "p"),
        Column("p_fisher", "P, Fisher", "p"),
        Column("p_fisher_adjusted", "P, Fisher, Bonferroni", "p"),
    )
    shown = range(7) if len(pairs) > 1 else (0, 1, 2, 3, 5)
    overall = independence([(e, n - e) for e, n in counts])
    return OutcomeByGroup(
        title=say("{label} by {group}", label=label, group=group),
        method="Share with Wilson's 95% interval; every two groups: difference with Newcombe's interval, odds ratio "
        "with Woolf's, Pearson's chi-square without correction and Fisher's exact test"
        + (say("; Bonferroni for {pairs} comparisons", pairs=len(pairs)) if len(pairs) > 1 else ""),
        references=("Wilson EB. J Am Stat Assoc 1927;22:209-212", "Newcombe RG. Stat Med 1998;17:873-890"),
        n=len(kept),
        missing=missing,
        assumptions=tuple(say("All groups, {name}: {said_p}", name=t.name, said_p=said_p(t.p)) for t in overall),
        notes=tuple(
            say("{c}: a cell is empty, so 0.5 was added to each for the odds ratio (Haldane)", c=c[0])
            for c, add in zip(compared, empty, strict=True)
            if add
        ),
        tables=(
            Table(
                say("{label} by {group}", label=label, group=group),
                (
                    Column("group", "Group"),
                    Column("events", "Events", "d"),
                    Column("n", "n", "d"),
                    Column("share", "Share (95% CI)", ".1%"),
                ),
                groups,
            ),
            Table(
                "Every two groups",
                tuple(columns[i] for i in shown),
                tuple(tuple(row[i] for i in shown) for row in compared),
            ),
        ),
        outcome=label,
        groups=groups,
        p_adjusted=tuple((names[a], names[b], p) for (a, b), p in zip(pairs, pearson, strict=True)),
    )


def _p_of(table: list[tuple[int, int]]) -> tuple[float, float]:
    """Pearson's and Fisher's P; 1 where neither group has an event, or all have."""
    if any(sum(column) == 0 for column in zip(*table, strict=True)):
        return 1.0, 1.0
    by_name = {t.name.split()[0]: t.p for t in independence(table)}
    return by_name["Pearson"], by_name["Fisher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediansByGroup(PlottedResult):
    """Measurements of one unit by group; ``values`` are by measurement, then by group."""

    unit: str
    measures: tuple[str, ...]
    groups: tuple[str, ...]
    values: tuple[tuple[tuple[float, ...], ...], ...]

    def plot(self, ax: Any = None) -> Any:
        """Boxes (quartiles, whiskers to 1.5 times their range, every patient beyond), the groups side by side, told
        apart by their hatching, too."""
        ax = new_axes(ax, size=(1.6 + 1.35 * len(self.measures), 3.8))
        k = len(self.groups)
        width = 0.8 / k
        for j, (name, colour) in enumerate(zip(self.groups, COLOURS, strict=False)):
            places = [i + (j - (k - 1) / 2) * width for i in range(len(self.measures))]
            boxes = ax.boxplot(
                [v[j] for v in self.values],
                positions=places,
                widths=0.85 * width,
                patch_artist=True,
                medianprops={"color": "black"},
                boxprops={"facecolor": colour, "alpha": 0.55, "hatch": ("", "//", "..", "xx", "--", "++")[j % 6]},
                flierprops={"marker": ".", "markersize": 5, "markerfacecolor": colour, "markeredgecolor": "none"},
            )
            boxes["boxes"][0].set_label(name)
        ax.set_xticks(range(len(self.measures)), [*map(tr, self.measures)])
        ax.set(ylabel=tr(self.unit), xlim=(-0.5, len(self.measures) - 0.5))
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=k, borderaxespad=0.2)
        return ax


def medians_by_group(
    frame: pd.DataFrame, measures: Mapping[str, str], group: str, *, title: str, unit: str, decimals: int = 1
) -> MediansByGroup:
    """Median (quartiles) by group, Kruskal-Wallis, then every two groups by Mann-Whitney with Bonferroni.

    ``measures`` gives each column its name in print. Every measurement uses the patients who have it.

    Raises:
        CohortDataError: an absent column or one that is no number, fewer than two groups, or two patients in a group.
    """
    need_columns(frame, [group, *measures])
    known = frame[frame[group].notna()]
    names, rows = zip(*groups_of(known, group), strict=True)
    columns = {m: numbers(known[m], m) for m in measures}
    values = [[_known(column[r]) for r in rows] for column in columns.values()]
    lines, pairs = [], []
    for name, label, groups in zip(measures, measures.values(), values, strict=True):
        try:
            found = compare_numbers(groups, "kruskal")
            pairs += [(label, q) for q in pairwise_numbers(groups, names, "kruskal", "bonferroni")]
        except CohortDataError as error:
            raise CohortDataError(
                say("{name} by {group}", name=name, group=group), error.problem, error.remedy
            ) from None
        lines.append((label, *(quartiles(g) for g in groups), found.statistic, found.p))
    every = len(pairs) // len(lines)
    compared = Table(
        "Every two groups",
        (
            Column("measure", "Measurement"),
            Column("pair", "Groups"),
            Column("p", "P", "p"),
            Column("p_adjusted", "P, Bonferroni", "p"),
        ),
        tuple(
            (label, say("{first} against {second}", first=q.first, second=q.second), q.p, q.p_adjusted)
            for label, q in pairs
        ),
    )
    return MediansByGroup(
        title=title,
        method=say(
            "Median (lower to upper quartile) in {unit}; {label_of_test}",
            unit=unit,
            label_of_test=label_of_test("kruskal", len(names)),
        )
        + (
            say(", then every two groups by Mann-Whitney with Bonferroni for {every}", every=every) if every > 1 else ""
        ),
        n=len(known),
        missing=((group, len(frame) - len(known)), *((m, int(np.isnan(c).sum())) for m, c in columns.items())),
        tables=(
            Table(
                title,
                (
                    Column("measure", "Measurement"),
                    *(
                        Column(n, say("{name} (n = {n})", name=n, n=int(r.sum())), f".{decimals}f")
                        for n, r in zip(names, rows, strict=True)
                    ),
                    Column("statistic", "U" if len(names) == 2 else "H", ".2f"),
                    Column("p", "P", "p"),
                ),
                tuple(lines),
            ),
            *((compared,) if every > 1 else ()),
        ),
        unit=unit,
        measures=tuple(measures.values()),
        groups=tuple(names),
        values=tuple(tuple(tuple(g.tolist()) for g in groups) for groups in values),
    )


def _known(column: NDArray[np.float64]) -> NDArray[np.float64]:
    return column[~np.isnan(column)]


def quartiles(values: NDArray[np.float64]) -> Estimate:
    """Median, printed with its quartiles as an interval is."""
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return Estimate(float(median), float(low), float(high), coverage=0.5)
