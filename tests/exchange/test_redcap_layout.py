"""The layout keeps to REDCap's rules, and every field reads back what it writes."""

import csv
import io
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.cohort.data.read import from_redcap
from ovcf.exchange.redcap.field import BadValueError, Fault, Field, Kind
from ovcf.exchange.redcap.forms import Where, forms
from ovcf.exchange.redcap.project import columns, data_dictionary, project_files
from ovcf.exchange.redcap.table import heading_of

# The columns of a REDCap data dictionary, as REDCap exports and takes them.
HEADINGS = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
]
FIELDS = [(form, field) for form in forms() for field in form.fields]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_data_dictionary_has_redcaps_columns():
    assert next(csv.reader(io.StringIO(data_dictionary()))) == HEADINGS


def test_names_are_such_as_redcap_takes():
    names = [row["Variable / Field Name"] for row in rows_of(data_dictionary())]
    assert names[0] == "record_id"
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) and len(name) <= 100 for name in names)


def test_labels_tell_fields_apart():
    headings = [heading_of(field, column) for _, field in FIELDS for column in field.columns]
    assert len(set(headings)) == len(headings)


def test_choices_are_codes_and_labels_without_separators():
    for row in rows_of(data_dictionary()):
        for choice in filter(None, row["Choices, Calculations, OR Slider Labels"].split(" | ")):
            code, _, label = choice.partition(", ")
            assert re.fullmatch(r"[a-z0-9_]+", code)
            assert label
            assert "|" not in label


def test_the_table_begins_with_redcaps_keys_and_ends_each_form_with_its_state():
    found = columns()
    assert found[:4] == ("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
    described = {column for _, field in FIELDS for column in field.columns}
    rest = [name for name in found[4:] if name not in described]
    assert rest == [f"{form.name}_complete" for form in forms()]


def test_our_own_reader_of_redcap_dictionaries_understands_it():
    dictionary = from_redcap(data_dictionary())
    assert {v.name for v in dictionary.variables} == {"record_id"} | {c for _, f in FIELDS for c in f.columns}


def test_every_form_stands_in_some_event_and_repeats_where_it_should():
    files = project_files(arms=2, unscheduled=1)
    mapping, repeating = rows_of(files["4-forms-of-events.csv"]), rows_of(files["5-repeating.csv"])
    events = {row["unique_event_name"] for row in rows_of(files["3-events.csv"])}
    assert all(re.fullmatch(r"[a-z0-9_]{1,18}_arm_\d", name) for name in events)
    assert {row["unique_event_name"] for row in mapping} == events
    assert {row["form"] for row in mapping} == {form.name for form in forms()}
    assert {row["form_name"] for row in repeating} == {form.name for form in forms() if form.repeating}
    of_patients = {form.name for form in forms() if form.where is Where.PATIENT}
    assert {row["arm_num"] for row in mapping if row["form"] in of_patients} == {"1"}


def values(field):
    """Values that a field can hold."""
    numbers = st.floats(
        -1e4 if field.low is None else field.low, 1e4 if field.high is None else field.high, allow_nan=False
    )
    levels = st.lists(st.sampled_from(["T12", "L1", "L2"]), unique=True)
    by_kind = {
        Kind.TEXT: st.text("abc-XYZ 12", min_size=1).map(str.strip).filter(bool),
        Kind.LEVELS: levels,
        Kind.JSON: st.dictionaries(st.text("ab"), st.integers(0, 9), min_size=1),
        Kind.WHOLE: st.integers(int(field.low or 0), int(field.high or 99)),
        Kind.NUMBER: numbers,
        Kind.DATE: st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        Kind.YES_NO: st.booleans(),
        Kind.CHOICE: st.sampled_from([value for value, _ in field.choices] or [""]),
    }
    return by_kind[field.kind]


@given(st.data())
@pytest.mark.parametrize("labels", [False, True])
def test_a_field_reads_what_it_wrote(labels, data):
    _, field = data.draw(st.sampled_from([x for x in FIELDS if x[1].kind is not Kind.CHECKBOX]))
    value = data.draw(values(field))
    (cell,) = field.cells(value, labels=labels)
    assert field.parse(cell) == value


@pytest.mark.parametrize(
    ("kind", "text", "fault"),
    [
        (Kind.NUMBER, "seven", Fault.NO_NUMBER),
        (Kind.NUMBER, "1,5", Fault.NO_NUMBER),
        (Kind.NUMBER, "11", Fault.OUT_OF_RANGE),
        (Kind.NUMBER, "nan", Fault.NO_NUMBER),
        (Kind.WHOLE, "2.5", Fault.NOT_WHOLE),
        (Kind.DATE, "03.01.2025", Fault.NO_DATE),
        (Kind.DATE, "2025-02-30", Fault.NO_DATE),
        (Kind.YES_NO, "perhaps", Fault.NO_YES_NO),
        (Kind.LEVELS, "L1, X9", Fault.NO_LEVEL),
        (Kind.JSON, "{", Fault.NO_JSON),
        (Kind.CHOICE, "other", Fault.NO_CHOICE),
    ],
)
def test_what_a_field_cannot_hold_is_named(kind, text, fault):
    field = Field(name="x", label="X", kind=kind, low=0, high=10, choices=(("one", "one"),))
    with pytest.raises(BadValueError) as refused:
        field.parse(text)
    assert refused.value.fault is fault
    assert refused.value.remedy
