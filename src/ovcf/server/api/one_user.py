"""One person on their own machine: the address that was printed lets one browser in, once.

Its token is exchanged for a session. Sessions are remembered across restarts by their digest, in a file of the data
folder that only its owner may read, so that a page that is open goes on when the service is started again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from ovcf.errors import SignedOutError
from ovcf.registry.access import Principal
from ovcf.registry.tables import Person
from ovcf.registry.words import Role
from ovcf.server.people.bearer import bearer, program
from ovcf.server.people.limits import Limits
from ovcf.server.people.page_files import people_file
from ovcf.server.people.tokens import token_routes

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.registry.store import Registry

_DAYS = 7
_REMEDY = "Open the address that `ovcf serve` printed when it was started; start it again for a new one."


class OneUser:
    """The keeper of the door for one person."""

    accounts = False

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry, self._file, self._lock = registry, folder / "sessions.json", Lock()
        self._limits = Limits()
        self.token = secrets.token_urlsafe(24)
        self._token: str | None = _digest(self.token)
        self._person: Principal | None = None

    def principal(self, request: Request) -> Principal:
        """The person whose registry this is, or whoever a program with an access token acts for.

        Raises:
            SignedOutError: this browser or program was not let in. ForbiddenError: the token is not for this.
            TooManyError: too many requests of a program.
        """
        text = bearer(request)
        return program(request, text, self.registry, self._limits) if text else self.signed_in(request)

    def signed_in(self, request: Request) -> Principal:
        """The person whose registry this is.

        Raises:
            SignedOutError: this browser was not let in.
        """
        given = request.cookies.get(_cookie(request), "")
        if not given or self._read().get(_digest(given), 0) < time.time():
            raise SignedOutError("this page", "is not open in this browser", _REMEDY)
        if self._person is None:
            with self.registry.reading() as session:
                people = list(session.scalars(select(Person).order_by(Person.created_at)))
            first = next((p for p in people if p.role is Role.ADMIN), people[0])
            self._person = Principal(first.id, first.code, first.site_id, Role.ADMIN, all_sites=True)
        return self._person

    def routes(self) -> APIRouter:
        """``/enter?token=...``: in, once; and access tokens for programs."""
        router = APIRouter()

        @router.get("/enter", include_in_schema=False)
        def enter(request: Request, token: str = "", to: str = "/") -> Response:
            session = self._exchange(token)
            if session is None:
                raise SignedOutError("this address", "was used already, or is not the one that was printed", _REMEDY)
            answer = RedirectResponse(to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/", 303)
            answer.set_cookie(
                _cookie(request), session, max_age=_DAYS * 86400, httponly=True, samesite="strict", path="/"
            )
            return answer

        @router.get("/people/{name}", include_in_schema=False)
        def part(name: str) -> Response:
            return people_file(name)

        router.include_router(token_routes(self))
        return router

    def prove(self, request: Request, principal: Principal, password: str) -> None:
        """Nothing more: whoever holds this browser's session was let in by the address that this machine printed."""

    def _exchange(self, token: str) -> str | None:
        with self._lock:
            if self._token is None or not secrets.compare_digest(self._token, _digest(token)):
                return None
            self._token = None
            session, now = secrets.token_urlsafe(32), time.time()
            kept = {name: until for name, until in self._read().items() if until > now}
            self._write(kept | {_digest(session): now + _DAYS * 86400})
            return session

    def _read(self) -> dict[str, float]:
        with suppress(OSError, ValueError):
            found: dict[str, float] = json.loads(self._file.read_text("utf-8"))
            return found
        return {}

    def _write(self, sessions: dict[str, float]) -> None:
        part = self._file.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(sessions, file)
        part.replace(self._file)


def _cookie(request: Request) -> str:
    """Cookies are shared by all ports of a machine: each service has its own."""
    return f"ovcf-session-{request.url.port}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
