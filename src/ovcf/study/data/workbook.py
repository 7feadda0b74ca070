"""A study as one Excel workbook: its data by names and in words, what each column is, the screening log, the queries.

It says no more of people than the table of the study does: who withdrew their data is left out everywhere, and the
screening log has no names.
"""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.language.spoken import tr
from ovcf.plain_text import clean
from ovcf.registry.store import current
from ovcf.registry.tables import Enrolment, Screening
from ovcf.registry.words import Window
from ovcf.study.conduct.queries import queries_of
from ovcf.study.conduct.studies import in_force
from ovcf.study.data.data_set import data_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Study
    from ovcf.study.protocol.model import Field, Protocol

_MONTH = re.compile(r"_(\d+)mo$")
_OWN = {
    "patient_id": "Patient",
    "centre": "Centre",
    "level": "Fractured level",
    "arm": "Arm",
    "crossed_to": "Crossed over to",
    "nasovcf": "NASOVCF",
    "nasovcf_group": "NASOVCF group",
    "months": "Followed (months)",
    "event": "End of follow-up",
}
_VISITS = {
    "0": Window.PRETREATMENT,
    "1": Window.MONTH_1,
    "3": Window.MONTH_3,
    "6": Window.MONTH_6,
    "12": Window.MONTH_12,
}
_COLUMNS = ("Column", "In words", "Unit", "From", "To", "Choices")
_SCREENED = ("Candidate", "Screened", "Decision", "Why", "Enrolment")
_QUERIES = ("Query", "Patient", "Visit", "About", "Question", "Value then", "Value now", "State", "Asked by", "Answers")
_NARROW, _WIDE = 10, 48


def workbook(session: Session, study: Study) -> bytes:
    """The workbook; nothing in it is a formula.

    Raises:
        MissingExtraError: the extra `cohort` is not installed.
    """
    _, protocol = in_force(session, study)
    rows = data_set(session, study)
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [[row.get(name) for name in names] for row in rows]
    numbers = {str(row["patient_id"]) for row in rows}
    book = optional_import("openpyxl").Workbook(write_only=True)
    _sheet(book, "Data", names, lines)
    _sheet(book, "In words", [_label(name, protocol) for name in names], [[_worded(x) for x in y] for y in lines])
    _sheet(book, "Columns", _COLUMNS, [_described(name, protocol) for name in names])
    _sheet(book, "Screening log", _SCREENED, list(_screened(session, study, numbers)))
    _sheet(book, "Queries", _QUERIES, list(_queries(session, study, numbers)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _label(name: str, protocol: Protocol) -> str:
    field, visit = _field(name, protocol)
    outcome = next((o for o in protocol.outcomes if o.id.replace("-", "_") == name), None)
    said = tr(field.label if field else outcome.title if outcome else _OWN.get(name, name))
    unit = f" ({tr(field.unit)})" if field and field.unit else ""
    return f"{said}{unit}" + (f", {tr(visit.value)}" if visit else "")


def _described(name: str, protocol: Protocol) -> list[object]:
    field, _ = _field(name, protocol)
    if field is None:
        return [name, _label(name, protocol), None, None, None, None]
    return [name, _label(name, protocol), tr(field.unit), field.low, field.high, ", ".join(map(tr, field.choices))]


def _field(name: str, protocol: Protocol) -> tuple[Field | None, Window | None]:
    found = _MONTH.search(name)
    stem = name[: found.start()] if found else name
    field = next((f for form in protocol.forms for f in form.fields if f.id in (name, stem)), None)
    return field, _VISITS.get(found[1]) if found and field and field.id == stem else None


def _screened(session: Session, study: Study, numbers: set[str]) -> Iterator[list[object]]:
    enrolled = session.scalars(current(Enrolment).where(Enrolment.study_id == study.id))
    number = {e.patient_id: e.number for e in enrolled if e.number in numbers}
    told = session.scalars(current(Screening).where(Screening.study_id == study.id)).all()
    for place, one in enumerate(sorted(told, key=lambda s: (s.on, s.recorded_at)), 1):
        yield [place, one.on, tr(one.decision.value), tr(one.because), number.get(one.patient_id)]


def _queries(session: Session, study: Study, numbers: set[str]) -> Iterator[list[object]]:
    for q in queries_of(session, study):
        if q.patient in numbers:
            answers = "; ".join(f"{by}: {text}" for _, by, _, text in q.events)
            yield [
                *(q.row.number, q.patient, tr(q.row.window.value), tr(q.row.rule.value), tr(q.text)),
                *(q.row.value, q.now, tr(q.state), q.asked_by, answers),
            ]


def _worded(value: object) -> object:
    return tr("yes" if value else "no") if isinstance(value, bool) else tr(value) if isinstance(value, str) else value


def _sheet(book: Any, title: str, heading: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """A sheet with its heading in bold, which stays in sight, as wide as what stands in it."""
    make_cell = optional_import("openpyxl.cell").WriteOnlyCell
    font = optional_import("openpyxl.styles").Font
    get_column_letter = optional_import("openpyxl.utils").get_column_letter
    sheet = book.create_sheet(tr(title))
    sheet.freeze_panes = "B2"
    for place, head in enumerate(heading):
        widest = max((len(str(line[place])) for line in lines if line[place] is not None), default=0)
        width = min(max(widest, min(len(head), 24), _NARROW) + 2, _WIDE)
        sheet.column_dimensions[get_column_letter(place + 1)].width = width

    def cell(value: object, *, bold: bool = False) -> Any:
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if not isinstance(value, str):
            return value if isinstance(value, (int, float, date)) else None
        made = make_cell(sheet, clean(value))
        made.data_type = "s"  # a text that begins with = is a text
        if bold:
            made.font = font(bold=True)
        return made

    sheet.append([cell(tr(head), bold=True) for head in heading])
    for line in lines:
        sheet.append([cell(value) for value in line])
