"""The scores beside NASOVCF as the page shows them: the OF score, and those of the field that have their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.guidance.outcomes import happened
from ovcf.language.worded import Words, say
from ovcf.render.words.score_words import outcome
from ovcf.render.words.wording import points, typeset
from ovcf.scores.registry import by_name

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.scores.result import ScoreResult

_HEADLINE = "NASOVCF"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherItem:
    """One item: what was found, and its points as text ("?" where that is not known)."""

    name: Words
    finding: Words
    points: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherScore:
    """One score: ``sentence`` is its total and group, ``whom`` for whom it holds, ``alerts`` what goes before it."""

    name: str
    version: str
    sentence: Words
    items: tuple[OtherItem, ...]
    said: tuple[Words, ...]
    whom: Words
    alerts: tuple[Words, ...] = ()


def other_scores_of(assessment: Assessment) -> tuple[OtherScore, ...]:
    """Every score of the assessment but NASOVCF, in its order."""
    return tuple(map(_other, (s for s in assessment.scores if s.score != _HEADLINE)))


def _other(result: ScoreResult) -> OtherScore:
    declared = by_name(result.score)
    told = (*result.reasons, *result.advisories, *(happened(declared, result.group) if declared else ()))
    return OtherScore(
        name=result.score,
        version=result.version,
        sentence=typeset(outcome(result)),
        items=tuple(
            OtherItem(name=i.name, finding=typeset(i.finding), points="?" if i.points is None else points(i.points))
            for i in result.items
            if len(result.items) <= _MANY or i.points != 0
        ),
        said=tuple(map(typeset, told)),
        whom=say(
            "Derived on, or meant for: {population}. Not for: {not_for}.",
            population=declared.population,
            not_for=declared.not_for,
        )
        if declared
        else "",
        alerts=result.alerts,
    )


_MANY = 10
"""Of more items only those that are not known or not 0 are shown."""
