"""A follow-up as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ovcf.follow_up.timeline import Timeline


def to_data(timeline: Timeline) -> dict[str, Any]:
    """Visits by name and day; the rest as it is, dates as ISO text."""
    found = {
        "level": timeline.level,
        "visits": [{"name": v.name, "on": v.on, "signed": v.signed} for v in timeline.visits],
        "courses": [asdict(c) for c in timeline.courses],
        "alerts": [asdict(a) for a in timeline.alerts],
        "outcomes": [asdict(o) for o in timeline.outcomes],
        "questions": [asdict(q) for q in timeline.questions],
        "plan": [asdict(p) for p in timeline.plan],
        "prevention": [asdict(t) for t in timeline.prevention],
        "warnings": list(timeline.warnings),
        "treatments": [asdict(t) for t in timeline.treatments],
        "reliability": [asdict(r) for r in timeline.reliability],
    }
    plain: dict[str, Any] = _plain(found)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value  # not a number: not known
    return str(value)
