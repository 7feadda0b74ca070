"""What must not be missed at any visit: emergencies, a cause to settle first, alerts. They go before the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.follow_up.visit import Visit
    from ovcf.guidance.statement import Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A statement of one visit that nobody may miss; ``now`` where it is that of the last visit."""

    visit: str
    now: bool
    id: str
    topic: str
    text: str
    urgency: Urgency
    evidence: tuple[str, ...]


def alerts(visits: Sequence[Visit]) -> tuple[Alert, ...]:
    """Those of the last visit first, then those of earlier ones, the newest before the oldest."""
    return tuple(
        Alert(
            visit=visit.name,
            now=visit is visits[-1],
            id=s.id,
            topic=s.topic,
            text=s.text,
            urgency=s.urgency,
            evidence=s.evidence,
        )
        for visit in reversed(visits)
        for s in visit.assessment.guidance
        if s.must_be_seen
    )
