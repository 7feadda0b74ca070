"""A signed reading under another release: what was signed stays, what follows is computed anew, and both are told.

Points, edits and facts of a signed version never change. What follows from them is computed whenever it is shown, by
the rules of the release that shows it. Where that is not the release by which the reading was signed, this room says
so, and names every number that was another one at signing, where the registry kept it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.program import release
from ovcf.reading.version import open_questions
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.assessment.result import Assessment
    from ovcf.measures.measurement import Measurement
    from ovcf.reading.version import Version

MOST = 8
"""So many differences are told one by one."""
_SAME = 1e-6
"""Between machines the last digits of a number may differ; more than this is another number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNumber:
    """A measurement as it was when the reading was signed."""

    method: str
    level: str | None
    image: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedScore:
    """A score as it was when the reading was signed."""

    score: str
    status: str
    total: float | None
    group: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtSigning:
    """The numbers that a registry kept when a version was signed."""

    numbers: tuple[SignedNumber, ...] = ()
    scores: tuple[SignedScore, ...] = ()


def by_another_release(version: Version) -> bool:
    """Whether a version was signed with another release than this one."""
    return version.status is ReadingStatus.CONFIRMED and version.signed_with != release()


def since_signing(version: Version, assessment: Assessment, kept: AtSigning | None = None) -> tuple[str, ...]:
    """What a reader must know of a version that another release signed; nothing of any other."""
    if not by_another_release(version):
        return ()
    signed_with = version.signed_with or "an earlier release of ovcf"
    differ = () if kept is None else tuple(_differences(kept, assessment))
    if kept is None:
        then = "Rules may have changed since: compare with the report of that day"
    elif differ:
        then = "What is another number now stands below"
    else:
        then = "Every measurement and score is as it was when it was signed"
    told = [
        say(
            "This reading was signed with {signed_with}. What is shown was computed anew by {release}, from the same "
            "points, edits and facts. {then}",
            signed_with=signed_with,
            release=release(),
            then=then,
        ),
        *differ[:MOST],
    ]
    if len(differ) > MOST:
        told.append(say("{more} more numbers were others when it was signed", more=len(differ) - MOST))
    told += [
        say("Today this would be asked before signing: {question}", question=question)
        for question in open_questions(assessment, version.edits)
    ]
    return tuple(told)


def _differences(kept: AtSigning, assessment: Assessment) -> Iterator[str]:
    scores = {s.score: s for s in assessment.scores}
    for one in kept.scores:
        now = scores.get(one.score)
        after = "not computed" if now is None else _score(now.status, now.total, now.group)
        before = _score(one.status, one.total, one.group)
        if after != before:
            yield say(
                "{score} was {before} when it was signed; now: {after}", score=one.score, before=before, after=after
            )
    there: dict[tuple[str, str | None, str], list[Measurement]] = {}
    for m in assessment.measurements:
        there.setdefault((m.method.id, m.index_level and m.index_level.value, m.source.image), []).append(m)
    names = {m.method.id: m.method.name for m in assessment.measurements}
    for number in kept.numbers:
        same = there.get((number.method, number.level, number.image), [])
        if any(m.unit.value == number.unit and _equal(m.value, number.value) for m in same):
            continue
        yield say(
            "{level} {name} ({image}) was {before} when it was signed; now: {after}",
            level=number.level or "",
            name=names.get(number.method, number.method),
            image=number.image,
            before=f"{number.value:.4g} {number.unit}",
            after=f"{same[0].value:.4g} {same[0].unit.value}" if same else "not measured",
        )


def _score(status: str, total: float | None, group: str | None) -> str:
    """A score in a few words; one that is not complete is its state."""
    return str(status) if total is None else say("{total:g} ({group})", total=total, group=group or "no group")


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_SAME, abs_tol=_SAME)
