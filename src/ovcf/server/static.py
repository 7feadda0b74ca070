"""The built page: its files, and nothing beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse, PlainTextResponse

if TYPE_CHECKING:
    from fastapi.responses import Response

PAGE = Path(__file__).parent / "page"
"""Made by `make web`, carried by the wheel."""
NOT_BUILT = "The page is not built. In a checkout: make web. An installed ovcf carries it.\n"
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


def page_file(page: Path, path: str) -> Response:
    """One file of the page, or why there is none."""
    if not (page / "index.html").is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    try:
        file = (page / path).resolve()
        there = file.is_relative_to(page.resolve()) and file.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        return PlainTextResponse("There is no such page.\n", 404)
    return FileResponse(file, media_type=_KINDS.get(file.suffix))
