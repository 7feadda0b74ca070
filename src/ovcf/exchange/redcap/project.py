"""The files that make a REDCap project: data dictionary, arms, events, which forms stand where, which repeat."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from ovcf.exchange.redcap.forms import Where, forms
from ovcf.exchange.redcap.rows import FRACTURE, UNSCHEDULED, WINDOWS, Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RECORD, EVENT, INSTRUMENT, INSTANCE = (
    "record_id",
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
)
KEYS = {RECORD: "Record ID", EVENT: "Event Name", INSTRUMENT: "Repeat Instrument", INSTANCE: "Repeat Instance"}
"""The columns that say what a line is about, with their headings in an export of labels."""
HEADINGS = (
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
)


def columns() -> tuple[str, ...]:
    """Every column of the exported table."""
    return (*KEYS, *(column for form in forms() for column in form.columns))


def data_dictionary() -> str:
    """The data dictionary as CSV, with REDCap's headings."""
    record = {
        "Variable / Field Name": RECORD,
        "Form Name": forms()[0].name,
        "Field Type": "text",
        "Field Label": "Pseudonym",
    }
    rows = [record, *(field.dictionary_row(form.name) for form in forms() for field in form.fields)]
    return _csv(HEADINGS, rows)


def events(arms: int, unscheduled: int) -> list[Event]:
    """The events of each arm, in order; an arm is a fracture of the patient, the first, the second and so on."""
    names = [
        FRACTURE,
        *(w.value.capitalize() for w in WINDOWS),
        *(f"{UNSCHEDULED} {n + 1}" for n in range(unscheduled)),
    ]
    return [Event(name, arm + 1) for arm in range(arms) for name in names]


def project_files(arms: int, unscheduled: int) -> dict[str, str]:
    """The set-up of the project, by file name, in the order in which REDCap takes them."""
    known = events(max(1, arms), unscheduled)
    mapping = [
        {"arm_num": str(event.arm), "unique_event_name": event.unique, "form": form.name}
        for event in known
        for form in forms()
        if (form.where is Where.VISIT) != (event.name == FRACTURE)
        and (form.where is not Where.PATIENT or event.arm == 1)
    ]
    repeating = {form.name for form in forms() if form.repeating}
    return {
        "1-data-dictionary.csv": data_dictionary(),
        "2-arms.csv": _csv(
            ("arm_num", "name"), [{"arm_num": str(n + 1), "name": f"Fracture {n + 1}"} for n in range(max(1, arms))]
        ),
        "3-events.csv": _csv(
            ("event_name", "arm_num", "unique_event_name"),
            [{"event_name": e.name, "arm_num": str(e.arm), "unique_event_name": e.unique} for e in known],
        ),
        "4-forms-of-events.csv": _csv(("arm_num", "unique_event_name", "form"), mapping),
        "5-repeating.csv": _csv(
            ("event_name", "form_name", "custom_form_label"),
            [
                {"event_name": m["unique_event_name"], "form_name": m["form"], "custom_form_label": ""}
                for m in mapping
                if m["form"] in repeating
            ],
        ),
    }


def _csv(headings: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, headings, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
