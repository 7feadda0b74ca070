"""The pages of a registry: their addresses, what of the built page lies there, and whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from ovcf.errors import MissingFileError, SignedOutError
from ovcf.registry.access import Act
from ovcf.report.calculator import calculator_page
from ovcf.server.api.here import here
from ovcf.server.static import NOT_BUILT, page_file

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.registry.access import Principal

_ASSETS = "assets/"
_CALCULATOR_MAY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The calculator is one file that asks for nothing: its script and styles stand in it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the registry. ``file`` was built from ``web/``; who may do one of ``acts`` may open it, everybody
    where there are none. Its address is ``/name/``, of the worklist ``/``."""

    name: str
    file: str
    acts: frozenset[Act]


PAGES = (
    Page("worklist", "worklist.html", frozenset({Act.READ_CASES})),
    Page("patients", "patients.html", frozenset({Act.READ_CASES})),
    Page("studies", "studies.html", frozenset({Act.READ_CASES})),
    Page("cohort", "cohort.html", frozenset({Act.EXPORT})),
    Page("calculator", "calculator.html", frozenset()),
    Page("admin", "admin.html", frozenset({Act.MANAGE_PEOPLE, Act.MANAGE_REGISTRY, Act.READ_AUDIT})),
)
"""In the order of the bar. A page appears there once its file is built."""


def open_to(who: Principal, page: Path) -> list[str]:
    """The names of the pages that were built and that somebody may open."""
    return [
        one.name
        for one in PAGES
        if (page / one.file).is_file() and (not one.acts or any(who.may(act) for act in one.acts))
    ]


def pages(page: Path) -> APIRouter:
    """The pages under their addresses. ``/patients/ID/`` is the same file as ``/patients/``: it asks for the rest."""
    router = APIRouter(include_in_schema=False)

    @router.get("/calculator.html")
    @router.get("/calculator/")
    def calculator() -> Response:
        try:
            return HTMLResponse(_calculator(), headers={"Content-Security-Policy": _CALCULATOR_MAY})
        except MissingFileError:
            return PlainTextResponse(NOT_BUILT, 503)

    def address_of(one: Page) -> None:
        @router.get(f"/{one.name}/{{rest:path}}")
        def shown(request: Request, rest: str) -> Response:
            if _ASSETS in f"/{rest}":  # their addresses are relative to the page, however deep it lies
                return page_file(page, _ASSETS + rest.rpartition(_ASSETS)[2])
            people = here(request).people
            try:
                people.principal(request)
            except SignedOutError:
                if people.accounts:
                    return RedirectResponse(f"/sign-in?to={quote(request.url.path)}", status_code=303)
            return page_file(page, one.file)

    for one in PAGES:
        if one.name not in ("worklist", "calculator"):
            address_of(one)
    return router


@lru_cache(maxsize=1)
def _calculator() -> str:
    return calculator_page(served=True)
