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
_PANEL_MM, _MANY_PANELS_MM = 82.0, 150.0
"""How high a figure of one panel is at most, and from where on it is one of many panels: as in the PDF."""
_LETTER_MM, _GAP_MM = 1.5, 2.6
"""A letter of 8 pt on average, and the space between columns."""
_WORDS_MM, _NARROW_MM = 20.0, 14.0
"""What a column of text keeps at least where figures need the page; columns of figures that are never made narrower."""
_LINE_OF_TEXT = 48
"""Letters of a column of text that a table asks for; what is longer wraps."""


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
        highest = _HIGH_MM if figure.height_mm > _MANY_PANELS_MM else _PANEL_MM
        width = min(figure.width_mm, _PAGE_MM, highest * figure.width_mm / figure.height_mm)
        picture = document.add_picture(io.BytesIO(figure.png), width=shared.Mm(width))
        picture._inline.docPr.set("descr", item["title"])  # what a screen reader says of it
        document.paragraphs[-1].paragraph_format.keep_with_next = True
        document.add_paragraph(item["title"], style="Caption")
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
    grid = document.add_table(rows=1 + len(rows), cols=len(header))
    grid.autofit = False
    margins = _child(grid._tbl.tblPr, "tblCellMar")
    for side in ("left", "right"):
        for name, value in (("w", str(round(_GAP_MM / 2 * 1440 / 25.4))), ("type", "dxa")):
            _child(margins, side).set(_named(name), value)
    widths = [shared.Mm(w) for w in _widths([header, *rows], numbers)]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    size = shared.Pt(8 if len(header) <= 8 else 7)
    # Cells are reached through their row: `grid.cell` and `row.cells` walk the whole table each time.
    for i, (row, texts) in enumerate(zip(grid.rows, [header, *rows], strict=True)):
        for cell, text, number, width in zip(row.cells, texts, numbers, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.bold = size, i == 0
            paragraph.paragraph_format.space_after = shared.Pt(0)
            if number:
                paragraph.alignment = right
        _properties(row._tr.get_or_add_trPr(), "cantSplit", *(["tblHeader"] if i == 0 else []))
    _rules(grid)
    document.add_paragraph()


def _widths(lines: Sequence[Sequence[str]], numbers: Sequence[bool]) -> list[float]:
    """Of the columns in mm: figures on one line, what is left for text; a heading may wrap."""
    wanted = []
    for column, number in zip(zip(*lines, strict=True), numbers, strict=True):
        longest = max((_letters(cell) for cell in column[1:]), default=0)
        words = max(len(word) for word in (column[0].split() or [""]))
        heading = min(_letters(column[0]), max(words, 12))
        wanted.append(max(longest if number else min(longest, _LINE_OF_TEXT), heading) * _LETTER_MM + _GAP_MM)
    if sum(wanted) <= _PAGE_MM:
        return wanted
    text = sum(w for w, number in zip(wanted, numbers, strict=True) if not number)
    least = sum(min(w, _WORDS_MM) for w, number in zip(wanted, numbers, strict=True) if not number)
    narrow = sum(w for w, number in zip(wanted, numbers, strict=True) if number and w <= _NARROW_MM)
    broad = sum(wanted) - text - narrow
    share = max(_PAGE_MM - broad - narrow, least)
    less = min((_PAGE_MM - share - narrow) / broad, 1.0) if broad else 1.0
    return [
        w * share / text if not number else w if w <= _NARROW_MM else w * less
        for w, number in zip(wanted, numbers, strict=True)
    ]


def _letters(text: str) -> int:
    """How wide a text is, in letters; one of Chinese is as wide as two."""
    return len(text) + sum(letter > "\u2e7f" for letter in text)


def _rules(grid: Any) -> None:
    """Lines above, below the heading and at the end, as journals print tables."""
    for row, sides in ((grid.rows[0], ("top", "bottom")), (grid.rows[-1], ("bottom",))):
        for cell in row.cells:
            borders = _child(cell._tc.get_or_add_tcPr(), "tcBorders")
            for side in sides:
                line = _child(borders, side)
                for name, value in (("val", "single"), ("sz", "6"), ("color", "1D2329")):
                    line.set(_named(name), value)


def _properties(parent: Any, *names: str) -> None:
    for name in names:
        _child(parent, name)


def _child(parent: Any, name: str) -> Any:
    found = parent.find(_named(name))
    if found is None:
        found = optional_import("docx.oxml").OxmlElement(f"w:{name}")
        parent.append(found)
    return found


def _named(name: str) -> str:
    return str(optional_import("docx.oxml.ns").qn(f"w:{name}"))
