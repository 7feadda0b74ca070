"""Which column of a design each heading of a table is likely to be: shown and confirmed, never used as is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.cohort.data.dataset import is_gap, label_of, refuse_doubled
from ovcf.cohort.data.dictionary import OPEN, Dictionary, Variable, VariableType
from ovcf.cohort.data.gaps import GAPS
from ovcf.cohort.mapping.headings import Heading, fit, take_apart, vocabulary
from ovcf.cohort.mapping.value_codes import decimals, factor_of, labels_of, share_possible

if TYPE_CHECKING:
    import collections.abc
    from collections.abc import Iterable, Sequence

    import pandas as pd

    Named = collections.abc.Mapping[str, str]

_VISIT = re.compile(r"_(\d+(?:\.\d+)?)mo$")
_WHOLE = re.compile(r"[+-]?\d+\.0")
_SHOWN = 3


class Sure(StrEnum):
    """How sure a guess is: the design's own name, its plain meaning, or one to look at."""

    OWN = "own name"
    LIKELY = "likely"
    CHECK = "check"


class Doubt(StrEnum):
    """What to look at."""

    HEADING = "the heading may mean something else"
    VISIT = "no visit is said"
    UNIT = "the unit is guessed from the values"
    CODES = "the codes are not explained"
    VALUES = "some values do not fit"
    TWICE = "another heading says the same"


@dataclass(frozen=True, slots=True)
class Guess:
    """One heading of the file and the column it is taken for, with what its values mean."""

    heading: str
    variable: Variable
    examples: tuple[str, ...]
    sure: Sure
    doubts: tuple[Doubt, ...] = ()
    explained: tuple[str, ...] = ()
    """Values that are no words of the column, and were taken for one."""

    @property
    def open_codes(self) -> tuple[str, ...]:
        """Values of which nobody has said what they stand for."""
        return tuple(code for code, label in self.variable.levels if label == OPEN)

    @property
    def is_certain(self) -> bool:
        """Whether nothing was guessed: the design's own name, its units and words."""
        return self.sure is Sure.OWN and not self.doubts and not self.explained and self.variable.factor == 1


@dataclass(frozen=True, slots=True)
class Unfit:
    """A heading that says a column plainly, and whose values are none of it."""

    heading: str
    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Every heading of a table: what it is taken for, or that it is not used."""

    guesses: tuple[Guess, ...]
    ignored: tuple[str, ...]
    missing_codes: tuple[str, ...]
    decimal_comma: bool = False
    unfit: tuple[Unfit, ...] = ()
    gaps: tuple[str, ...] = ()
    """Of the missing codes those that were guessed."""

    @property
    def is_certain(self) -> bool:
        """Whether there is nothing to confirm."""
        return not (self.decimal_comma or self.unfit or self.gaps) and all(g.is_certain for g in self.guesses)

    def dictionary(self) -> Dictionary:
        """The mapping as the dictionary of the table."""
        return Dictionary(tuple(g.variable for g in self.guesses), self.missing_codes, self.ignored, self.decimal_comma)


def guess_mapping(
    raw: pd.DataFrame, known: Dictionary, own: Dictionary | None = None, named: Named | None = None
) -> Mapping:
    """What the headings of ``raw`` may be among the columns that a design knows.

    What ``own`` describes under a name of the design is left alone; what it describes under another name, as REDCap's
    dictionary does, is guessed with its labels. Where it says which headings it ignores, nothing more is guessed.
    ``named`` are columns by heading, as somebody said.

    Raises:
        CohortDataError: a heading occurs twice.
    """
    refuse_doubled(raw)
    named = named or {}
    codes = own.missing_codes if own else known.missing_codes
    of_design = {_VISIT.sub("_mo", v.name): v for v in known.variables}
    mine = own.variables if own else ()
    described = {
        v.source
        for v in mine
        if (design := of_design.get(_VISIT.sub("_mo", v.name))) and not _other_spelling(v, design)
    }
    taken = {v.name for v in mine if v.source in described}
    foreign = {v.source: v for v in mine if v.source not in described}
    if own and own.ignored is not None:
        return Mapping((), (), codes)
    headings = [str(h) for h in raw.columns if str(h) not in described]
    gaps = _gaps(raw, headings, codes)
    codes = (*codes, *gaps)
    texts = {h: [t for t in map(_text, raw[h]) if not is_gap(t, codes)] for h in headings}
    for h, v in foreign.items():
        texts[h] = [label_of(t, v) or t for t in texts.get(h, ())] if v.levels else texts.get(h, [])
    comma = not (own and own.decimal_comma) and _has_decimal_comma(texts.values())
    found: list[Guess] = []
    again: set[str] = set()
    settled: set[str] = set()
    unfit: list[Unfit] = []
    for score, heading, v, parts in _candidates(headings, known, named, {h: v.label for h, v in foreign.items()}):
        said = heading == v.name or heading in named
        if heading in settled or not (texts[heading] or said):
            continue
        if v.name in taken:  # its best meaning is another's: a worse one would be wrong
            again.add(v.name)
            settled.add(heading)
            continue
        if guess := _guess(heading, parts, v, texts[heading], score, said=said, comma=comma):
            found.append(_with_codes(guess, foreign[heading]) if heading in foreign else guess)
            settled.add(heading)
            taken.add(v.name)
        elif score >= 0.89:
            settled.add(heading)
            unfit.append(Unfit(heading, v.name, tuple(dict.fromkeys(texts[heading]))[:_SHOWN]))
    found = [
        replace(g, doubts=(*g.doubts, Doubt.TWICE)) if g.variable.name in again and g.sure is not Sure.OWN else g
        for g in found
    ]
    found.sort(key=lambda g: headings.index(g.heading))
    used = {g.heading for g in found}
    return Mapping(tuple(found), tuple(h for h in headings if h not in used), codes, comma, tuple(unfit), gaps)


def _gaps(raw: pd.DataFrame, headings: Sequence[str], codes: Sequence[str]) -> tuple[str, ...]:
    """Texts of the table that people write where a value is not known."""
    there = {_text(value) for h in headings for value in raw[h].unique()}
    return tuple(sorted(text for text in there if text.casefold() in GAPS and not is_gap(text, codes)))


def _candidates(
    headings: Sequence[str], known: Dictionary, named: Named, labels: Named
) -> list[tuple[float, str, Variable, Heading]]:
    """Every heading with every column it may be, the best first."""
    names, judged_at = vocabulary()["headings"], vocabulary()["when"]
    found = []
    for heading in headings:
        parts, said = take_apart(heading), named.get(heading, heading)
        spoken = {parts.words, take_apart(labels.get(heading, "")).words}
        for v in known.variables:
            stem, visit = _VISIT.sub("", v.name), _VISIT.search(v.name)
            name = _VISIT.sub("_mo", said) == _VISIT.sub("_mo", v.name)
            score = 2.0 if name else 0.0
            if not name and heading not in named:
                score = max(fit(words, names.get(stem, []), stem) for words in spoken)
            if not score or (parts.month not in (None, judged_at.get(v.name)) and not visit and not name):
                continue
            month = parts.month if parts.month is not None else float(visit[1]) if visit else None
            called = said if name else f"{stem}_{month:g}mo" if visit else v.name
            found.append((score, heading, replace(v, name=called, heading=heading), parts))
    return sorted(found, key=lambda c: -c[0])


def _other_spelling(own: Variable, design: Variable) -> bool:
    """Whether the labels are the design's own words written in another way, as Male for male."""
    labels, words = {label for _, label in own.levels}, {label for _, label in design.levels}
    return bool(labels and words) and not labels <= words and all(label_of(text, design) for text in labels)


