"""One column per visit (``bme_0mo``, ``bme_3mo``): shares of grades, courses, and how two changes go together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import complete_rows, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.groups.group_tests import LABELS, compare_counts
from ovcf.cohort.groups.multiplicity import adjust
from ovcf.cohort.recipes.by_group import quartiles as _quartiles
from ovcf.cohort.result import AnalysisResult, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.follow_up import groups_of
from ovcf.cohort.survival.kaplan_meier import COLOURS
from ovcf.cohort.visits.longitudinal import mixed_anova, visits_as_rows
from ovcf.cohort.visits.posthoc import groups_at_visits, visits_within_groups
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from ovcf.cohort.recipes.study_report import Workbench

_SHADES = ("#f0f0f0", "#bdd7e7", "#6baed6", "#08519c")
"""From none to most: one hue, darker with more, readable in grey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesOverVisits(PlottedResult):
    """``counts`` by (group, months): how many had each of ``grades``."""

    grades: tuple[str, ...]
    counts: tuple[tuple[str, float, tuple[int, ...]], ...]

    def plot(self, ax: Any = None) -> Any:
        """Stacked bars of shares, the groups side by side at each visit."""
        ax = new_axes(ax, size=(1.9 + 0.75 * len(self.counts), 3.9))
        order = sorted(self.counts, key=lambda c: c[1])
        months = sorted({m for _, m, _ in order})
        places = [i + 0.4 * months.index(m) for i, (_, m, _) in enumerate(order)]
        for i, (_, _, counts) in zip(places, order, strict=True):
            base, total = 0.0, sum(counts)
            for grade, n, shade in zip(self.grades, counts, _SHADES, strict=True):
                share = 100 * n / total
                ax.bar(
                    i,
                    share,
                    bottom=base,
                    width=0.8,
                    color=shade,
                    edgecolor="black",
                    lw=0.6,
                    label=tr(grade) if i == 0 else None,
                )
                if n:
                    dark = shade == _SHADES[-1]
                    ax.text(
                        i,
                        base + share / 2,
                        str(n),
                        ha="center",
                        va="center",
                        fontsize=8,
                        color="white" if dark else "black",
                    )
                base += share
        ax.set_xticks(
            places,
            [tr(say("{months:g} mo", months=m)) + ("" if g == "all" else f"\n{fill(tr(g), 10)}") for g, m, _ in order],
            fontsize=8,
        )
        ax.set(ylabel=tr("Share, %"), ylim=(0, 100))
        handles, labels = ax.get_legend_handles_labels()
        ax.legend(handles[::-1], labels[::-1], frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        return ax


def grades_over_visits(
    frame: pd.DataFrame, visits: Mapping[str, float], grades: Sequence[str], *, title: str, group: str | None = None
) -> GradesOverVisits:
    """How many had each grade at each visit, by group; the groups compared at each visit, with Holm over the visits.

    Raises:
        CohortDataError: an absent column, an unknown grade, fewer than two groups, no visit.
    """
    if not visits:
        raise CohortDataError(title, "no visit is among the columns", "Name columns such as bme_0mo and bme_3mo.")
    need_columns(frame, [*visits, *([group] if group else [])])
    known = frame[frame[group].notna()] if group else frame
    counts, comparisons = [], []
    for column, months in visits.items():
        if unknown := set(known[column].dropna().unique()) - set(grades):
            raise CohortDataError(
                column,
                say("holds {min!r}", min=min(unknown, key=str)),
                say("Give one of {grades}.", grades=joined(", ", grades)),
            )
        table = {
            name: [int((known.loc[rows, column] == g).sum()) for g in grades] for name, rows in groups_of(known, group)
        }
        counts += [(name, months, tuple(c)) for name, c in table.items() if sum(c)]
        filled = np.array([c for c in table.values() if sum(c)])
        filled = filled[:, filled.sum(axis=0) > 0]
        if min(filled.shape) > 1:
            comparisons.append((months, compare_counts(filled)))
    adjusted = adjust([c.p for _, c in comparisons], "holm")
    tests = Table(
        "Groups compared at each visit",
        (
            Column("months", "Months", "g"),
            Column("test", "Test"),
            Column("p", "P", "p"),
            Column("p_adjusted", "P, Holm", "p"),
            Column("reason", "Why this test"),
        ),
        tuple((m, LABELS[c.test], c.p, p, c.reason) for (m, c), p in zip(comparisons, adjusted, strict=True)),
    )
    return GradesOverVisits(
        title=title,
        method="Share of those known at each visit, Wilson's 95% interval"
        + ("; groups by the test that their counts allow" if group else ""),
        n=len(known),
        missing=tuple((c, int(frame[c].isna().sum())) for c in (*([group] if group else []), *visits)),
        tables=(
            Table(
                "Grades at each visit",
                (
                    Column("group", "Group"),
                    Column("months", "Months", "g"),
                    Column("grade", "Grade"),
                    Column("count", "n", "d"),
                    Column("known", "of", "d"),
                    Column("share", "Share (95% CI)", ".1%"),
                ),
                tuple(
                    (name, m, grade, k, sum(c), proportion(k, sum(c)))
                    for name, m, c in counts
                    for grade, k in zip(grades, c, strict=True)
                ),
            ),
            *((tests,) if comparisons else ()),
        ),
        grades=tuple(grades),
        counts=tuple(counts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course(PlottedResult):
    """One measurement over visits: ``lines`` are the subjects' own, NaN where a visit is missing."""

    label: str
    months: tuple[float, ...]
    quartiles: tuple[Estimate, ...]
    lines: tuple[tuple[float, ...], ...]

    def plot(self, ax: Any = None) -> Any:
        """Every subject thin, medians and quartiles bold."""
        ax = new_axes(ax, size=(5.0, 3.8))
        for line in self.lines:
            ax.plot(self.months, line, color="0.6", lw=0.5, alpha=0.35)
        q = self.quartiles
        below, above = [x.value - x.low for x in q], [x.high - x.value for x in q]
        ax.errorbar(
            self.months,
            [x.value for x in q],
            [below, above],
            marker="o",
            ms=5,
            capsize=4,
            lw=1.8,
            color=COLOURS[0],
            label=tr("median and quartiles"),
        )
        ax.set(xlabel=tr("Months"), ylabel=tr(self.label), xticks=self.months)
        ax.legend(frameon=False)
        return ax


def course(
    frame: pd.DataFrame, visits: Mapping[str, float], *, label: str, decimals: int = 1, above_zero: bool = False
) -> Course:
    """Median and quartiles at each visit; Friedman's test, then each visit against the first by Wilcoxon with Holm.

    ``above_zero`` adds the share with any at all.

    Raises:
        CohortDataError: fewer than two visits, a column that is no number, fewer than three complete subjects.
    """
    from scipy.stats import friedmanchisquare, wilcoxon

    if len(visits) < 2:
        raise CohortDataError(
            label, say("{visits} of at least two visits are there", visits=len(visits)), "Add the other visits."
        )
    columns = {v: numbers(frame[v], v) for v in visits}
    whole, missing = complete_rows(**columns)
    if whole.sum() < 3:
        raise CohortDataError(
            label, say("{whole} subjects have every visit", whole=whole.sum()), "At least three are needed."
        )
    first, *later = (c[whole] for c in columns.values())
    p_first = adjust([float(wilcoxon(x, first).pvalue) if (x != first).any() else 1.0 for x in later], "holm")
    known = [c[~np.isnan(c)] for c in columns.values()]
    quartiles = [_quartiles(k) for k in known]
    rows = [
        (m, len(k), float(k.mean()), q, *((int((k > 0).sum()), proportion(int((k > 0).sum()), len(k))) * above_zero), p)
        for m, k, q, p in zip(visits.values(), known, quartiles, (None, *p_first), strict=True)
    ]
    share = (Column("any", "Above 0", "d"), Column("share", "Share (95% CI)", ".1%"))
    assumed: tuple[str, ...] = ()
    if later[1:]:
        friedman = friedmanchisquare(first, *later)
        p = said_p(float(friedman.pvalue))
        found = say(
            "chi-square {statistic:.2f}, {p}, {whole} with every visit",
            statistic=friedman.statistic,
            p=p,
            whole=int(whole.sum()),
        )
        assumed = (say("Any difference between visits, by Friedman's test: {found}", found=found),)
    return Course(
        title=say("{label} over visits", label=label),
        method="Median (quartiles) of those known at each visit; visits against the first by Wilcoxon's signed ranks "
        "in subjects with every visit, P by Holm",
        n=len(frame),
        missing=missing,
        assumptions=assumed,
        tables=(
            Table(
                say("{label} over visits", label=label),
                (
                    Column("months", "Months", "g"),
                    Column("n", "n", "d"),
                    Column("mean", "Mean", f".{decimals}f"),
                    Column("median", "Median (quartiles)", f".{decimals}f"),
                    *(share if above_zero else ()),
                    Column("p", "P against the first", "p"),
                ),
                tuple(rows),
            ),
        ),
        label=label,
        months=tuple(visits.values()),
        quartiles=tuple(quartiles),
        lines=tuple(zip(*(c.tolist() for c in columns.values()), strict=True)),
    )


def rank_correlations(
    frame: pd.DataFrame, pairs: Sequence[tuple[str, str]], *, title: str, notes: Sequence[str] = ()
) -> AnalysisResult:
    """Spearman's rho of each two columns with an interval (Bonett and Wright), P by Holm.

    Raises:
        CohortDataError: no pair, a column that is no number, fewer than four complete subjects, a constant column.
    """
    from scipy.stats import spearmanr

    found = []
    for x, y in pairs:
        a, b = numbers(frame[x], x), numbers(frame[y], y)
        whole, _ = complete_rows(**{x: a, y: b})
        n = int(whole.sum())
        if n < 4 or np.ptp(a[whole]) == 0 or np.ptp(b[whole]) == 0:
            raise CohortDataError(
                say("{x} and {y}", x=x, y=y), say("{n} subjects know both, or one never changes", n=n), "Add subjects."
            )
        test = spearmanr(a[whole], b[whole])
        rho = float(np.clip(test.statistic, -0.999999, 0.999999))
        half = 1.959964 * np.sqrt((1 + rho**2 / 2) / (n - 3))
        ends = (float(np.tanh(np.arctanh(rho) + s * half)) for s in (-1, 1))
        found.append((x, y, n, Estimate(float(test.statistic), *ends), float(test.pvalue)))
    if not found:
        raise CohortDataError(title, "no two columns of one visit are there", "Add both at the same visit.")
    adjusted = adjust([f[-1] for f in found], "holm")
    return AnalysisResult(
        title=title,
        method="Spearman's rank correlation with the interval of Bonett and Wright, P by Holm over the rows",
        references=("Bonett DG, Wright TA. Psychometrika 2000;65:23-28",),
        n=len(frame),
        missing=tuple((c, int(frame[c].isna().sum())) for c in dict.fromkeys(c for pair in pairs for c in pair)),
        notes=("An interval that excludes neither 0 nor a relation of note decides nothing.", *notes),
        tables=(
            Table(
                title,
                (
                    Column("x", "First"),
                    Column("y", "Second"),
                    Column("n", "n", "d"),
                    Column("rho", "rho (95% CI)", ".2f"),
                    Column("p", "P", "p"),
                    Column("p_adjusted", "P, Holm", "p"),
                ),
                tuple((*f, p) for f, p in zip(found, adjusted, strict=True)),
            ),
        ),
    )


def over_visits_by_group(bench: Workbench, stem: str, label: str, group: str) -> None:
    """Mixed analysis of variance of one outcome over its visits, and the groups compared at each visit."""
    visits = bench.visits(stem)
    if len(visits) < 2:
        bench.leave(
            f"{stem}-over-visits",
            say("fewer than two visits of {label}", label=label),
            say("Add {stem}_0mo, {stem}_1mo, ...", stem=stem),
        )
        return
    by = bench.printed(group)

    def rows() -> pd.DataFrame:
        # The row is the subject: a patient's own id may be missing.
        return visits_as_rows(bench.frame.assign(row=range(len(bench.frame))), visits, label, "row", by)

    analyses: dict[str, Callable[..., AnalysisResult]] = {
        "over-visits": mixed_anova,
        "groups-at-visits": groups_at_visits,
        "visits-in-groups": visits_within_groups,
    }
    for name, analysis in analyses.items():
        made = partial(analysis, outcome=label, subject="row", visit="visit", group=by)
        bench.make(f"{stem}-{name}", lambda made=made: made(rows()), needs=[group])  # type: ignore[misc]  # bound now
