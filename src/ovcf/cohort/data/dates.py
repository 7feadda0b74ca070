"""Dates as hospitals write them: year first in any joints, or day and month first where that has one meaning."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIME = re.compile(r"(?<=[\d日])[T ]\s*[0-2]?\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$")
"""A time of day behind a date, as hospital systems export it: it is of that day."""
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:([-./])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)")
_COMPACT = re.compile(r"([12][0-9]{3})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{4})")


def is_year_first(text: str) -> bool:
    """Whether a date is written with its year first."""
    return _YEAR_FIRST.match(text) is not None or _COMPACT.match(text) is not None


def day_comes_first(texts: Iterable[str]) -> bool | None:
    """Whether a column writes the day before the month: True or False where some of its dates can only be read so and
    none can only be read otherwise; else None."""
    found = [m for t in texts if (m := _YEAR_LAST.fullmatch(_day(t)))]
    day, month = any(int(m[1]) > 12 for m in found), any(int(m[3]) > 12 for m in found)
    return day if day != month else None


def read_date(text: str, *, day_first: bool | None = None, compact: bool = True) -> tuple[date | None, str]:
    """The day that a text names, or None and what is wrong with it. ``compact``: eight digits alone are a date."""
    whole = _day(text)
    if match := _YEAR_FIRST.fullmatch(whole):
        year, month, day = int(match[1]), int(match[3] or match[5]), int(match[4] or match[6])
    elif compact and (match := _COMPACT.fullmatch(whole)):
        year, month, day = (int(x) for x in match.groups())
    elif match := _YEAR_LAST.fullmatch(whole):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if first <= 12 and second <= 12 and first != second and day_first is None:
            return None, "may be read day or month first: write YYYY-MM-DD"
        first_is_day = second <= 12 if max(first, second) > 12 else day_first is not False
        day, month = (first, second) if first_is_day else (second, first)
    else:
        return None, "is not a date: write YYYY-MM-DD"
    try:
        return date(year, month, day), ""
    except ValueError:
        return None, "is not a day of the calendar"


def are_dates(texts: Iterable[str], *, compact: bool = False) -> bool:
    """Whether nine tenths of a column's known texts are dates."""
    known = list(texts)
    way = day_comes_first(known)
    read = sum(read_date(t, day_first=True if way is None else way, compact=compact)[0] is not None for t in known)
    return bool(known) and read >= 0.9 * len(known)


def _day(text: str) -> str:
    return _TIME.sub("", text.strip())
