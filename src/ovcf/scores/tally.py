"""What the item-table scores share: adding up, the range that missing items leave, comparing at a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.scores.result import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import TypedDict

    from ovcf.scores.result import ScoreItem

    class Tally(TypedDict):
        """The fields of a ScoreResult that follow from its items."""

        status: Status
        items: tuple[ScoreItem, ...]
        total: float | None
        group: str | None
        attainable: tuple[float, float]
        attainable_groups: tuple[str, ...]
        missing: tuple[str, ...]


#: Two numbers this close are the same number: limits are compared before rounding.
TOLERANCE = 1e-9


def at_least(value: float, limit: float) -> bool:
    """``value >= limit``, forgiving the last digits of binary arithmetic."""
    return value >= limit - TOLERANCE


def above(value: float, limit: float) -> bool:
    """``value > limit``, forgiving the last digits of binary arithmetic."""
    return value > limit + TOLERANCE


def attainable_totals(items: Iterable[ScoreItem]) -> tuple[float, ...]:
    """Every total that the known items still allow, rising."""
    totals = {0.0}
    for item in items:
        points = item.possible if item.points is None else (item.points,)
        totals = {total + p for total in totals for p in points}
    return tuple(sorted(totals))


def tally(items: Sequence[ScoreItem], group_of: Callable[[float], str]) -> Tally:
    """Total and group where every item is known; else INCOMPLETE with the range and groups still attainable."""
    totals = attainable_totals(items)
    missing = tuple(item.name for item in items if item.points is None)
    return {
        "status": Status.INCOMPLETE if missing else Status.COMPLETE,
        "items": tuple(items),
        "total": None if missing else totals[0],
        "group": None if missing else group_of(totals[0]),
        "attainable": (totals[0], totals[-1]),
        "attainable_groups": tuple(dict.fromkeys(map(group_of, totals))),
        "missing": missing,
    }
