"""Small words shared by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.statement import Answer, Criterion
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence


def criterion(text: str, met: bool | None, because: str = "", *, unknown: str = "not recorded") -> Criterion:
    """A criterion whose state is a fact of the case: True met, False not met, None unknown."""
    if met is None:
        return Criterion(text, Answer.UNKNOWN, unknown)
    return Criterion(
        text, Answer.MET if met else Answer.NOT_MET, because or say("recorded: {value}", value="yes" if met else "no")
    )


def without(text: str, fact: bool | None, thing: str) -> Criterion:
    """A criterion that asks for the absence of ``thing``: met where the ``fact`` is False, and the reason names it."""
    return criterion(
        text, None if fact is None else not fact, say("{thing}: {value}", thing=thing, value="yes" if fact else "no")
    )


def all_of(criteria: Sequence[Criterion]) -> bool | None:
    """Whether all criteria are met: False if one fails, None if one is unknown and none fails."""
    answers = {c.answer for c in criteria}
    return False if Answer.NOT_MET in answers else None if Answer.UNKNOWN in answers else True


def names(criteria: Sequence[Criterion], answer: Answer) -> str:
    """The criteria with one answer, in a row."""
    return joined("; ", (c.text for c in criteria if c.answer is answer))
