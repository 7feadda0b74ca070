"""``assessment.json``: nothing is lost on the way there and back, and what is not ours is refused by name."""

import json

import pytest

from ovcf.errors import UnreadableFileError
from ovcf.report.serialise import from_json, json_schema, to_json
from tests.report.example import ASSESSMENT


def test_written_and_read_back_it_is_the_same_assessment():
    assert from_json(to_json(ASSESSMENT)) == ASSESSMENT


def test_equal_assessments_give_equal_text():
    assert to_json(from_json(to_json(ASSESSMENT))) == to_json(ASSESSMENT)


def test_numbers_are_not_rounded_and_carry_their_unit():
    first = json.loads(to_json(ASSESSMENT))["measurements"][0]
    assert (first["value"], first["unit"], first["standard_uncertainty"]) == (17.8, "%", 2.1)


def test_another_schema_version_is_refused_with_both_versions():
    text = to_json(ASSESSMENT).replace('"schema_version": "1.0"', '"schema_version": "0.3"')
    with pytest.raises(UnreadableFileError, match=r"'0\.3', this ovcf reads '1\.0'"):
        from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"schema_version": null}'])
def test_what_is_no_assessment_is_refused(text):
    with pytest.raises(UnreadableFileError, match=r"assessment\.json"):
        from_json(text)


def test_a_field_that_does_not_fit_is_named():
    data = json.loads(to_json(ASSESSMENT))
    data["measurements"][1]["unit"] = "furlong"
    with pytest.raises(UnreadableFileError, match=r"measurements\.1\.unit"):
        from_json(json.dumps(data))


def test_the_schema_names_every_part():
    schema = json_schema()
    assert set(schema["properties"]) >= {"case", "measurements", "scores", "guidance", "provenance", "schema_version"}
    json.dumps(schema)
