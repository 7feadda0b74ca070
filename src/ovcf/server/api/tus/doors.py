"""Resumable uploads by the tus protocol 1.0.0 (core, creation, expiration, termination).

An upload is only bytes; a study is made of one or several of them afterwards. What arrived before a line broke is kept:
the sender asks how far it came (HEAD) and goes on from there (PATCH).
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections import defaultdict
from email.utils import formatdate
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ovcf.errors import RegistryError
from ovcf.plain_text import clean
from ovcf.registry.access import Act, require
from ovcf.server.api.here import Here, Who
from ovcf.server.api.tus.store import KEEP_S, MAX_BYTES, Upload, append
from ovcf.server.problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "1.0.0"
router = APIRouter(prefix="/uploads", tags=["uploads"])
_BLOCK = 1 << 20
_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

Version = Annotated[str | None, Header(alias="Tus-Resumable")]


@router.options("", status_code=204)
def about() -> Response:
    """What this service understands of tus."""
    return _tus(
        204,
        {"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination", "Tus-Max-Size": str(MAX_BYTES)},
    )


@router.post("", status_code=201)
def begin(
    here: Here,
    who: Who,
    length: Annotated[int, Header(alias="Upload-Length", ge=1)],
    metadata: Annotated[str, Header(alias="Upload-Metadata")] = "",
    version: Version = None,
) -> Response:
    """Begin an upload of so many bytes; its address is in ``Location``. ``filename`` in the metadata names it."""
    require(who, Act.WRITE_FACTS)
    if (no := _other_version(version)) is not None:
        return no
    upload = here.uploads.begin(who.person, _metadata(metadata).get("filename", "file"), length)
    return _tus(201, {"Location": f"/api/v1/uploads/{upload.id}", "Upload-Offset": "0", **_expires(upload)})


@router.head("/{upload}", status_code=200)
def offset(here: Here, who: Who, upload: str, version: Version = None) -> Response:
    """How far an upload came."""
    if (no := _other_version(version)) is not None:
        return no
    found = here.uploads.get(upload, who.person)
    return _tus(
        200, {"Upload-Offset": str(here.uploads.offset(found)), "Upload-Length": str(found.length), **_expires(found)}
    )


@router.patch(
    "/{upload}",
    status_code=204,
    openapi_extra={
        "requestBody": {
            "content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        }
    },
)
async def go_on(
    request: Request,
    here: Here,
    who: Who,
    upload: str,
    at: Annotated[int, Header(alias="Upload-Offset", ge=0)],
    version: Version = None,
) -> Response:
    """Send bytes from an offset on. What arrives is kept even where the line breaks in the middle."""
    if (no := _other_version(version)) is not None:
        return no
    if request.headers.get("content-type", "") != "application/offset+octet-stream":
        return problem(415, "these bytes", "are not sent as application/offset+octet-stream", "Send them so.")
    found = here.uploads.get(upload, who.person)
    async with _locks[upload]:
        there = here.uploads.offset(found)
        if at != there:
            return problem(409, "these bytes", f"begin at {at}, and {there} have arrived", "Go on from there.")
        path, held = here.uploads.path(found), bytearray()
        try:
            async for chunk in request.stream():
                held += chunk
                if there + len(held) > found.length:
                    return problem(413, "these bytes", "are more than were promised", "Begin the upload again.")
                if len(held) >= _BLOCK:
                    await run_in_threadpool(append, path, bytes(held))
                    there, held = there + len(held), bytearray()
        except ClientDisconnect:
            pass
        if held:
            await run_in_threadpool(append, path, bytes(held))
            there += len(held)
    if there == found.length:
        _locks.pop(upload, None)
    return _tus(204, {"Upload-Offset": str(there), **_expires(found)})


@router.delete("/{upload}", status_code=204)
def give_up(here: Here, who: Who, upload: str, version: Version = None) -> Response:
    """Let an upload go."""
    if (no := _other_version(version)) is not None:
        return no
    here.uploads.drop(here.uploads.get(upload, who.person))
    return _tus(204, {})


def whole(here: Here, who: Who, ids: list[str]) -> list[Upload]:
    """Uploads that have arrived whole.

    Raises:
        NotThereError: one is not there. RegistryError: one is still arriving.
    """
    found = [here.uploads.get(id_, who.person) for id_ in dict.fromkeys(ids)]
    if unfinished := [one for one in found if here.uploads.offset(one) != one.length]:
        raise RegistryError("an upload", "has not arrived whole", f"Send the rest of {clean(unfinished[0].name)}.")
    return found


def _tus(status: int, headers: Mapping[str, str]) -> Response:
    return Response(status_code=status, headers={"Tus-Resumable": VERSION, **headers})


def _other_version(version: str | None) -> Response | None:
    if version in (None, VERSION):
        return None
    return problem(
        412, "Tus-Resumable", f"is not {VERSION}", "Send it with that version.", headers={"Tus-Version": VERSION}
    )


def _expires(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": formatdate(upload.at + KEEP_S, usegmt=True)}


def _metadata(text: str) -> dict[str, str]:
    """``key base64, key base64`` as a mapping.

    Raises:
        RegistryError: it is not that.
    """
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = clean(base64.b64decode(value, validate=True).decode("utf-8"))
        except (binascii.Error, ValueError):
            raise RegistryError("Upload-Metadata", "is not base64 of UTF-8", "Send it as tus says.") from None
    return found
