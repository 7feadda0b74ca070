"""A table of patients on one sheet of an Excel workbook, as the text that a CSV of it would hold.

Nothing in a workbook is run: macros are left alone, and of a formula the value that the spreadsheet program saved is
taken. One that was never calculated is refused, since it would read as a gap.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from ovcf.budget import MAX_FILES, MAX_TABLE_BYTES, MAX_TABLE_CELLS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS, may_unpack_to
from ovcf.cohort.optional_import import optional_import
from ovcf.errors import CohortDataError, UnreadableFileError
from ovcf.language.worded import joined, say
from ovcf.plain_text import clean
from ovcf.text_files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".xlsx", ".xlsm")
SAVE_ANEW = "Save it anew as an Excel workbook (.xlsx) or as CSV."
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 20
_MAX_SHOWN = 5


def too_large(file: Path) -> UnreadableFileError:
    """The refusal of a table that no study can have."""
    return UnreadableFileError(
        file,
        say(
            "is larger than any study: up to {max_table_columns:,} columns, {max_table_rows:,} rows and "
            "{max_table_cells:,} cells are read",
            max_table_columns=MAX_TABLE_COLUMNS,
            max_table_rows=MAX_TABLE_ROWS,
            max_table_cells=MAX_TABLE_CELLS,
        ),
        "Give the columns and patients of one study.",
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text: its ``heading``, and ``lines`` of equal length with the numbers of their rows in the sheet.

    ``errors`` names cells in which the spreadsheet shows an error instead of a value, ``others`` the sheets that were
    not read.
    """

    name: str
    heading: list[str]
    lines: list[list[str]]
    rows: list[int]
    errors: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def read_sheet(file: Path, sheet: str | None = None) -> Sheet:
    """One sheet: the named one, else the first that is not hidden. Its first row that is not empty is the heading.

    Dates come as ISO dates, whole numbers without a decimal point, a number shown in percent with its sign.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: no workbook, protected, damaged, larger than any study, or not calculated.
        CohortDataError: there is no such sheet, or its first row is a title.
    """
    content = read_bytes(file, limit=MAX_TABLE_BYTES)
    _check(file, content)
    try:
        return _read(file, sheet)
    except (UnreadableFileError, CohortDataError):
        raise
    except Exception as error:  # a damaged workbook can raise anything from the parser
        raise UnreadableFileError(file, say("is damaged ({error})", error=str(error)[:200]), SAVE_ANEW) from None


