"""A cohort checked against its dictionary: typed columns, every mistake by row, and how much is missing.

Nothing is dropped or mended silently: a value that cannot be what the dictionary says becomes a `Mistake` and, in the
typed frame, missing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.cohort.data.dates import day_comes_first, is_year_first, read_date
from ovcf.cohort.data.dictionary import Dictionary, Role, Variable, VariableType
from ovcf.cohort.mapping.headings import without_unit
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.errors import ClinicalDataError, CohortDataError, LevelError
from ovcf.language.worded import joined, say
from ovcf.vocabulary import choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

YES = frozenset({"1", "1.0", "true", "yes", "y", "checked", "present", "positive", "pos", "是", "有", "阳性"})
NO = frozenset({"0", "0.0", "false", "no", "n", "unchecked", "absent", "negative", "neg", "否", "无", "阴性"})
_NUMBERS = (VariableType.NUMBER, VariableType.INTEGER)
_COMMA = re.compile(r"^(\s*[+-]?\d+),(\d+\s*)$")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One value that cannot be. ``row`` counts as a spreadsheet does: the heading is row 1, the first patient 2.

    ``column`` is the heading of the file.
    """

    row: int
    column: str
    value: str
    problem: str

    def __str__(self) -> str:
        return say(
            "row {row}, {column}: {value!r} {problem}",
            row=self.row,
            column=self.column,
            value=self.value,
            problem=self.problem,
        )


@dataclass(frozen=True, slots=True)
class Cohort:
    """Typed ``frame`` (one row per line of the file, in order), its ``dictionary`` and the ``mistakes`` found.

    Numbers are floats, booleans nullable, categories ordered as in the dictionary, dates timestamps.
    """

    frame: pd.DataFrame = field(repr=False)
    dictionary: Dictionary = field(repr=False)
    mistakes: tuple[Mistake, ...]
    undescribed: tuple[str, ...] = ()

    def checked(self) -> pd.DataFrame:
        """The frame, if there is no mistake.

        Raises:
            CohortDataError: lists the first mistakes.
        """
        if self.mistakes:
            shown = "; ".join(str(m) for m in self.mistakes[:5])
            more = say("; and {mistakes} more", mistakes=len(self.mistakes) - 5) if len(self.mistakes) > 5 else ""
            raise CohortDataError("data", shown + more, "Correct them, or go on with `frame`, where they are missing.")
        return self.frame


def check(raw: pd.DataFrame, dictionary: Dictionary) -> Cohort:
    """Type every described column of ``raw`` and list what is wrong with it.

    Found: values of the wrong type, outside their range (with a hint at mixed units), unknown levels, dates written in
    two ways, duplicate ids, missing required values. Columns that the dictionary does not describe are named in
    ``undescribed`` and kept as they are.

    Raises:
        CohortDataError: a described column is absent, or a heading occurs twice.
    """
    refuse_doubled(raw)
    absent = [v.source for v in dictionary.variables if v.source not in raw.columns]
    if absent:
        raise CohortDataError(
            "data", say("has no column {absent}", absent=joined(", ", absent)), "Correct the heading or the dictionary."
        )
    frame, mistakes = raw.rename(columns=_named(raw, dictionary)), []
    frame.attrs = {}
    for variable in dictionary.variables:
        texts = _texts(raw[variable.source], variable, dictionary)
        typed, found = _typed(texts, variable)
        frame[variable.name] = typed
        mistakes += found
    for variable in (v for v in dictionary.variables if v.role is Role.ID):
        seen: dict[Any, int] = {}
        for i, value in enumerate(frame[variable.name]):
            if value is not None and value == value and seen.setdefault(value, i) != i:
                mistakes.append(
                    Mistake(i + 2, variable.source, str(value), say("is also in row {row}", row=_row(raw, seen[value])))
                )
    described = {v.source for v in dictionary.variables}
    # Empty rows of the file are no lines of the table.
    mistakes = [replace(m, row=_row(raw, m.row - 2)) for m in mistakes]
    order = sorted(mistakes, key=lambda m: (m.row, m.column))
    return Cohort(frame, dictionary, tuple(order), tuple(str(c) for c in raw.columns if c not in described))


