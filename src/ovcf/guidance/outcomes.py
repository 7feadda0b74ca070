"""What happened to the patients of a score's source, by group, each share with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.wilson import Rate, wilson
from ovcf.language.worded import say

if TYPE_CHECKING:
    from ovcf.scores.declare import Outcome, Score


def rates_of(outcome: Outcome) -> dict[str, Rate]:
    """Events of all patients of each group for which counts are printed."""
    table = evidence(outcome.evidence)
    return {group: wilson(*table.counts(key)) for group, key in outcome.counts}


def note_of(outcome: Outcome) -> str:
    """What must be known of the figures, with the treatment under which it happened."""
    care = evidence(outcome.care[0])[outcome.care[1]] if outcome.care else ""
    return say(outcome.note, care=care)


def happened(score: Score, group: str | None) -> tuple[str, ...]:
    """One sentence an outcome for a patient of this group, then their notes, each once; nothing without a group."""
    if group is None:
        return ()
    said = []
    for outcome in score.outcomes:
        rate = rates_of(outcome).get(group)
        said.append(
            say(
                "{title}: {value}.",
                title=outcome.title,
                value=say("in {rate} of the {group} group", rate=rate, group=group)
                if rate
                else "not printed for this group",
            )
        )
    return (*said, *dict.fromkeys(note_of(outcome) for outcome in score.outcomes))
