"""What the sources say of a patient like this, as the page shows it: by topic, each statement with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.guidance.statement import Answer
from ovcf.language.worded import Words
from ovcf.render.words.wording import typeset

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One criterion of a published rule: whether it is met, in the words of the report, and what says so."""

    text: Words
    answer: Words
    because: Words


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source by its number in the report; ``doi`` is empty where it has none."""

    number: int
    citation: str
    doi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceView:
    """One statement. Those of one ``topic`` stand side by side, for sources may differ."""

    id: str
    topic: Words
    urgency: str
    text: Words
    criteria: tuple[CriterionView, ...]
    sources: tuple[SourceView, ...]


_ANSWERS = {Answer.MET: "yes", Answer.NOT_MET: "no", Answer.UNKNOWN: "not recorded"}


def guidance_of(assessment: Assessment) -> tuple[GuidanceView, ...]:
    """Every statement that is no alert, in the order of the report; those stand above all else and are acknowledged."""
    numbered = {r.id: r for r in assessment.references}
    return tuple(
        GuidanceView(
            id=s.id,
            topic=s.topic,
            urgency=s.urgency.value,
            text=typeset(s.text),
            criteria=tuple(CriterionView(typeset(c.text), _ANSWERS[c.answer], typeset(c.because)) for c in s.criteria),
            sources=tuple(
                SourceView(r.number, r.citation, r.doi or "") for id_ in s.evidence if (r := numbered.get(id_))
            ),
        )
        for s in assessment.guidance
        if not s.must_be_seen
    )
