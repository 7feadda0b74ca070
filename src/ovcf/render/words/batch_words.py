"""How far a batch of studies is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def duration(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h 20 min``, ``5 days``: as exact as a forecast is worth."""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
    return f"{seconds / _DAY:.0f} days"


def progress_words(
    *, done: int, total: int, outcomes: Mapping[str, int], per_hour: float | None, left_s: float | None
) -> str:
    """``12 of 300 studies, 640 an hour, 27 min left; 1 quarantined``."""
    said = [f"{done:,} of {total:,} {'study' if total == 1 else 'studies'}"]
    if per_hour is not None:
        said.append(f"{per_hour:,.0f} an hour")
    if left_s is not None and done < total:
        said.append(f"{duration(left_s)} left")
    apart = [f"{count:,} {name}" for name, count in outcomes.items() if name != "assessed" and count]
    return ", ".join(said) + (f"; {', '.join(apart)}" if apart else "")
