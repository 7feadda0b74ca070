"""The service of one open reading: what the page asks for, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from pydantic import TypeAdapter

from ovcf.errors import OvcfError, RemedyCode
from ovcf.render.words.remedies import words
from ovcf.server.guard import Guard
from ovcf.server.open_reading import StaleError, SupersededError
from ovcf.server.views.draft_view import DraftView
from ovcf.server.views.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.server.open_reading import OpenReading

PAGE = Path(__file__).parent / "page"
"""The built page; made by `make web`, carried by the wheel."""
NOT_BUILT = "The page is not built. In a checkout: make web. An installed ovcf carries it.\n"
_VIEW: TypeAdapter[View] = TypeAdapter(View)
_DRAFT: TypeAdapter[DraftView] = TypeAdapter(DraftView)
_ANY: TypeAdapter[Any] = TypeAdapter(Any)
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}

Asked = Annotated[dict[str, Any], Body()]
Revision = Annotated[str, Header(alias="If-Match")]


def make_app(reading: OpenReading, *, token: str, hosts: tuple[str, ...], page: Path = PAGE) -> FastAPI:
    """The service; ``hosts`` are the names (with port) that it answers to."""
    app = FastAPI(title="ovcf reading", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, token=token, hosts=hosts)
    app.exception_handler(OvcfError)(_said)
    app.exception_handler(RequestValidationError)(_malformed)

    @app.get("/api/reading", response_model=View)
    def read() -> Response:
        return _json(_VIEW.dump_json(reading.view()))

    @app.get("/api/pictures/{number}")
    def picture(number: int) -> Response:
        found = reading.picture(number)
        return Response(status_code=404) if found is None else Response(found.png, media_type="image/png")

    @app.get("/api/draft", response_model=DraftView)
    def draft() -> Response:
        return _json(_DRAFT.dump_json(reading.draft()))

    @app.post("/api/preview")
    def preview(asked: Asked, revision: Revision) -> Response:
        return _json(_ANY.dump_json(reading.preview(asked, revision)))

    @app.post("/api/edits", response_model=View)
    def edit(asked: Asked, revision: Revision) -> Response:
        return _json(_VIEW.dump_json(reading.edit(asked, revision)))

    @app.post("/api/undo", response_model=View)
    def undo(revision: Revision) -> Response:
        return _json(_VIEW.dump_json(reading.undo(revision)))

    @app.post("/api/redo", response_model=View)
    def redo(revision: Revision) -> Response:
        return _json(_VIEW.dump_json(reading.redo(revision)))

    @app.post("/api/confirm", response_model=View)
    def confirm(revision: Revision) -> Response:
        return _json(_VIEW.dump_json(reading.confirm(revision)))

    @app.post("/api/addendum", response_model=View)
    def addendum(reason: Annotated[str, Body(embed=True)], revision: Revision) -> Response:
        return _json(_VIEW.dump_json(reading.addendum(reason, revision)))

    @app.get("/{path:path}")
    def static(path: str) -> Response:
        return _file(page, path or "index.html")

    return app


def _file(page: Path, path: str) -> Response:
    if not (page / "index.html").is_file():
        return PlainTextResponse(NOT_BUILT, 503)
    file = (page / path).resolve()
    if not file.is_relative_to(page.resolve()) or not file.is_file():
        return PlainTextResponse("There is no such page.\n", 404)
    return FileResponse(file, media_type=_KINDS.get(file.suffix))


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


async def _said(_: Request, error: Exception) -> Response:
    """An error of ovcf as data: where, what is wrong, what to do."""
    assert isinstance(error, OvcfError)
    status = 412 if isinstance(error, StaleError) else 409 if isinstance(error, SupersededError) else 422
    said = {"where": error.where, "problem": error.problem, "remedy": words(error.remedy), "code": error.remedy.code}
    return JSONResponse(said, status)


async def _malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: Mapping[str, Any] = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    missing = "if-match" in where.lower()
    said = {
        "where": where,
        "problem": "says not which state of the reading it is for" if missing else first["msg"],
        "remedy": "Load the page again.",
        "code": RemedyCode.AS_SAID,
    }
    return JSONResponse(said, 428 if missing else 422)
