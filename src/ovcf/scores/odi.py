"""The Oswestry disability index: ten sections, 0-5 each, as percent of what was answered.

The questionnaire is licensed: this is its arithmetic, not its text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import ScoreInputError
from ovcf.scores.result import ScoreItem, ScoreResult, Status
from ovcf.scores.tally import above

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS = (
    "pain", "personal care", "lifting", "walking", "sitting", "standing", "sleeping", "sex life", "social life",
    "travelling",
)  # fmt: skip
GROUPS = ("minimal", "moderate", "severe", "crippled", "bed-bound")
MIN_ANSWERED = 8
_POINTS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)


def group_of(percent: float) -> str:
    """Minimal to 20, moderate to 40, severe to 60, crippled to 80, then bed-bound; (20, 21) counts as moderate."""
    return GROUPS[sum(above(percent, limit) for limit in (20, 40, 60, 80))]


def odi(answers: Sequence[int | None]) -> ScoreResult:
    """ODI in percent from ten answers 0-5 in the order of ``SECTIONS``; None is not answered.

    From eight answers on, the percentage is of what was answered. Below, the score is incomplete, and ``attainable``
    is what the ten answers could still come to. Where two boxes of a section are marked, enter the higher.

    Raises:
        ScoreInputError: not ten answers, or an answer other than 0 to 5.
    """
    if len(answers) != len(SECTIONS):
        raise ScoreInputError("ODI", f"{len(answers)} answers are given", "Give ten, None for one not answered.")
    for section, answer in zip(SECTIONS, answers, strict=True):
        if answer is not None and (isinstance(answer, bool) or answer not in _POINTS):
            raise ScoreInputError(f"ODI, {section}", f"{answer!r} is no answer", "Give a whole number from 0 to 5.")
    given = [float(a) for a in answers if a is not None]
    complete = len(given) >= MIN_ANSWERED
    percent = 20 * sum(given) / len(given) if complete else None
    lowest = 2 * sum(given)
    highest = lowest + 10.0 * (len(SECTIONS) - len(given))
    reachable = (group_of(p) for p in range(int(lowest), int(highest) + 1, 2))
    return ScoreResult(
        score="ODI",
        version="percent of the answered sections",
        status=Status.COMPLETE if complete else Status.INCOMPLETE,
        items=tuple(_item(section, answer) for section, answer in zip(SECTIONS, answers, strict=True)),
        total=percent,
        group=None if percent is None else group_of(percent),
        attainable=(lowest, highest) if percent is None else (percent, percent),
        attainable_groups=tuple(dict.fromkeys(reachable)) if percent is None else (group_of(percent),),
        missing=tuple(name for name, a in zip(SECTIONS, answers, strict=True) if a is None),
        advisories=() if len(given) in (len(SECTIONS), 0) or not complete
        else (f"Percent of the {len(given)} answered sections.",),
        evidence=("odi",),
    )  # fmt: skip


def _item(section: str, answer: int | None) -> ScoreItem:
    if answer is None:
        return ScoreItem(section.capitalize(), "not answered", None, _POINTS)
    return ScoreItem(section.capitalize(), str(answer), float(answer), _POINTS)
