"""Clinical studies: begun from a protocol, listed, shown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from ovcf.errors import ForbiddenError
from ovcf.language.worded import capital, joined, say
from ovcf.registry.access import Act, require, within
from ovcf.registry.store import current
from ovcf.registry.tables import Screening
from ovcf.registry.words import LockState
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.rounds import my_cases
from ovcf.server.api.study.shapes import (
    Choice,
    CriterionShape,
    FieldShape,
    FormShape,
    NewStudyProtocol,
    OutcomeShape,
    PlannedVisit,
    ProtocolShape,
    StudyCode,
    StudyDetail,
    StudyLine,
    VersionShape,
)
from ovcf.server.api.study.visible_studies import own_enrolments, refuse_part, studies_for, study_for
from ovcf.server.views.clinical_view import label_of
from ovcf.study.conduct.queries import queries_of
from ovcf.study.conduct.studies import amend, begin, in_force, versions_of
from ovcf.study.data import database_lock
from ovcf.study.protocol.read import parse_protocol, shipped
from ovcf.study.readers.values import called

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.tables import Study
    from ovcf.study.protocol.model import Criterion, Protocol

router = APIRouter(tags=["clinical studies"])
_TOML: dict[int | str, dict[str, Any]] = {200: {"content": {"application/toml": {}}}}


@router.get("/clinical-studies")
def list_(here: Here, who: Who) -> list[StudyLine]:
    """The studies that one may know of; the counts are those of one's own patients."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        mine = Counter(case.study for case in my_cases(session, who))
        return [_line(session, who, study, mine[study.code]) for study in studies_for(session, who)]


@router.post("/clinical-studies", status_code=201)
def start(here: Here, who: Who, asked: NewStudyProtocol) -> StudyDetail:
    """Begin a study from its protocol."""
    require(who, Act.MANAGE_STUDY)
    protocol = parse_protocol(asked.text, "protocol")
    with here.registry.writing(who.person) as writer:
        code = begin(writer, protocol).code
    return show(here, who, code)


@router.get("/protocol-example", response_class=Response, responses=_TOML)
def example(who: Who) -> Response:
    """A protocol to begin from: a validation of NASOVCF with Han's criteria, visits and outcomes."""
    require(who, Act.READ_CASES)
    return _file(shipped("han-validation"), "protocol.toml")


@router.post("/protocol-check")
def check(who: Who, asked: NewStudyProtocol) -> ProtocolShape:
    """Read a protocol without keeping it: what it says, or what is wrong in it."""
    require(who, Act.MANAGE_STUDY)
    return protocol_shape(parse_protocol(asked.text, "protocol"), [])


@router.get("/clinical-studies/{clinical_study}")
def show(here: Here, who: Who, clinical_study: StudyCode) -> StudyDetail:
    """One study with its protocol, and what one may do in it."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        _, protocol = in_force(session, study)
        versions = [
            VersionShape(version=v.version, digest=v.digest, recorded_at=v.recorded_at, because=v.because)
            for v in versions_of(session, study)
        ]
        try:
            refuse_part(session, who, study)
            whole = True
        except ForbiddenError:
            whole = False
        return StudyDetail(
            **_line(session, who, study, sum(c.study == study.code for c in my_cases(session, who))).model_dump(),
            protocol=protocol_shape(protocol, versions),
            may=sorted(who.acts),
            whole=whole,
        )


@router.get("/clinical-studies/{clinical_study}/protocol.toml", response_class=Response, responses=_TOML)
def file(here: Here, who: Who, clinical_study: StudyCode) -> Response:
    """The protocol in force, as it was written."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        row, _ = in_force(session, study_for(session, who, clinical_study))
        return _file(row.text, f"{clinical_study}-{row.version}.toml")


@router.post("/clinical-studies/{clinical_study}/protocol")
def change(here: Here, who: Who, clinical_study: StudyCode, asked: NewStudyProtocol) -> StudyDetail:
    """Amend the protocol: a version of its own, with the reason."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        study = study_for(writer.session, who, clinical_study)
        refuse_part(writer.session, who, study)
        amend(writer, study, parse_protocol(asked.text, "protocol"), asked.because)
    return show(here, who, clinical_study)


def protocol_shape(protocol: Protocol, versions: list[VersionShape]) -> ProtocolShape:
    """A protocol for the page."""
    plan = protocol.readers
    readers = (
        ""
        if plan is None
        else say(
            "{readers} readers at {windows}; {percent:g}% again after {days} days; {read}",
            readers=plan.readers,
            windows=joined(", ", plan.windows),
            percent=plan.repeats_percent,
            days=plan.washout_days,
            read=joined(", ", map(called, (*plan.measures, *plan.ratings))),
        )
    )
    return ProtocolShape(
        version=protocol.version,
        digest=protocol.digest,
        title=protocol.title,
        consent_required=protocol.consent_required,
        sample_size=protocol.sample_size,
        sample_size_reason=protocol.sample_size_reason,
        criteria=[_criterion(c) for c in protocol.criteria],
        arms=[Choice(id=a.id, title=a.title) for a in protocol.arms],
        visits=[
            PlannedVisit(window=v.window, from_day=v.from_day, to_day=v.to_day, forms=list(v.forms))
            for v in protocol.visits
        ],
        forms=[
            FormShape(
                id=f.id,
                title=f.title,
                fields=[
                    FieldShape(
                        id=x.id,
                        label=x.label,
                        kind=x.kind.value,
                        unit=x.unit,
                        low=x.low,
                        high=x.high,
                        choices=list(x.choices),
                        required=x.required,
                        source=x.source,
                    )
                    for x in f.fields
                ],
            )
            for f in protocol.forms
        ],
        outcomes=[
            OutcomeShape(id=o.id, title=o.title, window=o.window, primary=o.primary, adjudicators=o.adjudicators)
            for o in protocol.outcomes
        ],
        readers=readers,
        pins=[p for p in (protocol.pins.software, *protocol.pins.models) if p],
        versions=versions,
    )


_COUNTED = {"recent_fractures": "Number of recent fractures"}
"""Facts that are no field of the clinical form (:func:`ovcf.study.conduct.criteria.facts_of`)."""


def _fact(name: str) -> str:
    """A fact as the clinical form calls it; one of the study's own by its name in words."""
    return _COUNTED.get(name) or capital(label_of(name))


def _criterion(c: Criterion) -> CriterionShape:
    limit = ", ".join(c.limit) if isinstance(c.limit, tuple) else _word(c.limit)
    return CriterionShape(
        id=c.id, text=c.text, fact=c.fact, label=_fact(c.fact), test=c.test, limit=limit, exclusion=c.exclusion
    )


def _word(limit: bool | float | str) -> str:
    if isinstance(limit, bool):
        return "yes" if limit else "no"
    return limit if isinstance(limit, str) else f"{limit:g}"


def _line(session: Session, who: Principal, study: Study, mine: int) -> StudyLine:
    _, protocol = in_force(session, study)
    screened = within(current(Screening).where(Screening.study_id == study.id), who, Screening)
    enrolled = own_enrolments(session, who, study)
    ids, last = {e.entity_id for e in enrolled}, database_lock.state(session, study)
    return StudyLine(
        code=study.code,
        version=protocol.version,
        title=protocol.title,
        screened=len(session.scalars(screened.with_only_columns(Screening.id)).all()),
        enrolled=len(enrolled),
        planned=protocol.sample_size,
        open_queries=sum(q.state != "closed" and q.row.enrolment_id in ids for q in queries_of(session, study)),
        locked=last is not None and last.state is LockState.LOCKED,
        mine=mine,
    )


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type="application/toml", headers=headers)
