"""The mistakes of a table put together by value, so that one line says what one correction mends."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.cohort.data.dictionary import VariableType
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.data.dataset import Cohort, Mistake
    from ovcf.cohort.data.dictionary import Variable

_SHOWN = 3
FEW = 0.1
"""Of a column's rows: fewer mistakes are slips, more are a misunderstanding of the column."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with ``values`` (each as it stands, the most frequent first) in ``rows`` of one column."""

    column: str
    values: tuple[str, ...]
    rows: tuple[int, ...]
    problem: str

    def __str__(self) -> str:
        more = len(self.values) - _SHOWN
        said = ", ".join(repr(v) for v in self.values[:_SHOWN]) + (
            say(" and {more} other values", more=more) if more > 0 else ""
        )
        if self.values == ("",):
            said = "an empty cell"
        return say(
            "{column}: {said} in {rows_text} {problem}",
            column=self.column,
            said=said,
            rows_text=rows_text(self.rows),
            problem=self.problem,
        )


def rows_text(rows: Sequence[int]) -> str:
    """``row 4``, ``rows 4, 9``, ``148 rows (2, 3, 5, ...)``."""
    if len(rows) == 1:
        return say("row {rows}", rows=rows[0])
    shown = ", ".join(map(str, rows[:_SHOWN]))
    return (
        say("rows {shown}", shown=shown)
        if len(rows) <= _SHOWN
        else say("{rows} rows ({shown}, ...)", rows=len(rows), shown=shown)
    )


def complaints(cohort: Cohort) -> tuple[Complaint, ...]:
    """The mistakes of a cohort, one for each thing to correct, the most frequent first.

    Words of a category stand one by one, for each is mended by itself; of numbers all with the same trouble together.
    """
    by_source = {v.source: v for v in cohort.dictionary.variables}
    grouped: dict[tuple[str, str, str], list[Mistake]] = defaultdict(list)
    for m in cohort.mistakes:
        grouped[m.column, m.problem, m.value if _one_by_one(by_source.get(m.column)) else ""].append(m)
    found = []
    for (column, problem, _), mistakes in grouped.items():
        counts: dict[str, int] = defaultdict(int)
        for m in mistakes:
            counts[m.value] += 1
        values = tuple(sorted(counts, key=lambda v: -counts[v]))
        found.append(Complaint(column, values, tuple(m.row for m in mistakes), problem))
    return tuple(sorted(found, key=lambda c: (-len(c.rows), c.column)))


def misunderstood(cohort: Cohort) -> tuple[str, ...]:
    """Columns in which so many values cannot be that taking them as missing would lose the column."""
    n = len(cohort.frame)
    wrong: dict[str, set[int]] = defaultdict(set)
    for m in cohort.mistakes:
        wrong[m.column].add(m.row)
    return tuple(column for column, rows in wrong.items() if len(rows) > max(2, FEW * n))


def _one_by_one(v: Variable | None) -> bool:
    return v is not None and v.type in (VariableType.CATEGORY, VariableType.ORDINAL, VariableType.BOOLEAN)
