"""The JSON Schema of ``assessment.json`` leaves nothing to guess, fits what is written, and is what the docs show."""

import json
from enum import StrEnum
from pathlib import Path

import pytest

import ovcf
from ovcf.assessment.result import SCHEMA_VERSION
from ovcf.report.assessment_schema import field_descriptions, json_schema
from ovcf.report.serialise import to_json
from scripts import assessment_page
from tests.cli.conftest import command  # noqa: F401  # the fixture
from tests.report.example import ASSESSMENT

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json_schema()
TYPES = {"Assessment": SCHEMA, **SCHEMA["$defs"]}
WITH_FIELDS = sorted(name for name, part in TYPES.items() if "properties" in part)


def test_it_says_which_schema_it_is():
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == f"urn:ovcf:schema:assessment:{SCHEMA_VERSION}"
    assert SCHEMA["title"] == "ovcf assessment"


@pytest.mark.parametrize("name", WITH_FIELDS)
def test_every_field_is_described_and_required_and_no_other_is_allowed(name):
    part = TYPES[name]
    assert part["description"]
    assert [f for f, held in part["properties"].items() if not held.get("description", "").strip()] == []
    assert part["required"] == list(part["properties"])
    assert part["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(set(TYPES) - set(WITH_FIELDS)))
def test_every_list_of_words_is_described_and_spelt_out(name):
    assert TYPES[name]["description"]
    assert TYPES[name]["enum"]


def test_every_enumeration_that_is_used_lists_all_its_words():
    words = [(kind.__name__, [str(word) for word in kind]) for kind in _enumerations(StrEnum)]
    assert [name for name, part in TYPES.items() if "enum" in part and (name, part["enum"]) not in words] == []


def _enumerations(kind):
    for one in kind.__subclasses__():
        if one.__module__.startswith(f"{ovcf.__name__}."):
            yield one


def test_descriptions_are_of_fields_that_there_are():
    described = {name: set(said) for name, said in field_descriptions().items()}
    there = {name: set(TYPES[name]["properties"]) for name in WITH_FIELDS if name not in assessment_page.CLINICAL}
    assert described == there, "describe the field in report/assessment_fields.toml, and make docs/assessment-file.md"


def test_what_is_written_fits_the_schema():
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    validator.check_schema(SCHEMA)
    written = json.loads(to_json(ASSESSMENT))
    assert list(validator(SCHEMA).iter_errors(written)) == []
    written["findings"][0]["data"]["pattern"] = "striped"
    written["mood"] = "good"
    assert len(list(validator(SCHEMA).iter_errors(written))) == 2


def test_the_command_prints_it(command):  # noqa: F811
    code, printed, _ = command("schema", "assessment")
    assert (code, json.loads(printed)) == (0, SCHEMA)


def test_the_page_in_the_docs_is_made_from_it():
    page = assessment_page.page()
    assert (ROOT / "docs" / "assessment-file.md").read_text(encoding="utf-8") == page, (
        "run python -m scripts.assessment_page docs/assessment-file.md"
    )
