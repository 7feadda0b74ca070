"""A cohort report on disk: one folder with the report in three formats, every table as CSV, every figure twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ovcf.files.result_folder import ResultFolder
from ovcf.language.spoken import ENGLISH, language, speaking
from ovcf.plain_text import cleaned, for_spreadsheet
from ovcf.report.cohort.cohort_content import cohort_content
from ovcf.report.cohort.cohort_docx import cohort_docx
from ovcf.report.cohort.cohort_figures import draw
from ovcf.report.cohort.cohort_html import cohort_html
from ovcf.report.cohort.cohort_pdf import cohort_pdf
from ovcf.report.cohort.cohort_words import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ovcf.cohort.data.dataset import Mistake
    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.cohort.result import Table
    from ovcf.report.cohort.cohort_content import CohortProvenance

KIND = "cohort report"


def write_cohort_report(
    study: StudyReport,
    out: Path | ResultFolder,
    provenance: CohortProvenance,
    *,
    mistakes: tuple[Mistake, ...] = (),
    undescribed: tuple[str, ...] = (),
    also: Mapping[str, bytes] | None = None,
) -> Path:
    """Write ``report.html``, ``report.pdf``, ``report.docx``, ``methods.txt``, ``tables/*.csv`` and
    ``figures/*.svg|png`` into ``out``.

    An earlier report there is replaced as a whole; ``also`` are further files. Gives the folder.

    Raises:
        OutputError: ``out`` holds anything that is not a report as it was written, or cannot be written.
    """
    folder = out if isinstance(out, ResultFolder) else ResultFolder.at(out, KIND)
    _, made = cohort_report(study, provenance, mistakes=mistakes, undescribed=undescribed)
    folder.write({**made, **(also or {})})
    return folder.path


def cohort_report(
    study: StudyReport,
    provenance: CohortProvenance,
    *,
    mistakes: tuple[Mistake, ...] = (),
    undescribed: tuple[str, ...] = (),
    languages: Iterable[str] = (),
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What a report says in the language that is spoken, JSON-ready, and its files by name.

    For each further one of the ``languages`` there are ``content.LANGUAGE.json``, ``report.LANGUAGE.html`` and so on.
    The tables as CSV are the same in all: they are data.
    """
    study = cleaned(study)

    def told(suffix: str = "") -> tuple[dict[str, Any], dict[str, bytes]]:
        """In the language that is spoken."""
        figures = draw(study)
        said = in_words(cohort_content(study, figures, provenance, mistakes, undescribed))
        files = {
            f"report{suffix}.html": cohort_html(said).encode(),
            f"report{suffix}.pdf": cohort_pdf(said),
            f"report{suffix}.docx": cohort_docx(said, figures),
            f"methods{suffix}.txt": "\n\n".join([said["methods"], *said["methods_references"], ""]).encode(),
        }
        for name, figure in figures.items():
            files[f"figures{suffix}/{name}.svg"] = figure.svg.encode()
            files[f"figures{suffix}/{name}.png"] = figure.png
        return said, files

    content, made = told()
    for code in languages:
        if code not in (ENGLISH, language()):
            with speaking(code):
                said, files = told(f".{code}")
            made |= {f"content.{code}.json": json.dumps(said).encode(), **files}
    for item in study.items:
        for i, table in enumerate(item.result.tables, start=1):
            made[f"tables/{item.id}-{i}.csv"] = _csv(table)
    return content, made


def _csv(table: Table) -> bytes:
    """The unrounded values; no text in them is a formula to a spreadsheet."""
    frame = table.frame().rename(columns=for_spreadsheet)
    frame = frame.map(lambda cell: for_spreadsheet(cell) if isinstance(cell, str) else cell)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()
