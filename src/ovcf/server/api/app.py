"""The service of a registry: the API under /api/v1, the page, and nothing for whoever is not let in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from ovcf.errors import OvcfError
from ovcf.registry.access import Act
from ovcf.registry.place import backup_folder
from ovcf.registry.safekeeping.backups import Backups
from ovcf.server.api import course, example, facts, images, imaging_studies, jobs, patients, readings, reports, worklist
from ovcf.server.api.admin import ROUTERS as ADMIN_ROUTERS
from ovcf.server.api.cohort import ROUTERS as COHORT_ROUTERS
from ovcf.server.api.dicomweb import doors as dicomweb
from ovcf.server.api.fhir import doors as fhir
from ovcf.server.api.here import Here, People, Service, Who, here, principal
from ovcf.server.api.shapes import Me
from ovcf.server.api.study import ROUTERS as STUDY_ROUTERS
from ovcf.server.api.study import blinded
from ovcf.server.api.training import doors as training
from ovcf.server.api.tus import doors as uploads
from ovcf.server.api.tus.store import UploadStore
from ovcf.server.cohort.desk import Desk
from ovcf.server.doors import doors
from ovcf.server.guard import strange, with_headers
from ovcf.server.pages import open_to, pages
from ovcf.server.people.page_files import people_file
from ovcf.server.problems import MEDIA_TYPE, away, malformed, problem, refused, said
from ovcf.server.speaking import Speaking
from ovcf.server.static import PAGE, page_file

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from ovcf.registry.store import Registry
    from ovcf.server.concluding.answering import Answering
    from ovcf.server.concluding.processes import Processes

VERSION = "1"
MAX_BODY_BYTES = 4 * 2**20
"""Of what is not an image: 500 edits with outlines have some 2 million."""
MAX_TABLE_BYTES = 64 * 2**20
"""Of a table to be analysed."""
MAX_BUNDLE_BYTES = 512 * 2**20
"""Of the patients of a hospital with their readings."""
_TOLD = {
    "description": "What is wrong, and what to do",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    name: {"type": "string"}
                    for name in ("type", "title", "detail", "where", "problem", "remedy", "code")
                },
                "required": ["type", "title", "status", "detail", "remedy"],
            }
        }
    },
}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: _TOLD,
    403: _TOLD,
    404: _TOLD,
    409: _TOLD,
    412: _TOLD,
    422: _TOLD,
    428: _TOLD,
}


class Fence:
    """Answers only under its own names (host:port), and changes only what its own page asks for."""

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...], scheme: str) -> None:
        self._app, self._hosts, self._scheme = app, hosts, scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "websocket":  # not spoken here; a page of others could open one with our cookie
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        why = strange(request, self._hosts, self._scheme)
        answer = self._app if why is None else problem(*why, "Open the address of this service.", kind="stranger")
        if why is None and _too_large(request):
            answer = problem(413, "this request", "is too large, or does not say how large it is", "Send less.")
        await answer(scope, receive, with_headers(send, self._scheme))


def _too_large(request: Request) -> bool:
    """Whether a body is larger than any edit or form; images come by the doors of uploads."""
    if request.url.path.startswith("/api/v1/uploads"):
        return False
    path = request.url.path
    most = MAX_TABLE_BYTES if path == "/api/v1/cohort/tables" else MAX_BODY_BYTES
    if path.startswith("/api/v1/clinical-studies/") and path.endswith("/merge"):
        most = MAX_BUNDLE_BYTES
    length = request.headers.get("content-length", "0")
    return "transfer-encoding" in request.headers or not length.isdigit() or int(length) > most


def make_service(
    registry: Registry,
    *,
    people: People,
    data: Path,
    hosts: tuple[str, ...],
    scheme: str = "http",
    page: Path = PAGE,
    event_seconds: float = 300.0,
    processes: Processes | None = None,
) -> FastAPI:
    """The service of a registry. ``people`` says who may come in, ``data`` is the folder where uploads arrive,
    ``hosts`` the names (with port) that it answers to, ``scheme`` that of its address as the browser sees it,
    ``processes`` those that conclude readings, if it is not done here."""
    app = FastAPI(
        title="ovcf",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        description="Patients with osteoporotic vertebral fractures: images, readings, courses. Research software, "
        "not a medical device.",
    )
    store = UploadStore(data / "uploads")
    store.sweep()
    desk, backups = Desk(data / "cohort"), Backups(backup_folder(data))
    app.state.service = Service(registry, people, store, desk, backups, event_seconds, scheme, processes=processes)
    app.add_middleware(Speaking)
    app.add_middleware(Fence, hosts=hosts, scheme=scheme)
    app.exception_handler(OvcfError)(said)
    app.exception_handler(RequestValidationError)(malformed)
    app.exception_handler(HTTPException)(refused)
    app.exception_handler(OperationalError)(away)
    app.router.routes.insert(0, readings.LOOK)
    api = APIRouter(prefix="/api/v1", responses=_PROBLEMS, dependencies=[Depends(principal)])
    parts = (
        uploads,
        patients,
        imaging_studies,
        example,
        images,
        dicomweb,
        jobs,
        worklist,
        facts,
        readings,
        course,
        reports,
    )
    for part in parts:
        api.include_router(part.router)
    for router in (*STUDY_ROUTERS, *COHORT_ROUTERS, training.router, fhir.router, *ADMIN_ROUTERS):
        api.include_router(router)

    @api.get("/me", tags=["people"])
    def me(here: Here, who: Who) -> Me:
        """Who one is here, and what is open to them."""
        return Me(
            code=who.code,
            name=here.name_of(who.person),
            role=who.role.value,
            may=sorted(who.acts),
            pages=open_to(who, page),
            accounts=here.people.accounts,
        )

    @api.get("/openapi.json", include_in_schema=False)
    def description() -> Response:
        return JSONResponse(app.openapi())

    app.include_router(api)
    app.include_router(people.routes(), responses=_PROBLEMS)
    app.include_router(doors(_for_the_page), prefix="/readings/{reading}/api", include_in_schema=False)

    app.include_router(blinded.router)
    app.include_router(doors(blinded.opened), prefix="/blinded/{task}/api", include_in_schema=False)
    app.include_router(training.page_router)
    app.include_router(doors(training.opened), prefix="/exercises/{exercise}/api", include_in_schema=False)

    @app.get("/blinded/{task}/{path:path}", include_in_schema=False)
    @app.get("/exercises/{task}/{path:path}", include_in_schema=False)
    def page_of_case(task: str, path: str) -> Response:  # noqa: ARG001  # the page asks for it itself
        return page_file(page, path or "index.html")

    @app.get("/readings/{reading}/{path:path}", include_in_schema=False)
    def page_of_reading(reading: str, path: str) -> Response:  # noqa: ARG001  # the page asks for it itself
        return page_file(page, path or "index.html")

    app.include_router(pages(page))

    @app.get("/{path:path}", include_in_schema=False)
    def static(request: Request, path: str) -> Response:
        answer = page_file(page, path or "worklist.html")
        if answer.status_code == HTTPStatus.NOT_FOUND and "text/html" in request.headers.get("accept", ""):
            answer = people_file("missing.html")
            answer.status_code = HTTPStatus.NOT_FOUND
        return answer

    return app


def _for_the_page(request: Request, reading: readings.Id) -> Answering:
    """The reading that a page of its own asks for: to look at it, to edit it, to sign it."""
    act = Act.READ_CASES
    if request.method != "GET":
        act = Act.SIGN if request.url.path.endswith(("/confirm", "/addendum")) else Act.EDIT_READING
    return readings.opened(here(request), principal(request), reading, act)
