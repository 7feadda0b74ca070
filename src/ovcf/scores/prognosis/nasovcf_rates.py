"""What happened to Han's groups within 6 months, as his tables count it."""

from __future__ import annotations

from ovcf.scores.declare import Outcome

_GROUPS = ("low", "medium", "high")
_NOTE = (
    "Han 2025, 208 patients, 95% intervals. Care: {care}. Rates of groups of one centre, tested only on the patients "
    "they came from."
)

OUTCOMES = tuple(
    Outcome(
        title=f"{title} at 6 months",
        evidence="han-2025-outcomes",
        counts=tuple((group, f"{key}_{group}") for group in _GROUPS),
        note=_NOTE,
        care=("han-2025", "conservative_treatment"),
    )
    for title, key in (("No bony union", "non_union"), ("Kyphosis worse by more than 10°", "progressive_kyphosis"))
)
