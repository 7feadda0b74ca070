"""What the page asks of the reading it shows, and nothing else; where the reading is kept is not its business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query
from fastapi.responses import Response
from pydantic import Field

from ovcf.reading.observing.counted import Threshold
from ovcf.reading.observing.slices import SliceOutline
from ovcf.server.views.conflict_view import ConflictItem
from ovcf.server.views.draft_view import DraftView
from ovcf.server.views.marrow.signal_view import SignalView
from ovcf.server.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 500
"""Edits in one request."""

Asked = Annotated[dict[str, Any], Body()]
Edits = Annotated[dict[str, Any] | Annotated[list[dict[str, Any]], Field(min_length=1, max_length=_MOST)], Body()]
Revision = Annotated[str, Header(alias="If-Match")]


def doors(opened: Callable[..., Any]) -> APIRouter:
    """The doors; ``opened`` is the dependency that gives the :class:`~ovcf.server.concluding.answering.Answering`."""
    router, given = APIRouter(), Depends(opened)

    @router.get("/reading", response_model=View)
    def read(reading: Any = given) -> Response:
        return as_json(reading.told().body)

    @router.get("/pictures/{number}")
    def picture(number: int, reading: Any = given) -> Response:
        found = reading.picture(number)
        return Response(status_code=404) if found is None else Response(found, media_type="image/png")

    @router.get("/draft", response_model=DraftView)
    def draft(reading: Any = given) -> Response:
        return as_json(reading.draft())

    @router.get("/signal/{vertebra}/{name}", response_model=SignalView)
    def signal(
        vertebra: Annotated[str, Path(max_length=100)],
        name: Threshold,
        sd: Annotated[float | None, Query(gt=0, le=20)] = None,
        reading: Any = given,
    ) -> Response:
        return as_json(reading.signal(vertebra, name, sd))

    @router.get("/slices/{vertebra}", response_model=tuple[SliceOutline, ...])
    def slices(vertebra: Annotated[str, Path(max_length=100)], reading: Any = given) -> Response:
        return as_json(reading.slices(vertebra))

    @router.post("/preview")
    def preview(asked: Asked, revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.preview([asked], revision))

    @router.post("/edits", response_model=View)
    def edit(asked: Edits, revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.edit(asked if isinstance(asked, list) else [asked], revision).body)

    @router.post("/conflict", response_model=tuple[ConflictItem, ...])
    def conflict(
        edits: Annotated[list[dict[str, Any]], Body(min_length=1, max_length=_MOST)],
        base: Annotated[str, Body(max_length=200)],
        own: Annotated[list[str], Body(max_length=_MOST)],
        reading: Any = given,
    ) -> Response:
        return as_json(reading.conflict(edits, base, own))

    @router.post("/undo", response_model=View)
    def undo(revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.undo(revision).body)

    @router.post("/redo", response_model=View)
    def redo(revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.redo(revision).body)

    @router.post("/confirm", response_model=View)
    def confirm(revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.confirm(revision).body)

    @router.post("/addendum", response_model=View)
    def addendum(reason: Annotated[str, Body(embed=True)], revision: Revision, reading: Any = given) -> Response:
        return as_json(reading.addendum(reason, revision).body)

    return router


def as_json(body: bytes) -> Response:
    """An answer that is JSON already."""
    return Response(body, media_type="application/json")
