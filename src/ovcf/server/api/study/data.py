"""The data of a study: flow, table, lock, and what travels between hospitals in signed bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, Response
from sqlalchemy import select

from ovcf.errors import NotThereError
from ovcf.registry.access import Act, require, within
from ovcf.registry.tables import Site
from ovcf.registry.words import LockState
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.shapes import (
    Because,
    CountLine,
    KeyPair,
    LockShape,
    MergedShape,
    NewBundle,
    PublicLine,
    StudyCode,
    Verified,
)
from ovcf.server.api.study.visible_studies import refuse_part, study_for
from ovcf.server.report_answers import SANDBOX
from ovcf.study.conduct.flow import flow_of
from ovcf.study.conduct.flow_words import chart, rows
from ovcf.study.data import database_lock
from ovcf.study.data.checklist import Checklist
from ovcf.study.data.checklist import checklist as fill_checklist
from ovcf.study.data.data_set import as_csv, data_set
from ovcf.study.data.workbook import workbook
from ovcf.study.sites.keys import new_key, parse_key, parse_public, public_half, trust
from ovcf.study.sites.merge import merge
from ovcf.study.sites.site_bundle import make_bundle, read_bundle

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.tables import Study

router = APIRouter(tags=["clinical studies"], prefix="/clinical-studies/{clinical_study}")
_SVG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_XLSX: dict[int | str, dict[str, Any]] = {200: {"content": {_EXCEL: {}}}}
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}


@router.get("/flow")
def flow(here: Here, who: Who, clinical_study: StudyCode) -> list[CountLine]:
    """The flow of patients, counted from the registry, as CONSORT and STARD ask for it."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = flow_of(session, _whole(session, who, clinical_study))
        return [CountLine(part=part, what=what, patients=n) for part, what, n in rows(found)]


@router.get("/flow.svg", response_class=Response, responses=_SVG)
def flow_chart(here: Here, who: Who, clinical_study: StudyCode) -> Response:
    """The same as a chart."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        made = chart(flow_of(session, _whole(session, who, clinical_study)))
    return _file(made.encode(), "image/svg+xml", f"{clinical_study}-flow.svg", how="inline")


@router.get("/table.csv", response_class=Response, responses=_CSV)
def table(here: Here, who: Who, clinical_study: StudyCode) -> Response:
    """One row for each patient, columns as `ovcf cohort multicentre` knows them."""
    require(who, Act.EXPORT)
    with here.registry.reading() as session:
        made = as_csv(data_set(session, _whole(session, who, clinical_study)))
    return _file(made.encode(), "text/csv; charset=utf-8", f"{clinical_study}-patients.csv")


@router.get("/table.xlsx", response_class=Response, responses=_XLSX)
def table_in_excel(here: Here, who: Who, clinical_study: StudyCode) -> Response:
    """An Excel workbook: the table by names and in words, what each column is, the screening log without names, and
    the queries."""
    require(who, Act.EXPORT)
    with here.registry.reading() as session:
        made = workbook(session, _whole(session, who, clinical_study))
    return _file(made, _EXCEL, f"{clinical_study}.xlsx")


@router.get("/checklists/{checklist}.csv", response_class=Response, responses=_CSV)
def filled_checklist(here: Here, who: Who, clinical_study: StudyCode, checklist: Checklist) -> Response:
    """STARD, TRIPOD+AI or, where arms are compared, CONSORT, filled with what the protocol says and the registry
    counts; the rest is left to authors."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        made = fill_checklist(session, _whole(session, who, clinical_study), checklist)
    return _file(made.encode("utf-8-sig"), "text/csv; charset=utf-8", f"{clinical_study}-{checklist}.csv")


@router.get("/lock")
def locked(here: Here, who: Who, clinical_study: StudyCode) -> LockShape:
    """Whether the data are locked, and what should be settled before."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        return _lock(session, _whole(session, who, clinical_study))


@router.post("/lock")
def close(here: Here, who: Who, clinical_study: StudyCode, asked: Because) -> LockShape:
    """Lock the data: a digest is made, and every write to them is refused from now on. With queries or judgements open
    it needs a reason."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        database_lock.lock(writer, _whole(writer.session, who, clinical_study), asked.because)
    return locked(here, who, clinical_study)


