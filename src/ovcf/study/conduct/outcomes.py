"""What became of a patient by the protocol: as adjudicated, as recorded, or by the rule of the source; else open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.registry.words import EventKind
from ovcf.scores.prognosis.follow_up import non_union, progressive_kyphosis
from ovcf.study.readers.adjudicate import settled_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.registry.tables import Enrolment
    from ovcf.registry.words import Window
    from ovcf.study.conduct.records import Records, Value
    from ovcf.study.protocol.model import Protocol, StudyOutcome

_AGAINST = {EventKind.NON_UNION: EventKind.UNION, EventKind.UNION: EventKind.NON_UNION}


class Source(StrEnum):
    """Who says what became of a patient."""

    ADJUDICATED = "adjudicated"
    RECORDED = "recorded"
    RULE = "by the rule"
    NOBODY = "open"


@dataclass(frozen=True, slots=True)
class Known:
    """An outcome; ``answer`` None is open, or could not be told."""

    answer: bool | None
    source: Source


def known_outcome(records: Records, protocol: Protocol, enrolment: Enrolment, outcome: StudyOutcome) -> Known:
    """The outcome of a patient. An outcome that is to be adjudicated is known by that alone."""
    if outcome.adjudicators:
        settled, answer = settled_answer(records.judged(enrolment, outcome.id))
        return Known(answer, Source.ADJUDICATED) if settled else Known(None, Source.NOBODY)
    kinds = records.events(enrolment)
    if outcome.event in kinds:
        return Known(True, Source.RECORDED)
    if _AGAINST.get(outcome.event) in kinds:
        return Known(False, Source.RECORDED)
    at_end = every_value(records, protocol, enrolment, outcome.window)
    at_start = every_value(records, protocol, enrolment, protocol.visits[0].window)
    answer = by_rule(outcome.event, at_start, at_end)
    return Known(answer, Source.NOBODY if answer is None else Source.RULE)


def by_rule(event: EventKind, at_start: Mapping[str, Value], at_end: Mapping[str, Value]) -> bool | None:
    """Han's two outcomes from the fields ``cleft``, ``height_standing_mm``, ``height_supine_mm``, ``ka_deg`` and
    ``posture``; None where they do not tell, or posture differs or is not known.
    """
    try:
        if event is EventKind.NON_UNION:
            standing, supine = (at_end.get(f"height_{p}_mm") for p in ("standing", "supine"))
            change = None
            if isinstance(standing, int | float) and isinstance(supine, int | float):
                change = float(standing) - float(supine)
            cleft = at_end.get("cleft")
            return non_union(cleft=cleft if isinstance(cleft, bool) else None, anterior_height_change_mm=change).answer
        if event is EventKind.PROGRESSIVE_KYPHOSIS and "ka_deg" in at_start and "ka_deg" in at_end:
            return progressive_kyphosis(
                float(at_start["ka_deg"]),
                float(at_end["ka_deg"]),
                posture_before=str(at_start.get("posture", "unknown")),
                posture_after=str(at_end.get("posture", "unknown")),
            ).answer
    except OvcfError:  # a value that cannot be: there is a query about it
        return None
    return None


def every_value(records: Records, protocol: Protocol, enrolment: Enrolment, window: Window) -> dict[str, Value]:
    """The values of all forms of a visit together."""
    found: dict[str, Value] = {}
    for form in protocol.due_at(window):
        found |= records.values(enrolment, window, form)
    return found
