"""The data dictionary: what each column of a cohort is, in what unit, within what range, in what role."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ovcf.errors import CohortDataError


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
    """One column. ``levels`` maps what stands in the file to the label used in analyses, in their clinical order."""

    name: str
    type: VariableType
    label: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    role: Role = Role.OTHER
    levels: tuple[tuple[str, str], ...] = ()
    required: bool = False


_KEYS = {"type", "label", "unit", "range", "role", "levels", "required"}


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All columns of a cohort, in order; ``missing_codes`` are texts that stand for an unknown value anywhere."""

    variables: tuple[Variable, ...]
    missing_codes: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "None")

    def __getitem__(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise CohortDataError(name, "is not in the data dictionary", "Describe the column, or correct its name.")

    def with_role(self, role: Role) -> tuple[str, ...]:
        """Names of the columns in a role."""
        return tuple(v.name for v in self.variables if v.role is role)


def parse_dictionary(text: str, where: str = "data dictionary") -> Dictionary:
    """A dictionary from TOML: one table per column.

    For example ``[age]``, ``type = "number"``, ``unit = "years"``, ``range = [18, 110]``, ``role = "predictor"``.
    ``levels`` of a category is a list, or a table from what stands in the file to its label. The optional top-level
    ``missing_codes`` lists texts that mean unknown, such as ``"-99"``.

    Raises:
        CohortDataError: not TOML, an unknown key, type or role, a range that is none; names column and key.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CohortDataError(where, f"is not TOML ({error})", "Write one [column] table per column.") from None
    codes = tables.pop("missing_codes", [])
    variables = tuple(_variable(name, table, where) for name, table in tables.items())
    if not variables:
        raise CohortDataError(where, "describes no column", "Write one [column] table per column.")
    known = Dictionary(variables)
    return Dictionary(variables, (*known.missing_codes, *(str(c) for c in codes)))


def _variable(name: str, table: Any, where: str) -> Variable:
    at = f"{where}: [{name}]"
    if not isinstance(table, Mapping):
        raise CohortDataError(at, "is not a table", f"Write [{name}] and its keys below.")
    if unknown := set(table) - _KEYS:
        raise CohortDataError(at, f"has the unknown key {min(unknown)!r}", f"Keys are {', '.join(sorted(_KEYS))}.")
    kind = _one_of(VariableType, table.get("type"), f"{at} type")
    given = table.get("levels", ())
    labelled = given if isinstance(given, Mapping) else {level: level for level in given}
    levels = tuple((str(code), str(label)) for code, label in labelled.items())
    if (kind in (VariableType.CATEGORY, VariableType.ORDINAL)) != bool(levels):
        raise CohortDataError(at, "needs levels if and only if it is a category or ordinal", "Give or remove levels.")
    low, high = _range(table.get("range"), at)
    return Variable(
        name=name,
        type=kind,
        label=str(table.get("label", "")),
        unit=str(table.get("unit", "")),
        low=low,
        high=high,
        role=_one_of(Role, table.get("role", "other"), f"{at} role"),
        levels=levels,
        required=bool(table.get("required", False)),
    )


def _one_of(kind: Any, value: object, at: str) -> Any:
    try:
        return kind(value)
    except ValueError:
        raise CohortDataError(at, f"{value!r} is unknown", f"Give one of {', '.join(kind)}.") from None


def _range(given: Any, at: str) -> tuple[float | None, float | None]:
    if given is None:
        return None, None
    try:
        low, high = (float(v) for v in given)
    except (TypeError, ValueError):
        raise CohortDataError(f"{at} range", f"{given!r} is none", "Give [lowest, highest].") from None
    if low > high:
        raise CohortDataError(f"{at} range", f"{given!r} runs downwards", "Give [lowest, highest].")
    return low, high