@router.post("/unlock")
def open_(here: Here, who: Who, clinical_study: StudyCode, asked: Because) -> LockShape:
    """Open the data again, with the reason."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        database_lock.unlock(writer, _whole(writer.session, who, clinical_study), asked.because)
    return locked(here, who, clinical_study)


@router.get("/lock/check")
def verify(here: Here, who: Who, clinical_study: StudyCode) -> Verified:
    """Whether the data are as they were when they were locked."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = _whole(session, who, clinical_study)
        found = database_lock.verify(session, study)
        last = database_lock.state(session, study)
        return Verified(digest="" if last is None else last.digest, differences=found)


@router.post("/key", status_code=201)
def key(here: Here, who: Who, clinical_study: StudyCode) -> KeyPair:
    """A new key for one's own site. It is kept nowhere here: download it, and send only the public half to others."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.reading() as session:
        study_for(session, who, clinical_study)
        site = session.get_one(Site, who.site).code
    private = new_key().decode()
    return KeyPair(site=site, private=private, public=f"{public_half(parse_key(private, 'key'), site)}\n")


@router.post("/trust", status_code=204)
def trust_site(here: Here, who: Who, clinical_study: StudyCode, asked: PublicLine) -> None:
    """Take the bundles of a site by its public key. Make sure by telephone that the key is theirs."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        refuse_part(writer.session, who, study_for(writer.session, who, clinical_study))
        trust(writer, parse_public(asked.public, "public key"))


@router.post("/bundle", response_class=Response, responses=_ZIP)
def bundle(here: Here, who: Who, clinical_study: StudyCode, asked: NewBundle) -> Response:
    """Everything of the study about the patients of a site, signed. The key is used and kept nowhere."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        private = parse_key(asked.private, "key")
        own = session.get_one(Site, who.site)
        wanted = within(select(Site).where(Site.code == (asked.site or own.code)), who, Site)
        sent = session.scalars(wanted).first()
        if sent is None:
            raise NotThereError("site", "is not there", "Name one of your own.")
        made = make_bundle(session, here.registry, study, sent, own, private)
        name = f"{clinical_study}-{sent.code}.zip"
    return _file(made, "application/zip", name)


@router.post("/merge")
def take_in(
    here: Here,
    who: Who,
    clinical_study: StudyCode,
    content: Annotated[bytes, Body(media_type="application/octet-stream")],
) -> MergedShape:
    """Add what a signed bundle brings. What contradicts is listed and left out; merging twice adds nothing."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        study = _whole(writer.session, who, clinical_study)
        read = read_bundle(writer.session, content, "bundle")
        if read.study != study.code:
            raise NotThereError("bundle", f"is one of {read.study}", "Open that study, and merge it there.")
        found = merge(writer, here.registry, read)
    return MergedShape(
        site=found.site, patients=found.patients, added=found.added, there=found.there, conflicts=list(found.conflicts)
    )


def _whole(session: Session, who: Principal, code: str) -> Study:
    study = study_for(session, who, code)
    refuse_part(session, who, study)
    return study


def _lock(session: Session, study: Study) -> LockShape:
    last = database_lock.state(session, study)
    return LockShape(
        locked=last is not None and last.state is LockState.LOCKED,
        at=None if last is None else last.recorded_at,
        digest="" if last is None else last.digest,
        because="" if last is None else last.because,
        unsettled=database_lock.unsettled(session, study),
    )


def _file(content: bytes, kind: str, name: str, how: Literal["inline", "attachment"] = "attachment") -> Response:
    headers = {"Content-Disposition": f'{how}; filename="{name}"', "Content-Security-Policy": SANDBOX}
    return Response(content, media_type=kind, headers=headers)
