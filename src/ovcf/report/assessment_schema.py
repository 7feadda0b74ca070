"""The JSON Schema of ``assessment.json``: every field required and described, every list of words spelt out."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ovcf.assessment.result import SCHEMA_VERSION, Assessment
from ovcf.measures.registry import measurements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ID = f"urn:ovcf:schema:assessment:{SCHEMA_VERSION}"
TITLE = "ovcf assessment"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TOP = "Assessment"


def json_schema() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12) of what :func:`ovcf.report.serialise.to_json` writes."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Assessment).json_schema(mode="serialization")
    described = field_descriptions()
    for part in (made, *made["$defs"].values()):
        part["description"] = _first_paragraph(part["description"])
    for name, part in _objects(made):
        fields = part["properties"]
        for field, text in described.get(name, {}).items():
            if field in fields:
                fields[field]["description"] = text
        for held in fields.values():
            held.pop("default", None)  # every field is written, also where it is what it usually is
            held.pop("title", None)
        part["required"] = list(fields)
        part["additionalProperties"] = False
    made["$defs"]["Method"]["properties"]["id"]["enum"] = sorted(measurements())
    version = made["properties"]["schema_version"]
    version["const"] = SCHEMA_VERSION
    return {"$schema": _DRAFT, "$id": ID, **made, "title": TITLE}


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.split("\n\n")[0].split()).replace("``", "`")


def _objects(schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every type that has fields, by its name."""
    for name, part in {_TOP: schema, **schema["$defs"]}.items():
        if "properties" in part:
            yield name, part


@cache
def field_descriptions() -> Mapping[str, Mapping[str, str]]:
    """What each field of each type holds, as ``assessment_fields.toml`` has it."""
    text = files("ovcf.report").joinpath("assessment_fields.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(text)
    return found
