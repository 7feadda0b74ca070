"""Clinical facts of a visit that were entered without a reading: from paper, or imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.registry.tables import ClinicalEntry


def entered_facts(entries: Iterable[ClinicalEntry]) -> dict[str, Any]:
    """What was entered at a visit without a reading; where several entries speak of one fact, the newest counts."""
    facts: dict[str, Any] = {}
    for entry in sorted(entries, key=lambda e: (e.recorded_at, e.id)):
        if entry.reading_id is None:
            facts |= entry.facts
    return facts
