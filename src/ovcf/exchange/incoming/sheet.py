"""A table as text: CSV of any separator, or Parquet, with the row of each line as a spreadsheet counts it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovcf.budget import MAX_TABLE_BYTES, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS
from ovcf.errors import UnreadableFileError
from ovcf.plain_text import clean
from ovcf.text_files import decode_table, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = "Give the table of one registry."


@dataclass(frozen=True, slots=True)
class Sheet:
    """``headings``, and ``lines`` of (row, the cells that are not empty, by place)."""

    headings: tuple[str, ...]
    lines: tuple[tuple[int, dict[int, str]], ...]


def read_sheet(path: Path) -> Sheet:
    """Read a table whole.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: neither CSV nor Parquet, without a heading, lines of unequal length, or too large.
    """
    if path.suffix.lower() in (".parquet", ".pq"):
        from ovcf.cohort.data.read import read_table

        frame = read_table(path)
        headings = [str(name) for name in frame.columns]
        rows: Iterator[list[str]] = ([_text(v) for v in line] for line in frame.itertuples(index=False))
        return _sheet(path, headings, enumerate(rows, 2))
    text = decode_table(read_bytes(path, limit=2 * MAX_TABLE_BYTES))
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        heading = next(reader, [])
        return _sheet(path, heading, ((reader.line_num, line) for line in reader))
    except csv.Error as error:
        raise UnreadableFileError(path, f"line {reader.line_num}: {error}", "Look for a stray quote.") from None


def _sheet(path: Path, headings: list[str], rows: Any) -> Sheet:
    names = tuple(clean(name).strip() for name in headings)
    if not any(names):
        raise UnreadableFileError(path, "holds no heading", "Its first line names the columns.")
    if len(names) > MAX_TABLE_COLUMNS:
        raise UnreadableFileError(path, f"has more than {MAX_TABLE_COLUMNS:,} columns", _LARGEST)
    found = []
    for row, line in rows:
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(names):
            problem = f"row {row} has {len(line)} cells, the heading {len(names)}"
            raise UnreadableFileError(path, problem, "Look for a stray separator or quote.")
        found.append((row, {i: clean(text).strip() for i, cell in enumerate(line) if (text := cell.strip())}))
        if len(found) > 4 * MAX_TABLE_ROWS:
            raise UnreadableFileError(path, f"has more than {4 * MAX_TABLE_ROWS:,} rows", _LARGEST)
    return Sheet(names, tuple(found))


def _text(value: Any) -> str:
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return str(value).removesuffix(".0").removesuffix(" 00:00:00")
