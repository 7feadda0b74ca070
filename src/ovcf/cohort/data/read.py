"""Tables of patients from files: CSV, Parquet, a REDCap export; and their data dictionary."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cohort.data.dataset import Cohort, check
from ovcf.cohort.data.dictionary import Dictionary, Role, Variable, VariableType, parse_dictionary
from ovcf.cohort.extra import extra
from ovcf.errors import CohortDataError, MissingFileError, UnreadableFileError

if TYPE_CHECKING:
    import pandas as pd


def read_cohort(path: str | Path, dictionary: str | Path) -> Cohort:
    """A cohort file checked against its dictionary (TOML, or the data dictionary that REDCap exports as CSV).

    Raises:
        MissingFileError: a file is not there.
        UnreadableFileError: a file is not what its name says.
        CohortDataError: a described column is absent, or the dictionary is wrong.
    """
    return check(read_table(path), read_dictionary(dictionary))


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV (comma, semicolon or tab; UTF-8 or Latin-1) as text, or a Parquet file with its own types.

    Raises:
        MissingFileError: no such file.
        UnreadableFileError: neither CSV nor Parquet, empty, or lines of unequal length.
    """
    file = _existing(path)
    pandas = extra("pandas")
    if file.suffix.lower() in (".parquet", ".pq"):
        try:
            return pandas.read_parquet(file)
        except (OSError, ValueError) as error:
            raise UnreadableFileError(file, f"is not Parquet ({error})", "Export it again, or use CSV.") from None
    if file.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise UnreadableFileError(file, "is neither CSV nor Parquet by its name", "Save the table as CSV.")
    lines = list(csv.reader(_text(file).splitlines(keepends=True), delimiter=_delimiter(_text(file))))
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < 2:
        raise UnreadableFileError(file, "holds no patient", "It needs a heading and at least one row.")
    heading = [name.strip() for name in lines[0]]
    for i, line in enumerate(lines[1:], start=2):
        if len(line) != len(heading):
            problem = f"row {i} has {len(line)} cells, the heading {len(heading)}"
            raise UnreadableFileError(file, problem, "Look for a stray separator or quote.")
    return pandas.DataFrame(lines[1:], columns=heading, dtype=object)


def read_dictionary(path: str | Path) -> Dictionary:
    """A data dictionary from TOML or from REDCap's "Data Dictionary" CSV.

    Raises:
        MissingFileError: no such file.
        CohortDataError: it cannot be understood; names column and key.
    """
    file = _existing(path)
    return (
        from_redcap(_text(file), str(file))
        if file.suffix.lower() == ".csv"
        else parse_dictionary(_text(file), str(file))
    )


def from_redcap(text: str, where: str = "REDCap dictionary") -> Dictionary:
    """The columns of REDCap's data dictionary; the first field is the record id. Checkboxes become one boolean each.

    Raises:
        CohortDataError: not REDCap's headings, or choices that are not ``code, label | code, label``.
    """
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    key, kind, choices = "Variable / Field Name", "Field Type", "Choices, Calculations, OR Slider Labels"
    if not rows or not {key, kind, choices} <= set(rows[0]):
        raise CohortDataError(where, "has not the headings of REDCap", "Export it from Project Setup, Data Dictionary.")
    found: list[Variable] = []
    for row in rows:
        name, field, label = row[key], row[kind], row.get("Field Label") or ""
        role = Role.OTHER if found else Role.ID
        shown = row.get("Text Validation Type OR Show Slider Number") or ""
        low, high = (_limit(row.get(f"Text Validation {end}")) for end in ("Min", "Max"))
        required = (row.get("Required Field?") or "").lower() == "y"
        levels: tuple[tuple[str, str], ...] = ()
        if field == "descriptive":
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
    if not parts or any(len(p) != 2 for p in parts):
        raise CohortDataError(where, f"{text!r} are no choices", "Write code, label | code, label.")
    return tuple((p[0], p[1]) for p in parts)


def _limit(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:  # the limit of a date
        return None


def _existing(path: str | Path) -> Path:
    file = Path(path)
    if not file.is_file():
        raise MissingFileError(file, "there is no such file", "Check the path.")
    return file


def _text(file: Path) -> str:
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimiter(text: str) -> str:
    heading = text.split("\n", 1)[0]
    return max(",;\t", key=heading.count)
