"""In which language the service answers: that of the page, which is kept in a cookie, else that of the browser.

Only what is worded follows it. Codes, names of fields and numbers are the same in every language.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from ovcf.language.spoken import LANGUAGES, asked_for, speaking

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "ovcf-language"
"""Set by the page; it says no more than the language."""


class Speaking:
    """Everything within one request is said in the language that it asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(language_of(Headers(scope=scope))):
            await self._app(scope, receive, send)


def language_of(headers: Headers) -> str:
    """The language of the cookie, where there is a known one, else of ``Accept-Language``."""
    try:
        kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        kept = None
    if kept is not None and kept.value in LANGUAGES:
        return kept.value
    return asked_for(headers.get("accept-language", ""))
