"""Outcomes judged by two readers, each alone and on bare images, and by a third where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlalchemy import select

from ovcf.errors import ForbiddenError, NotThereError
from ovcf.registry.access import Act, require
from ovcf.registry.tables import Adjudication, Person
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.reader_shapes import BarePictureShape, BareVisitShape, JudgementShape, NewJudgement
from ovcf.server.api.study.shapes import FormCode, Number, StudyCode
from ovcf.server.api.study.visible_studies import enrolment_for, own_enrolments, study_for
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.studies import in_force
from ovcf.study.readers.adjudicate import Given, Stage, adjudicate, judgements
from ovcf.study.readers.blinded_outcome import BareVisit, images_for, worked_on_record

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Study

router = APIRouter(tags=["clinical studies"], prefix="/clinical-studies/{clinical_study}/outcomes")
_WORDS = {True: "yes", False: "no", None: "cannot be told"}
_PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
Place = Annotated[int, Path(ge=0, le=10_000)]


@router.get("")
def list_(here: Here, who: Who, clinical_study: StudyCode) -> list[JudgementShape]:
    """Every outcome that is judged, of one's own patients whose visit was held. What others said of an open one is
    not told, nor who they are."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return _shapes(session, who, study_for(session, who, clinical_study))


@router.get("/{enrolled}/{outcome}/images")
def images(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, outcome: FormCode
) -> list[BareVisitShape]:
    """What a judge looks at: the images of the visits that the outcome needs, under the number of the study. Without
    name, day, measurements, score, or what the software or a reader found on them. For whose turn it is alone."""
    with here.registry.reading() as session:
        visits = _bare(session, here.registry, who, clinical_study, enrolled, outcome)
    return [
        BareVisitShape(
            window=visit.window,
            pictures=[
                BarePictureShape(
                    at=f"images/{v}/{n}",
                    series=p.series,
                    role=p.role,
                    posture=p.posture,
                    spacing=p.spacing,
                    calibrated=p.calibrated,
                    offset_mm=p.offset_mm,
                    size=p.size,
                )
                for n, p in enumerate(visit.pictures)
            ],
        )
        for v, visit in enumerate(visits)
    ]


@router.get("/{enrolled}/{outcome}/images/{shown}/{picture}", response_class=Response, responses=_PNG)
def image(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, outcome: FormCode, shown: Place, picture: Place
) -> Response:
    """One of these images as PNG; ``shown`` is the place of its visit in the list."""
    with here.registry.reading() as session:
        visits = _bare(session, here.registry, who, clinical_study, enrolled, outcome)
    try:
        found = visits[shown].pictures[picture]
    except IndexError:
        raise NotThereError("image", "is not there", "Ask for one that the list of images names.") from None
    return Response(found.png, media_type="image/png", headers={"Cache-Control": "private, max-age=600"})


@router.post("/{enrolled}/{outcome}", status_code=201)
def judge(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, outcome: FormCode, asked: NewJudgement
) -> JudgementShape:
    """Judge an outcome, once and alone. What is settled becomes an event of the patient. It is kept how many bare
    images there were to look at, what the judge declared, and whether the judge had worked on the record."""
    require(who, Act.SIGN)
    with here.registry.writing(who.person) as writer:
        session = writer.session
        study = study_for(session, who, clinical_study)
        one = enrolment_for(session, who, study, enrolled)
        me = session.get_one(Person, who.person)
        answer = {"yes": True, "no": False, "cannot be told": None}[asked.answer]
        _, protocol = in_force(session, study)
        told = protocol.outcome(outcome)
        shown = () if told is None else images_for(here.registry, Records(session, [one]), protocol, one, told)
        given = Given(pictures=sum(len(v.pictures) for v in shown), declared=asked.blinded)
        adjudicate(writer, study, one, outcome, me, answer, asked.because, given)
    with here.registry.reading() as session:
        found = _shapes(session, who, study_for(session, who, clinical_study))
        return next(j for j in found if (j.patient, j.outcome) == (enrolled, outcome))


def _bare(
    session: Session, registry: Registry, who: Principal, code: str, number: str, outcome: str
) -> tuple[BareVisit, ...]:
    """The images of an outcome.

    Raises:
        NotThereError: no such outcome of a patient that this person may know of, or its visit was not held.
        ForbiddenError: it is not this person's to judge now.
    """
    require(who, Act.SIGN)
    study = study_for(session, who, code)
    one = enrolment_for(session, who, study, number)
    _, protocol = in_force(session, study)
    asked = next(
        (j for j in judgements(session, study) if (j.enrolment.entity_id, j.outcome.id) == (one.entity_id, outcome)),
        None,
    )
    if asked is None:
        raise NotThereError("outcome", "is not there to judge", "Choose one from the list of outcomes.")
    if asked.stage is Stage.SETTLED or who.code in asked.readers:
        raise ForbiddenError(
            f"{number}, {outcome}", "is not yours to judge now", "Choose one from those that are yours to judge."
        )
    return images_for(registry, Records(session, [one]), protocol, one, asked.outcome)


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
        visit = records.visit(j.enrolment, j.outcome.window)
        turn = not settled and key not in mine and who.may(Act.SIGN)
        found.append(
            JudgementShape(
                patient=j.enrolment.number,
                outcome=j.outcome.id,
                title=j.outcome.title,
                window=j.outcome.window,
                level=records.level(j.enrolment),
                held_on=None if visit is None or turn else visit.held_on,
                stage=j.stage.value,
                given=len(j.readers),
                mine=_WORDS[mine[key]] if key in mine else None,
                turn=turn,
                worked_on_record=turn and worked_on_record(session, who.person, j.enrolment.patient_id),
                answer=_WORDS[j.answer] if settled else None,
                judges=list(j.readers) if settled else [],
            )
        )
    return found
