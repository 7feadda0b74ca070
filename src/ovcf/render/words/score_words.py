"""The result of a score in words: total and group with their probability, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import joined, say
from ovcf.plain_text import either, listed
from ovcf.render.words.wording import estimate, points, typeset
from ovcf.scores.result import Status, Withholding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.scores.result import ScoreResult

CERTAIN_ENOUGH = 0.8
"""Below this probability a category is called uncertain and the next one named."""
MIN_SAID = 0.005
"""What is less probable is not listed."""

_WHY_WITHHELD = {
    Withholding.NEUROLOGY: "neurology comes first",
    Withholding.TUMOUR: "until tumour is ruled out",
    Withholding.INFECTION: "until infection is ruled out",
    Withholding.OTHER_CAUSE: "the recorded cause is not osteoporosis",
    Withholding.CAUSE_OPEN: "the cause is not decided",
    Withholding.TREATED: "the fracture has been treated",
    Withholding.NOT_RECENT: "the fracture is not recent",
}
_WHY_SO = {
    Withholding.TREATED: "The score was made for fractures before treatment.",
    Withholding.NOT_RECENT: "The score was made for fractures with low T1 signal.",
    Withholding.OTHER_CAUSE: "The score was made for osteoporotic fractures after low-energy trauma.",
    Withholding.CAUSE_OPEN: "The score was made for osteoporotic fractures.",
    Withholding.TUMOUR: "Han 2025 excluded fractures from tumour.",
    Withholding.INFECTION: "Han 2025 excluded fractures from infection.",
    Withholding.NEUROLOGY: "Neurology goes before every score.",
}


#: Name of an item as declared, and as a report has it.
_SHORT = {
    "Vertebral height loss": "Height loss",
    "Local kyphosis angle": "Local kyphosis",
    "Bone mineral density T-score": "T-score",
}


def item_name(declared: str) -> str:
    """``Height loss`` for ``Vertebral height loss``."""
    return _SHORT.get(declared, declared)


def with_probability(name: str, category: str, probability: Mapping[str, float], *, word: str = "probability ") -> str:
    """``grade 2 (probability 81%)``, or ``grade 2, uncertain (69%; grade 3 30%)``; the name alone where none is known.

    ``category`` is the key of the probability that belongs to ``name``.
    """
    p = probability.get(category)
    if p is None:
        return name
    if p >= CERTAIN_ENOUGH:
        return say("{name} ({word}{p})", name=name, word=word, p=estimate(p))
    other, q = max(((k, v) for k, v in probability.items() if k != category), key=lambda kv: kv[1], default=("", 0.0))
    beside = say("; {other} {q}", other=other, q=estimate(q)) if q >= MIN_SAID else ""
    return say("{name}, uncertain ({p}{beside})", name=name, p=estimate(p), beside=beside)


def why_withheld(result: ScoreResult) -> str:
    """``the fracture is not recent``: the first reason against the score."""
    return _WHY_WITHHELD[result.withheld[0]]


def so_made(result: ScoreResult) -> str:
    """For whom the score was made, where that is why it is withheld."""
    return _WHY_SO[result.withheld[0]]


def conditions_words(result: ScoreResult) -> str:
    """``recent (low T1 signal) and untreated``: what must be so for the score to hold, and is not recorded."""
    return listed([c.value for c in result.conditions])


def holds(result: ScoreResult) -> bool:
    """Whether there is a total that nothing stands against: rates of the group may follow."""
    return result.status is Status.COMPLETE and not result.withheld and not result.conditions


def maximum(result: ScoreResult) -> float | None:
    """The most points that the items allow; None where an item has no published points."""
    if not result.items or not all(item.possible for item in result.items):
        return None
    return sum(max(item.possible) for item in result.items)


def outcome(result: ScoreResult) -> str:
    """The result in one line, its open conditions first: total and group, or the range still possible; or why not."""
    if result.withheld:
        return "withheld"
    return joined(" ", (part for part in (result.condition, _number(result)) if part))


def _number(result: ScoreResult) -> str:
    if result.status is Status.COMPLETE:
        total = (
            ""
            if result.total is None
            else say("{total}{of_maximum} points", total=points(result.total), of_maximum=_of_maximum(result))
        )
        return joined(": ", (part for part in (total, result.group or "") if part)) or result.status.value
    if result.status is Status.INCOMPLETE and result.attainable is not None:
        groups = (
            say(": {attainable_groups}", attainable_groups=either(result.attainable_groups))
            if result.attainable_groups
            else ""
        )
        return say(
            "incomplete, {span_of}{of_maximum} points still possible{groups}",
            span_of=span_of(result),
            of_maximum=_of_maximum(result),
            groups=groups,
        )
    groups = (
        say(": {attainable_groups} still possible", attainable_groups=either(result.attainable_groups))
        if result.attainable_groups
        else ""
    )
    return result.status.value + groups


def span_of(result: ScoreResult) -> str:
    """``8 to 10``: the totals that the known items still allow."""
    assert result.attainable is not None
    low, high = (points(end) for end in result.attainable)
    return say("{low} to {high}", low=low, high=high) if low != high else low


def _of_maximum(result: ScoreResult) -> str:
    most = maximum(result)
    if most is None:
        return ""
    if most > 0:
        return say(" of {most}", most=points(most))
    return say(
        " (from {sum} to {most})", sum=points(sum(min(item.possible) for item in result.items)), most=points(most)
    )


def score_probability(result: ScoreResult) -> str:
    """Probability of each total and group under the measurement uncertainty, where known."""
    totals = likely(tuple((say("{total} points", total=points(total)), p) for total, p in result.total_probability))
    groups = likely(result.group_probability)
    return joined("; ", (text for text in (totals, say("group {groups}", groups=groups) if groups else "") if text))


def probable(result: ScoreResult) -> tuple[str, str]:
    """:func:`score_probability` in two: the most probable total or group, and all else."""
    totals = tuple((say("{total} points", total=points(total)), p) for total, p in result.total_probability)
    ranked = totals or tuple((say("group {groups}", groups=name), p) for name, p in result.group_probability)
    first = sorted(ranked, key=lambda pair: -pair[1])[:1]
    others = likely([pair for pair in ranked if pair not in first])
    groups = likely(result.group_probability) if totals else ""
    rest = say(", {others}", others=others) if others else ""
    return likely(first), rest + (say("; group {groups}", groups=groups) if groups else "")


def likely(probabilities: Sequence[tuple[str, float]]) -> str:
    """``high 93%, medium 7%``, most probable first; what is hardly possible is left out."""
    ranked = sorted(((name, p) for name, p in probabilities if p >= MIN_SAID), key=lambda pair: -pair[1])
    return joined(", ", (say("{name} {p}", name=name, p=estimate(p)) for name, p in ranked))


def reasons_of(result: ScoreResult) -> str:
    """Why a score gives no number, in one line."""
    return joined("; ", map(typeset, result.reasons))
