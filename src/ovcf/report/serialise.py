"""``assessment.json``: the assessment written and read back whole; its schema is ``ovcf.report.assessment_schema``."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from ovcf.assessment.result import SCHEMA_VERSION, Assessment
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import UnreadableFileError
from ovcf.plain_text import cleaned
from ovcf.text_files import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import TypeAdapter

_WHERE = "assessment.json"
_COMPARE = "Compare the file with its schema: `ovcf schema assessment`."
ADDED = frozenset(
    {
        "declined",
        "undecided",
        "suggested_fractures.data.unclear",
        "case.after_menopause",
        "case.pregnancy",
        "case.cognitive_impairment",
    }
)
"""Fields that files of this schema version may lack, because they were written before these were there; places in lists
are left out."""


@cache
def _adapter() -> TypeAdapter[Assessment]:
    from pydantic import TypeAdapter

    return TypeAdapter(Assessment)


def to_json(assessment: Assessment) -> str:
    """The assessment as indented JSON; equal assessments give equal text."""
    return _adapter().dump_json(cleaned(assessment), indent=2).decode() + "\n"


def from_json(text: str) -> Assessment:
    """The assessment that :func:`to_json` wrote, equal to it in every field.

    Raises:
        UnreadableFileError: not JSON, another schema version, a field that is unknown, missing, or does not fit. What a
            later ovcf added to this schema version (:data:`ADDED`, and the sections of the clinical case) may be
            missing: it is read as empty.
    """
    from pydantic import ValidationError

    data = parse_json(text, _WHERE, remedy="Give a file that ovcf wrote.")
    _check_version(data)
    try:
        made = _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UnreadableFileError(f"{_WHERE}, {field}", first["msg"], _COMPARE) from None
    differs = next(_differences(data, _adapter().dump_python(made, mode="json"), ""), None)
    if differs is not None:
        raise UnreadableFileError(f"{_WHERE}, {differs[0]}", differs[1], _COMPARE)
    return made


def _check_version(data: object) -> None:
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version == SCHEMA_VERSION:
        return
    problem = f"has schema version {version!r}, this ovcf reads {SCHEMA_VERSION!r}"
    number = _number(version)
    if number is None:
        raise UnreadableFileError(_WHERE, problem, "Give the assessment.json that ovcf wrote.")
    if number > (_number(SCHEMA_VERSION) or ()):
        raise UnreadableFileError(_WHERE, problem, "A newer ovcf wrote it: update ovcf, or assess the study again.")
    raise UnreadableFileError(
        _WHERE,
        problem,
        "An older ovcf wrote it, which its provenance names: read it with that one, or assess the study again. Its "
        "words and numbers still stand in the report.html beside it.",
    )


def _number(version: object) -> tuple[int, ...] | None:
    parts = version.split(".") if isinstance(version, str) else []
    return tuple(map(int, parts)) if parts and all(p.isascii() and p.isdigit() for p in parts) else None


@cache
def _sections() -> frozenset[str]:
    """The sections of the clinical case: None of what they hold is known where a file has not got one."""
    return frozenset(f"case.{name}" for name, kind in get_type_hints(ClinicalCase).items() if is_dataclass(kind))


def _may_be_missing(place: str) -> bool:
    named = ".".join(part for part in place.split(".") if not part.isdigit())
    return named in ADDED or named in _sections()


def _differences(given: Any, kept: Any, where: str) -> Iterator[tuple[str, str]]:
    """Fields that a file has and this version does not know, or that it lacks: (field, what is wrong)."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name in (*kept, *(given.keys() - kept.keys())):
            place = f"{where}.{name}" if where else str(name)
            if name not in kept:
                yield place, "is not a field of this schema"
            elif name not in given:
                if not _may_be_missing(place):
                    yield place, "is missing"
            else:
                yield from _differences(given[name], kept[name], place)
    elif isinstance(given, list) and isinstance(kept, list):
        for n, (one, other) in enumerate(zip(given, kept, strict=True)):
            yield from _differences(one, other, f"{where}.{n}")
