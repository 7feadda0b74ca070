"""Patients, their fractures and visits."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from ovcf.errors import RegistryError
from ovcf.plain_text import clean
from ovcf.registry import service
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.paging import MAX_PAGE
from ovcf.registry.clinic.search import patients as found_patients
from ovcf.registry.words import VisitStatus
from ovcf.server.api.here import Here, Who
from ovcf.server.api.shapes import (
    EpisodeShape,
    NewEpisode,
    NewPatient,
    NewVisit,
    PatientPage,
    PatientShape,
    TakenBack,
    VisitChange,
    VisitShape,
)
from ovcf.server.api.shown import episode_shape, patient_line, visit_shape, work_lines

router = APIRouter(tags=["patients"])
Word = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str | None, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@router.get("/patients")
def list_(here: Here, who: Who, q: Word = "", cursor: Cursor = None, limit: Limit = 50) -> PatientPage:
    """Patients by pseudonym; ``q`` is its beginning, or the number at its end."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        rows, next_ = found_patients(session, who, word=clean(q), cursor=cursor, limit=limit)
        return PatientPage(items=[patient_line(row) for row in rows], next=next_)


@router.post("/patients", status_code=201)
def admit(here: Here, who: Who, asked: NewPatient) -> PatientShape:
    """Admit a patient, by pseudonym."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        code = asked.code or clinic.next_code(writer.session, who)
        patient, _ = clinic.admit(
            writer,
            who,
            code,
            sex=asked.sex,
            birth_year=asked.birth_year,
            levels=asked.episode.levels,
            fractured_on=asked.episode.fractured_on,
            mechanism=asked.episode.mechanism,
        )
        id_ = patient.id
    return show(here, who, id_)


@router.get("/patients/{patient}")
def show(here: Here, who: Who, patient: UUID) -> PatientShape:
    """One patient: fractures, visits, studies."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = clinic.patient_of(session, who, patient)
        return PatientShape(
            **patient_line(found).model_dump(),
            episodes=[episode_shape(e) for e in service.episodes_of(session, found)],
            visits=[visit_shape(v) for v in clinic.all_visits(session, found)],
            studies=work_lines(session, clinic.studies_of(session, found)),
        )


@router.post("/patients/{patient}/episodes", status_code=201)
def add_episode(here: Here, who: Who, patient: UUID, asked: NewEpisode) -> EpisodeShape:
    """One more fracture event."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = clinic.patient_of(writer.session, who, patient)
        if asked.refracture_of is not None:
            known = [e.entity_id for e in service.episodes_of(writer.session, found)]
            if asked.refracture_of not in known:
                raise RegistryError("refracture_of", "is no episode of this patient", "Choose one of theirs.")
        return episode_shape(
            clinic.add_episode(
                writer,
                found,
                levels=asked.levels,
                fractured_on=asked.fractured_on,
                mechanism=asked.mechanism,
                refracture_of=asked.refracture_of,
            )
        )


@router.post("/patients/{patient}/visits", status_code=201)
def add_visit(here: Here, who: Who, patient: UUID, asked: NewVisit) -> VisitShape:
    """A visit that was held, or is planned."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = clinic.patient_of(writer.session, who, patient)
        if asked.held_on is not None:
            known = service.episodes_of(writer.session, found)
            chosen = [e for e in known if asked.episode in (None, e.entity_id)]
            if not chosen:
                raise RegistryError("episode", "is none of this patient", "Choose one of theirs.")
            return visit_shape(service.hold_visit(writer, chosen[-1], window=asked.window, on=asked.held_on))
        if asked.planned_on is not None:
            return visit_shape(
                clinic.plan_visit(writer, found, window=asked.window, on=asked.planned_on, episode=asked.episode)
            )
        raise RegistryError("visit", "has no day", "Give held_on or planned_on.")


@router.get("/visits/{visit}")
def show_visit(here: Here, who: Who, visit: UUID) -> VisitShape:
    """One visit."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return visit_shape(clinic.visit_of(session, who, visit))


@router.patch("/visits/{visit}")
def change_visit(here: Here, who: Who, visit: UUID, asked: VisitChange) -> VisitShape:
    """Correct a visit, with the reason."""
    require(who, Act.WRITE_FACTS)
    changes = asked.model_dump(exclude={"reason"}, exclude_none=True)
    if asked.held_on is not None and asked.status is None:
        changes["status"] = VisitStatus.HELD
    with here.registry.writing(who.person) as writer:
        found = clinic.visit_of(writer.session, who, visit)
        return visit_shape(writer.replace(found, asked.reason, **changes))


@router.post("/visits/{visit}/retraction", status_code=204)
def retract_visit(here: Here, who: Who, visit: UUID, asked: TakenBack) -> None:
    """Take a visit back that nothing was made of, with the reason."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        found = clinic.visit_of(writer.session, who, visit)
        if clinic.is_used(writer.session, found):
            raise RegistryError("this visit", "has images, a reading or answers", "Take those back first.")
        writer.retract(found, asked.reason)
