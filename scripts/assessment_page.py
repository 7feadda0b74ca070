"""Write docs/assessment-file.md from the JSON Schema: ``python -m scripts.assessment_page docs/assessment-file.md``."""

from __future__ import annotations

import re
import sys
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from ovcf.assessment.result import SCHEMA_VERSION
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.earlier import EarlierVisit
from ovcf.report.assessment_schema import ID, json_schema
from ovcf.report.serialise import ADDED

SECTIONS = ", ".join(f"`{n}`" for n, kind in get_type_hints(ClinicalCase).items() if is_dataclass(kind))
ADDED_FIELDS = " and ".join(f"`{place}`" for place in sorted(ADDED))
_HEAD = f"""# The assessment file

`ovcf assess` writes `assessment.json`; `ovcf reading show reading.ovcf --json` prints the same for a reading as it is
now. It holds everything that the report says, as data: no number is rounded, every number names its unit, method,
image and uncertainty, and every category is a word of a closed list. Nothing has to be read out of a sentence.

`ovcf schema assessment` prints its JSON Schema (draft 2020-12), whose `$id` is `{ID}`. This page is
made from that schema by `python -m scripts.assessment_page docs/assessment-file.md`.

In Python, `ovcf.report.serialise.from_json(text)` gives back an assessment that is equal in every field. A short look
without it:

```python
import json

assessment = json.load(open("report/assessment.json"))
for finding in assessment["findings"]:
    data = finding["data"]
    if data["kind"] == "SQ grade" and data["grade"] >= 2:
        print(finding["level"], data["grade"], data["shape"])
```

## What holds for every file

- Every field is always there. What is not known is `null` or empty, never zero and never "no".
- `data.kind` tells what a finding is; the types below say which fields each kind has.
- Images are told apart by DICOM UIDs: study and series of every measurement, finding and landmark, and the SOP
  instance where the image is a single one. They are empty where the image was no DICOM, and where a reader entered
  the value.
- Landmarks lie in a plane of the patient (`plane`, in DICOM patient coordinates) or on the image itself.
- `reading` names the version that the file follows from, who answers for it and whether it is signed. Its
  `observations` is the digest under which reading.ovcf holds what was seen. `provenance` has the digests of program,
  models and inputs.
- A reader refuses another `schema_version`, a field it does not know and a field that is missing, and says which.
  What a later ovcf added within a schema version may be missing, and reads as empty: a section of `case` ({SECTIONS}),
  and {ADDED_FIELDS}.

## From 1.0 to {SCHEMA_VERSION}

A 1.0 file is not converted: it lacks the images' UIDs, the planes of its landmarks and the typed findings. Assess the
study again, or read it with the ovcf that its provenance names. In 1.0 a finding had `name`, `value` and `probability`
in words, and a withheld measurement had its `remedy` as a sentence. Now both are data.
"""


_MAX_WORDS = 20
"""That are listed beside a field."""
CLINICAL = {record.__name__ for record in (ClinicalCase, EarlierVisit)} | {
    kind.__name__ for kind in get_type_hints(ClinicalCase).values() if is_dataclass(kind)
}
"""The clinical file and its sections: their fields carry their own descriptions."""


def page() -> str:
    """The whole page."""
    schema = json_schema()
    types = {"Assessment": schema, **schema["$defs"]}
    order = [name for name in _in_order(schema, schema["$defs"]) if "properties" in types[name]]
    parts = [_HEAD, "## Types\n"]
    for name in ["Assessment", *order]:
        parts += _type(name, types)
    parts.append("## Lists of words\n")
    parts += ["| List | What it is | Words |", "|---|---|---|"]
    parts += [
        f"| {name} | {_cell(part['description'])} | {', '.join(f'`{word}`' for word in part['enum'])} |"
        for name, part in sorted(types.items())
        if "enum" in part
    ]
    return "\n".join(parts) + "\n"


def _in_order(schema: dict[str, Any], types: dict[str, Any]) -> list[str]:
    """The types in the order in which they are first used."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in found:
                found.append(name)
                walk(types[name])
            for key, value in part.items():
                if key != "discriminator":
                    walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(schema["properties"])
    return found


def _type(name: str, types: dict[str, Any]) -> list[str]:
    part = types[name]
    if name in CLINICAL:
        return [f"### {name}\n", part["description"] + " The fields are those of [the clinical file](case.md).\n"]
    lines = [f"### {name}\n", part["description"] + "\n", "| Field | Type | Holds |", "|---|---|---|"]
    lines += [
        f"| `{f}` | {_kind(held, types)} | {_cell(held['description'])} |" for f, held in part["properties"].items()
    ]
    return [*lines, ""]


def _kind(held: dict[str, Any], types: dict[str, Any]) -> str:
    if "$ref" in held:
        name = held["$ref"].rpartition("/")[2]
        return name if "enum" in types[name] else f"[{name}](#{name.lower()})"
    if "const" in held:
        return f"`{held['const']}`"
    if "enum" in held and len(held["enum"]) > _MAX_WORDS:  # this page need not be made anew for a new method
        return "text of a list that the schema holds"
    if "enum" in held:
        return " or ".join(f"`{word}`" for word in held["enum"])
    if one_of := held.get("anyOf") or held.get("oneOf"):
        return " or ".join(_kind(one, types) for one in one_of)
    if held.get("type") == "array":
        if "prefixItems" in held:
            return "(" + ", ".join(_kind(one, types) for one in held["prefixItems"]) + ")"
        return "list of " + _kind(held["items"], types)
    return str({"string": "text", "boolean": "true or false"}.get(held["type"], held["type"]))


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", r"\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
