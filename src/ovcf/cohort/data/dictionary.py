"""The data dictionary: what each column of a cohort is, in what unit, within what range, in what role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, CohortDataError, UnreadableFileError
from ovcf.language.worded import joined, say
from ovcf.plain_text import clean
from ovcf.text_files import parse_toml
from ovcf.vocabulary import LISTS


class VariableType(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    ORDINAL = "ordinal"
    DATE = "date"
    TEXT = "text"


class Role(StrEnum):
    """What a column is for."""

    ID = "id"
    GROUP = "group"
    PREDICTOR = "predictor"
    OUTCOME = "outcome"
    TIME = "time"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column. ``levels`` maps what stands in the file to the label used in analyses, in their clinical order.

    ``heading`` is what the column is called in the file, if not by its name; ``factor`` turns the numbers of the file
    into ``unit``. The labels of a boolean with ``levels`` are ``yes`` and ``no``. ``allowed`` are the labels that a
    design knows, where those of ``levels`` are still to be said.
    """

    name: str
    heading: str = ""
    factor: float = 1.0
    type: VariableType
    label: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    role: Role = Role.OTHER
    levels: tuple[tuple[str, str], ...] = ()
    required: bool = False
    allowed: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Its heading in the file."""
        return self.heading or self.name


OPEN = "?"
"""Stands in ``levels`` for the label of a code whose meaning nobody has said yet."""
_KEYS = {"heading", "factor", "type", "label", "unit", "range", "role", "levels", "required"}


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All columns of a cohort, in order; ``missing_codes`` are texts that stand for an unknown value anywhere.

    ``ignored`` are headings of the file that are not wanted; None where nobody has said. With ``decimal_comma`` 1,5 is
    one and a half.
    """

    variables: tuple[Variable, ...]
    missing_codes: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "None")
    ignored: tuple[str, ...] | None = None
    decimal_comma: bool = False

    def __getitem__(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise CohortDataError(name, "is not in the data dictionary", "Describe the column, or correct its name.")


def parse_dictionary(text: str, where: str = "data dictionary") -> Dictionary:
    """A dictionary from TOML: one table per column.

    For example ``[age]``, ``type = "number"``, ``unit = "years"``, ``range = [18, 110]``, ``role = "predictor"``.
    ``levels`` of a category is a list, a table from what stands in the file to its label, or the name of a list of
    :mod:`ovcf.vocabulary`. ``heading`` is the column's name in the file, ``factor`` turns its numbers into ``unit``.
    Optional at the top: ``missing_codes``, texts that mean unknown, such as ``"-99"``; ``ignored``, headings that are
    not wanted; ``decimal_comma = true``.

    Raises:
        CohortDataError: not TOML, a code without a meaning (``"?"``), an
            unknown key, type or role, a range that is none; names column and key.
    """
    try:
        tables = parse_toml(text, where, remedy="Write one [column] table per column.")
    except UnreadableFileError as error:
        raise CohortDataError(error.where, error.problem, error.remedy) from None
    codes, ignored = _list(tables, "missing_codes", where), _list(tables, "ignored", where)
    comma = tables.pop("decimal_comma", False) is True
    variables = tuple(_variable(name, table, where) for name, table in tables.items())
    if not variables:
        raise CohortDataError(where, "describes no column", "Write one [column] table per column.")
    known = Dictionary(variables)
    return Dictionary(variables, (*known.missing_codes, *(codes or ())), ignored, comma)


def _list(tables: dict[str, Any], key: str, where: str) -> tuple[str, ...] | None:
    given = tables.pop(key, None)
    if given is not None and not isinstance(given, list):
        raise CohortDataError(f"{where}: {key}", say("{given!r} is no list", given=given), 'Write it like ["-99"].')
    return None if given is None else tuple(clean(str(x)) for x in given)


def _variable(name: str, table: Any, where: str) -> Variable:
    at = f"{where}: [{name}]"
    if not isinstance(table, Mapping):
        raise CohortDataError(at, "is not a table", say("Write [{name}] and its keys below.", name=name))
    if unknown := set(table) - _KEYS:
        raise CohortDataError(
            at,
            say("has the unknown key {min!r}", min=min(unknown)),
            say("Keys are {sorted}.", sorted=joined(", ", sorted(_KEYS))),
        )
    kind = _one_of(VariableType, table.get("type"), say("{at} type", at=at))
    given = _words(table.get("levels", ()), say("{at} levels", at=at))
    if not isinstance(given, Mapping | list | tuple) or any(isinstance(x, Mapping | list) for x in given):
        raise CohortDataError(
            say("{at} levels", at=at),
            say("{given!r} are none", given=given),
            "Give a list, or a table of codes and labels.",
        )
    labelled = given if isinstance(given, Mapping) else {level: level for level in given}
    levels = tuple((clean(str(code)), clean(str(label))) for code, label in labelled.items())
    if kind is not VariableType.BOOLEAN and (kind in (VariableType.CATEGORY, VariableType.ORDINAL)) != bool(levels):
        raise CohortDataError(at, "needs levels if and only if it is a category or ordinal", "Give or remove levels.")
    if unsaid := [code for code, label in levels if label == OPEN]:
        raise CohortDataError(
            say("{at} levels", at=at),
            say("do not say what {unsaid} stand for", unsaid=joined(" and ", unsaid)),
            say('Write the meaning for "{open}".', open=OPEN),
        )
    if kind is VariableType.BOOLEAN and not {label for _, label in levels} <= {"yes", "no"}:
        raise CohortDataError(
            say("{at} levels", at=at), "of a boolean are yes and no", 'Write { 1 = "yes", 2 = "no" }.'
        )
    low, high = _range(table.get("range"), at)
    return Variable(
        name=name,
        heading=clean(str(table.get("heading", ""))),
        factor=_factor(table.get("factor", 1), at),
        type=kind,
        label=clean(str(table.get("label", ""))),
        unit=clean(str(table.get("unit", ""))),
        low=low,
        high=high,
        role=_one_of(Role, table.get("role", "other"), say("{at} role", at=at)),
        levels=levels,
        required=bool(table.get("required", False)),
    )


def _words(given: Any, at: str) -> Any:
    """Levels as given; a name stands for a list of :mod:`ovcf.vocabulary`, such as ``T2Pattern``."""
    if not isinstance(given, str):
        return given
    if given not in LISTS:
        raise CohortDataError(
            at,
            say("{given!r} is no list of words", given=given),
            say("Give the levels, or one of {lists}.", lists=joined(", ", LISTS)),
        )
    return list(LISTS[given])


def _one_of(kind: Any, value: object, at: str) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise CohortDataError(
            at, say("{value!r} is unknown", value=value), say("Give one of {kind}.", kind=joined(", ", kind))
        ) from None


def _range(given: Any, at: str) -> tuple[float | None, float | None]:
    if given is None:
        return None, None
    try:
        low, high = (parse_decimal(v, field=at) for v in given)
    except (TypeError, ValueError, ClinicalDataError):
        raise CohortDataError(
            say("{at} range", at=at), say("{given!r} is none", given=given), "Give [lowest, highest]."
        ) from None
    if low > high:
        raise CohortDataError(
            say("{at} range", at=at), say("{given!r} runs downwards", given=given), "Give [lowest, highest]."
        )
    return low, high


def _factor(given: Any, at: str) -> float:
    try:
        factor = parse_decimal(given, field=at)
    except ClinicalDataError:
        factor = 0.0
    if factor == 0:
        raise CohortDataError(
            say("{at} factor", at=at),
            say("{given!r} is none", given=given),
            "Give what the file's numbers are multiplied by.",
        )
    return factor
