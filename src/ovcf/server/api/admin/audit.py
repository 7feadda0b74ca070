"""The audit: read, checked against every row, and its end taken away to be kept elsewhere. As ``ovcf audit`` does."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.plain_text import clean
from ovcf.registry.access import Act, require, within
from ovcf.registry.audit import Anchor
from ovcf.registry.audit_log import KINDS, Told, Wanted, told
from ovcf.registry.tables import Person
from ovcf.registry.words import Action
from ovcf.server.api.admin.shapes import AnchorAsked, AuditChoices, AuditLine, AuditPage, ChoreShape, Head
from ovcf.server.api.here import Here, Service, Who
from ovcf.server.api.patients import Limit
from ovcf.server.api.shapes import Day
from ovcf.server.chores import Chore, ChoreKind, Outcome

if TYPE_CHECKING:
    from datetime import date

router = APIRouter(tags=["administration"], prefix="/admin")
_MOST_TAKEN, _AT_ONCE = 1_000_000, 200
_MOST_FOUND = 200
"""Of what a check finds, so much is told; the rest is counted."""
Code = Annotated[str | None, Query(max_length=64)]
Kind = Annotated[str | None, Query(max_length=40)]


def _wanted(
    person: Code = None,
    patient: Code = None,
    kind: Kind = None,
    action: Action | None = None,
    since: Day | None = None,
    until: Day | None = None,
) -> Wanted:
    """Entries by a person (code), about a patient (pseudonym), of a kind of row, of an action, between two days (UTC,
    both included)."""
    return Wanted(
        person=None if person is None else clean(person),
        patient=None if patient is None else clean(patient),
        kind=None if kind is None else clean(kind),
        action=action,
        since=None if since is None else _midnight(since),
        until=None if until is None else _midnight(until) + timedelta(days=1),
        before=None,
        limit=50,
    )


Filter = Annotated[Wanted, Depends(_wanted)]


@router.get("/audit")
def list_(
    here: Here, who: Who, wanted: Filter, before: Annotated[int | None, Query(ge=0, le=2**62)] = None, limit: Limit = 50
) -> AuditPage:
    """Entries, newest first: by a person (code), about a patient (pseudonym), of a kind of row, of an action, between
    two days (UTC, both included). Of one's own site, unless one sees all."""
    require(who, Act.READ_AUDIT)
    with here.registry.reading() as session:
        rows, next_ = told(session, who, replace(wanted, before=before, limit=limit))
        return AuditPage(items=[_line(row) for row in rows], next=next_)


@router.get("/audit.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def as_table(here: Here, who: Who, wanted: Filter) -> Response:
    """The same entries as a table for Excel, newest first, with the digests that chain them."""
    require(who, Act.READ_AUDIT)
    held, before = io.StringIO(), None
    writer = csv.writer(held)
    writer.writerow(("entry", "at (UTC)", "person", "name", "did", "what", "row", "patient", "digest", "chain"))
    with here.registry.reading() as session:
        for _ in range(_MOST_TAKEN // _AT_ONCE):
            rows, before = told(session, who, replace(wanted, before=before, limit=_AT_ONCE))
            for line in map(_line, rows):
                at = line.at.isoformat(timespec="seconds")
                whom = "erased" if line.erased else line.patient
                what = (line.action.value, line.kind, line.row)
                writer.writerow((line.seq, at, line.by, line.name, *what, whom, line.digest, line.chain))
            if before is None:
                break
    name = f"audit-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(held.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/audit/choices")
def choices(here: Here, who: Who) -> AuditChoices:
    """What the audit can be filtered by: people of one's site (by code), kinds of rows, actions."""
    require(who, Act.READ_AUDIT)
    with here.registry.reading() as session:
        asked = select(Person.code).order_by(Person.code)
        people = asked if who.may(Act.MANAGE_PEOPLE) else within(asked, who, Person)
        return AuditChoices(people=list(session.scalars(people)), kinds=list(KINDS), actions=list(Action))


@router.get("/audit/head")
def head(here: Here, who: Who) -> Head:
    """The end of the audit now, to be kept where nobody can change both it and the registry."""
    require(who, Act.READ_AUDIT)
    found = here.registry.head()
    return Head(head=str(found), entries=found.seq)


@router.get("/audit/head.txt", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def head_file(here: Here, who: Who) -> Response:
    """The same as a file of one line, as `ovcf audit verify --anchor` takes it."""
    require(who, Act.READ_AUDIT)
    name = f"audit-head-{datetime.now(UTC):%Y-%m-%d-%H%M%S}.txt"
    return Response(
        f"{here.registry.head()}\n",
        media_type="text/plain",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post("/audit/check", status_code=202)
def check(here: Here, who: Who, asked: AnchorAsked) -> ChoreShape:
    """Check every row against the audit, and the chain itself; with an end that was kept earlier also whether the chain
    was written anew or cut. It goes on by itself: `GET /admin/chores` tells its outcome."""
    require(who, Act.READ_AUDIT)
    anchor = None
    if asked.anchor.strip():
        try:
            anchor = Anchor.parse(asked.anchor)
        except ValueError:
            raise RegistryError("anchor", "is not the end of an audit", "Give it whole: NUMBER:DIGITS.") from None

    def do() -> Outcome:
        end = here.registry.head()
        return Outcome(str(anchor or ""), end.seq, tuple(here.registry.faults(anchor)))

    return chore_shape(here, here.chores.begin(ChoreKind.AUDIT, who.person, do, about=str(anchor or "")))


@router.get("/chores")
def under_way(here: Here, who: Who) -> list[ChoreShape]:
    """Checks and backups: what is under way, and the last of each kind since the service was started."""
    require(who, Act.READ_AUDIT)
    own = {ChoreKind.AUDIT} if not who.may(Act.MANAGE_REGISTRY) else set(ChoreKind)
    return [chore_shape(here, one) for one in here.chores.last() if one.kind in own]


def chore_shape(here: Service, one: Chore) -> ChoreShape:
    """A chore as the page gets it."""
    found = one.outcome.found
    return ChoreShape(
        kind=one.kind,
        state=one.state,
        by=here.name_of(one.by),
        started_at=one.started_at,
        ended_at=one.ended_at,
        about=one.outcome.about,
        counted=one.outcome.counted,
        found=list(found[:_MOST_FOUND]),
        more=max(0, len(found) - _MOST_FOUND),
        why=one.why,
    )


def _line(row: Told) -> AuditLine:
    entry = row.entry
    return AuditLine(
        seq=entry.seq,
        at=entry.at,
        by=row.by,
        name=row.name,
        action=entry.action,
        kind=entry.table,
        row=entry.row,
        patient=row.patient,
        patient_id=entry.patient_id,
        erased=entry.patient_id is not None and not row.patient,
        link=_link(row, entry.patient_id),
        digest=entry.digest,
        chain=entry.chain,
    )


def _link(row: Told, patient: UUID | None) -> str:
    """The page of the record: of a reading, a study, or the patient it is about."""
    if row.reading:
        return f"/readings/{row.reading}/"
    if row.study:
        return f"/studies/#/{row.study}"
    return f"/patients/{patient}/" if row.patient else ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