def _row(raw: pd.DataFrame, line: int) -> int:
    rows = raw.attrs.get("rows")
    return int(rows[line]) if rows else line + 2


def refuse_doubled(raw: pd.DataFrame) -> None:
    """Refuse a table in which two columns have the same heading."""
    doubled = [str(name) for name, n in Counter(raw.columns).items() if n > 1]
    if doubled:
        raise CohortDataError(
            "data", say("the heading {doubled!r} occurs twice", doubled=doubled[0]), "Give every column its own name."
        )


def describe_missing(frame: pd.DataFrame) -> AnalysisResult:
    """How much is missing, by variable and by pattern of variables missing together; complete cases."""
    absent = frame.isna()
    n = len(frame)
    patterns = Counter(tuple(absent.columns[row]) for row in absent.to_numpy(bool))
    complete = patterns.get((), 0)
    counts = tuple((str(name), int(k)) for name, k in absent.sum().items())
    return AnalysisResult(
        title="Missing data",
        method="Counts of missing values and of the patterns in which they occur",
        n=n,
        missing=counts,
        notes=(
            say(
                "{complete} of {n} patients are complete in all {shape} variables",
                complete=complete,
                n=n,
                shape=frame.shape[1],
            ),
        ),
        tables=(
            Table(
                "By variable",
                (Column("variable", "Variable"), Column("missing", "Missing", "d"), Column("share", "Share", ".1%")),
                tuple((name, k, k / n if n else math.nan) for name, k in counts),
            ),
            Table(
                "By pattern",
                (Column("pattern", "Missing together"), Column("patients", "Patients", "d")),
                tuple((joined(", ", map(str, names)) or "nothing", k) for names, k in patterns.most_common()),
            ),
        ),
    )


def _named(raw: pd.DataFrame, dictionary: Dictionary) -> dict[str, str]:
    """From the file's headings to the names of the dictionary."""
    renamed = {v.heading: v.name for v in dictionary.variables if v.heading and v.heading != v.name}
    for theirs, ours in renamed.items():
        if ours in raw.columns and ours not in renamed:
            raise CohortDataError(
                "data",
                say("{theirs!r} and {ours!r} are both said to be {ours}", theirs=theirs, ours=ours),
                "Keep one of them in the dictionary.",
            )
    return renamed


def _texts(column: Any, v: Variable, dictionary: Dictionary) -> list[str | None]:
    """A column as text, gaps as None; what occurs often is looked at once."""
    seen: dict[str, str | None] = {}
    made = []
    for value in column:
        if type(value) is not str:
            made.append(_text(value, v, dictionary))
            continue
        if value not in seen:
            seen[value] = _text(value, v, dictionary)
        made.append(seen[value])
    return made


def _text(value: Any, v: Variable, dictionary: Dictionary) -> str | None:
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    text = str(value).strip()
    if v.levels and choice(text, (word for pair in v.levels for word in pair)):
        return text  # "None" is a T2 pattern, and no gap
    if is_gap(text, dictionary.missing_codes):
        return None
    return _COMMA.sub(r"\1.\2", text) if dictionary.decimal_comma and v.type in _NUMBERS else text


def is_gap(text: str, missing: Sequence[str]) -> bool:
    """Whether a text stands for an unknown value, also where a code was read as a float."""
    return text in missing or text.removesuffix(".0") in missing


