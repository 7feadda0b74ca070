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
from ovcf.report.visits.follow_up_json import to_data
from ovcf.server.api.here import Here, Who
from ovcf.server.api.readings import Id
from ovcf.server.report_answers import ANSWERS, Format, as_report, report_of

if TYPE_CHECKING:
    from ovcf.follow_up.timeline import Timeline
    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service

router = APIRouter(tags=["reports"])


@router.get("/readings/{reading}/report.{format}", response_class=Response, responses=ANSWERS)
def report(here: Here, who: Who, reading: Id, format: Format) -> Response:  # noqa: A002  # the name in the address
    """The report of a reading as it now is."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        file = clinic.load_reading(here.registry, clinic.reading_of(session, who, reading))
    return report_of(file, format, f"report-{reading[:8]}")


@router.get("/patients/{patient}/timeline")
def timeline(
    here: Here, who: Who, patient: UUID, episode: UUID | None = None, confirmed_levels: bool = False
) -> dict[str, Any]:
    """The course of a fracture: every change against its error, outcomes, the visits that are due."""
    return to_data(_course(here, who, patient, episode, confirmed_levels=confirmed_levels)[0])


@router.get("/patients/{patient}/timeline.{format}", response_class=Response, responses=ANSWERS)
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
    return as_report(body, format, "follow-up")


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
