"""Programs: a request with an access token in its header, and no cookie.

A browser sends such a header only where a page puts it there, which a page of somebody else cannot: it would have to
ask first (a preflight), and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import ForbiddenError, SignedOutError
from ovcf.registry.people import tokens
from ovcf.registry.words import TokenScope
from ovcf.server.people.limits import came_from

if TYPE_CHECKING:
    from fastapi import Request

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.server.people.limits import Limits

_API, _IMAGES = "/api/v1/", "/api/v1/dicom-web/"


def bearer(request: Request) -> str:
    """The access token that a request brings (RFC 6750); empty where it brings none of ours.

    Other credentials in that header are those of a proxy before the service, and say nothing here.
    """
    given = request.headers.getlist("authorization")
    for one in given:
        scheme, _, text = one.partition(" ")
        if scheme.lower() == "bearer" and text.strip().startswith(tokens.PREFIX):
            return text.strip() if len(given) == 1 else tokens.PREFIX
    return ""


def program(request: Request, text: str, registry: Registry, limits: Limits) -> Principal:
    """For whom a program asks.

    Raises:
        SignedOutError: the token lets in nobody. ForbiddenError: not here. TooManyError: too many requests.
    """
    try:
        found = tokens.who(registry, text)
    except SignedOutError:
        limits.stranger(came_from(request))
        raise
    limits.session(text)
    path = request.url.path
    if not path.startswith(_IMAGES if found.scope is TokenScope.IMAGES else _API):
        raise ForbiddenError(
            "this address", f"is not in the scope of this access token ({found.scope})", "Use a token with another."
        )
    return found
