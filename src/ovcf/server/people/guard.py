"""What every request must pass before anything looks at it, and the headers of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request
from starlette.datastructures import MutableHeaders

from ovcf.errors import ForbiddenError
from ovcf.server.guard import HEADERS
from ovcf.server.people.answers import problem

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ovcf.server.people.address import Address

_SAFE = ("GET", "HEAD")
_METHODS = (*_SAFE, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}


class PeopleGuard:
    """Only requests to the service's own address pass; those that change something only from its own pages.

    A browser says where a request comes from (``Origin``, ``Sec-Fetch-Site``); a program with a session need not.
    """

    def __init__(self, app: ASGIApp, *, address: Address) -> None:
        self._app, self._address = app, address
        self._headers = HEADERS | (_HSTS if address.secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":  # not spoken here; pages of others may open one with our cookie
            await send({"type": "websocket.close", "code": 1008})
        else:
            answer = self._refused(Request(scope)) or self._app
            await answer(scope, receive, told)

    def _refused(self, request: Request) -> Response | None:
        if request.headers.getlist("host") != [self._address.host]:
            return problem(ForbiddenError("this address", "is not that of the service", "Use its own address."), 421)
        if request.method not in _METHODS:
            return problem(ForbiddenError("this method", "is not spoken here", "Use the pages of the service."), 405)
        if request.method not in _SAFE:
            origins = request.headers.getlist("origin")
            sites = request.headers.getlist("sec-fetch-site")
            if set(origins) - {self._address.origin} or set(sites) - {"same-origin"}:
                return problem(ForbiddenError("this request", "comes from another page", "Use the service's own page."))
        return None
