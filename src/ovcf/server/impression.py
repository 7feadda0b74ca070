"""The line on top of the panel: the assessment in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment


def impression(assessment: Assessment) -> str:
    """What the assessment comes to; for now which vertebra is assessed, if any."""
    index = assessment.index_level
    if assessment.questions:
        return "Which vertebra is which has not been said."
    return "No fracture is assessed." if index is None else f"Fracture of {index}."
