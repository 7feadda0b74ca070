"""Which vertebra is which: the question as the page asks it, with the names that each body may bear."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.language.worded import Words, say
from ovcf.render.words.wording import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import LevelQuestion
    from ovcf.reading.editing.edited import Edited

_VARIANTS = (
    STANDARD_COLUMN,
    *(VertebralColumn(t, n) for t, n in product((11, 12, 13), (4, 5, 6)) if (t, n) != (12, 5)),
)


@dataclass(frozen=True, slots=True)
class LikelyName:
    """A name that a body may bear, and how probable that is, in words."""

    level: str
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """One question. ``names`` holds for each body, by its identity, the names it may bear, likeliest first; ``sacral``
    how likely a body is the first of the sacrum and no lumbar vertebra, for each that may be."""

    set: str
    image: str
    labellings: tuple[Words, ...]
    names: dict[str, tuple[LikelyName, ...]]
    sacral: dict[str, str]


def questions_of(now: Edited) -> tuple[QuestionView, ...]:
    """The questions nobody has answered yet."""
    found = []
    for s in now.sets:
        if s.asked and s.seen.question is not None:
            question = s.seen.question
            bodies = sorted(s.vertebrae, key=lambda id_, levels=s.levels: levels[id_].rank)  # type: ignore[misc]  # levels bound now
            names = _names(question, bodies)
            sacral = {body: n.share for body, likely in names.items() for n in likely if n.level == Level.S1}
            found.append(
                QuestionView(
                    set=s.seen.id,
                    image=question.image,
                    names=names,
                    sacral=sacral,
                    labellings=tuple(
                        say("{first} to {last}, {p}", first=first, last=last, p=share(p))
                        for first, last, p in question.likely
                    ),
                )
            )
    return tuple(found)


def _names(question: LevelQuestion, bodies: Sequence[str]) -> dict[str, tuple[LikelyName, ...]]:
    likely: dict[str, dict[Level, float]] = {body: defaultdict(float) for body in bodies}
    for first, last, probability in question.likely:
        for body, level in zip(bodies, _between(first, last, len(bodies)), strict=False):
            likely[body][level] += probability
    return {
        body: tuple(LikelyName(level.value, share(p)) for level, p in sorted(names.items(), key=lambda pair: -pair[1]))
        for body, names in likely.items()
    }


def _between(first: Level, last: Level, count: int) -> tuple[Level, ...]:
    """The levels from first to last of a column in which there are so many; none where no column has that."""
    for column in _VARIANTS:
        there = column.levels
        if first in there and last in there:
            levels = there[there.index(first) : there.index(last) + 1]
            if len(levels) == count:
                return levels
    return ()
