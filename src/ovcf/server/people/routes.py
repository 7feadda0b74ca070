"""The routes of signing in and out, and the pages for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from ovcf.errors import RegistryError, SignedOutError
from ovcf.registry.people import accounts, sign_in
from ovcf.registry.tables import Person
from ovcf.server.people.limits import came_from
from ovcf.server.people.page_files import people_file
from ovcf.server.people.signing_in import log
from ovcf.server.people.tokens import token_routes
from ovcf.server.static import PAGE, page_file

if TYPE_CHECKING:
    from ovcf.registry.access import Principal
    from ovcf.server.people.signing_in import SignIn

_Text = Annotated[str, Field(max_length=1024)]


class Entry(BaseModel):
    """Code and password."""

    code: _Text
    password: _Text


class NewPassword(BaseModel):
    """A password to be set: by a link, or by who knows the current one."""

    password: _Text
    link: _Text = ""
    current: _Text = ""


class Session(BaseModel):
    """Who is signed in and what they may do."""

    person: UUID
    code: str
    site: UUID
    role: str
    all_sites: bool
    may: list[str]


def routes(people: SignIn) -> APIRouter:
    """Everything by which people come and go; the session's own routes are under ``/api/v1``."""
    router = APIRouter()

    @router.post("/api/v1/session", response_model=Session, tags=["people"])
    def enter(request: Request, entry: Entry) -> Response:
        """Sign in."""
        person = people.enter(request, entry.code.strip(), entry.password)
        return people.let_in(request, person, _who(people, person))

    @router.get("/api/v1/session", response_model=Session, tags=["people"])
    def session(request: Request) -> Response:
        """Who is signed in."""
        return _json(people.signed_in(request))

    @router.delete("/api/v1/session", status_code=204, tags=["people"])
    def leave(request: Request) -> Response:
        """Sign out."""
        principal = people.signed_in(request)
        sign_in.end(people.registry, people.secret(request), principal)
        log.info("signed out: person %s", principal.person)
        response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'})
        people.address.take(response)
        return response

    @router.put("/api/v1/password", status_code=204, tags=["people"])
    def password(request: Request, new: NewPassword) -> Response:
        """Set a password by a link, or another one by who is signed in and knows the current one."""
        if new.link:
            people.limits.stranger(came_from(request))
            accounts.use_link(people.registry, new.link, new.password)
            return Response(status_code=204)
        principal = people.signed_in(request)
        person = people.enter(request, principal.code, new.current)
        accounts.set_password(people.registry, person, new.password)
        return people.let_in(request, person, Response(status_code=204))

    def page_if_signed_in(request: Request, name: str) -> Response:
        try:
            people.signed_in(request)
        except SignedOutError:
            return RedirectResponse("/sign-in", status_code=303)
        return page_file(PAGE, name)

    @router.get("/", include_in_schema=False)
    def home(request: Request) -> Response:
        return page_if_signed_in(request, "worklist.html")

    @router.get("/readings/{reading}/", include_in_schema=False)
    def page_of_reading(request: Request, reading: str) -> Response:  # noqa: ARG001  # the page asks for it itself
        return page_if_signed_in(request, "index.html")

    @router.get("/sign-in", include_in_schema=False)
    def page() -> Response:
        return people_file("sign-in.html")

    @router.get("/set-password", include_in_schema=False)
    def set_page() -> Response:
        return people_file("set-password.html")

    @router.get("/account", include_in_schema=False)
    def account() -> Response:
        return people_file("account.html")

    @router.get("/people/{name}", include_in_schema=False)
    def part(name: str) -> Response:
        return people_file(name)

    @router.get("/sign-in/ways", include_in_schema=False)
    def ways() -> dict[str, str]:
        """How one may sign in besides a password."""
        return {} if people.provider is None else {"provider": people.provider.settings.name}

    router.include_router(token_routes(people))
    if people.provider is not None:
        _by_provider(router, people)
    return router


def _by_provider(router: APIRouter, people: SignIn) -> None:
    provider = people.provider
    assert provider is not None

    @router.get("/sign-in/provider", include_in_schema=False)
    def away(request: Request) -> Response:
        people.limits.stranger(came_from(request))
        try:
            return provider.away(people.address)
        except RegistryError as error:
            log.error("the provider of sign-in: %s", error)
            return RedirectResponse("/sign-in#provider", status_code=303)

    @router.get("/sign-in/provider/back", include_in_schema=False)
    def back(request: Request) -> Response:
        people.limits.stranger(came_from(request))
        try:
            person = provider.back(request, people.address, people.registry)
        except RegistryError as error:
            log.warning("sign-in by provider refused (%s), from %s", type(error).__name__, came_from(request))
            response: Response = RedirectResponse("/sign-in#provider", status_code=303)
        else:
            # Not a redirect: the browser would not send a strict cookie on a way that began at another site.
            response = people.let_in(request, person, people_file("signed-in.html"))
        provider.forget(response, people.address)
        return response


def _who(people: SignIn, person: Person) -> JSONResponse:
    from ovcf.registry.access import principal_of

    with people.registry.reading() as session:
        return _json(principal_of(session, session.get_one(Person, person.id)))


def _json(principal: Principal) -> JSONResponse:
    told = Session(
        person=principal.person,
        code=principal.code,
        site=principal.site,
        role=principal.role,
        all_sites=principal.all_sites,
        may=sorted(principal.acts),
    )
    return JSONResponse(told.model_dump(mode="json"))
