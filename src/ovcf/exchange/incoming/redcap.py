"""A table in REDCap's longitudinal layout, with codes or with labels, as lines that the registry understands."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from ovcf.exchange.incoming.said import Problem, Reading, Said
from ovcf.exchange.redcap.field import BadValueError, Fault, Field, Kind
from ovcf.exchange.redcap.forms import Form, Where, form_named, forms
from ovcf.exchange.redcap.project import EVENT, INSTANCE, INSTRUMENT, KEYS, RECORD
from ovcf.exchange.redcap.rows import FRACTURE, UNSCHEDULED, WINDOWS
from ovcf.exchange.redcap.table import heading_of
from ovcf.registry.words import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.exchange.incoming.sheet import Sheet

_UNIQUE = re.compile(r"(?P<name>.+)_arm_(?P<arm>\d+)")
_LABELLED = re.compile(r"(?P<name>[^(]+?)(?: \(Arm (?P<arm>\d+)\b.*\))?")
_SYSTEM = {"redcap_data_access_group", "redcap_survey_identifier", "Data Access Group", "Survey Identifier"}
_READ_ONLY_NOTE = "Lines of readings, measurements, scores and images are not read: those come with their files."

Place = tuple[Form, Field, str]
"""A form, a field of it, and of a checkbox the choice."""


def is_redcap(headings: Sequence[str]) -> bool:
    """Whether the headings are those of this layout."""
    keys = (RECORD, EVENT) if RECORD in headings else (KEYS[RECORD], KEYS[EVENT])
    known = _places()
    return set(keys) <= set(headings) and any(h in known for h in headings)


def read_redcap(sheet: Sheet) -> Reading:
    """Every line with its values read; each that cannot be read is a problem, and none is dropped silently."""
    found = Reading(rows=len(sheet.lines))
    known = _places()
    keys = {word: key for key, label in KEYS.items() for word in (key, label)}
    places: dict[int, Place] = {}
    at: dict[str, int] = {}
    completes = {form.complete for form in forms()} | {"Complete?"}
    for i, heading in enumerate(sheet.headings):
        if heading in keys:
            at.setdefault(keys[heading], i)
        elif heading in known:
            places[i] = known[heading]
        elif heading not in completes and heading not in _SYSTEM:
            found.not_used.append(heading)
    seen: dict[tuple[object, ...], int] = {}
    for row, cells in sheet.lines:
        line = _line(row, cells, at, found)
        if line is None:
            continue
        if (first := seen.setdefault(line.key, row)) != row:
            found.problems.append(
                Problem(
                    row=row,
                    record=line.record,
                    column=EVENT,
                    value=cells.get(at[EVENT], ""),
                    fault=Fault.TWICE,
                    remedy=f"It is in row {first}, too.",
                )
            )
        if _fill(line, cells, places, sheet.headings, found):
            found.lines.append(line)
    return found


def _line(row: int, cells: dict[int, str], at: dict[str, int], found: Reading) -> Said | None:
    """The keys of a line."""
    told = {key: cells.get(place, "") for key, place in at.items()}
    record = told.get(RECORD, "")

    def refuse(key: str, fault: Fault, remedy: str) -> None:
        found.problems.append(
            Problem(row=row, record=record, column=key, value=told.get(key, ""), fault=fault, remedy=remedy)
        )

    if not record:
        refuse(RECORD, Fault.NO_RECORD, "Every line names its record.")
        return None
    event = event_of(told.get(EVENT, ""))
    if event is None:
        refuse(EVENT, Fault.UNKNOWN_EVENT, f"Events are {FRACTURE}, {', '.join(WINDOWS)}, {UNSCHEDULED} 1, …")
        return None
    arm, window, further = event
    line = Said(row=row, record=record, arm=arm, window=window, further=further)
    repeated = told.get(INSTRUMENT, "")
    if repeated:
        form = form_named(repeated)
        if form is None or not form.repeating:
            names = ", ".join(f.name for f in forms() if f.repeating)
            refuse(INSTRUMENT, Fault.UNKNOWN_FORM, f"Repeating are {names}.")
            return None
        instance = told.get(INSTANCE, "")
        if not instance.isdigit() or int(instance) < 1:
            refuse(INSTANCE, Fault.NO_INSTANCE, "Number them from 1.")
            return None
        line.form, line.instance = form.name, int(instance)
    return line


def _fill(line: Said, cells: dict[int, str], places: dict[int, Place], headings: Sequence[str], found: Reading) -> bool:
    """Read the values of a line; False where it says nothing that is read."""
    checked: dict[str, tuple[Form, set[str]]] = {}
    read_only = False
    for i, text in cells.items():
        if i not in places:
            continue
        form, field, one = places[i]
        if form.read_only:
            read_only = True
            continue
        problem = partial(Problem, row=line.row, record=line.record, column=headings[i], value=text)
        if not _belongs(form, line):
            found.problems.append(problem(fault=Fault.ELSEWHERE, remedy=f"It belongs into {_home(form)}."))
            continue
        line.columns[field.name] = headings[i]
        try:
            value = field.parse(text)
        except BadValueError as error:
            found.problems.append(problem(fault=error.fault, remedy=error.remedy))
            continue
        if field.kind is Kind.CHECKBOX:
            _, chosen = checked.setdefault(field.name, (form, set()))
            if value:
                chosen.add(one)
        else:
            line.values.setdefault(form.name, {})[field.name] = value
    for name, (form, chosen) in checked.items():
        line.values.setdefault(form.name, {})[name] = chosen
    if read_only and _READ_ONLY_NOTE not in found.notes:
        found.notes.append(_READ_ONLY_NOTE)
    if line.form and line.form in line.values:
        for field in next(form for form in forms() if form.name == line.form).fields:
            if field.required and field.name not in line.values[line.form] and field.name not in line.columns:
                found.problems.append(
                    Problem(
                        row=line.row,
                        record=line.record,
                        column=field.name,
                        value="",
                        fault=Fault.MISSING,
                        remedy="Fill it.",
                    )
                )
    # A visit without any value is a visit still: that it was planned is said by its line alone.
    return bool(line.values) or not (line.form or read_only)


def event_of(text: str) -> tuple[int, Window | None, int] | None:
    """Arm, window and number of an event, by its unique name or its label; None where it is none."""
    parts = _UNIQUE.fullmatch(text) or _LABELLED.fullmatch(text)
    if parts is None:
        return None
    arm, name = int(parts["arm"] or 1), parts["name"].strip().lower().replace("_", " ")
    if name == FRACTURE.lower():
        return arm, None, 0
    for window in WINDOWS:
        if name == window.value:
            return arm, window, 0
    if number := re.fullmatch(rf"{UNSCHEDULED.lower()} (\d+)", name):
        return arm, Window.UNSCHEDULED, int(number[1])
    return None


def _belongs(form: Form, line: Said) -> bool:
    if form.repeating or line.form:
        return form.name == line.form
    return (form.where is Where.VISIT) == (line.window is not None)


def _home(form: Form) -> str:
    where = "a visit" if form.where is Where.VISIT else FRACTURE
    return f"a line of its own with {INSTRUMENT} {form.name}" if form.repeating else f"the line of {where}"


def _places() -> dict[str, Place]:
    """Every heading that is known, by variable and by label."""
    found: dict[str, Place] = {}
    for form in forms():
        for field in form.fields:
            choices = [value for value, _ in field.choices] if field.kind is Kind.CHECKBOX else [""]
            for column, one in zip(field.columns, choices, strict=True):
                found[column] = found[heading_of(field, column)] = (form, field, one)
    return found
