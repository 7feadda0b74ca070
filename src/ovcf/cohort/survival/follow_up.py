"""Follow-up of patients: times, what ended them, and the counts at every time at which something happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import level_word, levels_of, need_columns
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]


def complete(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, tuple[tuple[str, int], ...]]:
    """The rows without a missing value in ``columns``, and how many values each column misses.

    Raises:
        CohortDataError: a column does not exist, or no row is complete.
    """
    names = list(dict.fromkeys(columns))
    need_columns(frame, names)
    used = frame[names]
    missing = tuple((name, int(count)) for name, count in used.isna().sum().items())
    kept = used.dropna()
    if kept.empty:
        said = joined(", ", (say("{name} {count}", name=name, count=count) for name, count in missing if count))
        raise CohortDataError(
            "data",
            say(
                "no row of {frame} has all of {names} (missing: {said})",
                frame=len(frame),
                names=joined(", ", names),
                said=said,
            ),
            "Fill or leave out one.",
        )
    return kept, missing


@dataclass(frozen=True, slots=True, eq=False)
class FollowUp:
    """Times ``(n,)`` and what ended each, ``(n,)``: 0 censored, 1 the event, 2 a competing event.

    ``reading`` says which values were taken for what.
    """

    time: Array
    status: NDArray[np.int64]
    reading: str = ""

    @classmethod
    def of(
        cls, frame: pd.DataFrame, time: str, event: str, *, happened: Any = None, competing: Sequence[Any] = ()
    ) -> FollowUp:
        """Read two columns without missing values.

        ``happened`` is the value of ``event`` that counts; None means that the column is true/false or 1/0. Values in
        ``competing`` preclude the event; every other value is censored follow-up.

        Raises:
            CohortDataError: a time that is negative or no number; a column of events that is not as said; no event.
        """
        try:
            times = frame[time].to_numpy(float)
        except (TypeError, ValueError):
            times = numbers(frame[time], say("column {time!r}", time=time))  # says which value is no number
        if not np.isfinite(times).all() or (times < 0).any():
            rows = [str(i) for i in frame.index[~np.isfinite(times) | (times < 0)][:5]]
            raise CohortDataError(
                say("column {time!r}", time=time),
                say("is negative or infinite in row {rows}", rows=joined(", ", rows)),
                "Check start and end dates.",
            )
        values = frame[event].to_numpy(object)
        if happened is None:
            if not set(values) <= {0, 1}:
                shown = ", ".join(sorted({repr(v) for v in values})[:6])
                raise CohortDataError(
                    say("column {event!r}", event=event),
                    say("is not true/false but {shown}", shown=shown),
                    "Say which value is the event.",
                )
            happened = 1
        other = np.any([values == c for c in competing], axis=0) if competing else np.zeros(len(values), bool)
        status = np.where(values == happened, 1, np.where(other, 2, 0))
        found = {s: joined(", ", sorted({level_word(v) for v in values[status == s]})) or "none" for s in (0, 1, 2)}
        if not (status == 1).any():
            raise CohortDataError(
                say("column {event!r}", event=event),
                say("has no event, only {found}", found=found[0]),
                "Say which value is the event, or follow longer.",
            )
        other_events = say("competing {found}; ", found=found[2]) if competing else ""
        return cls(
            times,
            status,
            say(
                "{event}: event {found}; {other_events}censored {found_2}.",
                event=event,
                found=found[1],
                other_events=other_events,
                found_2=found[0],
            ),
        )

    def __getitem__(self, chosen: NDArray[np.bool_]) -> FollowUp:
        return FollowUp(self.time[chosen], self.status[chosen], self.reading)

    def counts(self) -> Counts:
        """Counts at each time, ascending, at which anyone's follow-up ends."""
        times, position = np.unique(self.time, return_inverse=True)
        ended = np.bincount(position, minlength=len(times))
        at_risk = len(self.time) - np.concatenate([[0], np.cumsum(ended)[:-1]])
        events, others = (np.bincount(position, self.status == s, len(times)).astype(float) for s in (1, 2))
        return Counts(times, at_risk.astype(float), events, others)


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """At each of ``times``: followed until just before it, events, competing events; all ``(k,)``."""

    times: Array
    at_risk: Array
    events: Array
    competing: Array

    def survival(self, events: Array | None = None) -> Array:
        """Kaplan-Meier's product; by default of freedom from any event."""
        d = self.events + self.competing if events is None else events
        return np.asarray(np.cumprod(1 - d / self.at_risk), float)


def step(times: Array, values: Array, at: ArrayLike, start: float) -> Array:
    """A step function, continuous from the right, at the times ``at``; ``start`` before its first step."""
    place = np.searchsorted(times, np.asarray(at, float), side="right")
    return np.concatenate([[start], values])[place]


def groups_of(frame: pd.DataFrame, group: str | None) -> list[tuple[str, NDArray[np.bool_]]]:
    """Name and rows of each group, in the order of a categorical or else sorted; one unnamed group if None.

    Raises:
        CohortDataError: fewer than two groups.
    """
    if group is None:
        return [("all", np.ones(len(frame), bool))]
    column = frame[group]
    order = levels_of(column) or sorted(column.unique())
    found = [(level_word(value), (column == value).to_numpy(bool)) for value in order]
    found = [(name, rows) for name, rows in found if rows.any()]
    if len(found) < 2:
        raise CohortDataError(
            say("column {group!r}", group=group), "has only one group", "Compare two or more, or give no group."
        )
    return found
