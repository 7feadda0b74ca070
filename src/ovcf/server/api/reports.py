"""Reports of a reading and of a course: HTML, PDF, JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response

from ovcf.errors import FollowUpError
from ovcf.registry import service
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import readings as clinic
from ovcf.registry.clinic.patients import patient_of
from ovcf.registry.course import course_of
from ovcf.report.of_reading import html_of, json_of, pdf_of
from ovcf.report.visits.follow_up_json import to_data
from ovcf.server.api.here import Here, Who
from ovcf.server.api.readings import Id

if TYPE_CHECKING:
    from ovcf.follow_up.timeline import Timeline
    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service

router = APIRouter(tags=["reports"])
_KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}, "application/pdf": {}, "application/json": {}}}
}
Format = Literal["html", "pdf", "json"]
SANDBOX = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-downloads; "
    "frame-ancestors 'self'"
)
"""What a report may do in the browser: show itself. Its styles stand in it."""


@router.get("/readings/{reading}/report.{format}", response_class=Response, responses=_ANSWERS)
def report(here: Here, who: Who, reading: Id, format: Format) -> Response:  # noqa: A002  # the name in the address
    """The report of a reading as it now is."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        file = clinic.load_reading(here.registry, clinic.reading_of(session, who, reading))
    make = {"html": html_of, "pdf": pdf_of, "json": json_of}[format]
    return _answer(make(file), format, f"report-{reading[:8]}")


@router.get("/patients/{patient}/timeline")
def timeline(
    here: Here, who: Who, patient: UUID, episode: UUID | None = None, confirmed_levels: bool = False
) -> dict[str, Any]:
    """The course of a fracture: every change against its error, outcomes, the visits that are due."""
    return to_data(_course(here, who, patient, episode, confirmed_levels=confirmed_levels)[0])


@router.get("/patients/{patient}/timeline.{format}", response_class=Response, responses=_ANSWERS)
def timeline_report(
    here: Here,
    who: Who,
    patient: UUID,
    format: Literal["html", "pdf"],  # noqa: A002  # the name in the address
    episode: UUID | None = None,
    confirmed_levels: bool = False,
) -> Response:
    """The same as a report with plots."""
    from ovcf.report.html import page_of
    from ovcf.report.pdf import pdf_of as typeset
    from ovcf.report.visits.follow_up import follow_up_content

    found, code = _course(here, who, patient, episode, confirmed_levels=confirmed_levels)
    content = follow_up_content(found, patient=code)
    body = page_of(content).encode() if format == "html" else typeset(content, content["created"])
    return _answer(body, format, "follow-up")


def _course(
    here: Service, who: Principal, patient: UUID, episode: UUID | None, *, confirmed_levels: bool
) -> tuple[Timeline, str]:
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = patient_of(session, who, patient)
        episodes = [e for e in service.episodes_of(session, found) if episode in (None, e.entity_id)]
        if not episodes:
            raise FollowUpError("this patient", "has no such fracture", "Record the fracture first.")
        today = datetime.now(UTC).date()
        course = course_of(
            session, here.registry, episodes[-1], today=today, confirmed_levels=confirmed_levels, assess=here.assess
        )
        return course, found.code


def _answer(body: bytes, format_: str, name: str) -> Response:
    headers = {"Content-Security-Policy": SANDBOX, "Content-Disposition": f'inline; filename="{name}.{format_}"'}
    return Response(body, media_type=_KINDS[format_], headers=headers)
