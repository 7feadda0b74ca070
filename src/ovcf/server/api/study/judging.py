"""Outcomes judged by two readers, each alone, and by a third where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import select

from ovcf.registry.access import Act, require
from ovcf.registry.tables import Adjudication, Person
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.reader_shapes import JudgementShape, NewJudgement
from ovcf.server.api.study.shapes import FormCode, Number, StudyCode
from ovcf.server.api.study.visible_studies import enrolment_for, own_enrolments, study_for
from ovcf.study.conduct.records import Records
from ovcf.study.readers.adjudicate import Stage, adjudicate, judgements

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.tables import Study

router = APIRouter(tags=["clinical studies"], prefix="/clinical-studies/{clinical_study}/outcomes")
_WORDS = {True: "yes", False: "no", None: "cannot be told"}


@router.get("")
def list_(here: Here, who: Who, clinical_study: StudyCode) -> list[JudgementShape]:
    """Every outcome that is judged, of one's own patients whose visit was held. What others said of an open one is
    not told, nor who they are."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return _shapes(session, who, study_for(session, who, clinical_study))


@router.post("/{enrolled}/{outcome}", status_code=201)
def judge(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, outcome: FormCode, asked: NewJudgement
) -> JudgementShape:
    """Judge an outcome, once and alone. What is settled becomes an event of the patient."""
    require(who, Act.SIGN)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        one = enrolment_for(writer.session, who, study, enrolled)
        me = writer.session.get_one(Person, who.person)
        answer = {"yes": True, "no": False, "cannot be told": None}[asked.answer]
        adjudicate(writer, study, one, outcome, me, answer, asked.because)
    with here.registry.reading() as session:
        found = _shapes(session, who, study_for(session, who, clinical_study))
        return next(j for j in found if (j.patient, j.outcome) == (enrolled, outcome))


def _shapes(session: Session, who: Principal, study: Study) -> list[JudgementShape]:
    own = own_enrolments(session, who, study)
    records, ids = Records(session, own), {e.entity_id for e in own}
    asked = select(Adjudication).where(Adjudication.study_id == study.id, Adjudication.reader_id == who.person)
    mine = {(a.enrolment_id, a.outcome): a.answer for a in session.scalars(asked)}
    found = []
    for j in judgements(session, study):
        if j.enrolment.entity_id not in ids:
            continue
        key, settled = (j.enrolment.entity_id, j.outcome.id), j.stage is Stage.SETTLED
        visit, reading = records.visit(j.enrolment, j.outcome.window), records.reading(j.enrolment, j.outcome.window)
        found.append(
            JudgementShape(
                patient=j.enrolment.number,
                outcome=j.outcome.id,
                title=j.outcome.title,
                window=j.outcome.window,
                held_on=None if visit is None else visit.held_on,
                stage=j.stage.value,
                given=len(j.readers),
                mine=_WORDS[mine[key]] if key in mine else None,
                turn=not settled and key not in mine and who.may(Act.SIGN),
                answer=_WORDS[j.answer] if settled else None,
                judges=list(j.readers) if settled else [],
                reading=None if reading is None else reading.reading,
            )
        )
    return found
