"""Rounds of blinded readings: assigned, read, closed, compared."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Response
from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.spoken import language
from ovcf.registry.access import MAY, Act, require
from ovcf.registry.people.accounts import standing
from ovcf.registry.tables import Person, ReaderStudy, ReaderStudyClosed
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.reader_shapes import (
    CaseLine,
    CaseState,
    MyCase,
    NewRound,
    ReaderChoice,
    ReaderProgress,
    RoundLine,
    RoundShape,
)
from ovcf.server.api.study.shapes import Because, RoundCode, StudyCode
from ovcf.server.api.study.visible_studies import refuse_part, round_for, studies_for, study_for
from ovcf.server.report_answers import SANDBOX
from ovcf.study.readers import results, rounds, sitting
from ovcf.study.readers.report import provenance, report_of
from ovcf.study.readers.values import called

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.server.api.here import Service

router = APIRouter(tags=["reader studies"], prefix="/clinical-studies/{clinical_study}")
mine_router = APIRouter(tags=["reader studies"])
_KINDS = {
    "html": ("report.html", "text/html; charset=utf-8"),
    "pdf": ("report.pdf", "application/pdf"),
    "docx": ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in (*(k for _, k in _KINDS.values()), "application/zip")}}
}


@mine_router.get("/my-cases")
def mine(here: Here, who: Who) -> list[MyCase]:
    """The blinded cases that whoever asks may read now, the next one first."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return my_cases(session, who)


@router.get("/readers")
def readers(here: Here, who: Who, clinical_study: StudyCode) -> list[ReaderChoice]:
    """Who may be assigned: people who may sign, of one's own site or, for who sees all sites, of any."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.reading() as session:
        study_for(session, who, clinical_study)
        return [ReaderChoice(code=p.code, name=p.name) for p in _able(session, who)]


@router.get("/rounds")
def list_(here: Here, who: Who, clinical_study: StudyCode) -> list[RoundLine]:
    """The rounds of a study, oldest first."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        found = session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id))
        return [_line(session, who, one) for one in sorted(found, key=lambda r: r.recorded_at)]


@router.post("/rounds", status_code=201)
def begin(here: Here, who: Who, clinical_study: StudyCode, asked: NewRound) -> RoundShape:
    """Assign every case to every reader, blinded, in an order that follows from the seed alone, with repeats."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        refuse_part(writer.session, who, study)
        able = {p.code for p in _able(writer.session, who)}
        if unable := [code for code in asked.readers if code not in able]:
            raise StudyError(f"reader {unable[0]}", "may not read here", "Choose people with the right to sign.")
        rounds.open_round(writer, study, asked.name, asked.readers, seed=asked.seed)
    return show(here, who, clinical_study, asked.name)


@router.get("/rounds/{round}")
def show(here: Here, who: Who, clinical_study: StudyCode, round: RoundCode) -> RoundShape:  # noqa: A002
    """One round: how far it is, and the cases of whoever asks. Nothing of what was read."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return _shape(session, who, round_for(session, study_for(session, who, clinical_study), round))


@router.post("/rounds/{round}/close")
def close(here: Here, who: Who, clinical_study: StudyCode, round: RoundCode, asked: Because) -> RoundShape:  # noqa: A002
    """End a round; only then can its readings be compared. With cases unread it needs a reason."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        refuse_part(writer.session, who, study)
        rounds.close(writer, round_for(writer.session, study, round), asked.because)
    return show(here, who, clinical_study, round)


@router.get("/rounds/{round}/results")
def compare(here: Here, who: Who, clinical_study: StudyCode, round: RoundCode) -> dict[str, Any]:  # noqa: A002
    """Agreement between and within readers of a round that has ended, as data: tables, figures (SVG), sentences."""
    return _report(here, who, clinical_study, round)[0]


@router.get("/rounds/{round}/results.{format}", response_class=Response, responses=_FILES)
def report(
    here: Here,
    who: Who,
    clinical_study: StudyCode,
    round: RoundCode,  # noqa: A002
    format: Literal["html", "pdf", "docx", "zip"],  # noqa: A002  # the name in the address
) -> Response:
    """The same as a report; ``zip`` holds every table as CSV and every figure as SVG and PNG too."""
    files = _report(here, who, clinical_study, round)[1]
    if format == "zip":
        body, kind = zipped(files), "application/zip"
    else:
        name, kind = _KINDS[format]
        body = files.get(name.replace("report.", f"report.{language()}."), files[name])
    how = "inline" if format == "html" else "attachment"
    headers = {
        "Content-Security-Policy": SANDBOX,
        "Content-Disposition": f'{how}; filename="readers-{clinical_study}-{round}.{format}"',
    }
    return Response(body, media_type=kind, headers=headers)


def zipped(files: dict[str, bytes]) -> bytes:
    """Files by name as one archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def my_cases(session: Session, who: Principal) -> list[MyCase]:
    """The cases that a person may read now: those in work first, else in the order of reading."""
    found = []
    for study in studies_for(session, who):
        for one in session.scalars(select(ReaderStudy).where(ReaderStudy.study_id == study.id)):
            if not rounds.is_closed(session, one):
                open_ = [c for c in _mine(session, who, one) if c.state in (CaseState.TO_READ, CaseState.IN_WORK)]
                open_.sort(key=lambda c: c.state is not CaseState.IN_WORK)
                found += [MyCase(study=study.code, round=one.code, task=c.task, label=c.label) for c in open_]
    return found