def _check(file: Path, content: bytes) -> None:
    """Refuse what is no workbook, and one that would unpack to more than a study needs."""
    if content.startswith(_OLD_EXCEL):
        raise UnreadableFileError(
            file, "is protected with a password, or of an Excel before 2007", "Save it without one, as .xlsx or CSV."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFileError(file, say("is no Excel workbook ({error})", error=error), SAVE_ANEW) from None
    if "xl/workbook.xml" not in {m.filename for m in members}:
        raise UnreadableFileError(file, "is no Excel workbook", SAVE_ANEW)
    # No member gives more than it says: zipfile stops there, and then the checksum fails.
    if len(members) > MAX_FILES or sum(m.file_size for m in members) > may_unpack_to(len(content)):
        raise UnreadableFileError(file, "unpacks to more than any study needs", SAVE_ANEW)


def _read(file: Path, wanted: str | None) -> Sheet:
    openpyxl = optional_import("openpyxl")
    optional_import("defusedxml")  # with it, openpyxl refuses XML that defines entities
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        # A chart on a sheet of its own has no cells.
        tables = {s.title: s for s in book.worksheets}
        if wanted is not None and wanted not in tables:
            shown = ", ".join(map(repr, tables))
            raise CohortDataError(
                file, say("has no sheet {wanted!r}", wanted=wanted), say("Name one of these: {shown}.", shown=shown)
            )
        visible = [name for name, s in tables.items() if s.sheet_state == "visible"]
        if not tables:
            raise UnreadableFileError(file, "holds no sheet with cells", SAVE_ANEW)
        name = wanted or (visible or list(tables))[0]
        found, blank = _lines(file, tables[name])
    finally:
        book.close()
    if _has_formulas(file):
        _refuse_uncalculated(file, name, found, blank)
    others = tuple(other for other in visible if other != name)
    return Sheet(name, *_table(file, found), others)


def _lines(file: Path, sheet: Any) -> tuple[list[tuple[int, list[Any]]], set[tuple[int, int]]]:
    """The rows that hold anything, with their number: cells up to the last filled one. And where a formula gave
    an empty text: (row, column).
    """
    sheet.reset_dimensions()  # what the file says of its size may be anything
    found: list[tuple[int, list[Any]]] = []
    blank: set[tuple[int, int]] = set()
    cells = 0
    for row in sheet.iter_rows():
        blank |= {(c.row, c.column) for c in row if c.data_type == "str"}
        filled = [c for c in row if c.value is not None and str(c.value).strip()]
        if not filled:
            continue
        last = filled[-1].column
        cells += last
        if last > MAX_TABLE_COLUMNS or len(found) > MAX_TABLE_ROWS or cells > MAX_TABLE_CELLS:
            raise too_large(file)
        found.append((filled[0].row, list(row[:last])))
    return found, blank


def _table(
    file: Path, found: list[tuple[int, list[Any]]]
) -> tuple[list[str], list[list[str]], list[int], tuple[str, ...]]:
    if len(found) < 2:
        raise UnreadableFileError(file, "holds no patient", "It needs a heading and at least one row.")
    (first, head), *body = found
    wide = max(len(cells) for _, cells in found)
    if wide > 1 and sum(_filled(c) for c in head) == 1:
        raise CohortDataError(
            file,
            say("its row {first} is a title, not a heading", first=first),
            "Take out what stands above the headings of the columns.",
        )
    named = [_text(head[i]) if i < len(head) else "" for i in range(wide)]
    used = [i for i in range(wide) if named[i] or any(i < len(cells) and _filled(cells[i]) for _, cells in body)]
    heading = [named[i] or say("(column {letter})", letter=_letter(i)) for i in used]
    lines = [[_text(cells[i]) if i < len(cells) else "" for i in used] for _, cells in body]
    errors = [
        f"{_letter(i)}{row} {cells[i].value}"
        for row, cells in body
        for i in used
        if i < len(cells) and cells[i].data_type == "e"
    ]
    return heading, lines, [row for row, _ in body], tuple(errors)


def _filled(cell: Any) -> bool:
    return cell.value is not None and bool(str(cell.value).strip())


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        percent = "%" in str(cell.number_format)
        shown = f"{value * 100 if percent else value:.15g}"  # as many digits as Excel keeps
        return shown + "%" * percent
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 86400:.15g}"  # a duration is days in Excel
    return clean(str(value)).strip()


def _letter(column: int) -> str:
    return str(optional_import("openpyxl.utils").get_column_letter(column + 1))


def _has_formulas(file: Path) -> bool:
    with zipfile.ZipFile(file) as archive:
        sheets = [m for m in archive.infolist() if m.filename.startswith("xl/worksheets/")]
        return any(_holds(archive, m, (b"<f>", b"<f ", b":f>", b":f ")) for m in sheets)


def _holds(archive: zipfile.ZipFile, member: zipfile.ZipInfo, words: tuple[bytes, ...]) -> bool:
    with archive.open(member) as part:
        before = b""
        while chunk := part.read(_CHUNK):
            if any(word in before + chunk for word in words):
                return True
            before = chunk[-8:]
    return False


def _refuse_uncalculated(
    file: Path, name: str, found: list[tuple[int, list[Any]]], blank: set[tuple[int, int]]
) -> None:
    """Refuse formulas without a saved value."""
    known = blank | {(row, i) for row, cells in found for i, cell in enumerate(cells, 1) if cell.value is not None}
    book = optional_import("openpyxl").load_workbook(file, read_only=True, keep_links=False)
    try:
        sheet = book[name]
        sheet.reset_dimensions()
        empty = [f"{_letter(c.column - 1)}{c.row}" for c in _formulas(sheet) if (c.row, c.column) not in known]
    finally:
        book.close()
    if empty:
        more = say(" and {max_shown} more", max_shown=len(empty) - _MAX_SHOWN) if len(empty) > _MAX_SHOWN else ""
        raise UnreadableFileError(
            file,
            say(
                "has formulas that were never calculated: {empty}{more}",
                empty=joined(", ", empty[:_MAX_SHOWN]),
                more=more,
            ),
            "Open it in a spreadsheet program and save it there.",
        )


def _formulas(sheet: Any) -> Iterator[Any]:
    return (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f")
