"""Analgesic class, 0 to 3. Voormolen 2006 names the ends (none, morphine); the steps between are WHO's ladder."""

from __future__ import annotations

from dataclasses import dataclass

from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Group, Input, Score, word
from ovcf.vocabulary import Analgesic

CLASSES = tuple(Analgesic)

ANALGESICS = Score(
    id="analgesics",
    name="Analgesic class",
    version="Voormolen 2006",
    title="Analgesic class, 0-3",
    population="any patient",
    not_for="doses, or how well they work",
    evidence=("voormolen-2006",),
    function="analgesic_class",
    examples=({"strongest": "weak opioid"},),
    inputs=(
        Input(
            id="strongest",
            name="Strongest analgesic",
            kind="text",
            place="first",
            required=True,
            words=CLASSES,
            help="Strongest analgesic: none, non-opioid, weak opioid, strong opioid, or 0-3",
        ),
    ),
    classes=tuple(Group(str(n), word("strongest", name), name) for n, name in enumerate(CLASSES)),
    formula="the place of the strongest analgesic among the words, from 0",
)
SCORES = (ANALGESICS,)


@dataclass(frozen=True, slots=True)
class AnalgesicClass:
    """The strongest analgesic taken, as a number that orders (0-3) and a name."""

    number: int
    name: str
    evidence: tuple[str, ...] = ("voormolen-2006",)


def analgesic_class(strongest: int | str) -> AnalgesicClass:
    """The class of a number 0-3 or a name of ``CLASSES``.

    Raises:
        ScoreInputError: neither.
    """
    text = str(strongest).strip().lower()
    number = CLASSES.index(text) if text in CLASSES else int(text) if text in ("0", "1", "2", "3") else None
    if number is None or isinstance(strongest, bool):
        raise ScoreInputError(
            "analgesic class",
            f"{strongest!r} is not known",
            say("Give 0 to 3, or one of: {join}.", join=joined(", ", CLASSES)),
        )
    return AnalgesicClass(number, CLASSES[number])
