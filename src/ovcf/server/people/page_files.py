"""The pages of signing in, passwords and tokens, which are files beside this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse

from ovcf.errors import NotThereError

if TYPE_CHECKING:
    from starlette.responses import Response

PAGES = Path(__file__).parent / "pages"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


def people_file(name: str) -> Response:
    """One of them by name.

    Raises:
        NotThereError: there is none.
    """
    if name not in {path.name for path in PAGES.iterdir() if path.suffix in _KINDS}:
        raise NotThereError("page", "is not there", "Begin at /sign-in.")
    path = PAGES / name
    return FileResponse(path, media_type=_KINDS[path.suffix])
