"""One field of a form: how REDCap describes it, and how its values are written and read, as codes or as labels."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, LevelError
from ovcf.vocabulary import choice

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What a field holds, and with it REDCap's field type and validation."""

    TEXT = "text"
    JSON = "JSON"
    LEVELS = "levels"
    WHOLE = "whole number"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes or no"
    CHOICE = "choice"
    CHECKBOX = "checkbox"


class Fault(StrEnum):
    """What is wrong with a value or a row."""

    NO_NUMBER = "is not a number"
    NOT_WHOLE = "is not a whole number"
    OUT_OF_RANGE = "is out of range"
    NO_DATE = "is not a date"
    NO_CHOICE = "is not one of the choices"
    NO_YES_NO = "is neither yes nor no"
    NO_LEVEL = "is not a vertebral level"
    NO_JSON = "is not JSON"
    UNKNOWN_EVENT = "is no event of this registry"
    UNKNOWN_FORM = "is no repeating instrument of this registry"
    NO_INSTANCE = "is not the number of an instance"
    NO_RECORD = "has no record"
    ELSEWHERE = "does not belong into this row"
    TWICE = "is there twice"
    CONTRADICTS = "contradicts another row"
    MISSING = "is needed and empty"
    UNKNOWN_SITE = "is no site of this registry"
    OTHER_SITE = "is of a site where you may not record"
    DEPENDS = "belongs to a row that cannot be taken"
    SHIFTED = "comes from an export whose dates were shifted"
    IMPOSSIBLE = "cannot be"
    ORDER = "comes before the fracture"
    FUTURE = "lies in the future"
    FIXED = "is kept once for a patient, and another value is there"
    SIMULATED = "is a simulated patient, and the site has real ones"
    ERASED = "was erased from this registry"


class BadValueError(ValueError):
    """A value that a field cannot hold."""

    def __init__(self, fault: Fault, remedy: str) -> None:
        super().__init__(f"{fault}. {remedy}")
        self.fault, self.remedy = fault, remedy


_VALIDATION = {Kind.WHOLE: "integer", Kind.NUMBER: "number", Kind.DATE: "date_ymd"}
_YES = {"1", "yes", "true", "y", "checked"}
_NO = {"0", "no", "false", "n", "unchecked"}
_NONE = "none"
"""Stands for an empty list of levels: asked, and there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field. ``choices`` are (value in the registry, label); its code is the value in lower case, joined by ``_``.

    ``place`` is where the registry keeps it, as the form reads it. ``read_only`` fields are written and never read.
    """

    name: str
    label: str
    kind: Kind
    choices: tuple[tuple[Any, str], ...] = ()
    low: float | None = None
    high: float | None = None
    note: str = ""
    required: bool = False
    read_only: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the exported table: one, or of a checkbox one for each choice."""
        if self.kind is not Kind.CHECKBOX:
            return (self.name,)
        return tuple(f"{self.name}___{code_of(value)}" for value, _ in self.choices)

    def cells(self, value: Any, *, labels: bool = False) -> tuple[str, ...]:
        """The value as the cells of its columns; None is empty."""
        if self.kind is Kind.CHECKBOX:
            if value is None:
                return ("",) * len(self.choices)
            words = ("Unchecked", "Checked") if labels else ("0", "1")
            return tuple(words[one in value] for one, _ in self.choices)
        return (_cell(self, value, labels=labels),)

    def parse(self, text: str) -> Any:
        """The value that a cell holds, as a code or as a label.

        Raises:
            BadValueError: the field cannot hold it.
        """
        return _READ[self.kind](self, text)

    def dictionary_row(self, form: str) -> dict[str, str]:
        """Its line of REDCap's data dictionary."""
        types = {Kind.JSON: "notes", Kind.YES_NO: "yesno", Kind.CHOICE: "radio", Kind.CHECKBOX: "checkbox"}
        notes = {Kind.LEVELS: "Levels such as T12, L1; none where there are none", Kind.JSON: "JSON"}
        return {
            "Variable / Field Name": self.name,
            "Form Name": form,
            "Field Type": types.get(self.kind, "text"),
            "Field Label": self.label,
            "Choices, Calculations, OR Slider Labels": " | ".join(
                f"{code_of(value)}, {label}" for value, label in self.choices
            ),
            "Field Note": self.note or notes.get(self.kind, ""),
            "Text Validation Type OR Show Slider Number": _VALIDATION.get(self.kind, ""),
            "Text Validation Min": "" if self.low is None else f"{self.low:g}",
            "Text Validation Max": "" if self.high is None else f"{self.high:g}",
            "Required Field?": "y" if self.required else "",
            "Field Annotation": "@READONLY" if self.read_only else "",
        }


