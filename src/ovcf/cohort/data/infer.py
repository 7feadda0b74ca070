"""What the named columns of any table are, read from their values: numbers, yes or no, or groups."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.cohort.data.dataset import NO, YES, is_gap
from ovcf.cohort.data.dictionary import Dictionary, Variable, VariableType
from ovcf.cohort.data.gaps import GAPS
from ovcf.cohort.mapping.headings import fit, quantity_of, take_apart, vocabulary, without_unit
from ovcf.errors import ClinicalDataError, CohortDataError, LevelError
from ovcf.language.worded import joined, say
from ovcf.plausible import PATIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

FEW_CODES = 5
"""So few whole numbers are more often codes of groups than counts."""
MAX_GROUPS = 30
MISSING = tuple(
    dict.fromkeys(
        (
            *Dictionary(()).missing_codes,
            *(spelt for word in sorted(GAPS) for spelt in (word, word.upper(), word.capitalize(), word.title())),
        )
    )
)
"""Ways in which spreadsheets and people write that a value is not known."""


def inferred(raw: pd.DataFrame, names: Sequence[str], kinds: Mapping[str, VariableType] | None = None) -> Dictionary:
    """The dictionary of columns ``names``.

    Args:
        raw: the table as text.
        names: headings.
        kinds: what a column is, where its values do not say.

    Raises:
        CohortDataError: a heading that is not there (with the nearest that is), or without any value.
    """
    for name in names:
        if name not in raw.columns:
            raise CohortDataError(name, "is no column of the table", nearest(name, [str(c) for c in raw.columns]))
    columns = {n: [t for t in map(_text, raw[n]) if not is_gap(t, MISSING)] for n in dict.fromkeys(names)}
    comma = sum(bool(_COMMA.fullmatch(t)) for c in columns.values() for t in c) > sum(
        bool(_POINT.fullmatch(t)) for c in columns.values() for t in c
    )
    variables = [
        _variable(name, texts, (kinds or {}).get(name), quantity_of(name), comma) for name, texts in columns.items()
    ]
    return Dictionary(tuple(variables), MISSING, decimal_comma=comma)


def heading_for(word: str, headings: Sequence[str]) -> str:
    """The heading that a word names: itself, or the only one like it but for case, joints, unit and what follows.

    ``age`` is ``Age (yrs)``, ``non_union`` is ``Non-union``, ``t-score`` is ``T-score L1-4``.

    Raises:
        CohortDataError: none, with the nearest; or more than one.
    """
    if word in headings:
        return word
    words = take_apart(word).words
    for found in (
        [h for h in headings if _same_letters(h) == _same_letters(word)],
        [h for h in headings if take_apart(h).words == words],
        [h for h in headings if words and take_apart(h).words[: len(words)] == words],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise CohortDataError(
                word, say("may be {found}", found=" or ".join(map(repr, found))), "Write the heading in full."
            )
    raise CohortDataError(word, "is no column of the table", nearest(word, headings))


def _same_letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def nearest(word: str, words: Sequence[str]) -> str:
    """The advice to take the most alike of ``words``, or one of them."""
    from difflib import get_close_matches

    folded = {w.casefold(): w for w in words}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return (
        say("Did you mean {folded!r}?", folded=folded[close[0]])
        if close
        else say("Choose among {words}.", words=joined(", ", words))
    )


_COMMA, _POINT = re.compile(r"[+-]?\d+,\d+"), re.compile(r"[+-]?\d+\.\d+")


def _variable(name: str, texts: list[str], kind: VariableType | None, quantity: str | None, comma: bool) -> Variable:
    if not texts:
        raise CohortDataError(name, "has no known value", "Leave it out, or correct the table.")
    counts = Counter(texts)
    unit = take_apart(name).unit or ("%" if any(t.endswith("%") for t in texts) else "")
    low, high, unit = PATIENT.get(quantity or "", (None, None, unit))
    chosen = kind or _kind(counts, unit, comma)
    if chosen is VariableType.NUMBER:
        return Variable(name=name, type=chosen, low=low, high=high, unit=unit)
    if chosen is VariableType.CATEGORY:
        levels = _levels(counts)
        if len({label for _, label in levels}) > MAX_GROUPS:
            raise CohortDataError(
                name,
                say("holds {counts} different texts", counts=len(counts)),
                "Name a column of groups or numbers, or group its values.",
            )
        return Variable(name=name, type=chosen, levels=levels)
    return Variable(name=name, type=chosen)


def _kind(counts: Counter[str], unit: str, comma: bool) -> VariableType:
    words = {t.casefold() for t in counts}
    if words <= YES | NO:
        return VariableType.BOOLEAN
    numbers = {t: _number(t, unit, comma) for t in counts}
    known = sum(n for t, n in counts.items() if numbers[t] is not None)
    if known < 0.9 * counts.total():
        return VariableType.CATEGORY
    values = {x for x in numbers.values() if x is not None}
    few = len(values) <= FEW_CODES and all(x == round(x) and 0 <= x <= 9 for x in values)
    return VariableType.CATEGORY if few and counts.total() > 2 * FEW_CODES else VariableType.NUMBER


def _levels(counts: Counter[str]) -> tuple[tuple[str, str], ...]:
    """Spellings that differ in case and joints alone are one group, called as it is most often."""
    called: dict[str, str] = {}
    for text, _ in counts.most_common():
        called.setdefault(_same(text), text)
    labels = tuple(called.values())
    try:
        order = sorted(labels, key=lambda text: Level.parse(text).rank)
    except LevelError:
        order = sorted(labels, key=_in_order)
    return tuple((text, label) for label in order for text in counts if called[_same(text)] == label)


def _same(text: str) -> str:
    return "".join(text.casefold().replace("_", " ").replace("-", " ").split())


def _in_order(text: str) -> tuple[object, ...]:
    """Numbers within words by size: grade 2 before grade 10."""
    parts = re.split(r"(\d{1,18})", text.casefold())
    return tuple(int(part) if i % 2 else part for i, part in enumerate(parts))


def _number(text: str, unit: str, comma: bool) -> float | None:
    bare = without_unit(text, unit)
    try:
        return parse_decimal(bare.replace(",", ".") if comma else bare, field="")
    except ClinicalDataError:
        return None


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def describable(raw: pd.DataFrame) -> list[str]:
    """Headings of columns that describe patients: neither their names nor free text, dates or a single value."""
    found = []
    for name in map(str, raw.columns):
        texts = [t for t in map(_text, raw[name]) if not is_gap(t, MISSING)]
        parts = take_apart(name)
        if fit(parts.words, vocabulary()["headings"]["patient_id"], "patient_id") >= 0.9 or len(set(texts)) < 2:
            continue
        try:
            v = _variable(name, texts, None, None, comma=True)
        except CohortDataError:
            continue
        if v.type is not VariableType.CATEGORY or len({label for _, label in v.levels}) <= 0.5 * len(texts):
            found.append(name)
    return found
