"""Tables of patients from files: CSV, Excel, Parquet, a REDCap export; and their data dictionary."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.budget import MAX_TABLE_BYTES, MAX_TABLE_CELLS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS, MAX_TEXT_BYTES
from ovcf.clinical.number import parse_decimal
from ovcf.cohort.data.dataset import Cohort, check
from ovcf.cohort.data.dictionary import Dictionary, Role, Variable, VariableType, parse_dictionary
from ovcf.cohort.data.workbook import SUFFIXES, read_sheet, too_large
from ovcf.cohort.optional_import import optional_import
from ovcf.errors import ClinicalDataError, CohortDataError, UnreadableFileError
from ovcf.language.worded import say
from ovcf.plain_text import clean
from ovcf.text_files import decode_table, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd


def read_cohort(path: str | Path, dictionary: str | Path, *, sheet: str | None = None) -> Cohort:
    """A cohort file checked against its dictionary (TOML, or the data dictionary that REDCap exports as CSV).

    Raises:
        MissingFileError: a file is not there.
        UnreadableFileError: a file is not what its name says.
        CohortDataError: a described column is absent, or the dictionary is wrong.
    """
    return check(read_table(path, sheet=sheet), read_dictionary(dictionary))


def read_table(path: str | Path, *, sheet: str | None = None) -> pd.DataFrame:
    """A CSV (comma, semicolon or tab; UTF-8, UTF-16, GB 18030 or Latin-1) or a sheet of an Excel workbook as text, or
    a Parquet file with its own types.

    ``sheet`` names one of a workbook; without it the first that is not hidden is read. ``attrs`` of a workbook's
    table hold ``sheet``, ``other_sheets``, ``cells_in_error``, and where rows are empty ``rows``, the number of each
    line in the sheet.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: neither CSV, Excel nor Parquet, empty, lines of unequal length, or larger than any study.
        CohortDataError: there is no such sheet.
    """
    file = Path(path)
    pandas = optional_import("pandas")
    if file.suffix.lower() in (".parquet", ".pq"):
        return _parquet(file)
    if file.suffix.lower() in SUFFIXES:
        return _workbook(file, sheet)
    if sheet is not None:
        raise CohortDataError(
            file, say("has no sheet {sheet!r}: it is no workbook", sheet=sheet), "Leave the sheet out."
        )
    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise UnreadableFileError(
            file, "is neither CSV, Excel (.xlsx) nor Parquet by its name", "Save the table as .xlsx or CSV."
        )
    text = _text(file, MAX_TABLE_BYTES)
    rows = (row for row in _rows(text, file, _delimiter(text)) if any(cell.strip() for cell in row))
    heading = [name.strip() for name in next(rows, [])]
    _check_size(file, 1, len(heading))
    lines: list[list[str]] = []
    for i, line in enumerate(rows, start=2):
        if len(line) != len(heading):
            problem = say("row {i} has {line} cells, the heading {heading}", i=i, line=len(line), heading=len(heading))
            raise UnreadableFileError(file, problem, "Look for a stray separator or quote.")
        _check_size(file, i, len(heading))
        lines.append(line)
    if not lines:
        raise UnreadableFileError(file, "holds no patient", "It needs a heading and at least one row.")
    return pandas.DataFrame(lines, columns=heading, dtype=object)


def _workbook(file: Path, wanted: str | None) -> pd.DataFrame:
    found = read_sheet(file, wanted)
    frame: pd.DataFrame = optional_import("pandas").DataFrame(found.lines, columns=found.heading, dtype=object)
    frame.attrs |= {"sheet": found.name, "other_sheets": found.others, "cells_in_error": found.errors}
    if found.rows != list(range(2, len(found.rows) + 2)):
        frame.attrs["rows"] = found.rows
    return frame


def _parquet(file: Path) -> pd.DataFrame:
    read_bytes(file, limit=MAX_TABLE_BYTES)
    try:
        about = optional_import("pyarrow.parquet").read_metadata(file)
        _check_size(file, about.num_rows, about.num_columns)
        frame = optional_import("pandas").read_parquet(file)
        frame.columns = [clean(str(name)) for name in frame.columns]
        return frame.map(lambda value: clean(value) if isinstance(value, str) else value)
    except UnreadableFileError:
        raise
    except Exception as error:  # a damaged file can raise anything from the parser
        raise UnreadableFileError(
            file, say("is not Parquet ({error})", error=error), "Export it again, or use CSV."
        ) from None


def _rows(text: str, where: object, delimiter: str = ",") -> Iterator[list[str]]:
    lines = csv.reader(map(clean, _lines(text)), delimiter=delimiter)
    try:
        yield from lines
    except csv.Error as error:
        raise UnreadableFileError(
            where, say("line {line_num}: {error}", line_num=lines.line_num, error=error), "Look for a stray quote."
        ) from None


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends. Other separators than these three are characters of a cell."""
    return (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text))


