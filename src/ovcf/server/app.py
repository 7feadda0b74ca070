"""The service of one open reading: what the page asks for, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from ovcf.errors import OvcfError
from ovcf.server.concluding.answering import InThisProcess
from ovcf.server.doors import doors
from ovcf.server.guard import Guard
from ovcf.server.problems import malformed, said
from ovcf.server.report_answers import Format, report_of
from ovcf.server.speaking import Speaking
from ovcf.server.static import PAGE, page_file

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.responses import Response

    from ovcf.server.open_reading import OpenReading


def make_app(reading: OpenReading, *, token: str, hosts: tuple[str, ...], page: Path = PAGE) -> FastAPI:
    """The service; ``hosts`` are the names (with port) that it answers to."""
    app = FastAPI(title="ovcf reading", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Speaking)
    app.add_middleware(Guard, token=token, hosts=hosts)
    app.exception_handler(OvcfError)(said)
    app.exception_handler(RequestValidationError)(malformed)
    app.include_router(doors(lambda: InThisProcess(reading)), prefix="/api")

    @app.get("/report.{format}")
    def report(format: Format) -> Response:  # noqa: A002  # the name in the address
        file = reading.file()
        return report_of(file, format, f"report-{file.reading.id[:8]}")

    @app.get("/{path:path}")
    def static(path: str) -> Response:
        return page_file(page, path or "index.html")

    return app