def code_of(value: object) -> str:
    """The code of a choice: letters, digits and underscores, as REDCap takes them."""
    return re.sub(r"[^a-z0-9]+", "_", str(value).lower()).strip("_")


def _cell(field: Field, value: Any, *, labels: bool) -> str:
    if value is None:
        return ""
    if field.kind is Kind.CHOICE:
        return dict(field.choices).get(value, str(value)) if labels else code_of(value)
    if field.kind is Kind.YES_NO:
        return ("No", "Yes")[bool(value)] if labels else str(int(bool(value)))
    if field.kind is Kind.DATE:
        return str(value.isoformat())
    if field.kind is Kind.LEVELS:
        return ", ".join(value) if value else _NONE
    if field.kind is Kind.JSON:
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    if field.kind is Kind.NUMBER:
        return repr(value).removesuffix(".0")
    return str(value)


def _number(field: Field, text: str) -> float:
    try:
        value = parse_decimal(text, field=field.name)
    except ClinicalDataError:
        raise BadValueError(Fault.NO_NUMBER, "Write it with a decimal point.") from None
    if (field.low is not None and value < field.low) or (field.high is not None and value > field.high):
        raise BadValueError(Fault.OUT_OF_RANGE, f"Possible are {field.low:g} to {field.high:g}.")
    return value


def _whole(field: Field, text: str) -> int:
    value = _number(field, text)
    if value != int(value):
        raise BadValueError(Fault.NOT_WHOLE, "Leave out what follows the point.")
    return int(value)


def _date(_field: Field, text: str) -> date:
    try:
        return date.fromisoformat(text.split(" ")[0].split("T")[0])
    except ValueError:
        raise BadValueError(Fault.NO_DATE, "Write it as YYYY-MM-DD.") from None


def _yes_no(_field: Field, text: str) -> bool:
    said = text.casefold()
    if said in _YES or said in _NO:
        return said in _YES
    raise BadValueError(Fault.NO_YES_NO, "Write 1 or 0, Yes or No.")


def _choice(field: Field, text: str) -> Any:
    by_code = {code_of(value): value for value, _ in field.choices}
    by_label = {label.casefold(): value for value, label in field.choices}
    found = by_code.get(code_of(text), by_label.get(text.casefold()))
    if found is None:
        word = choice(text, [str(value) for value, _ in field.choices])
        found = next((value for value, _ in field.choices if str(value) == word), None)
    if found is None:
        shown = ", ".join(label for _, label in field.choices[:8])
        raise BadValueError(Fault.NO_CHOICE, f"Choices: {shown}{', …' if len(field.choices) > 8 else ''}.")
    return found


def _levels(_field: Field, text: str) -> list[str]:
    if text.casefold() == _NONE:
        return []
    try:
        return [Level.parse(part).value for part in re.split(r"[,;\s]+", text) if part]
    except LevelError:
        raise BadValueError(Fault.NO_LEVEL, "Write levels like T12, L1.") from None


def _json(_field: Field, text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadValueError(Fault.NO_JSON, 'Write it like {"drug": "zoledronate"}.')
    return found


def _text(_field: Field, text: str) -> str:
    return text


_READ = {
    Kind.TEXT: _text,
    Kind.JSON: _json,
    Kind.LEVELS: _levels,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHECKBOX: _yes_no,
}
