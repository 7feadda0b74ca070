"""A cohort report on disk: one folder with the report in three formats, every table as CSV, every figure twice."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.report.cohort_content import cohort_content
from ovcf.report.cohort_docx import cohort_docx
from ovcf.report.cohort_figures import draw
from ovcf.report.cohort_html import cohort_html
from ovcf.report.cohort_pdf import cohort_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.cohort.data.dataset import Mistake
    from ovcf.cohort.recipes.study_report import StudyReport
    from ovcf.report.cohort_content import CohortProvenance

_REPORTS = ("report.html", "report.pdf", "report.docx")
_FOLDERS = {"tables": (".csv",), "figures": (".svg", ".png")}


def write_cohort_report(
    study: StudyReport,
    out: Path,
    provenance: CohortProvenance,
    *,
    mistakes: tuple[Mistake, ...] = (),
    undescribed: tuple[str, ...] = (),
) -> Path:
    """Write ``report.html``, ``report.pdf``, ``report.docx``, ``tables/*.csv`` and ``figures/*.svg|png`` into ``out``.

    An earlier cohort report there is replaced. Everything is made first and moved into place last: a failure leaves
    the folder as it was.

    Raises:
        OutputError: ``out`` is a file, holds something else, or cannot be written.
    """
    out = replaceable(out)
    figures = draw(study)
    content = cohort_content(study, figures, provenance, mistakes, undescribed)
    made = {
        "report.html": cohort_html(content).encode(),
        "report.pdf": cohort_pdf(content),
        "report.docx": cohort_docx(content, figures),
    }
    for item in study.items:
        for i, table in enumerate(item.result.tables, start=1):
            made[f"tables/{item.id}-{i}.csv"] = table.frame().to_csv(index=False, lineterminator="\n").encode()
    for name, figure in figures.items():
        made[f"figures/{name}.svg"], made[f"figures/{name}.png"] = figure.svg.encode(), figure.png
    try:
        _move_into_place(made, out)
    except OSError as error:
        raise OutputError(
            out, f"cannot be written ({error.strerror or error})", "Choose another folder with --out."
        ) from None
    return out


def replaceable(out: Path) -> Path:
    """The folder as an absolute path, if it is absent, empty or holds nothing but a cohort report.

    Raises:
        OutputError: it is not.
    """
    out = out.expanduser().absolute()
    if not out.exists():
        return out
    if not out.is_dir():
        raise OutputError(out, "is a file, not a folder", "Choose another folder with --out.")
    for path in out.rglob("*"):
        parts = path.relative_to(out).parts
        ours = (path.is_dir() and parts[0] in _FOLDERS and len(parts) == 1) or (
            parts[0] in _REPORTS if len(parts) == 1 else len(parts) == 2 and path.suffix in _FOLDERS.get(parts[0], ())
        )
        if not ours or path.is_symlink():
            raise OutputError(
                out,
                f"holds {path.relative_to(out)}, which is not part of a cohort report",
                "Choose an empty or a new folder with --out; nothing was changed.",
            )
    return out


def _move_into_place(made: dict[str, bytes], out: Path) -> None:
    stage = out.with_name(f".{out.name}.partial-{os.getpid()}")
    aside = out.with_name(f".{out.name}.replaced-{os.getpid()}")
    try:
        for name, data in made.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_bytes(data)
        if out.exists():
            out.rename(aside)
        stage.rename(out)
    except BaseException:  # an interrupt, too, leaves what was there
        shutil.rmtree(stage, ignore_errors=True)
        if aside.exists() and not out.exists():
            aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
