"""The criteria of a protocol, judged on the facts of a candidate: met, not met, or unknown; never guessed."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, StudyError
from ovcf.language.worded import say
from ovcf.registry.words import Decision
from ovcf.scores.tally import TOLERANCE
from ovcf.study.protocol.model import Criterion, Fact, Test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.clinical.case import ClinicalCase

_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})
_NUMBERS = {
    Test.AT_LEAST: lambda x, limit: x >= limit - TOLERANCE,
    Test.AT_MOST: lambda x, limit: x <= limit + TOLERANCE,
    Test.ABOVE: lambda x, limit: x > limit + TOLERANCE,
    Test.BELOW: lambda x, limit: x < limit - TOLERANCE,
}


class Answer(StrEnum):
    """Whether a criterion holds for a candidate."""

    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judged:
    """Every criterion with its answer, and what they come to; ``because`` are the criteria that decided it."""

    answers: Mapping[str, Answer]
    decision: Decision
    because: tuple[Criterion, ...]


def judge(criteria: Sequence[Criterion], facts: Mapping[str, Fact]) -> Judged:
    """Judge a candidate. One inclusion that is not met, or one exclusion that is, decides; else one unknown defers.

    Raises:
        StudyError: a fact that is of the wrong kind for its criterion.
    """
    answers = {c.id: _answer(c, facts.get(c.fact)) for c in criteria}
    against = [c for c in criteria if answers[c.id] is (Answer.MET if c.exclusion else Answer.NOT_MET)]
    unknown = [c for c in criteria if answers[c.id] is Answer.UNKNOWN]
    if against:
        return Judged(answers, Decision.NOT_ELIGIBLE, tuple(against))
    if unknown:
        return Judged(answers, Decision.PENDING, tuple(unknown))
    return Judged(answers, Decision.ELIGIBLE, ())


def facts_of(case: ClinicalCase) -> dict[str, Fact]:
    """What a clinical file says, by the names of its fields; what it does not say is left out.

    ``t_score`` is Han's mean of the fit lumbar levels where they were entered; ``recent_fractures`` counts them.
    """
    found: dict[str, Fact] = {}
    for field in fields(case):
        value: Any = getattr(case, field.name)
        if value is None or is_dataclass(value) or isinstance(value, tuple):
            continue
        found[field.name] = value.value if isinstance(value, StrEnum) else value
    if case.used_t_score is not None:
        found["t_score"] = case.used_t_score
    if case.index_level is not None:
        found["recent_fractures"] = float(len(case.fractured))
    return {name: value for name, value in found.items() if value != ""}


def as_fact(text: str) -> Fact:
    """A fact as it is typed: yes or no, a number, else a word."""
    word = text.strip()
    if word.lower() in ("true", "yes"):
        return True
    if word.lower() in ("false", "no"):
        return False
    try:
        return parse_decimal(word, field="fact")
    except ClinicalDataError:
        return word


def _answer(criterion: Criterion, fact: Fact | None) -> Answer:
    if fact is None or fact == "" or fact == "unknown":
        return Answer.UNKNOWN
    if criterion.test in _NUMBERS:
        if isinstance(fact, bool) or not isinstance(fact, int | float):
            raise StudyError(
                say("fact {fact}", fact=criterion.fact),
                say("{fact!r} is no number", fact=fact),
                "Give a number, or leave it out.",
            )
        holds = _NUMBERS[criterion.test](float(fact), criterion.limit)
    elif criterion.test is Test.ONE_OF:
        assert isinstance(criterion.limit, tuple)
        holds = str(fact).casefold() in [word.casefold() for word in criterion.limit]
    elif isinstance(criterion.limit, bool):
        holds = _flag(criterion, fact) is criterion.limit
    else:
        holds = str(fact).casefold() == str(criterion.limit).casefold()
    return Answer.MET if holds else Answer.NOT_MET


def _flag(criterion: Criterion, fact: Fact) -> bool:
    word = str(int(fact) if isinstance(fact, float) and fact in (0, 1) else fact).casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise StudyError(
        say("fact {fact}", fact=criterion.fact),
        say("{fact!r} is neither yes nor no", fact=fact),
        "Give yes or no, or leave it out.",
    )
