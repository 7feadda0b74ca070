"""Who may speak to the page's server: the browser that was given its token, from the page itself, on this machine."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders

from ovcf.errors import RemedyCode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",  # images of patients stay out of the browser's cache
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SAFE = ("GET", "HEAD")
_METHODS = (*_SAFE, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Guard:
    """Lets only the holder of ``token`` in, under one of these ``hosts`` (name:port).

    The address that `ovcf reading open` prints carries the token once; a cookie holds it from then on.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it; every answer carries the headers that keep it on this page."""

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = self._refused(request) or _let_in(request, self._token) or self._app
        await answer(scope, receive, with_headers(send))

    def _refused(self, request: Request) -> Response | None:
        if (why := strange(request, self._hosts)) is not None:
            return _no(*why)
        cookie = request.cookies.get(_cookie(request), "")
        if not compare_digest(cookie.encode(), self._token.encode()) and _let_in(request, self._token) is None:
            return _no(403, "this page", "needs the whole address that `ovcf reading open` printed")
        return None


def with_headers(send: Send, scheme: str = "http") -> Send:
    """Every answer carries the headers that keep it on this page, out of caches and, with https, on https."""
    more = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if scheme == "https" else {})

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in more.items():
                headers.setdefault(name, value)  # a report has a stricter policy of its own
        await send(message)

    return told


def strange(request: Request, hosts: tuple[str, ...], scheme: str = "http") -> tuple[int, str, str] | None:
    """Why a request is not answered: it came to a name of somebody else's, or another page sent it.

    (status, what, why); None where nothing is strange. ``scheme`` is that of the page's own address.
    """
    named = request.headers.getlist("host")
    if len(named) != 1 or named[0] not in hosts:  # a name of somebody else's that leads to this machine
        return 421, "this address", "is not the one of this page"
    if request.method not in _METHODS:
        return 405, "this method", "is not spoken here"
    if request.method not in _SAFE:
        origins, sites = request.headers.getlist("origin"), request.headers.getlist("sec-fetch-site")
        if set(origins) - {f"{scheme}://{named[0]}"} or set(sites) - {"same-origin"}:
            return 403, "this request", "comes from another page"
    return None


def _let_in(request: Request, token: str) -> Response | None:
    """From the printed address to the page, with the cookie."""
    given = request.query_params.get("token", "")
    if request.method != "GET" or request.url.path != "/" or not compare_digest(given.encode(), token.encode()):
        return None
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(_cookie(request), token, httponly=True, samesite="strict", path="/")
    return response


def _cookie(request: Request) -> str:
    """Cookies are shared by all ports of a machine: each page has its own."""
    return f"ovcf-{request.url.port}"


def _no(status: int, where: str, problem: str) -> Response:
    remedy = "Open the address that `ovcf reading open` printed."
    return JSONResponse({"where": where, "problem": problem, "remedy": remedy, "code": RemedyCode.AS_SAID}, status)
