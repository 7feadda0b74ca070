"""What the values of a column mean: words and codes of categories, and the unit of numbers."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from ovcf.clinical.number import parse_decimal
from ovcf.cohort.data.dataset import NO, YES, label_of
from ovcf.cohort.data.dictionary import OPEN, Variable, VariableType
from ovcf.cohort.mapping.headings import DAYS_A_MONTH, vocabulary, without_unit
from ovcf.errors import ClinicalDataError
from ovcf.vocabulary import choice

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_CODES = 12
"""More different values are not the codes of one list."""
_INTO = {
    "m": {"cm": 0.01, "mm": 0.001},
    "months": {"days": 1 / DAYS_A_MONTH, "weeks": 7 / DAYS_A_MONTH, "years": 12.0},
    "years": {"months": 1 / 12},
    "%": {"0-50": 2.0},
}
_OF_TEN = {"0-100": 0.1, "mm": 0.1}


def labels_of(v: Variable, stem: str, texts: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    """What each value that occurs stands for, in the order of the list; :data:`OPEN` where it may stand for anything.

    None where the values are no such list. A value that most others make a slip of the pen is left out: checking
    names it.
    """
    yes_or_no = v.type is VariableType.BOOLEAN
    labels = ("no", "yes") if yes_or_no else tuple(dict.fromkeys(label for _, label in v.levels))
    counts = Counter(texts)
    known: dict[str, str] = {}
    for text in counts:
        label = _yes_or_no(text) if yes_or_no else label_of(text, v)
        if label is None:
            label = _other_word(text, stem)
        if label is not None:
            known[text] = label
    unknown = [text for text in counts if text not in known]
    known = {text: label for text, label in known.items() if yes_or_no or _letters(text) != _letters(label)}
    slips = sum(counts[t] for t in unknown) <= 0.2 * len(texts)
    if unknown and not slips:
        if len(counts) > MAX_CODES:
            return None
        # 1 for yes says nothing where 2 stands beside it; a word says the same beside any other
        words = {t: label for t, label in known.items() if not t.isdigit()}
        return tuple((text, words.get(text, OPEN)) for text in sorted(counts))
    said = [(text, label) for label in labels for text in sorted(known) if known[text] == label]
    if yes_or_no:
        return () if all(text.casefold() in YES | NO for text in known) else tuple(said)
    missing = [(label, label) for label in labels if label not in known.values()]
    return tuple(sorted((*said, *missing), key=lambda pair: labels.index(pair[1])))


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _yes_or_no(text: str) -> str | None:
    word = text.casefold()
    return "yes" if word in YES else "no" if word in NO else None


def _other_word(text: str, stem: str) -> str | None:
    for label, words in vocabulary()["values"].get(stem, {}).items():
        if choice(text.rstrip("."), words):
            return str(label)
    return None


def suggestion(text: str, v: Variable, stem: str) -> str | None:
    """The label that a value that is none may be meant as: another word for it, or a slip of the pen."""
    from difflib import get_close_matches

    if (word := _other_word(text, stem)) is not None:
        return word
    labels = {label.casefold(): label for _, label in v.levels}
    close = get_close_matches(text.casefold(), labels, n=1, cutoff=0.75)
    return labels[close[0]] if close else None


def decimals(texts: Sequence[str], unit: str, *, comma: bool = False) -> list[float]:
    """The numbers among texts, with or without their unit."""
    read: dict[str, float | None] = {}
    for text in set(texts):
        try:
            bare = without_unit(text, unit)
            read[text] = parse_decimal(bare.replace(",", ".") if comma else bare, field="")
        except ClinicalDataError:
            read[text] = None
    return [x for x in map(read.__getitem__, texts) if x is not None]


def factor_of(v: Variable, unit: str, numbers: Sequence[float], texts: Sequence[str]) -> tuple[float, bool]:
    """What the file's numbers are multiplied by to give the column's unit, and whether that is a guess from them."""
    said = _INTO.get(v.unit.split()[0] if v.unit else "", {}).get(unit)
    if said is None and v.high == 10 and unit in _OF_TEN:
        said = _OF_TEN[unit]
    if said is not None:
        return said, False
    largest = max(map(abs, numbers), default=0.0)
    middle = statistics.median(numbers) if numbers else 0.0
    if v.unit.startswith("%") and 0 < largest <= 1 and any(x % 1 for x in numbers):
        return (1.0, False) if any("%" in t for t in texts) else (100.0, True)
    if v.unit == "m" and 100 <= middle <= 230:
        return 0.01, True
    if v.high == 10 and v.low == 0 and 10 < largest <= 100 and middle > 10:
        return 0.1, True
    if v.name == "t_score" and numbers and min(numbers) >= 0 and middle >= 1:
        return -1.0, True
    return 1.0, False


def share_possible(v: Variable, numbers: Sequence[float], known: int) -> float:
    """Of the known values, how many are numbers within the column's range."""
    low = float("-inf") if v.low is None else v.low
    high = float("inf") if v.high is None else v.high
    return sum(low <= v.factor * x <= high for x in numbers) / known if known else 0.0
