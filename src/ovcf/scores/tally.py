"""What scores share: the range that missing items leave, and comparing at a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.scores.result import ScoreItem

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
