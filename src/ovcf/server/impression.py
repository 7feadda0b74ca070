"""The line on top of the panel: the assessment in one or two sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its bold beginning, and the rest."""

    lead: str
    rest: str = ""


def impression(assessment: Assessment) -> tuple[Sentence, ...]:
    """Which vertebra is assessed, if any, and what its score says."""
    if assessment.questions:
        return (Sentence("Which vertebra is which has not been said."),)
    index = assessment.index_level
    return (Sentence("No fracture is assessed." if index is None else f"Fracture of {index}."),)
