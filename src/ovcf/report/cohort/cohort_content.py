"""What a cohort report says, as plain words and rows: HTML, PDF and Word all print this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.plain_text import cleaned
from ovcf.report.cohort.cohort_methods import methods_paragraph, methods_references

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.cohort.data.dataset import Mistake
    from ovcf.cohort.recipes.study_report import Item, StudyReport
    from ovcf.cohort.result import Table
    from ovcf.report.cohort.cohort_figures import CohortFigure

NOTICE = (
    "Research software, not a medical device. Every table says by which method it was made, in how many patients, and "
    "what was missing. Tests were not planned by this software: what you test beyond your protocol is exploration."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortProvenance:
    """Whence a report: ``created_at`` ISO 8601, ``inputs`` (name, SHA-256)."""

    software: str
    command: str
    created_at: str
    inputs: tuple[tuple[str, str], ...]


def cohort_content(
    study: StudyReport,
    figures: Mapping[str, CohortFigure],
    provenance: CohortProvenance,
    mistakes: tuple[Mistake, ...] = (),
    undescribed: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Everything in reading order, JSON-ready."""
    sections = dict.fromkeys(i.section for i in study.items)
    unused = [name for name in undescribed if name]
    complete = [name for name, count in study.missing if count == 0 and name and name not in unused]
    report: dict[str, Any] = {
        "title": study.title,
        "notice": NOTICE,
        "notices": list(study.notices),
        "design": study.design,
        "references": list(study.references),
        "n": study.n,
        "missing": [
            {"column": name, "count": str(count), "share": f"{100 * count / max(study.n, 1):.1f}%"}
            for name, count in study.missing
            if count and name and name not in unused
        ],
        "complete": complete,
        "undescribed": unused,
        "mistakes": [{"row": str(m.row), "column": m.column, "value": m.value, "problem": m.problem} for m in mistakes],
        "sections": [
            {"title": title, "items": [_item(i, figures.get(i.id)) for i in study.items if i.section == title]}
            for title in sections
        ],
        "not_made": [
            {"what": n.name, "section": n.section, "reason": n.reason, "remedy": n.remedy} for n in study.not_made
        ],
        "methods": methods_paragraph(study, provenance.software),
        "methods_references": list(methods_references(study)),
        "software": provenance.software,
        "command": provenance.command,
        "created": provenance.created_at,
        "inputs": [{"name": name, "sha256": digest} for name, digest in provenance.inputs],
    }
    return {name: cleaned(part) for name, part in report.items()}


def _item(item: Item, figure: CohortFigure | None) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.result.title,
        "tables": [_table(t, item.result.title) for t in item.result.tables if not (figure and t.in_figure)],
        "remarks": [
            {"label": label, "texts": list(texts)} for label, texts in item.result.remarks_by_kind() if any(texts)
        ],
        "svg": figure.svg if figure else "",
        "width_mm": figure.width_mm if figure else 0.0,
        "height_mm": figure.height_mm if figure else 0.0,
    }


def _table(table: Table, title: str) -> dict[str, Any]:
    """Its caption is left out where it repeats the title of the analysis."""
    rows = table.cells()
    return {
        "caption": "" if table.title == title else table.title,
        "columns": [
            {"label": label, "number": bool(c.style) or _all_figures([row[i] for row in rows])}
            for i, (c, label) in enumerate(zip(table.columns, table.headings(), strict=True))
        ],
        "rows": rows,
    }


def _all_figures(cells: list[str]) -> bool:
    return any(cells) and all(not c or c[0] in "0123456789-–<>." for c in cells)