def _typed(texts: list[str | None], v: Variable) -> tuple[Any, list[Mistake]]:
    pandas = optional_import("pandas")
    made: list[Any] = []
    mistakes = []
    read: dict[str | None, tuple[Any, str]] = {None: (None, "is missing" if v.required else "")}
    if v.type is VariableType.DATE:
        way = day_comes_first(t for t in texts if t)
        read |= {t: read_date(t, day_first=way) for t in texts if t}
    for i, text in enumerate(texts):
        if text not in read:
            read[text] = _READERS[v.type](text, v)
        value, problem = read[text]
        made.append(value)
        if problem:
            mistakes.append(Mistake(i + 2, v.source, text or "", problem))
    if v.type in _NUMBERS:
        return [math.nan if x is None else x for x in made], mistakes
    if v.type is VariableType.BOOLEAN:
        return pandas.array(made, dtype="boolean"), mistakes
    if v.type in (VariableType.CATEGORY, VariableType.ORDINAL):
        labels = list(dict.fromkeys(label for _, label in v.levels))
        return pandas.Categorical(made, labels, ordered=v.type is VariableType.ORDINAL), mistakes
    if v.type is VariableType.DATE:
        mistakes += _two_ways(texts, made, v.source)
        return pandas.to_datetime(pandas.Series(made, dtype="object")).to_numpy(), mistakes
    return made, mistakes


def _two_ways(texts: list[str | None], made: list[Any], name: str) -> list[Mistake]:
    """Dates written in two ways are a mistake in the rarer way, though each can be read."""
    ways = {i: is_year_first(t) for i, t in enumerate(texts) if t and made[i] is not None}
    most = 2 * sum(ways.values()) >= len(ways)
    said = "is not written as most dates are"
    return [Mistake(i + 2, name, str(texts[i]), said) for i, iso in ways.items() if iso is not most]


def _number(text: str, v: Variable) -> tuple[float | None, str]:
    try:
        value = parse_decimal(without_unit(text, v.unit), field=v.name) * v.factor
    except ClinicalDataError:
        if text.lower().lstrip("+-") in ("inf", "infinity", "nan"):
            return None, "is not a finite number"
        comma = re.fullmatch(r"-?\d+,\d+", text)
        return None, "has a decimal comma: write a point" if comma else "is not a number"
    if v.type is VariableType.INTEGER and value != round(value):
        return None, "is not a whole number"
    low, high = -math.inf if v.low is None else v.low, math.inf if v.high is None else v.high
    if low <= value <= high:
        return value, ""
    for factor in (100, 10, 1000, 0.1, 0.01, 0.001):
        if low <= value * factor <= high and value:
            return (
                None,
                say("is outside {low:g} to {high:g} {unit}", low=low, high=high, unit=v.unit).rstrip()
                + say("; times {factor:g} it fits: another unit?", factor=factor),
            )
    return None, say("is outside {low:g} to {high:g} {unit}", low=low, high=high, unit=v.unit).rstrip()


def _boolean(text: str, v: Variable) -> tuple[bool | None, str]:
    word = text.lower()
    if v.levels:
        label, problem = _category(text, v)
        return (None, problem) if label is None else (label == "yes", "")
    if word in YES or word in NO:
        return word in YES, ""
    return None, "is neither yes nor no"


def _category(text: str, v: Variable) -> tuple[str | None, str]:
    label = label_of(text, v)
    return label, "" if label is not None else say(
        "is none of {code}", code=joined(", ", (code for code, _ in v.levels))
    )


def label_of(text: str, v: Variable) -> str | None:
    """The label of a code or word, whatever its case and joints; of a vertebral level however it is written."""
    by_code = dict(v.levels) | {label: label for _, label in v.levels}
    whole = text.removesuffix(".0")  # a column of codes with gaps is read as floats
    label = by_code.get(text, by_code.get(whole))
    if label is None and (word := choice(text, by_code)):
        label = by_code[word]
    if label is None and (level := _level(text)) in by_code:
        label = by_code[level]
    return label


def _level(text: str) -> str:
    """A vertebral level as it is written everywhere else: ``l 1`` is L1; empty if it is none."""
    try:
        return Level.parse(text).value
    except LevelError:
        return ""


def _plain(text: str, _: Variable) -> tuple[str, str]:
    return text, ""


_READERS: dict[VariableType, Any] = {
    VariableType.NUMBER: _number,
    VariableType.INTEGER: _number,
    VariableType.BOOLEAN: _boolean,
    VariableType.CATEGORY: _category,
    VariableType.ORDINAL: _category,
    VariableType.DATE: lambda text, _: read_date(text),
    VariableType.TEXT: _plain,
}
