"""Who misses what: values missing by group or centre, and which are missing together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.data.design import need_columns
from ovcf.cohort.groups.group_tests import compare_counts
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.cohort.survival.follow_up import groups_of
from ovcf.cohort.wording import format_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

MAX_PATTERNS = 10


@dataclass(frozen=True, slots=True)
class Pattern:
    """Patients who miss the same columns; ``absent`` is empty for complete ones."""

    absent: tuple[str, ...]
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPatterns(AnalysisResult):
    """Patterns, the most frequent first; ``p`` by column: whether groups differ in how often it is missing."""

    patterns: tuple[Pattern, ...]
    p: tuple[tuple[str, float | None], ...]


def missing_patterns(frame: pd.DataFrame, columns: Sequence[str], *, group: str | None = None) -> MissingPatterns:
    """Count what is missing in ``columns``, by ``group`` (or centre) where one is named.

    Raises:
        CohortDataError: an absent column, no column named, a single group.
    """
    need_columns(frame, [*columns, *([group] if group else [])])
    if not columns:
        raise CohortDataError("columns", "are none", "Name those of the analysis.")
    kept = frame if group is None else frame[frame[group].notna()]
    absent = kept[list(columns)].isna().to_numpy(bool)
    kinds, counts = np.unique(absent, axis=0, return_counts=True)
    patterns = tuple(
        Pattern(tuple(str(c) for c, gone in zip(columns, kind, strict=True) if gone), int(n))
        for n, kind in sorted(zip(counts, kinds, strict=True), key=lambda pair: (-pair[0], tuple(pair[1])))
    )
    groups = groups_of(kept, group)
    found, cells = [], []
    for i, name in enumerate(columns):
        gone = [int(absent[at, i].sum()) for _, at in groups]
        sizes = [int(at.sum()) for _, at in groups]
        table = np.array([gone, np.subtract(sizes, gone)]).T
        found.append((str(name), compare_counts(table).p if len(groups) > 1 and table.sum(axis=0).all() else None))
        cells.append([f"{k} ({100 * k / n:.1f}%)" for k, n in zip(gone, sizes, strict=True)])
    complete = int((~absent.any(axis=1)).sum())
    shown = patterns[:MAX_PATTERNS]
    rest = sum(x.patients for x in patterns[MAX_PATTERNS:])
    together = [(joined(", ", x.absent) or "none", x.patients, x.patients / len(kept)) for x in shown]
    if rest:
        together.append((say("{shown} other patterns", shown=len(patterns) - len(shown)), rest, rest / len(kept)))
    return MissingPatterns(
        title="Missing values" + (say(" by {group}", group=group) if group else ""),
        method="Counts and shares of patients without the value"
        + ("; chi-square, or Fisher's exact test where expected counts are small" if group else ""),
        n=len(kept),
        missing=tuple((str(c), int(absent[:, i].sum())) for i, c in enumerate(columns)),
        notes=(
            say(
                "{complete} of {kept} patients are complete ({kept_2:.1f}%).",
                complete=complete,
                kept=len(kept),
                kept_2=100 * complete / len(kept),
            ),
            *(
                (say("{kept} patients have no {group}.", kept=len(frame) - len(kept), group=group),)
                if len(kept) < len(frame)
                else ()
            ),
        ),
        tables=(
            _table(groups, [str(c) for c in columns], cells, found),
            Table(
                "Missing together",
                (Column("absent", "Missing"), Column("patients", "Patients", "d"), Column("share", "Share", ".1%")),
                tuple(together),
            ),
        ),
        patterns=patterns,
        p=tuple(found),
    )


def _table(
    groups: list[tuple[str, NDArray[np.bool_]]],
    columns: list[str],
    cells: list[list[str]],
    p: list[tuple[str, float | None]],
) -> Table:
    """One row for each column, or, where there are more groups (centres), one for each group."""
    sizes = [say("{name}, n = {at}", name=name, at=int(at.sum())) for name, at in groups]
    if len(groups) > len(columns):
        rows = [(size, *(c[g] for c in cells)) for g, size in enumerate(sizes)]
        rows.append(("P", *("" if x is None else format_p(x) for _, x in p)))
        return Table("Missing", (Column("group", ""), *(Column(c, c) for c in columns)), tuple(rows))
    heads = tuple(Column(name, size) for (name, _), size in zip(groups, sizes, strict=True))
    tested = (Column("p", "P", "p"),) if len(groups) > 1 else ()
    body = ((c, *row, *((x,) if tested else ())) for c, row, (_, x) in zip(columns, cells, p, strict=True))
    return Table("Missing", (Column("column", "Column"), *heads, *tested), tuple(body))
