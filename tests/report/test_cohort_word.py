"""The Word report of a cohort: tables that fit the page, headings that come again, figures that can be read aloud."""

import io

import pytest

from ovcf.report.cohort.cohort_docx import cohort_docx
from ovcf.report.cohort.cohort_figures import CohortFigure

docx = pytest.importorskip("docx", reason="needs the extra `cohort`")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WIDE = ["Centre", "n", *[f"measurement {i}, mean ± SD" for i in range(8)]]


def picture() -> bytes:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(1, 1))
    made = io.BytesIO()
    figure.savefig(made, format="png")
    return made.getvalue()


@pytest.fixture(scope="module")
def document():
    def table(header, row, numbers):
        columns = [{"label": label, "number": number} for label, number in zip(header, numbers, strict=True)]
        return {"caption": "", "columns": columns, "rows": [row] * 30}

    text = "a sentence that says what was done with what was missing, at some length, so that it must wrap"
    item = {
        "id": "one",
        "title": "Patients by centre",
        "tables": [
            table(WIDE, ["Centre 01", "1500", *["371 (24.7%)"] * 8], [False] + [True] * 9),
            table(["Item", "Here", "n"], ["20a", text, "1437"], [False, False, True]),
            table(["Group", "n"], ["low", "12"], [False, True]),
        ],
        "remarks": [{"label": "Method", "texts": ["counted"]}],
    }
    content = {
        "title": "A study",
        "notices": [],
        "design": "",
        "references": [],
        "notice": "",
        "n": 30,
        "missing": [],
        "mistakes": [],
        "sections": [{"title": "Patients", "items": [item]}],
        "not_made": [],
        "methods": "",
        "methods_references": [],
        "software": "ovcf",
        "created": "2026-01-01",
        "command": "",
        "inputs": [],
    }
    made = cohort_docx(content, {"one": CohortFigure("", picture(), 107.0, 105.0)})
    return docx.Document(io.BytesIO(made))


def test_a_table_is_no_wider_than_the_text_and_no_wider_than_it_needs(document):
    section = document.sections[0]
    across = section.page_width - section.left_margin - section.right_margin
    wide, worded, small = (sum(c.width for c in t.columns) for t in document.tables)
    assert small < across / 3
    assert wide <= across + 10_000  # twips are rounded
    assert worded <= across + 10_000  # twips are rounded
    assert all(
        cell.width == c.width for t in document.tables for c, cell in zip(t.columns, t.rows[5].cells, strict=True)
    )


def test_the_heading_of_a_table_comes_again_on_the_next_page_and_no_row_is_cut(document):
    for table in document.tables:
        marks = [[child.tag.removeprefix(W) for child in row._tr.trPr] for row in table.rows]
        assert marks[0] == ["cantSplit", "tblHeader"]
        assert set(map(tuple, marks[1:])) == {("cantSplit",)}


def test_a_figure_says_what_it_shows_and_leaves_room_for_text(document):
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == "Patients by centre"
    assert shape.height.mm < 90
    assert "Patients by centre" in [p.text for p in document.paragraphs if p.style.name == "Caption"]
