"""``assessment.json``: nothing is lost on the way there and back, and what is not ours is refused by name."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.assessment.findings import kinds
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.result import (
    LevelQuestion,
    NumberedBody,
    Provenance,
    ReadingRecord,
    Reference,
    SeriesSummary,
    Withheld,
)
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import Remedy, UnreadableFileError
from ovcf.geometry import SagittalPlane
from ovcf.guidance.statement import Statement
from ovcf.landmarks import Source
from ovcf.report.serialise import from_json, to_json
from ovcf.scores.result import ScoreResult
from tests.report.example import ASSESSMENT, SPINE

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=12)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(autouse=True, scope="module")
def _what_is_written():
    """Text without control characters and finite numbers, wherever a type asks for one: only these are written."""
    for kind, strategy in ((str, TEXT), (float, NUMBER)):
        st.register_type_strategy(kind, strategy)
    yield
    for kind, strategy in ((str, st.text()), (float, st.floats())):
        st.register_type_strategy(kind, strategy)


def some(kind, **given_):
    """Any value of a frozen type, every field drawn by its type."""
    return st.builds(kind, **{f.name: ... for f in fields(kind)} | given_)


KINDS = kinds.FindingData.__origin__.__args__
FINDINGS = st.one_of(*(some(Finding, data=some(kind), level=st.sampled_from([None, *Level])) for kind in KINDS))
STATEMENTS = some(Statement, evidence=st.tuples(TEXT), criteria=st.just(()))
ASSESSMENTS = st.builds(
    lambda plane, source, **changed: replace(
        ASSESSMENT,
        landmarks=(replace(SPINE, plane=plane),),
        measurements=tuple(replace(m, source=source) for m in ASSESSMENT.measurements),
        **changed,
    ),
    plane=st.none() | some(SagittalPlane),
    source=some(Source),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    suggested_fractures=st.lists(FINDINGS, max_size=2).map(tuple),
    withheld=st.lists(some(Withheld, remedy=some(Remedy)), max_size=2).map(tuple),
    scores=st.lists(some(ScoreResult), max_size=1).map(tuple),
    guidance=st.lists(STATEMENTS, max_size=1).map(tuple),
    references=st.lists(some(Reference), max_size=1).map(tuple),
    series=st.lists(some(SeriesSummary), max_size=1).map(tuple),
    questions=st.lists(
        some(LevelQuestion, bodies=st.just((NumberedBody(1, ASSESSMENT.measurements[:1], "why"),)), how=some(Remedy)),
        max_size=1,
    ).map(tuple),
    reading=st.none() | some(ReadingRecord),
    provenance=some(Provenance),
)


@settings(max_examples=40)
@given(ASSESSMENTS)
def test_written_and_read_back_it_is_the_same_assessment(assessment):
    again = from_json(to_json(assessment))
    assert again == assessment
    assert _types(again) == _types(assessment)


def _types(value):
    """The type of everything that it holds: a word that equals its enumeration is not yet of it."""
    if is_dataclass(value):
        return type(value), [_types(getattr(value, f.name)) for f in fields(value)]
    return (type(value), [_types(v) for v in value]) if isinstance(value, tuple) else type(value)


def test_the_example_comes_back_too():
    assert from_json(to_json(ASSESSMENT)) == ASSESSMENT


def test_equal_assessments_give_equal_text():
    assert to_json(from_json(to_json(ASSESSMENT))) == to_json(ASSESSMENT)


def test_numbers_are_not_rounded_and_carry_their_unit():
    first = json.loads(to_json(ASSESSMENT))["measurements"][0]
    assert (first["value"], first["unit"], first["standard_uncertainty"]) == (17.8, "%", 2.1)


@pytest.mark.parametrize(
    ("version", "what_to_do"),
    [
        ("1.0", "An older ovcf wrote it.*assess the study again"),
        ("2.1", "A newer ovcf wrote it: update ovcf"),
        ("10.0", "A newer ovcf wrote it: update ovcf"),
        ("2.x", r"Give the assessment\.json"),
    ],
)
def test_another_schema_version_is_refused_with_both_versions_and_what_to_do(version, what_to_do):
    text = to_json(ASSESSMENT).replace('"schema_version": "2.0"', f'"schema_version": "{version}"')
    with pytest.raises(UnreadableFileError, match=rf"'{version}', this ovcf reads '2\.0'\. .*{what_to_do}"):
        from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"schema_version": null}', '{"schema_version": 2.0}'])
def test_what_is_no_assessment_is_refused(text):
    with pytest.raises(UnreadableFileError, match=r"assessment\.json"):
        from_json(text)


def changed(path, change):
    """The example as JSON with one of its parts changed."""
    data = json.loads(to_json(ASSESSMENT))
    *way, last = path
    part = data
    for step in way:
        part = part[step]
    change(part, last)
    return json.dumps(data)


def put(value):
    return lambda part, last: part.__setitem__(last, value)


@pytest.mark.parametrize(
    ("path", "change", "named"),
    [
        (("measurements", 1, "unit"), put("furlong"), r"measurements\.1\.unit"),
        (("findings", 0, "data", "pattern"), put("striped"), r"findings\.0\.data.*pattern"),
        (("findings", 0, "data", "kind"), put("a mood"), r"findings\.0\.data"),
        (("mood",), put("good"), r"mood: is not a field"),
        (("measurements", 0, "source", "mood"), put("good"), r"measurements\.0\.source\.mood: is not a field"),
        (("notes",), lambda part, last: part.pop(last), r"notes"),
        (("findings", 0, "sources"), lambda part, last: part.pop(last), r"findings\.0\.sources: is missing"),
    ],
)
def test_a_field_that_is_unknown_missing_or_does_not_fit_is_named(path, change, named):
    with pytest.raises(UnreadableFileError, match=rf"assessment\.json, {named}.*ovcf schema assessment"):
        from_json(changed(path, change))


SECTIONS = [name for name, kind in get_type_hints(ClinicalCase).items() if is_dataclass(kind)]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_file_from_before_a_section_of_the_case_was_there_reads_with_it_empty(section):
    read = from_json(changed(("case", section), lambda part, last: part.pop(last)))
    kind = get_type_hints(ClinicalCase)[section]
    assert read == replace(ASSESSMENT, case=replace(ASSESSMENT.case, **{section: kind()}))


@pytest.mark.parametrize("path", [("case", "patient_id"), ("case", "t_score"), ("case", "neurology", "radiculopathy")])
def test_a_fact_is_never_taken_for_not_known_because_it_is_missing(path):
    with pytest.raises(UnreadableFileError, match=rf"{'.'.join(path)}: is missing"):
        from_json(changed(path, lambda part, last: part.pop(last)))


def test_what_was_added_within_this_version_may_be_missing():
    read = from_json(changed(("declined",), lambda part, last: part.pop(last)))
    assert read == ASSESSMENT