def _check_size(file: Path, rows: int, columns: int) -> None:
    if rows > MAX_TABLE_ROWS or columns > MAX_TABLE_COLUMNS or rows * columns > MAX_TABLE_CELLS:
        raise too_large(file)


def read_dictionary(path: str | Path) -> Dictionary:
    """A data dictionary from TOML or from REDCap's "Data Dictionary" CSV.

    Raises:
        MissingFileError: no such file.
        CohortDataError: it cannot be understood; names column and key.
    """
    file = Path(path)
    text = _text(file, MAX_TEXT_BYTES)
    return from_redcap(text, str(file)) if file.suffix.lower() == ".csv" else parse_dictionary(text, str(file))


def from_redcap(text: str, where: str = "REDCap dictionary") -> Dictionary:
    """The columns of REDCap's data dictionary; the first field is the record id. Checkboxes become one boolean each.

    Raises:
        CohortDataError: not REDCap's headings, or choices that are not ``code, label | code, label``.
    """
    heading, *lines = [row for row in _rows(text, where) if row] or [[]]
    rows = [{**dict.fromkeys(heading, ""), **dict(zip(heading, line, strict=False))} for line in lines]
    key, kind, choices = "Variable / Field Name", "Field Type", "Choices, Calculations, OR Slider Labels"
    if not rows or not {key, kind, choices} <= set(rows[0]):
        raise CohortDataError(where, "has not the headings of REDCap", "Export it from Project Setup, Data Dictionary.")
    found: list[Variable] = []
    for row in rows:
        name, field, label = row[key], row[kind], row.get("Field Label") or ""
        role = Role.OTHER if found else Role.ID
        shown = row.get("Text Validation Type OR Show Slider Number") or ""
        low, high = (_limit(row.get(say("Text Validation {end}", end=end))) for end in ("Min", "Max"))
        required = (row.get("Required Field?") or "").lower() == "y"
        levels: tuple[tuple[str, str], ...] = ()
        if field == "descriptive" or not name:
            continue
        if field in ("radio", "dropdown", "checkbox"):
            levels = _choices(row[choices], f"{where}: {name}")
        if field == "checkbox":
            found += [
                Variable(name=f"{name}___{code}", type=VariableType.BOOLEAN, label=f"{label}: {said}")
                for code, said in levels
            ]
            continue
        type_ = VariableType.CATEGORY if levels else _redcap_type(field, shown)
        found.append(
            Variable(
                name=name, type=type_, label=label, role=role, levels=levels, required=required, low=low, high=high
            )
        )
    return Dictionary(tuple(found))


def _redcap_type(field: str, shown: str) -> VariableType:
    if field in ("yesno", "truefalse"):
        return VariableType.BOOLEAN
    if field in ("calc", "slider") or shown.startswith("number"):
        return VariableType.NUMBER
    if shown == "integer":
        return VariableType.INTEGER
    return VariableType.DATE if shown.startswith("date_") else VariableType.TEXT


def _choices(text: str, where: str) -> tuple[tuple[str, str], ...]:
    parts = [tuple(x.strip() for x in part.split(",", 1)) for part in text.split("|") if part.strip()]
    if not parts or any(len(p) != 2 or not p[0] for p in parts):
        raise CohortDataError(where, say("{text!r} are no choices", text=text), "Write code, label | code, label.")
    return tuple((p[0], p[1]) for p in parts)


def _limit(text: str | None) -> float | None:
    try:
        return parse_decimal(text, field="limit") if text else None
    except ClinicalDataError:  # the limit of a date
        return None


def _text(file: Path, limit: int) -> str:
    return decode_table(read_bytes(file, limit=limit))


def _delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max(",;\t", key=heading.count)
