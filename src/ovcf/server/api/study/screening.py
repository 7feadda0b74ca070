"""The screening log, enrolment, visits and forms of a clinical study."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import select

from ovcf.errors import NotThereError
from ovcf.registry import service
from ovcf.registry.access import Act, require, within
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, Patient, Person, Screening
from ovcf.registry.words import Window
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.conduct_shapes import (
    CandidateLine,
    EntryShape,
    Filled,
    FormState,
    Left,
    NewEnrolment,
    NewHeld,
    NewScreening,
    PatientLine,
    Stayed,
    TreatmentLine,
    VisitState,
)
from ovcf.server.api.study.shapes import FormCode, Number, Pseudonym, StudyCode
from ovcf.server.api.study.visible_studies import enrolment_for, own_enrolments, study_for
from ovcf.study.conduct import form_values, screening
from ovcf.study.conduct.criteria import Answer
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.studies import in_force, pairs_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.tables import Enrolment, Study, Treatment
    from ovcf.study.protocol.model import Protocol, StudyVisit

router = APIRouter(tags=["clinical studies"], prefix="/clinical-studies/{clinical_study}")


@router.get("/candidates")
def log(here: Here, who: Who, clinical_study: StudyCode) -> list[CandidateLine]:
    """The screening log: every candidate of one's own site with the decision and its reason, newest first."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        return _candidates(session, who, study)


@router.post("/candidates", status_code=201)
def screen(here: Here, who: Who, clinical_study: StudyCode, asked: NewScreening) -> CandidateLine:
    """Judge a candidate by the criteria, and keep the judgement. What is unknown defers the decision."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        person = writer.session.get_one(Person, who.person)
        screening.screen(writer, study, person, asked.code, asked.facts, on=asked.on, reason=asked.reason)
    return _candidate(here, who, clinical_study, asked.code)


@router.post("/candidates/{candidate}/enrolment", status_code=201)
def enrol(here: Here, who: Who, clinical_study: StudyCode, candidate: Pseudonym, asked: NewEnrolment) -> CandidateLine:
    """Take an eligible candidate into the study, with consent. The patient gets a number of the study."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        told = select(Patient).where(Patient.code == candidate, Patient.site_id == who.site)
        patient = writer.session.scalars(told).first()
        if patient is None:
            raise NotThereError("candidate", "is not there", "Screen the candidate first.")
        screening.enrol(
            writer,
            study,
            patient,
            on=asked.on,
            arm=asked.arm,
            consent_on=asked.consent_on,
            fractured_on=asked.fractured_on,
        )
    return _candidate(here, who, clinical_study, candidate)


@router.get("/patients")
def patients(here: Here, who: Who, clinical_study: StudyCode) -> list[PatientLine]:
    """Everybody enrolled at one's own site, with the visits of the plan and how far their forms are."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        return _patients(session, study, own_enrolments(session, who, study))


@router.post("/patients/{enrolled}/visits", status_code=201)
def hold(here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, asked: NewHeld) -> PatientLine:
    """Record that a visit was held, with what the patient answered."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        one = enrolment_for(writer.session, who, study, enrolled)
        told = current(Episode).where(Episode.entity_id == one.episode_id)
        episode = writer.session.scalars(told).one()
        answers = {instrument.value: value for instrument, value in asked.answers.items()}
        service.hold_visit(writer, episode, window=asked.window.value, on=asked.on, answers=answers)
    return _one(here, who, clinical_study, enrolled)


@router.post("/patients/{enrolled}/withdrawal", status_code=201)
def leave(here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, asked: Left) -> PatientLine:
    """Record that a patient left the study. Nothing is deleted."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        one = enrolment_for(writer.session, who, study, enrolled)
        screening.withdraw(writer, one, asked.kind, on=asked.on, keep_data=asked.keep_data, because=asked.because)
    return _one(here, who, clinical_study, enrolled)


@router.post("/patients/{enrolled}/withdrawal/retraction", status_code=201)
def stay(here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, asked: Stayed) -> PatientLine:
    """Take back that a patient left: it was recorded by mistake. The reason is kept."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        screening.take_back_withdrawal(writer, enrolment_for(writer.session, who, study, enrolled), asked.reason)
    return _one(here, who, clinical_study, enrolled)


