"""The registry, a site or some patients as a table that REDCap takes, de-identified, and told to the audit.

Patients are read and written a page at a time from one state of the database: memory does not grow with the registry.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.exchange.records import records
from ovcf.exchange.redcap.project import project_files
from ovcf.exchange.redcap.rows import UNSCHEDULED, lines_of
from ovcf.exchange.redcap.table import CsvTable, ParquetTable
from ovcf.registry.audit import head, types_of
from ovcf.registry.bulk.write import bulk
from ovcf.registry.tables import Patient, PatientKey
from ovcf.registry.words import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.exchange.redcap.table import Table
    from ovcf.files.result_folder import ResultFolder
    from ovcf.registry.store import Registry

KIND = "registry export"
ABOUT = "about.json"
_MAX_DAYS = 365
_KEYS_A_PAGE = 1000


class Format(StrEnum):
    """What the table is written as."""

    CSV = "csv"
    LABELS = "labels"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds, as its ``about.json`` says it. ``withdrawn`` patients were left out."""

    patients: int
    lines: int
    withdrawn: int
    simulated: bool
    dates_shifted: bool
    format: str
    audit: str
    software: str
    made_at: str


def export(
    registry: Registry,
    actor: UUID,
    folder: ResultFolder,
    *,
    sites: Collection[UUID] | None = None,
    codes: Sequence[str] | None = None,
    format_: Format = Format.CSV,
    shift_dates: bool = False,
    tell: Callable[[int], None] = lambda _done: None,
) -> Exported:
    """Write the table, the set-up of a REDCap project for it, and what the export holds.

    Names and identities are never written. With ``shift_dates`` all dates of a patient are moved back by the same
    number of days, 1 to 365, which nobody can tell who has not the patient's key; the same patient is moved alike in
    every export. Patients who withdrew their consent to research are left out. For each patient that is written the
    audit gets an entry before the folder is there.

    Raises:
        RegistryError: no such patient, or one was erased meanwhile. OutputError: the folder cannot be written.
    """
    table_name = "registry.parquet" if format_ is Format.PARQUET else "registry.csv"
    told: list[UUID] = []
    lines = withdrawn = 0
    arms, unscheduled = 1, 0
    simulated = False
    with folder.staged() as stage:
        with registry.reading() as session:
            end = head(session)
            table = _table(stage / table_name, format_)
            for record in records(session, sites, codes):
                if record.withdrawn:
                    withdrawn += 1
                    continue
                told.append(record.row["id"])
                simulated = simulated or record.simulated
                shift = _shift(session, record.row["id"]) if shift_dates else None
                for line in lines_of(record, shift=shift):
                    table.write(record.row["code"], line)
                    lines += 1
                    arms = max(arms, line.event.arm)
                    if line.event.name.startswith(UNSCHEDULED):
                        unscheduled = max(unscheduled, int(line.event.name.split()[-1]))
                tell(len(told))
            table.close()
        if codes is not None and len(told) + withdrawn < len(set(codes)):
            raise RegistryError("patients", "are not all in this registry", "Check the pseudonyms.")
        for name, text in project_files(arms, unscheduled).items():
            (stage / name).write_text(text, encoding="utf-8")
        done = Exported(
            patients=len(told),
            lines=lines,
            withdrawn=withdrawn,
            simulated=simulated,
            dates_shifted=shift_dates,
            format=format_.value,
            audit=str(end),
            software=f"ovcf {version('ovcf')}",
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        (stage / ABOUT).write_text(json.dumps(asdict(done), indent=1) + "\n", encoding="utf-8")
        _tell_audit(registry, actor, told)
    return done


def _table(path: Path, format_: Format) -> Table:
    return ParquetTable(path) if format_ is Format.PARQUET else CsvTable(path, labels=format_ is Format.LABELS)


def _shift(session: Session, patient: UUID) -> timedelta:
    key = session.scalar(select(PatientKey.key).where(PatientKey.patient_id == patient)) or b""
    number = int.from_bytes(hmac.digest(key, b"shift of dates", hashlib.sha256)[:8])
    return -timedelta(days=1 + number % _MAX_DAYS)


def _tell_audit(registry: Registry, actor: UUID, patients: Sequence[UUID]) -> None:
    names = list(types_of(Patient))
    with bulk(registry, actor) as many:
        for start in range(0, len(patients), _KEYS_A_PAGE):
            page = patients[start : start + _KEYS_A_PAGE]
            of_patients = select(*(getattr(Patient, name) for name in names)).where(Patient.id.in_(page))
            place = {id_: number for number, id_ in enumerate(page)}
            rows = [dict(zip(names, row, strict=True)) for row in many.session.execute(of_patients)]
            if len(rows) < len(page):
                raise RegistryError("export", "holds a patient who was erased meanwhile", "Export again.")
            keys = select(PatientKey.patient_id, PatientKey.key).where(PatientKey.patient_id.in_(page))
            many.know({row.patient_id: row.key for row in many.session.execute(keys)})
            many.note(Action.EXPORTED, Patient, sorted(rows, key=lambda row: place[row["id"]]))
            many.write()
