"""The page of a patient: the visits, the course of a fracture in words and charts, and what may be entered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from ovcf.errors import FollowUpError, NotThereError
from ovcf.follow_up.planned import planned
from ovcf.language.fields import in_words
from ovcf.language.spoken import tr
from ovcf.reading.version import ReadingStatus
from ovcf.registry import service
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import reading_of
from ovcf.registry.course import course_of
from ovcf.registry.store import current
from ovcf.registry.tables import PatientReport, Reading
from ovcf.render.words.remedies import words
from ovcf.server.api.here import Here, Who
from ovcf.server.api.readings import Id
from ovcf.server.api.shapes import EpisodeShape, PatientLine, Trouble
from ovcf.server.api.shown import episode_shape, patient_line
from ovcf.server.views.course_view import (
    NO_COURSE,
    Forms,
    PlanView,
    TimelineView,
    VisitView,
    answers_view,
    forms,
    next_visit,
    plan_view,
    timeline_view,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from ovcf.clinical.case import ClinicalCase
    from ovcf.follow_up.planned import PlannedVisit
    from ovcf.registry.tables import Episode, Patient, Visit
    from ovcf.server.api.here import Service

router = APIRouter(tags=["reports"])


class CoursePage(BaseModel):
    """A patient with one fracture: its visits, its course, its plan. ``why`` says why there is no course yet."""

    patient: PatientLine
    episodes: list[EpisodeShape]
    episode: UUID
    visits: list[VisitView]
    timeline: TimelineView
    why: Trouble | None
    plan: list[PlanView]
    next: str
    forms: Forms


@router.get("/patients/{patient}/course")
def course(
    here: Here,
    who: Who,
    patient: UUID,
    episode: UUID | None = None,
    confirmed_levels: bool = False,
    visits_only: bool = False,
) -> CoursePage:
    """The course of a fracture as the page shows it; without ``episode`` of the last one.

    ``visits_only`` answers at once, with the visits and without what is read from them."""
    require(who, Act.READ_CASES)
    today = datetime.now(UTC).date()
    with here.registry.reading() as session:
        found = clinic.patient_of(session, who, patient)
        episodes = service.episodes_of(session, found)
        chosen = next((e for e in reversed(episodes) if episode in (None, e.entity_id)), None)
        if chosen is None:
            raise NotThereError("fracture", "is not there", "Record the fracture of this patient first.")
        held = service.visits_of(session, chosen)
        if visits_only:
            told = _Told(plan=_planned(held, today))
        else:
            told = _told(here, session, chosen, held, today=today, confirmed_levels=confirmed_levels)
        visits = [v for v in clinic.all_visits(session, found) if v.episode_id == chosen.entity_id]
        return CoursePage(
            patient=patient_line(found),
            episodes=[episode_shape(e) for e in episodes],
            episode=chosen.entity_id,
            visits=_visits(session, found, visits, told.cases),
            timeline=in_words(told.view),
            why=told.why,
            plan=list(in_words(plan_view(told.plan))),
            next=tr(next_visit(told.plan, visits, today)),
            forms=in_words(forms()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the visits say: the course, or why there is none; the plan; the clinical facts of each visit's reading."""

    plan: Sequence[PlannedVisit]
    view: TimelineView = NO_COURSE
    why: Trouble | None = None
    cases: Mapping[UUID, ClinicalCase] = field(default_factory=dict)


def _told(
    here: Service, session: Session, episode: Episode, held: Sequence[Visit], *, today: date, confirmed_levels: bool
) -> _Told:
    try:
        timeline = course_of(
            session, here.registry, episode, today=today, confirmed_levels=confirmed_levels, assess=here.assess
        )
    except FollowUpError as error:
        where, remedy = str(error.where), words(error.remedy)
        why = Trouble(where=tr(where), problem=tr(error.problem), remedy=tr(remedy), code=error.remedy.code)
        return _Told(plan=_planned(held, today), why=why)
    cases = {row.entity_id: v.assessment.case for row, v in zip(held, timeline.visits, strict=True)}
    return _Told(plan=timeline.plan, view=timeline_view(timeline), cases=cases)


def _planned(held: Sequence[Visit], today: date) -> Sequence[PlannedVisit]:
    days = [(v.window.value, v.held_on) for v in held if v.held_on is not None]
    return planned(days[0][1], days[1:], today) if days else ()


class Beside(BaseModel):
    """A visit whose reading can be looked at beside another."""

    reading: str
    window: str
    on: str | None
    day: int | None
    signed: bool
    study: str | None


class ReadingVisits(BaseModel):
    """Whose reading it is, and the visits of the same fracture that have a reading, first to last."""

    patient: UUID
    code: str
    reading: str
    visits: list[Beside]


@router.get("/readings/{reading}/visits")
def beside(here: Here, who: Who, reading: Id) -> ReadingVisits:
    """The visits of the fracture that a reading is of."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        row = reading_of(session, who, reading)
        patient = clinic.patient_of(session, who, row.patient_id)
        own = service.visit_named(session, row.visit_id)
        same = [v for v in clinic.all_visits(session, patient) if v.episode_id == own.episode_id]
        return ReadingVisits(
            patient=patient.id,
            code=patient.code,
            reading=reading,
            visits=[
                Beside(
                    # of its own visit the reading that is open, also where another one of that visit counts
                    reading=reading if v.id == str(row.visit_id) else v.reading,
                    window=v.window,
                    on=v.on,
                    day=v.day,
                    signed=v.signed,
                    study=v.study,
                )
                for v in _visits(session, patient, same, {})
                if v.reading is not None
            ],
        )


def _visits(
    session: Session, patient: Patient, visits: list[Visit], cases: Mapping[UUID, ClinicalCase]
) -> list[VisitView]:
    reports: dict[UUID, list[PatientReport]] = {}
    for report in session.scalars(current(PatientReport).where(PatientReport.patient_id == patient.id)):
        reports.setdefault(report.visit_id, []).append(report)
    readings: dict[UUID, list[Reading]] = {}
    for reading in session.scalars(select(Reading).where(Reading.patient_id == patient.id)):
        readings.setdefault(reading.visit_id, []).append(reading)
    studies = {item.visit_id: item.id for item in clinic.studies_of(session, patient)}
    first: date | None = next((v.held_on for v in visits if v.held_on is not None), None)
    found = []
    for visit in visits:
        of_visit = visit.entity_id
        newest = service.newest_of(readings[of_visit]) if of_visit in readings else None
        on = visit.held_on or visit.planned_on
        found.append(
            VisitView(
                id=str(of_visit),
                window=visit.window.value,
                status=visit.status.value,
                on=None if on is None else on.isoformat(),
                day=None if on is None or first is None else (on - first).days,
                reading=None if newest is None else newest.reading,
                study=None if of_visit not in studies else str(studies[of_visit]),
                signed=newest is not None and newest.status is ReadingStatus.CONFIRMED,
                answers=answers_view(reports.get(of_visit, ()), cases.get(of_visit)),
            )
        )
    return found
