"""The study as one table: a row for each patient, columns as `ovcf cohort multicentre` and `nasovcf` know them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import OvcfError
from ovcf.registry.tables import Patient
from ovcf.registry.words import EventKind, Window, WithdrawalKind
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.scores.result import Status
from ovcf.study.conduct.form_values import value_text
from ovcf.study.conduct.outcomes import known_outcome
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.screening import crossovers
from ovcf.study.conduct.studies import enrolments_of, in_force, pairs_of, site_codes
from ovcf.study.readers.results import consensus_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Enrolment, Study
    from ovcf.study.conduct.records import Value
    from ovcf.study.protocol.model import Protocol

Row = dict[str, "Value | None"]
_MONTHS = {
    Window.PRETREATMENT: "0",
    Window.MONTH_1: "1",
    Window.MONTH_3: "3",
    Window.MONTH_6: "6",
    Window.MONTH_12: "12",
}
_DAYS_A_MONTH = 365.25 / 12
_READ_AS = {"vhl-han": "vhl_percent", "ka-han": "ka_deg"}
"""Fields of the form that blinded readers measure, by the id of the measurement."""


def data_set(session: Session, study: Study, *, only: Sequence[Enrolment] | None = None) -> list[Row]:
    """A row for each enrolled patient, those left out whose data must not be kept.

    A form of one visit gives columns by the names of its fields, one of several visits ``NAME_0mo``, ``NAME_6mo``.
    Where blinded readers have read a value and their round is closed, theirs counts: the mean, or what they agree on.
    """
    _, protocol = in_force(session, study)
    everybody = list(only if only is not None else enrolments_of(session, study))
    records = Records(session, everybody)
    crossed = {c.enrolment.entity_id: c.treatment for c in crossovers(session, study, everybody, records)}
    sites = site_codes(session)
    site_of = pairs_of(session, select(Patient.id, Patient.site_id))
    read = consensus_values(session, study)
    rows = []
    for enrolment in everybody:
        gone = records.withdrawal(enrolment)
        if gone is not None and not gone.keep_data:
            continue
        over = crossed.get(enrolment.entity_id)
        row: Row = {
            "patient_id": enrolment.number,
            "centre": sites[site_of[enrolment.patient_id]],
            "level": records.level(enrolment),
            "arm": enrolment.arm,
            "crossed_to": None if over is None else over.kind.value,
        }
        row |= _values(records, protocol, enrolment, read)
        row["nasovcf"], row["nasovcf_group"] = index_test(row)
        for outcome in protocol.outcomes:
            row[outcome.id.replace("-", "_")] = known_outcome(records, protocol, enrolment, outcome).answer
        row |= _end(records, protocol, enrolment, row)
        rows.append(row)
    return rows


def as_csv(rows: Sequence[Row]) -> str:
    """The table as CSV; what is not known is empty."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([value_text(row.get(name)) or "" for name in columns])
    return held.getvalue()


def index_test(row: Mapping[str, Value | None]) -> tuple[float | None, str | None]:
    """NASOVCF before treatment from the fields of its items; None where one is missing or it does not apply."""
    names = {
        "fracture_type": "fracture_type",
        "vhl_percent": "vhl_percent_0mo",
        "ka_deg": "ka_deg_0mo",
        "t2_pattern": "t2_pattern",
        "t_score": "t_score",
    }
    items = {short: row.get(name, row.get(short)) for short, name in names.items()}
    if any(value is None for value in items.values()):
        return None, None
    try:
        result = nasovcf(
            fracture_type=str(items["fracture_type"]),
            vhl_percent=float(items["vhl_percent"] or 0),
            local_kyphosis_deg=float(items["ka_deg"] or 0),
            t2_diffuse_low=items["t2_pattern"] == "diffuse low",
            t_score=float(items["t_score"] or 0),
        )
    except (OvcfError, ValueError):  # a value that cannot be: there is a query about it
        return None, None
    return (result.total, result.group) if result.status is Status.COMPLETE else (None, None)


def _values(
    records: Records, protocol: Protocol, enrolment: Enrolment, read: Mapping[tuple[UUID, Window], Mapping[str, Value]]
) -> Row:
    often = {f.id: sum(f.id in v.forms for v in protocol.visits) for f in protocol.forms}
    found: Row = {}
    for visit in protocol.visits:
        by_readers = {
            _READ_AS.get(name, name): value for name, value in read.get((enrolment.entity_id, visit.window), {}).items()
        }
        for form in protocol.due_at(visit.window):
            values = records.values(enrolment, visit.window, form)
            for field in form.fields:
                name = field.id if often[form.id] == 1 else f"{field.id}_{_MONTHS[visit.window]}mo"
                found[name] = by_readers.get(field.id, values.get(field.id))
    return found


def _end(records: Records, protocol: Protocol, enrolment: Enrolment, row: Row) -> Row:
    """How long a patient was followed, in months, and what ended it: the primary outcome, death, or nothing.

    The outcome counts at the planned month of its visit, whichever day of the window it was held on.
    """
    primary = protocol.primary
    gone = records.withdrawal(enrolment)
    held = {w.window: v.held_on for w in protocol.visits if (v := records.visit(enrolment, w.window)) and v.held_on}
    if row.get(primary.id.replace("-", "_")) is True and primary.window in held:
        return {"months": float(_MONTHS[primary.window]), "event": primary.event.value}
    seen = max((max(float(_MONTHS[w]), _months(enrolment, on)) for w, on in held.items()), default=0.0)
    if gone is not None and gone.kind is WithdrawalKind.DEATH:
        return {"months": max(_months(enrolment, gone.on), seen), "event": EventKind.DEATH.value}
    return {"months": seen, "event": "none"}


def _months(enrolment: Enrolment, on: date) -> float:
    return round(max((on - enrolment.on).days, 0) / _DAYS_A_MONTH, 2)
