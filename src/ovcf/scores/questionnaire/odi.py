"""The Oswestry disability index: ten sections, 0-5 each, as percent of what was answered.

The questionnaire is licensed: this is its arithmetic, not its text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Average, Case, Group, Input, Item, Score, number
from ovcf.scores.evaluate import evaluate, groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.scores.result import ScoreResult

SECTIONS = (
    "pain",
    "personal care",
    "lifting",
    "walking",
    "sitting",
    "standing",
    "sleeping",
    "sex life",
    "social life",
    "travelling",
)
MIN_ANSWERED = 8

ODI = Score(
    id="odi",
    name="ODI",
    version="percent of the answered sections",
    title="Oswestry disability index, percent",
    about=say("Ten answers from 0 to 5, x for one not answered. Order: {join}.", join=joined(", ", SECTIONS)),
    population="low back pain",
    not_for="fewer than eight answers; the licensed text is not here",
    evidence=("odi",),
    function="odi",
    examples=({"answers": (2, 1, 3, 2, 1, 2, 1, None, 2, 2)},),
    inputs=tuple(
        Input(id=name.replace(" ", "_"), name=name, kind="whole", low=0, high=5, place="rest") for name in SECTIONS
    ),
    items=tuple(
        Item(
            name=name.capitalize(),
            cases=tuple(Case(points, str(points), number(name.replace(" ", "_"), "=", points)) for points in range(6)),
        )
        for name in SECTIONS
    ),
    average=Average(at_least=MIN_ANSWERED, times=20, partly="Percent of the {given} answered sections."),
    groups=(
        Group("minimal", number("total", "<=", 20)),
        Group("moderate", number("total", "<=", 40)),
        Group("severe", number("total", "<=", 60)),
        Group("crippled", number("total", "<=", 80)),
        Group("bed-bound"),
    ),
    unknown="not answered",
)
SCORES = (ODI,)


def group_of(percent: float) -> str:
    """Minimal to 20, moderate to 40, severe to 60, crippled to 80, then bed-bound; (20, 21) counts as moderate."""
    return groups_of(ODI, [percent])[0]


def odi(answers: Sequence[int | None]) -> ScoreResult:
    """ODI in percent from ten answers 0-5 in the order of ``SECTIONS``; None is not answered.

    From eight answers on, the percentage is of what was answered. Below, the score is incomplete, and ``attainable``
    is what the ten answers could still come to. Where two boxes of a section are marked, enter the higher.

    Raises:
        ScoreInputError: not ten answers, or an answer other than 0 to 5.
    """
    if len(answers) != len(SECTIONS):
        raise ScoreInputError(
            "ODI",
            say("{answers} answers are given", answers=len(answers)),
            "Give ten: 0 to 5, or x (in Python None) for one not answered.",
        )
    for section, answer in zip(SECTIONS, answers, strict=True):
        if answer is not None and (isinstance(answer, bool) or answer not in range(6)):
            raise ScoreInputError(
                say("ODI, {section}", section=section), f"{answer!r} is no answer", "Give a whole number from 0 to 5."
            )
    result = evaluate(ODI, **{i.id: answer for i, answer in zip(ODI.inputs, answers, strict=True)})
    return replace(result, missing=tuple(name.lower() for name in result.missing))
