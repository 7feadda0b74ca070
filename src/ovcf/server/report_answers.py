"""A report as the browser gets it: it may show itself, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi.responses import Response

from ovcf.report.of_reading import html_of, json_of, pdf_of

if TYPE_CHECKING:
    from ovcf.reading.file import ReadingFile

Format = Literal["html", "pdf", "json"]
SANDBOX = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-downloads; "
    "frame-ancestors 'self'"
)
"""What a report may do in the browser: show itself. Its styles stand in it."""
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}, "application/pdf": {}, "application/json": {}}}
}
"""What a door that gives a report may answer, for its description."""
_KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}


def report_of(file: ReadingFile, format_: Format, name: str) -> Response:
    """The report of a reading as it now is, in the language that is spoken."""
    make = {"html": html_of, "pdf": pdf_of, "json": json_of}[format_]
    return as_report(make(file), format_, name)


def as_report(body: bytes, format_: Format, name: str) -> Response:
    """A report that is made already."""
    headers = {"Content-Security-Policy": SANDBOX, "Content-Disposition": f'inline; filename="{name}.{format_}"'}
    return Response(body, media_type=_KINDS[format_], headers=headers)
