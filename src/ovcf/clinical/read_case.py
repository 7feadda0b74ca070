"""The clinical file: TOML or JSON with the fields of :class:`ClinicalCase`, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase, check_date
from ovcf.clinical.earlier import EarlierVisit
from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, LevelError, SeveralClinicalDataError, UnreadableFileError
from ovcf.text_files import parse_json, parse_toml, read_text
from ovcf.vocabulary import choice

_PLACES: dict[str, type] = {
    **{
        f"[{name}]": hint
        for name, hint in get_type_hints(ClinicalCase).items()
        if isinstance(hint, type) and is_dataclass(hint)
    },
    "[[earlier]]": EarlierVisit,
}
"""The sections as a clinical file writes them: every field of the case that is a record of its own."""
_SECTIONS = tuple(_PLACES.values())


def read_case(path: Path | str) -> ClinicalCase:
    """Read a clinical file.

    Numbers may be written as text and with a typographic minus ("−2.5"); a decimal comma is refused. Facts that are
    left out, or null in JSON, are unknown.

    Raises:
        MissingFileError: there is no such file.
        UnreadableFileError: it is not TOML or JSON; the message names the line.
        ClinicalDataError: a field is unknown, of the wrong kind or out of range. SeveralClinicalDataError: names all
        where there are several.
    """
    path = Path(path)
    return case_from_mapping(_parse(path), where=path.name)


def case_from_mapping(facts: Mapping[str, object], *, where: str = "case") -> ClinicalCase:
    """A case from the contents of a clinical file; ``where`` names it in error messages.

    Raises:
        ClinicalDataError: a field is unknown, of the wrong kind or out of range. SeveralClinicalDataError: several are.
    """
    wrong: list[ClinicalDataError] = []
    case: ClinicalCase = _build(ClinicalCase, facts, where, wrong)
    if len(wrong) > 1:
        raise SeveralClinicalDataError(where or "case", wrong)
    if wrong:
        raise wrong[0]
    return case


def with_fact(case: ClinicalCase, name: str, value: object) -> ClinicalCase:
    """The case with one fact changed, by the name of its field (``neurology.radiculopathy`` within a section).

    None takes a fact back to "not known", and a list of levels to an empty one.

    Raises:
        ClinicalDataError: there is no such field, or the value is of the wrong kind or out of range.
    """
    section, _, inner = name.rpartition(".")
    changed: ClinicalCase = _with(case, section or inner, inner if section else None, value)
    return changed


def _with(record: Any, name: str, inner: str | None, value: object) -> Any:
    kind: type = type(record)
    known = {f.name: f for f in fields(record)}
    if name not in known:
        raise ClinicalDataError(name, "is not a field of the clinical file", _nearest(name, kind))
    if inner is not None:
        return replace(record, **{name: _with(getattr(record, name), inner, None, value)})
    if value is None:
        return replace(record, **{name: getattr(kind(), name)})
    limits = known[name].metadata
    return replace(record, **{name: _read(value, _types(kind)[name], name, limits.get("ge"), limits.get("le"))})


def _parse(path: Path) -> Mapping[str, object]:
    remedy = "Give a TOML or JSON text file, UTF-8; `ovcf schema case` says what it may hold."
    text = read_text(path, remedy=remedy)
    if not text.strip():
        raise UnreadableFileError(path, "is empty", remedy)
    facts: object
    if path.suffix.lower() == ".json":
        facts = parse_json(text, path, remedy=remedy, twice=ClinicalDataError)
    else:
        facts = parse_toml(text, path, remedy=remedy)
    if not isinstance(facts, dict):
        raise UnreadableFileError(path, "holds no fields", remedy)
    return facts


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: type, facts: Mapping[str, object], where: str, wrong: list[ClinicalDataError]) -> Any:
    """A record of what can be used; what cannot is added to ``wrong``, and None stands for a record that fails."""
    known = {f.name: f for f in fields(kind)}
    given: dict[str, object] = {}
    before = len(wrong)
    for name, value in facts.items():
        if name not in known:
            wrong.append(
                ClinicalDataError(f"{where}: {name}", "is not a field of the clinical file", _nearest(name, kind))
            )
        elif value is not None:
            limits = known[name].metadata
            try:
                given[name] = _read(
                    value, _types(kind)[name], f"{where}: {name}", limits.get("ge"), limits.get("le"), wrong
                )
                if name.endswith("_date"):
                    check_date(str(given[name]), f"{where}: {name}")
            except ClinicalDataError as error:
                wrong.append(error)
    try:
        return kind(**given) if len(wrong) == before else None
    except ClinicalDataError as error:
        wrong.append(ClinicalDataError(f"{where}: {error.where}", error.problem, error.remedy))
        return None


def _nearest(name: str, kind: type) -> str:
    homes = {f.name: "" for f in fields(kind)}
    if kind is ClinicalCase:
        for section, part in _PLACES.items():
            homes |= {f.name: section for f in fields(part) if f.name not in homes}
    near = get_close_matches(name.lower(), homes, n=1, cutoff=0.5)
    if not near:
        return "`ovcf schema case` lists the fields."
    home = homes[near[0]]
    return f"Did you mean {near[0]}{f' in {home}' if home else ''}? `ovcf schema case` lists the fields."


def _read(
    value: object,
    hint: Any,
    where: str,
    low: float | None,
    high: float | None,
    wrong: list[ClinicalDataError] | None = None,
) -> object:
    """A value of the kind that a field has. What a section within has wrong is added to ``wrong``, or raised."""
    if NoneType in get_args(hint):
        hint = next(t for t in get_args(hint) if t is not NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise ClinicalDataError(where, f"{value!r} is not a list", 'Write it like ["T12", "L1"].')
        item = get_args(hint)[0]
        if item is EarlierVisit:
            return tuple(_read(v, item, f"{where} {n}", None, None, wrong) for n, v in enumerate(value, 1))
        return tuple(_read(v, item, where, None, None) for v in value)
    if get_origin(hint) is Literal:
        return _choice(value, get_args(hint), where)
    if hint in _SECTIONS:
        if isinstance(value, hint):
            return value
        if not isinstance(value, Mapping):
            raise ClinicalDataError(where, f"{value!r} is not a section", "Write it as a table of its own fields.")
        inside: list[ClinicalDataError] = [] if wrong is None else wrong
        built = _build(hint, value, where, inside)
        if wrong is None and inside:
            raise inside[0]
        return built
    if hint is bool:
        if not isinstance(value, bool):
            raise ClinicalDataError(
                where, f"{value!r} is neither yes nor no", "Write true or false; leave the field out if not known."
            )
        return value
    if hint in (float, int):
        number = _number(value, where, low, high)
        if hint is float:
            return number
        if number != int(number):
            raise ClinicalDataError(where, f"{value!r} is not a whole number", f"Give one from {low:g} to {high:g}.")
        return int(number)
    if hint is Level:
        try:
            return Level.parse(_text(value, where))
        except LevelError as error:
            raise ClinicalDataError(where, f"{value!r} {error.problem}", error.remedy) from None
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(_choice(value, tuple(hint), where))
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    return _text(value, where)


def _number(value: object, where: str, low: float | None, high: float | None) -> float:
    if not isinstance(value, str | int | float):
        raise ClinicalDataError(where, f"{value!r} is not a number", "Give a number; leave the field out if not known.")
    return parse_decimal(value, field=where, low=low, high=high)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ClinicalDataError(where, f"{value!r} is not text", 'Write it in quotes, e.g. "L1".')
    return value.strip()


def _choice(value: object, choices: tuple[str, ...], where: str) -> str:
    if found := choice(_text(value, where), choices):
        return found
    raise ClinicalDataError(where, f"{value!r} is not a choice", f"Choose one of: {', '.join(choices)}.")
