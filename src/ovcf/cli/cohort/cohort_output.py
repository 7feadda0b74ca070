"""What becomes of a checked table: its mistakes named, or a report with its main figures said."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from ovcf.cohort.data.dataset import Cohort
    from ovcf.cohort.data.dictionary import Variable
    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.cohort.result import Table
    from ovcf.files.result_folder import ResultFolder


_MAX_CELLS = 8


def say_sheet(raw: pd.DataFrame) -> None:
    """Say of a workbook which sheet was read, which were not, and in which cells it shows an error."""
    if "sheet" not in raw.attrs:
        return
    others = ", ".join(map(repr, raw.attrs["other_sheets"]))
    say(f"Read from the sheet {raw.attrs['sheet']!r}" + (f"; not read: {others} (--sheet)" if others else ""))
    wrong = raw.attrs["cells_in_error"]
    if wrong:
        more = f" and {len(wrong) - _MAX_CELLS} more" if len(wrong) > _MAX_CELLS else ""
        say(f"The spreadsheet shows an error instead of a value: {', '.join(wrong[:_MAX_CELLS])}{more}")


def refuse(cohort: Cohort, data: Path, suggest: Callable[[str, Variable], str | None]) -> None:
    """Say what is wrong with a table, value by value, and what to do about it.

    Raises:
        CohortDataError: always.
    """
    from ovcf.cohort.data.complaints import complaints, misunderstood
    from ovcf.errors import CohortDataError

    by_source = {v.source: v for v in cohort.dictionary.variables}
    found = complaints(cohort)
    for complaint in found:
        v = by_source.get(complaint.column)
        word = suggest(complaint.values[0], v) if v is not None and v.levels and len(complaint.values) == 1 else None
        say(f"{complaint}{f': write it as {word}?' if word else ''}", error=True)
    lost = misunderstood(cohort)
    count = len(cohort.mistakes)
    if lost:
        remedy = (
            f"Correct the table, or explain the values of {', '.join(lost)} in a data dictionary (--dictionary): they "
            "are too many to be slips."
        )
    else:
        remedy = "Correct the table, or take such values as missing with --wrong-as-missing."
    raise CohortDataError(data, f"has {count} value{'s' if count > 1 else ''} that cannot be, listed above", remedy)


def refuse_if_emptied(cohort: Cohort, data: Path) -> None:
    """Taking wrong values as missing must leave something of every column.

    Raises:
        CohortDataError: names the columns.
    """
    from ovcf.errors import CohortDataError

    wrong = {m.column for m in cohort.mistakes}
    emptied = [v.source for v in cohort.dictionary.variables if v.source in wrong and cohort.frame[v.name].isna().all()]
    if emptied:
        raise CohortDataError(
            data,
            f"would have no value left in {', '.join(emptied)}",
            "Explain the values in a dictionary (--dictionary).",
        )


def write_report(
    study: StudyReport,
    cohort: Cohort,
    out: ResultFolder,
    inputs: list[Path],
    columns: bytes = b"",
    *,
    known: Sequence[tuple[str, str]] | None = None,
) -> None:
    """Write the report and say what was made, what was not, and where it is; ``columns`` is the dictionary to keep.

    ``known`` names what the data came from with a digest, where they are not the files ``inputs``.

    Raises:
        CohortDataError: no analysis could be made; nothing is written.
    """
    import hashlib
    from datetime import UTC, datetime
    from importlib.metadata import version

    from ovcf.errors import CohortDataError
    from ovcf.report.cohort.cohort_content import CohortProvenance
    from ovcf.report.cohort.cohort_write import write_cohort_report

    if not study.items:
        for missed in study.not_made:
            say(f"not made: {missed.id.replace('-', ' ')}: {missed.reason}. {missed.remedy}", error=True)
        raise CohortDataError(
            inputs[0],
            f"allows no analysis of {study.recipe}; each stands above with its reason",
            f"Add the columns, or say which they are; `ovcf cohort columns {study.recipe}` lists them.",
        )
    provenance = CohortProvenance(
        software=f"ovcf {version('ovcf')}",
        command="ovcf " + shlex.join(sys.argv[1:]),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=tuple(
            known
            if known is not None
            else [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in inputs]
        ),
    )
    folder = write_cohort_report(
        study,
        out,
        provenance,
        mistakes=cohort.mistakes,
        undescribed=cohort.undescribed,
        also={"columns.toml": columns} if columns else {},
    )
    for text in study.notices:
        say(text)
    count = len(study.items)
    say(f"{count} {'analysis' if count == 1 else 'analyses'} of {study.n} rows")
    for missed in study.not_made:
        say(f"not made: {missed.id.replace('-', ' ')}: {missed.reason}. {missed.remedy}")
    say(folder / "report.html")


def say_table(table: Table) -> None:
    """A table of a result for the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Shown

    from ovcf.cli.terminal import Terminal

    terminal = Terminal()
    cells, headings = table.cells(), table.headings()
    kept = list(range(len(headings)))

    def width() -> int:
        return sum(max(len(text) for text in (headings[i], *(row[i] for row in cells))) + 3 for i in kept)

    for name in _SPARED:
        if width() > terminal.width:
            kept = [i for i in kept if table.columns[i].name != name]
    shown = Shown(title=table.title, box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for i in kept:
        number = bool(table.columns[i].style)
        shown.add_column(headings[i], justify="right" if number else "left", overflow="fold", no_wrap=number or i == 0)
    for row in cells:
        shown.add_row(*(row[i] for i in kept))
    terminal.print(shown)


_SPARED = ("standard_error", "coefficient", "missing", "smd", "p_proportional", "npv", "ppv", "t")
"""Columns that a narrow terminal can do without, the first to go first; the report has them."""
