"""Which visits are due: at 1, 3, 6 and 12 months after the first, as the sources planned them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAN = ((1, 21, 45), (3, 60, 120), (6, 150, 270), (12, 300, 480))
"""(months, first and last day that counts). HAN: 1, 3 and 6 months; Nagao and Voormolen: 12. The days are this
project's choice."""


class Due(StrEnum):
    """What became of a planned visit."""

    HELD = "held"
    OPEN = "open"
    OVERDUE = "overdue"
    MISSED = "missed"
    COMING = "coming"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A planned visit, the days between which it counts, and what became of it."""

    months: int
    first_day: date
    last_day: date
    due: Due
    visit: str = ""


def planned(first: date, held: Sequence[tuple[str, date]], today: date) -> tuple[PlannedVisit, ...]:
    """The plan of a patient first seen on a day; ``held`` are the later visits, by name."""
    found = []
    for place, (months, begin, end) in enumerate(PLAN):
        start, stop = first + timedelta(days=begin), first + timedelta(days=end)
        middle = first + timedelta(days=round(months * 30.44))
        name = next((name for name, day in held if start <= day <= stop), "")
        follows = place + 1 < len(PLAN)
        if name:
            due = Due.HELD
        elif today < start:
            due = Due.COMING
        elif today > stop:
            due = Due.MISSED
        else:
            due = Due.OVERDUE if today > middle and follows else Due.OPEN
        found.append(PlannedVisit(months=months, first_day=start, last_day=stop, due=due, visit=name))
    return tuple(found)
