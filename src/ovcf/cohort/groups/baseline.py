"""The first table of a paper: who the patients were, group by group, and how far the groups differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import level_word, levels_of, need_columns
from ovcf.cohort.groups.group_tests import (
    Comparison,
    Pair,
    TestName,
    compare_counts,
    compare_numbers,
    label,
    pairwise_counts,
    pairwise_numbers,
    standardised_difference,
    standardised_difference_of_counts,
)
from ovcf.cohort.groups.multiplicity import Correction, adjusted_by
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray


Kind = Literal["number", "category"]


MAX_GROUPS_IN_PAIRS = 6
"""Beyond it, as with centres, pairs fill pages and answer nothing."""
MAX_SKEWNESS = 1.0
"""Beyond it, a mean and its standard deviation describe no patient (Bulmer, Principles of Statistics 1979)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A count with its percentage of the known."""

    count: int
    of: int

    def __str__(self) -> str:
        return f"{self.count} ({100 * self.count / self.of:.1f}%)" if self.of else "0"

    def parts(self) -> dict[str, float]:
        """Its columns in tidy data."""
        return {"_count": self.count, "_known": self.of}


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over patients; prints as mean ± SD, or as median (quartiles) when compared by ranks.

    ``decimals`` are those of the whole row, so that its cells can be compared.
    """

    n: int
    mean: float
    sd: float
    median: float
    lower: float
    upper: float
    by_ranks: bool
    decimals: int

    def __str__(self) -> str:
        if not self.n:
            return "–"
        decimals = self.decimals
        if self.by_ranks:
            return format(Estimate(self.median, self.lower, self.upper), f".{decimals}f")
        return f"{self.mean:.{decimals}f} ± {self.sd:.{decimals}f}"

    def parts(self) -> dict[str, float]:
        """Its columns in tidy data."""
        named = ("n", "mean", "sd", "median", "lower", "upper")
        return {f"_{name}": getattr(self, name) for name in named}


@dataclass(frozen=True, slots=True)
class Line:
    """One variable: how it was compared, and every two groups; ``smd`` is the largest standardised difference."""

    variable: str
    kind: Kind
    comparison: Comparison
    smd: float
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult(AnalysisResult):
    """The baseline table; tables are: the printed one, the tests with their reasons, every pair of groups."""

    groups: tuple[str, ...]
    lines: tuple[Line, ...]
    correction: Correction = "holm"
    tested: bool = True
    sizes: tuple[int, ...] = ()


