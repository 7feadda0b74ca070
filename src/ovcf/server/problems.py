"""An error as an answer: problem details (RFC 9457), with what to do in words for a page.

``type`` names the cause, ``detail`` says where and what is wrong, ``remedy`` what to do, ``code`` what to do as data.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from ovcf.errors import (
    ConflictError,
    ForbiddenError,
    NotThereError,
    OvcfError,
    RemedyCode,
    SignedOutError,
    TooManyError,
)
from ovcf.language.spoken import tr
from ovcf.render.words.remedies import words
from ovcf.server.open_reading import StaleError, StoppedError, SupersededError

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[OvcfError], int], ...] = (
    (StaleError, 412),
    (SupersededError, 409),
    (SignedOutError, 401),
    (ForbiddenError, 403),
    (NotThereError, 404),
    (ConflictError, 409),
    (TooManyError, 429),
    (StoppedError, 503),
)
_OTHER = 422
_AGAIN = "Load the page again."
_AGAIN_S = 5
_log = logging.getLogger(__name__)


def problem(
    status: int,
    where: str,
    detail: str,
    remedy: str,
    *,
    code: str = RemedyCode.AS_SAID,
    kind: str = "request",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Problem details as an answer."""
    told = {
        "type": f"urn:ovcf:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": f"{tr(where)}: {tr(detail)}",
        "where": tr(where),
        "problem": tr(detail),
        "remedy": tr(remedy),
        "code": code,
    }
    return JSONResponse(told, status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


async def away(_: Request, error: Exception) -> Response:
    """The database is locked for too long or cannot be reached."""
    _log.warning("the database is busy or away: %s", type(error).__name__)  # its text may hold what was written
    return problem(
        503,
        "the registry",
        "is busy or cannot be reached; nothing of this was saved",
        "Try again in a moment.",
        kind="registry-away",
        headers={"Retry-After": str(_AGAIN_S)},
    )


async def said(_: Request, error: Exception) -> Response:
    """An error of ovcf."""
    assert isinstance(error, OvcfError)
    status = next((status for cause, status in _STATUS if isinstance(error, cause)), _OTHER)
    headers = {"Retry-After": str(error.after_s)} if isinstance(error, TooManyError) else {}
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__.strip("_").removesuffix("Error")).lower()
    return problem(
        status,
        _plain(error.where),
        _plain(error.problem),
        _plain(words(error.remedy)),
        code=error.remedy.code,
        kind=kind,
        headers=headers,
    )


async def malformed(_: Request, error: Exception) -> Response:
    """A request that says not what is needed."""
    assert isinstance(error, RequestValidationError)
    first: Mapping[str, Any] = error.errors()[0]
    where = _plain(".".join(map(str, first["loc"])))
    if "if-match" in where.lower():
        return problem(428, where, "says not which state of the reading it is for", _AGAIN, kind="precondition")
    return problem(_OTHER, where, _plain(str(first["msg"])), "Correct what was sent.", kind="malformed")


async def refused(_: Request, error: Exception) -> Response:
    """What the routing itself refuses: no such address, another method."""
    assert isinstance(error, HTTPException)
    return problem(
        error.status_code, "this address", _plain(str(error.detail)), _AGAIN, kind="address", headers=error.headers
    )


def _plain(text: str) -> str:
    """Text that can be sent, whatever was received."""
    sent = text.encode("utf-8", "replace").decode()
    return text if sent == text else sent
