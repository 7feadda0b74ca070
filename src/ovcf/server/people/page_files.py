"""The pages of signing in, passwords and tokens, which are files beside this one, in the language that is spoken.

Words of a page stand in ``{{…}}`` and are their own English. A page brings the words that its scripts say.
"""

from __future__ import annotations

import html
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse, HTMLResponse

from ovcf.errors import NotThereError
from ovcf.language.spoken import CHINESE, ENGLISH, LANGUAGES, language, tag, tr
from ovcf.server.static import PAGE

if TYPE_CHECKING:
    from starlette.responses import Response

PAGES = Path(__file__).parent / "pages"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
_WORDS = re.compile(r"\{\{(.+?)\}\}")
_FONT = "inter.woff2"


def people_file(name: str) -> Response:
    """One of them by name.

    Raises:
        NotThereError: there is none.
    """
    if name == _FONT and (built := next((PAGE / "assets").glob("inter-latin-*.woff2"), None)) is not None:
        return FileResponse(built, media_type="font/woff2")
    if name not in {path.name for path in PAGES.iterdir() if path.suffix in _KINDS}:
        raise NotThereError("page", "is not there", "Begin at /sign-in.")
    path = PAGES / name
    if path.suffix == ".html":
        return HTMLResponse(worded(path.read_text(encoding="utf-8")), headers={"Vary": "Accept-Language, Cookie"})
    return FileResponse(path, media_type=_KINDS[path.suffix])


def worded(page: str) -> str:
    """A page with its words in the language that is spoken; ``{{tag}}`` is that of the page, ``{{top}}`` its head."""
    made = {"tag": tag(), "top": _top()}
    return _WORDS.sub(lambda found: made.get(found[1]) or html.escape(tr(found[1])), page)


def _top() -> str:
    """The name of the program, the other language, and what the scripts of the page say."""
    other = ENGLISH if language() == CHINESE else CHINESE
    words = files("ovcf.language").joinpath(f"{language()}/people.json") if language() != ENGLISH else None
    said = json.loads(words.read_text(encoding="utf-8")) if words is not None and words.is_file() else {}
    block = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<header><a href="/">ovcf</a><a id="language" data-language="{other}" lang="{other}" href="#">'
        f'{LANGUAGES[other]}</a></header>\n<script type="application/json" id="words">{block}</script>'
    )
