"""Queries of a clinical study: asked by rule or by a monitor, answered, closed. No value is changed by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select

from ovcf.errors import NotThereError
from ovcf.registry.access import Act, require, within
from ovcf.registry.tables import DataQuery
from ovcf.registry.words import QueryStep
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.conduct_shapes import NewQuery, QueryEventShape, QueryShape, Raised, Step
from ovcf.server.api.study.shapes import StudyCode
from ovcf.server.api.study.visible_studies import enrolment_for, own_enrolments, refuse_part, study_for
from ovcf.study.conduct import queries

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.tables import Study

router = APIRouter(tags=["clinical studies"], prefix="/clinical-studies/{clinical_study}/queries")


@router.get("")
def list_(here: Here, who: Who, clinical_study: StudyCode) -> list[QueryShape]:
    """The queries about one's own patients, with their answers and the value as it stands now."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return _shapes(session, who, study_for(session, who, clinical_study))


@router.post("/raise")
def raise_(here: Here, who: Who, clinical_study: StudyCode) -> Raised:
    """Ask about every value that is missing or implausible and every visit that is overdue; about each once."""
    require(who, Act.QUERY_DATA)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        refuse_part(writer.session, who, study)
        return Raised(asked=len(queries.raise_queries(writer, study, today=datetime.now(UTC).date())))


@router.post("", status_code=201)
def ask(here: Here, who: Who, clinical_study: StudyCode, asked: NewQuery) -> QueryShape:
    """Ask about one field of a form."""
    require(who, Act.QUERY_DATA)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        one = enrolment_for(writer.session, who, study, asked.patient)
        made = queries.ask(writer, study, one, asked.window, asked.form, asked.field, asked.text).id
    return _one(here, who, clinical_study, made)


@router.post("/{query}/steps", status_code=201)
def step(here: Here, who: Who, clinical_study: StudyCode, query: UUID, asked: Step) -> QueryShape:
    """Answer a query, close it or open it again. The value is corrected in its form, with a reason."""
    require(who, Act.WRITE_FACTS if asked.step is QueryStep.ANSWERED else Act.QUERY_DATA)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        wanted = select(DataQuery).where(DataQuery.id == query, DataQuery.study_id == study.id)
        found = writer.session.scalars(within(wanted, who, DataQuery)).first()
        if found is None:
            raise NotThereError("query", "is not there", "Choose one from the list of queries.")
        queries.step(writer, found, asked.step, asked.text)
    return _one(here, who, clinical_study, query)


def _one(here: Here, who: Principal, code: str, query: UUID) -> QueryShape:
    with here.registry.reading() as session:
        return next(q for q in _shapes(session, who, study_for(session, who, code)) if q.id == query)


def _shapes(session: Session, who: Principal, study: Study) -> list[QueryShape]:
    own = {e.entity_id for e in own_enrolments(session, who, study)}
    return [
        QueryShape(
            id=q.row.id,
            number=q.row.number,
            patient=q.patient,
            window=q.row.window,
            form=q.row.form,
            field=q.row.field,
            rule=q.row.rule.value,
            text=q.text,
            value=q.row.value,
            now=q.now,
            state=q.state,
            asked_at=q.row.recorded_at,
            asked_by=q.asked_by,
            events=[QueryEventShape(at=at, by=by, step=word.value, text=text) for at, by, word, text in q.events],
        )
        for q in queries.queries_of(session, study)
        if q.row.enrolment_id in own
    ]