def baseline(
    frame: pd.DataFrame,
    group: str,
    variables: Sequence[str],
    *,
    kinds: Mapping[str, Kind] | None = None,
    tests: Mapping[str, TestName] | None = None,
    correction: Correction = "holm",
    tested: bool = True,
) -> BaselineResult:
    """Describe ``variables`` in each group of ``group`` and compare the groups.

    Args:
        frame: one row per patient.
        group: column of the groups.
        variables: columns to describe.
        kinds: ``number`` or ``category`` where the column itself does not say; 0/1 columns are categories.
        tests: a test fixed beforehand, by variable. Without it the data choose (see `group_tests`), which is usual and
            not above criticism: a test planned in the protocol is better.
        correction: of the P values of pairs, within each variable.
        tested: False leaves out P values and tests, as journals ask where groups were not drawn by lot; numbers are
            then given as median (IQR) where their skewness exceeds 1, else as mean ± SD.

    Raises:
        CohortDataError: unknown columns, fewer than two groups, a variable that cannot be compared; names it.
    """
    need_columns(frame, [group, *variables])
    known = frame[frame[group].notna()]
    codes = levels_of(known[group]) or tuple(sorted(known[group].unique()))
    if len(codes) < 2:
        raise CohortDataError(group, "has fewer than two groups", "Give a column that tells the patients apart.")
    masks = [(known[group] == code).to_numpy(bool) for code in codes]
    names = tuple(level_word(code) for code in codes)
    lines, printed = [], []
    for name in variables:
        kind = (kinds or {}).get(name) or _kind(known[name])
        test = (tests or {}).get(name)
        if test is None and not tested and kind == "number":
            test = _by_skewness(numbers(known[name], name))
        try:
            describe = _numbers if kind == "number" else _categories
            line, rows = describe(known[name], name, masks, names, test, correction)
        except CohortDataError as error:
            raise CohortDataError(
                say("{name} by {group}", name=name, group=group), error.problem, error.remedy
            ) from None
        lines.append(line)
        printed += rows
    columns = [
        Column("variable", "Variable"),
        Column("level", "Level"),
        Column("overall", say("All (n = {known})", known=len(known))),
    ]
    columns += [Column(n, say("{name} (n = {n})", name=n, n=m.sum())) for n, m in zip(names, masks, strict=True)]
    columns += [Column("p", "P", "p")] if tested else []
    columns += [Column("smd", "SMD", ".2f"), Column("missing", "Missing", "d")]
    in_pairs = tested and 2 < len(names) <= MAX_GROUPS_IN_PAIRS
    described = "Mean ± SD, median (IQR: lower to upper quartile) or n (% of the known); "
    return BaselineResult(
        title=say("Patients by {group}", group=group),
        method=described
        + ("the test of each variable stands with its reason; " if tested else "medians where the skewness exceeds 1; ")
        + (say("pairs {adjusted_by}; ", adjusted_by=adjusted_by(correction)) if in_pairs else "")
        + "SMD is the largest standardised difference of two groups",
        references=("Yang D, Dalton JE. SAS Global Forum 2012, paper 335 (standardised differences)",),
        n=len(known),
        missing=((group, int(frame[group].isna().sum())), *((v, int(known[v].isna().sum())) for v in variables)),
        assumptions=(
            "Shapiro-Wilk, Levene and Cochran's rule; what they found stands per variable in the table of tests",
        )
        if tested
        else (),
        tables=(
            Table("Baseline", tuple(columns), tuple(printed if tested else (_without_p(row) for row in printed))),
            *((_tests_table(lines, len(names)),) if tested else ()),
            *((_pairs_table(lines, correction),) if in_pairs else ()),
        ),
        groups=names,
        lines=tuple(lines),
        correction=correction,
        tested=tested,
        sizes=tuple(int(m.sum()) for m in masks),
    )


def groups_in_rows(result: BaselineResult, group: str) -> AnalysisResult:
    """The same table turned: a row for each group, as many centres are read, and the largest difference at the foot."""
    printed = result.tables[0]
    cells = slice(2, 3 + len(result.groups))  # all patients, then the groups
    heads, named = [Column("group", group), Column("n", "n", "d")], ""
    for i, row in enumerate(printed.rows):
        named = row[0] or named
        heads.append(Column(f"{named}_{i}", say("{named}, {row}", named=named, row=row[1])))
    body = [["All", *result.groups], [result.n, *result.sizes], *([*row[cells]] for row in printed.rows)]
    smd = next(i for i, c in enumerate(printed.columns) if c.name == "smd")
    foot = ("largest SMD", None, *("" if row[smd] is None else f"{row[smd]:.2f}" for row in printed.rows))
    missing = ("missing", None, *("" if row[-1] is None else str(row[-1]) for row in printed.rows))
    return AnalysisResult(
        title=result.title,
        method=result.method,
        references=result.references,
        n=result.n,
        missing=result.missing,
        notes=result.notes,
        tables=(Table("Baseline", tuple(heads), (*zip(*body, strict=True), foot, missing)),),
    )


