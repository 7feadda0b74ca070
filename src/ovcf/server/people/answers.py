"""Errors as answers: problem details (RFC 9457) with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import JSONResponse

from ovcf.errors import ConflictError, ForbiddenError, NotThereError, OvcfError, SignedOutError, TooManyError
from ovcf.render.words.remedies import words

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.responses import Response

STATUS: dict[type[OvcfError], int] = {
    SignedOutError: 401, ForbiddenError: 403, NotThereError: 404, ConflictError: 409, TooManyError: 429,
}  # fmt: skip
"""Of errors about people; any other is 422."""
_TITLES = {401: "Not signed in", 403: "Not allowed", 404: "Not there", 409: "Conflict", 429: "Too often"}


def problem(error: OvcfError, status: int | None = None) -> Response:
    """The answer to an error."""
    status = status or next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
    said = {
        "type": "about:blank", "title": _TITLES.get(status, "Cannot be done"), "status": status,
        "detail": error.problem, "where": error.where, "remedy": words(error.remedy), "code": error.remedy.code,
    }  # fmt: skip
    headers = {"Retry-After": str(error.after_s)} if isinstance(error, TooManyError) else {}
    return JSONResponse(said, status, headers, media_type="application/problem+json")


async def answered(_: Request, error: Exception) -> Response:
    """For ``app.exception_handler(OvcfError)``."""
    assert isinstance(error, OvcfError)
    return problem(error)