@router.get("/patients/{enrolled}/forms/{window}/{form}")
def entry(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, window: Window, form: FormCode
) -> EntryShape:
    """A form of a visit as it stands: what was entered, and what stands in the registry already."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        return _entry(session, study, enrolment_for(session, who, study, enrolled), window, form)


@router.put("/patients/{enrolled}/forms/{window}/{form}")
def fill(
    here: Here, who: Who, clinical_study: StudyCode, enrolled: Number, window: Window, form: FormCode, asked: Filled
) -> EntryShape:
    """Fill in a form, or correct it with a reason; what stood there before is kept."""
    require(who, Act.WRITE_FACTS)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        one = enrolment_for(writer.session, who, study, enrolled)
        form_values.enter(writer, study, one, window, form, asked.values, reason=asked.reason)
    return entry(here, who, clinical_study, enrolled, window, form)


def _candidates(session: Session, who: Principal, study: Study) -> list[CandidateLine]:
    rows = session.scalars(within(current(Screening).where(Screening.study_id == study.id), who, Screening))
    _, protocol = in_force(session, study)
    texts = {c.id: c.text for c in protocol.criteria}
    codes = pairs_of(session, select(Patient.id, Patient.code))
    numbers = {e.patient_id: e.number for e in own_enrolments(session, who, study)}
    return [
        CandidateLine(
            code=codes[row.patient_id],
            on=row.on,
            decision=row.decision.value,
            because=row.because,
            facts=row.facts,
            unknown=[texts.get(id_, id_) for id_, said in row.criteria.items() if said == Answer.UNKNOWN],
            number=numbers.get(row.patient_id),
        )
        for row in sorted(rows, key=lambda r: (r.on, r.recorded_at), reverse=True)
    ]


def _candidate(here: Here, who: Principal, study: str, code: str) -> CandidateLine:
    with here.registry.reading() as session:
        found = _candidates(session, who, study_for(session, who, study))
    return next(c for c in found if c.code == code)


def _one(here: Here, who: Principal, code: str, enrolled: str) -> PatientLine:
    with here.registry.reading() as session:
        study = study_for(session, who, code)
        return _patients(session, study, [enrolment_for(session, who, study, enrolled)])[0]


def _patients(session: Session, study: Study, enrolments: Sequence[Enrolment]) -> list[PatientLine]:
    _, protocol = in_force(session, study)
    records, today = Records(session, enrolments), datetime.now(UTC).date()
    codes = pairs_of(session, select(Patient.id, Patient.code))
    crossed = {
        c.enrolment.entity_id: c.treatment.kind.value
        for c in screening.crossovers(session, study, list(enrolments), records)
    }
    found = []
    for one in enrolments:
        gone = records.withdrawal(one)
        found.append(
            PatientLine(
                number=one.number,
                code=codes[one.patient_id],
                patient=one.patient_id,
                episode=one.episode_id,
                treatments=[_treatment(protocol, one, t) for t in records.treatments(one)],
                arm=one.arm,
                on=one.on,
                crossed=crossed.get(one.entity_id, ""),
                left="" if gone is None else gone.kind.value,
                left_on=None if gone is None else gone.on,
                visits=[
                    _visit(records, protocol, one, v, today, None if gone is None else gone.on) for v in protocol.visits
                ],
            )
        )
    return found


def _treatment(protocol: Protocol, one: Enrolment, row: Treatment) -> TreatmentLine:
    return TreatmentLine(
        id=row.entity_id,
        kind=row.kind,
        began=row.started_on,
        ended=row.ended_on,
        levels=row.levels,
        drug=str(row.detail.get("drug") or ""),
        crossover=screening.is_crossover(protocol, one, row),
    )


def _visit(
    records: Records, protocol: Protocol, one: Enrolment, plan: StudyVisit, today: date, gone_on: date | None
) -> VisitState:
    first, last = one.on + timedelta(days=plan.from_day), one.on + timedelta(days=plan.to_day)
    visit, forms = records.visit(one, plan.window), []
    for form in protocol.due_at(plan.window):
        known = records.values(one, plan.window, form)
        missing = [f.label for f in form.fields if f.required and f.id not in known]
        forms.append(FormState(form=form.id, known=len(known), fields=len(form.fields), missing=missing))
    if visit is not None:
        state = "held"
    elif gone_on is not None and gone_on <= last:
        state = "gone"
    else:
        state = "later" if today < first else "due" if today <= last else "overdue"
    reading = records.reading(one, plan.window)
    return VisitState(
        window=plan.window,
        first_day=first,
        last_day=last,
        held_on=None if visit is None else visit.held_on,
        state=state,
        forms=forms,
        reading=None if reading is None else reading.reading,
    )


def _entry(session: Session, study: Study, one: Enrolment, window: Window, form_id: str) -> EntryShape:
    _, protocol = in_force(session, study)
    form = next((f for f in protocol.due_at(window) if f.id == form_id), None)
    if form is None:
        raise NotThereError("form", "is not asked for at this visit", "Choose one of the plan.")
    records = Records(session, [one])
    known, visit = records.values(one, window, form), records.visit(one, window)
    return EntryShape(
        form=form.id,
        window=window,
        held_on=None if visit is None else visit.held_on,
        filled=records.entry(one, window, form.id) is not None,
        values=known,
        implausible=[f.id for f in form.fields if f.id in known and not form_values.plausible(f, known[f.id])],
    )
