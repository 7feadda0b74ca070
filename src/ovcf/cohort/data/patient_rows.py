"""Patients who stand in a table more than once: found, and what somebody says is to be done with their rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.cohort.data.dataset import is_gap
from ovcf.cohort.data.infer import MISSING
from ovcf.cohort.mapping.headings import fit, take_apart, vocabulary
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


_SHOWN = 12


class Keep(StrEnum):
    """Which rows of such a patient are analysed."""

    ALL = "all"
    FIRST = "first"
    LAST = "last"
    NONE = "none"


_SAID = {
    Keep.ALL: "Patients in more than one row ({heading}): {patients}. Every row is counted.",
    Keep.FIRST: "Patients in more than one row ({heading}): {patients}. The first row of each is kept; "
    "left out: rows {rows}.",
    Keep.LAST: "Patients in more than one row ({heading}): {patients}. The last row of each is kept; "
    "left out: rows {rows}.",
    Keep.NONE: "Patients in more than one row ({heading}): {patients}. They are left out: rows {rows}.",
}


@dataclass(frozen=True, slots=True)
class Repeats:
    """Patients with more than one row, by what stands under ``heading``.

    ``rows`` are lines of the frame from 0. ``alike`` counts the rows that say in every column what an earlier one says.
    """

    heading: str
    rows: Mapping[str, tuple[int, ...]]
    alike: int


def is_patient_id(heading: str) -> bool:
    """Whether a heading plainly says who the patient is."""
    return fit(take_apart(heading).words, vocabulary()["headings"]["patient_id"], "patient_id") >= 0.9


def repeated(raw: pd.DataFrame, heading: str = "") -> Repeats | None:
    """Who stands in the table more than once; None where nobody does, or no heading says who the patient is.

    Of several such headings that which repeats least tells the patients apart: a site's number may stand beside it.
    ``heading`` names the column instead.
    """
    found = [
        r
        for h in ([heading] if heading else map(str, raw.columns))
        if (heading or is_patient_id(h)) and (r := _repeated(raw, h))
    ]
    return min(found, key=lambda r: sum(map(len, r.rows.values())), default=None)


def _repeated(raw: pd.DataFrame, heading: str) -> Repeats | None:
    column = raw[heading]
    if getattr(column, "ndim", 1) > 1:  # two columns of one heading are refused elsewhere
        return None
    rows: dict[str, list[int]] = defaultdict(list)
    for line, value in enumerate(column):
        text = "" if value is None or value != value else str(value).strip()
        if not is_gap(text, MISSING):
            rows[text].append(line)
    again = {who: tuple(lines) for who, lines in rows.items() if len(lines) > 1}
    if not again:
        return None
    texts = raw.astype(str)
    alike = sum(int(texts.iloc[list(lines)].duplicated().sum()) for lines in again.values())
    return Repeats(heading, again, alike)


def row_number(raw: pd.DataFrame, line: int) -> int:
    """The row of the file that a line of the table is: the heading is row 1."""
    rows = raw.attrs.get("rows")
    return int(rows[line]) if rows else line + 2


def only(raw: pd.DataFrame, repeats: Repeats, keep: Keep) -> tuple[pd.DataFrame, str]:
    """The table with the rows that are kept, which know their numbers in the file, and what is said of it."""
    patients = len(repeats.rows)
    values = {"patients": patients, "heading": repeats.heading}
    if keep is Keep.ALL:
        return raw, say(_SAID[keep], **values)
    left = {Keep.FIRST: slice(1, None), Keep.LAST: slice(None, -1), Keep.NONE: slice(None)}[keep]
    out = {line for lines in repeats.rows.values() for line in lines[left]}
    inside = [line for line in range(len(raw)) if line not in out]
    kept = raw.iloc[inside].reset_index(drop=True)
    kept.attrs = {**raw.attrs, "rows": [row_number(raw, line) for line in inside]}
    numbers = [str(row_number(raw, line)) for line in sorted(out)]
    rows = ", ".join(numbers[:_SHOWN]) + (", ..." if len(numbers) > _SHOWN else "")
    return kept, say(_SAID[keep], **values, rows=rows)