def _with_codes(guess: Guess, own: Variable) -> Guess:
    """A guess made from labels, with the codes that stand for them in the file."""
    v = guess.variable
    if not own.levels:
        return guess
    meant = dict(v.levels)
    pairs = [(code, meant.get(label) or label_of(label, v)) for code, label in own.levels]
    order = list(dict.fromkeys(meant.values()))
    levels = sorted(((code, label) for code, label in pairs if label), key=lambda pair: order.index(pair[1]))
    return replace(guess, variable=replace(v, levels=tuple(levels)))


def _guess(
    heading: str, parts: Heading, v: Variable, texts: list[str], score: float, *, said: bool, comma: bool
) -> Guess | None:
    """The guess made whole with codes and unit; None where the values speak against it.

    ``said``: the heading is the design's own name, or somebody said that it is this column.
    """
    stem = _VISIT.sub("", v.name)
    by_visit = bool(_VISIT.search(v.name))
    doubts: list[Doubt] = []
    explained: tuple[str, ...] = ()
    if score < 0.89:
        doubts.append(Doubt.HEADING)
    if by_visit and parts.month is None and not said:
        doubts.append(Doubt.VISIT)
    if v.type in (VariableType.NUMBER, VariableType.INTEGER):
        numbers = decimals(texts, v.unit, comma=comma)
        factor, guessed = factor_of(v, parts.unit, numbers, texts)
        v = replace(v, factor=factor)
        doubts += [Doubt.UNIT] * guessed
        fits = share_possible(v, numbers, len(texts))
        if not said and fits < 0.5:
            return None
        if not said and fits < 1:
            doubts.append(Doubt.VALUES)
    elif v.levels or v.type is VariableType.BOOLEAN:
        levels = labels_of(v, stem, texts)
        if levels is None:
            if not said:
                return None
        elif any(label == OPEN for _, label in levels):
            doubts.append(Doubt.CODES)
            v = replace(v, levels=levels, allowed=tuple(dict.fromkeys(label for _, label in v.levels)) or ("no", "yes"))
        else:
            explained = tuple(code for code, _ in levels if code not in dict(v.levels) and label_of(code, v) is None)
            v = replace(v, levels=levels or v.levels)
    sure = Sure.OWN if said else Sure.CHECK if doubts else Sure.LIKELY
    examples = tuple(dict.fromkeys(texts))[:_SHOWN]
    return Guess(heading, v, examples, sure, tuple(doubts), explained)


def _text(value: object) -> str:
    said = "" if value is None or value != value else str(value).strip()
    return said.removesuffix(".0") if _WHOLE.fullmatch(said) else said


def _has_decimal_comma(columns: Iterable[Sequence[str]]) -> bool:
    commas = points = 0
    for texts in columns:
        different = set(texts)
        commas += sum(bool(re.fullmatch(r"[+-]?\d+,\d+", t)) for t in different)
        points += sum(bool(re.fullmatch(r"[+-]?\d+\.\d+", t)) for t in different)
    return commas > points