def _report(here: Service, who: Principal, code: str, round_code: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    from ovcf.report.cohort.cohort_write import cohort_report

    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, code)
        one = round_for(session, study, round_code)
        if who.code not in one.readers:
            refuse_part(session, who, study)
        found = results.agreement(session, one)
        made = report_of(study.code, one.code, found)
    content, files = cohort_report(made, provenance(), languages=(language(),))
    other = files.get(f"content.{language()}.json")
    return content if other is None else json.loads(other), files


def _able(session: Session, who: Principal) -> list[Person]:
    people = session.scalars(select(Person).order_by(Person.code))
    return [
        p
        for p in people
        if (who.all_sites or p.site_id == who.site)
        and (now := standing(session, p)).active
        and Act.SIGN in MAY[now.role]
    ]


def _line(session: Session, who: Principal, one: ReaderStudy) -> RoundLine:
    tasks, done = rounds.tasks_of(session, one), rounds.done_of(session, one)
    open_ = [c for c in _mine(session, who, one) if c.state in (CaseState.TO_READ, CaseState.IN_WORK)]
    return RoundLine(
        code=one.code,
        begun_at=one.recorded_at,
        closed=rounds.is_closed(session, one),
        readers=len(one.readers),
        read=len(done),
        tasks=len(tasks),
        mine=0 if rounds.is_closed(session, one) else len(open_),
    )


def _shape(session: Session, who: Principal, one: ReaderStudy) -> RoundShape:
    plan, conducts = rounds.plan_of(session, one), who.may(Act.MANAGE_STUDY)
    ended = session.scalars(select(ReaderStudyClosed).where(ReaderStudyClosed.reader_study_id == one.id)).first()
    return RoundShape(
        code=one.code,
        begun_at=one.recorded_at,
        closed=ended is not None,
        because="" if ended is None else ended.because,
        seed=one.seed if conducts else None,
        washout_days=plan.washout_days,
        repeats_percent=plan.repeats_percent,
        measures=[called(name) for name in plan.measures],
        ratings=[called(name) for name in plan.ratings],
        mine=_mine(session, who, one),
        progress=[
            ReaderProgress(
                reader=p.reader,
                read=p.first[0],
                cases=p.first[1],
                repeats_read=p.repeats[0],
                repeats=p.repeats[1],
                next_on=p.next_on,
            )
            for p in rounds.progress(session, one, now=datetime.now(UTC))
            if conducts or p.reader == who.code
        ],
        not_read=list(one.not_read) if conducts else [],
    )


def _mine(session: Session, who: Principal, one: ReaderStudy) -> list[CaseLine]:
    me = session.get_one(Person, who.person)
    done, begun, now = rounds.done_of(session, one), sitting.begun(session, one), datetime.now(UTC)
    found = []
    for task in rounds.tasks_of(session, one, me):
        on = rounds.ready_on(session, one, task)
        if task.id in done:
            state = CaseState.READ
        elif on is None or on > now:
            state = CaseState.WAITING
        else:
            state = CaseState.IN_WORK if task.id in begun else CaseState.TO_READ
        open_on = on if state is CaseState.WAITING else None
        found.append(CaseLine(task=task.id, label=task.label, state=state, open_on=open_on))
    return found
