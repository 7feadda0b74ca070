"""The images of a study: which series there are, their frames of 16 bits, a thumbnail."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from ovcf.errors import NotThereError
from ovcf.imaging.files.frames import Frames, thumbnail
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.derived import derived
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import Series

if TYPE_CHECKING:
    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service

router = APIRouter(prefix="/studies/{study}", tags=["images"])
Number = Annotated[int, Path(ge=0, le=1_000_000)]


@router.get("/series")
def series(here: Here, who: Who, study: UUID) -> list[Series]:
    """The series, those that can be read for something first; where each lies in the patient (LPS, mm)."""
    return [
        Series(**{k: v for k, v in asdict(s).items() if k != "study_uid"}) for s in _frames(here, who, study).series
    ]


@router.get(
    "/series/{number}/frames/{frame}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
def frame(here: Here, who: Who, study: UUID, number: Number, frame: Number) -> Response:
    """One frame: unsigned little-endian 16-bit values, row by row. Signal is slope * value + intercept."""
    frames = _frames(here, who, study)
    try:
        pixels = frames.frame(number, frame)
    except KeyError:
        raise NotThereError("frame", "is not there", "Ask for one that the list of series names.") from None
    told = frames.series[number]
    return Response(
        pixels.tobytes(),
        media_type="application/octet-stream",
        headers={
            "Ovcf-Rows": str(told.rows),
            "Ovcf-Columns": str(told.columns),
            "Ovcf-Slope": repr(told.slope),
            "Ovcf-Intercept": repr(told.intercept),
        },
    )


@router.get("/thumbnail", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def small(here: Here, who: Who, study: UUID) -> Response:
    """The middle of the first series as a small PNG."""
    made = thumbnail(_frames(here, who, study))
    if made is None:
        raise NotThereError("thumbnail", "is not there", "None of the images can be shown.")
    return Response(made, media_type="image/png")


def _frames(here: Service, who: Principal, study: UUID) -> Frames:
    require(who, Act.READ_IMAGES)
    with here.registry.reading() as session:
        name = derived(session, intake.item_of(session, who, study), intake.FRAMES)
    if name is None:
        raise NotThereError("images", "have not been read yet", "Wait for the assessment of this study.")
    return here.frames.get(name, lambda: Frames(here.registry.files.get(name)))
