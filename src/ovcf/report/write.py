"""A report on disk: all of it or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING

from ovcf import budget
from ovcf.errors import OutputError
from ovcf.files.result_folder import ResultFolder
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.serialise import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ovcf.assessment.result import Assessment
    from ovcf.report.figure import Figure

KIND = "assessment"
_FILES = {"json": "assessment.json", "html": "report.html", "pdf": "report.pdf"}


def write_report(
    assessment: Assessment,
    figures: Sequence[Figure],
    out: Path | ResultFolder,
    *,
    formats: Sequence[str] = ("json", "html", "pdf"),
    beside: Mapping[str, bytes | Callable[[], bytes]] | None = None,
) -> tuple[Path, ...]:
    """Write ``assessment.json``, ``report.html`` and ``report.pdf`` into the folder ``out``.

    An earlier report there is replaced as a whole. ``beside`` holds files that go with it, or what makes them, which
    then runs beside the rest. Gives the paths written, in the order of ``formats``, then those of ``beside``.

    Raises:
        OutputError: an unknown format; ``out`` holds anything that is not a report as it was written, or cannot be
            written.
    """
    if unknown := [f for f in formats if f not in _FILES]:
        raise OutputError(f"format {unknown[0]!r}", "is not known", f"Choose from: {', '.join(_FILES)}.")
    folder = out if isinstance(out, ResultFolder) else ResultFolder.at(out, KIND)
    make = {
        "json": lambda: to_json(assessment).encode(),
        "html": lambda: to_html(assessment, figures).encode(),
        "pdf": lambda: to_pdf(assessment, figures),
    }
    with ThreadPoolExecutor(budget.threads()) as pool:  # the typesetter leaves Python's lock alone
        jobs: dict[str, bytes | Callable[[], bytes]] = {**{_FILES[f]: make[f] for f in formats}, **(beside or {})}
        # The longest first. A thread speaks English unless it is told.
        running = {
            name: pool.submit(copy_context().run, job)
            for name, job in sorted(jobs.items(), key=lambda job: job[0] != _FILES["pdf"])
            if callable(job)
        }
        files = {name: running[name].result() if callable(job) else job for name, job in jobs.items()}
    folder.write(files)
    return tuple(folder.path / name for name in files)
