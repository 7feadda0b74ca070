"""A cited statement: no evidence, no statement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ovcf.errors import EvidenceError


class Urgency(StrEnum):
    """How soon somebody should act, most urgent first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    IMPORTANT = "important"
    ADVICE = "advice"
    INFORMATION = "information"


class Answer(StrEnum):
    """The state of one criterion."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a published rule, and what this patient's data say of it."""

    text: str
    answer: Answer
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the sources say about a patient like this. ``topic`` groups statements that are to be read side by side.

    An ``alert`` is no emergency, and stands on page one before the impression all the same.

    Raises:
        EvidenceError: no evidence id is given.
    """

    id: str
    topic: str
    urgency: Urgency
    text: str
    evidence: tuple[str, ...]
    criteria: tuple[Criterion, ...] = ()
    alert: bool = False

    @property
    def must_be_seen(self) -> bool:
        """Whether nobody may sign without having seen it."""
        return self.alert or self.urgency in (Urgency.EMERGENCY, Urgency.URGENT)

    def __post_init__(self) -> None:
        if not self.evidence:
            raise EvidenceError(f"guidance {self.id}", "cites nothing", "Name at least one evidence entry.")
