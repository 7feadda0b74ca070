"""``assessment.json``: the assessment written and read back, with its schema."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ovcf.assessment.result import SCHEMA_VERSION, Assessment
from ovcf.errors import UnreadableFileError
from ovcf.plain_text import cleaned
from ovcf.text_files import parse_json

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_WHERE = "assessment.json"


@cache
def _adapter() -> TypeAdapter[Assessment]:
    from pydantic import TypeAdapter

    return TypeAdapter(Assessment)


def to_json(assessment: Assessment) -> str:
    """The assessment as indented JSON; equal assessments give equal text."""
    return _adapter().dump_json(cleaned(assessment), indent=2).decode() + "\n"


def from_json(text: str) -> Assessment:
    """The assessment that :func:`to_json` wrote.

    Raises:
        UnreadableFileError: not JSON, another schema version, or a field that does not fit the schema.
    """
    from pydantic import ValidationError

    data = parse_json(text, _WHERE, remedy="Give a file that ovcf wrote.")
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise UnreadableFileError(
            _WHERE,
            f"has schema version {version!r}, this ovcf reads {SCHEMA_VERSION!r}",
            "Assess the study again, or read it with the ovcf named under provenance.",
        )
    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UnreadableFileError(
            f"{_WHERE}, {field}", first["msg"], "Compare the file with `ovcf schema assessment`."
        ) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``assessment.json``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_adapter().json_schema()}
