"""The time between two dates of a table, as a column that any question may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.cohort.data.dataset import is_gap
from ovcf.cohort.data.dates import day_comes_first, read_date
from ovcf.cohort.data.infer import MISSING
from ovcf.cohort.data.patient_rows import row_number
from ovcf.cohort.mapping.headings import DAYS_A_MONTH
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd


@dataclass(frozen=True, slots=True)
class TimeBetween:
    """The column ``name``: months from the date under one heading to that under another.

    ``day_first`` says how dates such as 03/04/2025 are meant where the column itself does not tell.
    """

    name: str
    begin: str
    end: str
    day_first: bool | None = None


def with_times(raw: pd.DataFrame, wanted: tuple[TimeBetween, ...]) -> pd.DataFrame:
    """The table with a column for each time that is wanted, empty where a date is not known.

    Raises:
        CohortDataError: no such heading, a text that is no date or has two meanings, or an end before its beginning;
            names the row.
    """
    found = raw.copy()
    found.attrs = dict(raw.attrs)
    for one in wanted:
        if one.name in raw.columns:
            raise CohortDataError(one.name, "is a column already", "Call the time otherwise.")
        begin, end = (_days(raw, heading, one.day_first) for heading in (one.begin, one.end))
        made = []
        for line, (first, last) in enumerate(zip(begin, end, strict=True)):
            if first and last and last < first:
                raise CohortDataError(
                    say("row {row_number}, {end}", row_number=row_number(raw, line), end=one.end),
                    say(
                        "{last} is before {begin}, {first}",
                        last=last.isoformat(),
                        begin=one.begin,
                        first=first.isoformat(),
                    ),
                    "Correct the date, or choose the two the other way round.",
                )
            made.append(f"{(last - first).days / DAYS_A_MONTH:.2f}" if first and last else "")
        found[one.name] = made
    return found


def ambiguous(texts: list[str]) -> str:
    """A date of a column that may be read day or month first, where the others do not tell; empty if there is none."""
    if day_comes_first(texts) is not None:
        return ""
    return next((t for t in texts if read_date(t, day_first=True)[0] and read_date(t)[0] is None), "")


def _days(raw: pd.DataFrame, heading: str, day_first: bool | None) -> list[date | None]:
    if heading not in raw.columns:
        raise CohortDataError(heading, "is no column of the table", "Choose another.")
    texts = ["" if v is None or v != v else str(v).strip() for v in raw[heading]]
    texts = ["" if is_gap(t, MISSING) else t for t in texts]
    told = day_comes_first(t for t in texts if t)
    days: list[date | None] = []
    for line, text in enumerate(texts):
        day, problem = read_date(text, day_first=day_first if told is None else told) if text else (None, "")
        if problem:
            raise CohortDataError(
                say("row {row_number}, {heading}", row_number=row_number(raw, line), heading=heading),
                f"{text!r} {problem}",
                "Correct the date.",
            )
        days.append(day)
    return days