def _without_p(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A printed row, whose last cells are P, SMD and the number missing."""
    return (*row[:-3], *row[-2:])


def _by_skewness(values: NDArray[np.float64]) -> TestName:
    """The test whose kind of summary, medians or means, suits the distribution."""
    from scipy.stats import skew

    return "kruskal" if abs(float(skew(values[~np.isnan(values)]))) > MAX_SKEWNESS else "anova"


def _tests_table(lines: Sequence[Line], groups: int) -> Table:
    return Table(
        "Tests",
        (
            Column("variable", "Variable"),
            Column("test", "Test"),
            Column("statistic", "Statistic", ".3f"),
            Column("p", "P", "p"),
            Column("smd", "SMD", ".3f"),
            Column("reason", "Why this test"),
        ),
        tuple(
            (x.variable, label(c.test, groups), c.statistic, c.p, x.smd, c.reason)
            for x, c in ((x, x.comparison) for x in lines)
        ),
    )


def _kind(column: Any) -> Kind:
    values = set(column.dropna().unique())
    return "category" if levels_of(column) or values <= {0, 1} else "number"


def _numbers(
    column: Any,
    name: str,
    masks: list[NDArray[np.bool_]],
    names: tuple[str, ...],
    test: TestName | None,
    correction: Correction,
) -> tuple[Line, list[tuple[Any, ...]]]:
    values = numbers(column, name)
    groups = [values[m & ~np.isnan(values)] for m in masks]
    found = compare_numbers(groups, test)
    smd = max(standardised_difference(a, b) for a, b in combinations(groups, 2))
    ranks = found.test == "kruskal"
    known = values[~np.isnan(values)]
    cells = [_spread(g, ranks, 0) for g in (known, *groups)]
    decimals = _decimals(known, cells)
    cells = [replace(cell, decimals=decimals) for cell in cells]
    pairs = pairwise_numbers(groups, names, found.test, correction) if len(names) <= MAX_GROUPS_IN_PAIRS else ()
    said = "median (IQR)" if ranks else "mean ± SD"
    return Line(name, "number", found, smd, pairs), [(name, said, *cells, found.p, smd, int(column.isna().sum()))]


def _categories(
    column: Any,
    name: str,
    masks: list[NDArray[np.bool_]],
    names: tuple[str, ...],
    test: TestName | None,
    correction: Correction,
) -> tuple[Line, list[tuple[Any, ...]]]:
    levels = levels_of(column) or tuple(sorted(column.dropna().unique()))
    if len(levels) < 2:
        what = say("is always {levels}", levels=levels[0]) if levels else "has no known value"
        raise CohortDataError(name, what, "Leave this variable out.")
    counts = np.array([[int((column[m] == level).sum()) for level in levels] for m in masks])
    found = compare_counts(counts, test)
    smd = max(standardised_difference_of_counts(a, b) for a, b in combinations(counts.astype(float), 2))
    whole = np.vstack([counts.sum(axis=0), counts])
    shown = range(1, 2) if len(levels) == 2 else range(len(levels))  # of yes and no, yes says it all
    rows: list[tuple[Any, ...]] = [
        (
            name if i == shown[0] else "",
            _word(levels[i], levels),
            *(Share(int(row[i]), int(row.sum())) for row in whole),
            *((found.p, smd, int(column.isna().sum())) if i == shown[0] else (None, None, None)),
        )
        for i in shown
    ]
    pairs = pairwise_counts(counts, names, found.test, correction) if len(names) <= MAX_GROUPS_IN_PAIRS else ()
    return Line(name, "category", found, smd, pairs), rows


def _word(level: Any, levels: Sequence[Any]) -> str:
    """Yes and no, however they are coded; whole numbers without decimals."""
    if set(levels) <= {0, 1}:
        return "yes" if level else "no"
    return f"{level:g}" if isinstance(level, float) else str(level)


def _decimals(values: NDArray[np.float64], cells: Sequence[Spread]) -> int:
    """How many are worth printing in a row: those of two significant digits of the SD, of medians no more than the
    values themselves have, if the quartiles need none more."""
    sd = float(values.std(ddof=1))
    worth = max(0, 1 - math.floor(math.log10(sd))) if sd > 0 else 1
    if not cells[0].by_ranks:
        return worth
    shown = np.array([(c.median, c.lower, c.upper) for c in cells])
    return next((d for d in range(worth) if np.allclose(shown, shown.round(d), rtol=0, atol=1e-9)), worth)


def _spread(values: NDArray[np.float64], by_ranks: bool, decimals: int) -> Spread:
    lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
    sd = float(values.std(ddof=1))
    return Spread(len(values), float(values.mean()), sd, float(median), float(lower), float(upper), by_ranks, decimals)


def _pairs_table(lines: list[Line], correction: Correction) -> Table:
    return Table(
        say("Pairs of groups, P {adjusted_by} within each variable", adjusted_by=adjusted_by(correction)),
        (
            Column("variable", "Variable"),
            Column("first", "First"),
            Column("second", "Second"),
            Column("test", "Test"),
            Column("p", "P", "p"),
            Column("p_adjusted", "Adjusted P", "p"),
        ),
        tuple((x.variable, q.first, q.second, q.test, q.p, q.p_adjusted) for x in lines for q in x.pairs),
    )
