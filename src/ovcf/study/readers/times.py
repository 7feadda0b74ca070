"""How long readers took for a case."""

from __future__ import annotations

from statistics import mean, median
from typing import TYPE_CHECKING

from ovcf.cohort.result import AnalysisResult, Column, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def time_per_case(minutes: Mapping[str, Sequence[float | None]]) -> AnalysisResult | None:
    """Minutes per case of each reader as a table; None where no time was kept."""
    taken = {reader: [x for x in each if x is not None] for reader, each in minutes.items()}
    rows = tuple((r, len(t), mean(t), median(t), min(t), max(t)) for r, t in taken.items() if t)
    if not rows:
        return None
    numbers = {"mean": "Mean", "median": "Median", "least": "Shortest", "most": "Longest"}
    columns = (
        Column("reader", "Reader"),
        Column("cases", "Cases", "d"),
        *(Column(name, heading, ".1f") for name, heading in numbers.items()),
    )
    return AnalysisResult(
        title="Time per case",
        method="Minutes in which a case was looked at, as the reading page counted them; a repeat counts as a case",
        n=sum(len(t) for t in taken.values()),
        missing=(),
        tables=(Table("Minutes per case", columns, rows),),
    )
