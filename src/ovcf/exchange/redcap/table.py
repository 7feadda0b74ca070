"""Writing the lines of patients as one table: CSV of codes or labels as REDCap exports it, or Parquet with types."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Protocol

from ovcf.errors import MissingExtraError
from ovcf.exchange.redcap.field import Field, Kind
from ovcf.exchange.redcap.forms import forms
from ovcf.exchange.redcap.project import EVENT, INSTANCE, INSTRUMENT, KEYS, RECORD, columns

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.exchange.redcap.rows import Line

COMPLETE, COMPLETE_LABEL = "2", "Complete"
_BATCH = 2000


class Table(Protocol):
    """Takes lines one by one."""

    def write(self, record: str, line: Line) -> None:
        """One line of a record."""

    def close(self) -> None:
        """Everything is written."""


def heading_of(field: Field, column: str) -> str:
    """The heading of a column in an export of labels."""
    if field.kind is not Kind.CHECKBOX:
        return field.label
    label = dict(zip(field.columns, (label for _, label in field.choices), strict=True))[column]
    return f"{field.label} (choice={label})"


class CsvTable:
    """The table as REDCap writes it: ``labels`` instead of codes where that is asked for."""

    def __init__(self, path: Path, *, labels: bool = False) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._labels = labels
        names = columns()
        self._place = {name: i for i, name in enumerate(names)}
        self._empty = [""] * len(names)
        self._writer.writerow(_label_headings() if labels else names)

    def write(self, record: str, line: Line) -> None:
        """One line of a record."""
        cells = self._empty.copy()
        event = line.event
        cells[0] = record
        cells[1] = f"{event.name} (Arm {event.arm}: Fracture {event.arm})" if self._labels else event.unique
        if line.form:
            cells[2] = line.parts[0][0].label if self._labels else line.form
            cells[3] = str(line.instance)
        for form, values in line.parts:
            for field in form.fields:
                value = values.get(field.name)
                if value is not None:
                    start = self._place[field.columns[0]]
                    for offset, text in enumerate(field.cells(value, labels=self._labels)):
                        cells[start + offset] = text
            cells[self._place[form.complete]] = COMPLETE_LABEL if self._labels else COMPLETE
        self._writer.writerow(cells)

    def close(self) -> None:
        """Everything is written."""
        self._file.close()


class ParquetTable:
    """The same columns with types: numbers, dates, booleans; categories as their words.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise MissingExtraError(
                "Parquet",
                "needs the extra `cohort`",
                'Install the extra "cohort": pip install ".[cohort]" in the folder of the source.',
            ) from None
        self._pa = pa
        self._schema = pa.schema([(name, self._type(name)) for name in columns()])
        self._writer = pq.ParquetWriter(path, self._schema)
        self._rows: list[dict[str, Any]] = []

    def _type(self, name: str) -> Any:
        pa = self._pa
        by_kind = {
            Kind.WHOLE: pa.int64(),
            Kind.NUMBER: pa.float64(),
            Kind.DATE: pa.date32(),
            Kind.YES_NO: pa.bool_(),
            Kind.CHECKBOX: pa.bool_(),
        }
        kinds = {column: f.kind for form in forms() for f in form.fields for column in f.columns}
        if name == INSTANCE or name in {form.complete for form in forms()}:
            return pa.int32()
        return by_kind.get(kinds.get(name, Kind.TEXT), pa.string())

    def write(self, record: str, line: Line) -> None:
        """One line of a record."""
        row: dict[str, Any] = {RECORD: record, EVENT: line.event.unique}
        if line.form:
            row |= {INSTRUMENT: line.form, INSTANCE: line.instance}
        for form, values in line.parts:
            row[form.complete] = int(COMPLETE)
            for field in form.fields:
                value = values.get(field.name)
                if value is None:
                    continue
                if field.kind is Kind.CHECKBOX:
                    row |= {c: one in value for c, (one, _) in zip(field.columns, field.choices, strict=True)}
                elif field.kind in (Kind.LEVELS, Kind.JSON, Kind.CHOICE, Kind.TEXT):
                    row[field.name] = str(value) if field.kind in (Kind.CHOICE, Kind.TEXT) else field.cells(value)[0]
                else:
                    row[field.name] = value
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(self._pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []

    def close(self) -> None:
        """Everything is written."""
        self._flush()
        self._writer.close()


def _label_headings() -> list[str]:
    found = list(KEYS.values())
    for form in forms():
        found += [heading_of(field, column) for field in form.fields for column in field.columns]
        found.append("Complete?")
    return found
