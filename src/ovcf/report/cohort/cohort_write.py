"""A cohort report on disk: one folder with the report in three formats, every table as CSV, every figure twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ovcf.files.result_folder import ResultFolder
from ovcf.language.spoken import ENGLISH, speaking
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
    """What a report says, JSON-ready, and its files by name.

    For each of the ``languages`` but English there are ``content.LANGUAGE.json``, and the page and the Word document in
    it; figures, tables as CSV and PDF are in English.
    """
    study = cleaned(study)
    figures = draw(study)
    content = cohort_content(study, figures, provenance, mistakes, undescribed)
    made = {
        "report.html": cohort_html(content).encode(),
        "report.pdf": cohort_pdf(content),
        "report.docx": cohort_docx(content, figures),
    }
    for code in languages:
        if code != ENGLISH:
            with speaking(code):
                said = in_words(content)
                made[f"content.{code}.json"] = json.dumps(said).encode()
                made[f"report.{code}.html"] = cohort_html(said).encode()
                made[f"report.{code}.docx"] = cohort_docx(said, figures)
    made["methods.txt"] = "\n\n".join([content["methods"], *content["methods_references"], ""]).encode()
    for item in study.items:
        for i, table in enumerate(item.result.tables, start=1):
            made[f"tables/{item.id}-{i}.csv"] = _csv(table)
    for name, figure in figures.items():
        made[f"figures/{name}.svg"], made[f"figures/{name}.png"] = figure.svg.encode(), figure.png
    return content, made


def _csv(table: Table) -> bytes:
    """The unrounded values; no text in them is a formula to a spreadsheet."""
    frame = table.frame().rename(columns=for_spreadsheet)
    frame = frame.map(lambda cell: for_spreadsheet(cell) if isinstance(cell, str) else cell)
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text.encode()
