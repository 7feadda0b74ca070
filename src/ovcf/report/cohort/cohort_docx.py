"""A cohort report as an editable Word document: real headings and tables, figures as pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.language.spoken import tr
from ovcf.language.worded import say
from ovcf.render.words.wording import created

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.report.cohort.cohort_figures import CohortFigure

_PAGE_MM, _HIGH_MM = 170.0, 235.0
"""Of a page, across and along."""


def cohort_docx(content: Mapping[str, Any], figures: Mapping[str, CohortFigure]) -> bytes:
    """The report as docx, from the same content as the HTML page."""
    document = optional_import("docx").Document()
    _prepare(document, content)
    document.add_heading(content["title"], level=0)
    for text in content["notices"]:
        document.add_paragraph().add_run(text).bold = True
    for text in (content["design"], "; ".join(content["references"]), content["notice"]):
        document.add_paragraph(text)
    document.add_heading(tr("The data"), level=1)
    document.add_paragraph(tr(say("{n} rows.", n=content["n"])))
    if content["missing"]:
        rows = [list(m.values()) for m in content["missing"]]
        _table(
            document, tr("Missing values"), tuple(map(tr, ("Column", "Missing", "Share"))), rows, (False, True, True)
        )
    if content["mistakes"]:
        rows = [list(m.values()) for m in content["mistakes"]]
        heads = tuple(map(tr, ("Row", "Column", "Value", "What is wrong")))
        _table(document, tr("Values that cannot be, taken as missing"), heads, rows, (True, False, False, False))
    for section in content["sections"]:
        document.add_heading(section["title"], level=1)
        for item in section["items"]:
            _item(document, item, figures.get(item["id"]))
    if content["not_made"]:
        document.add_heading(tr("Not made, and why"), level=1)
        rows = [[w["section"], w["what"], w["reason"], w["remedy"]] for w in content["not_made"]]
        _table(document, "", tuple(map(tr, ("Section", "What", "Why", "What to do"))), rows, (False,) * 4)
    document.add_heading(tr("Methods paragraph"), level=1)
    document.add_paragraph(content["methods"])
    for text in content["methods_references"]:
        document.add_paragraph(text, style="List Bullet")
    document.add_heading(tr("Provenance"), level=1)
    document.add_paragraph(f"{content['software']}, {content['created']}")
    document.add_paragraph(content["command"])
    for file in content["inputs"]:
        document.add_paragraph(f"{file['name']}: SHA-256 {file['sha256']}")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _prepare(document: Any, content: Mapping[str, Any]) -> None:
    shared = optional_import("docx.shared")
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", shared.Pt(10)
    for section in document.sections:
        section.page_width, section.page_height = shared.Mm(210), shared.Mm(297)
        section.left_margin = section.right_margin = shared.Mm((210 - _PAGE_MM) / 2)
    document.core_properties.title, document.core_properties.author = content["title"], "ovcf"
    if (when := created(content["created"])) is not None:
        document.core_properties.created = document.core_properties.modified = when


def _item(document: Any, item: Mapping[str, Any], figure: CohortFigure | None) -> None:
    shared = optional_import("docx.shared")
    document.add_heading(item["title"], level=2)
    for t in item["tables"]:
        numbers = [c["number"] for c in t["columns"]]
        _table(document, t["caption"], [c["label"] for c in t["columns"]], t["rows"], numbers)
    if figure is not None:
        document.add_picture(
            io.BytesIO(figure.png),
            width=shared.Mm(min(figure.width_mm, _PAGE_MM, _HIGH_MM * figure.width_mm / figure.height_mm)),
        )
    for remark in item["remarks"]:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = shared.Pt(2)
        for text, bold in ((remark["label"] + ": ", True), ("; ".join(remark["texts"]), False)):
            run = paragraph.add_run(text)
            run.bold, run.font.size = bold, shared.Pt(8)


def _table(
    document: Any, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]
) -> None:
    shared = optional_import("docx.shared")
    right = optional_import("docx.enum.text").WD_ALIGN_PARAGRAPH.RIGHT
    if caption:
        document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
    grid = document.add_table(rows=1 + len(rows), cols=len(header), style="Light Shading")
    # Cells are reached through their row: `grid.cell` and `row.cells` walk the whole table each time.
    for i, (row, texts) in enumerate(zip(grid.rows, [header, *rows], strict=True)):
        for cell, text, number in zip(row.cells, texts, numbers, strict=True):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.bold = shared.Pt(8), i == 0
            paragraph.paragraph_format.space_after = shared.Pt(0)
            if number:
                paragraph.alignment = right
    document.add_paragraph()
