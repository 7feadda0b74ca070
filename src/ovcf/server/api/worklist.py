"""The worklist, the search, and the visits that are due."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from ovcf.plain_text import clean
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import worklist
from ovcf.registry.clinic.due import due_visits
from ovcf.registry.clinic.worklist import SortBy, Wanted
from ovcf.registry.words import Window, WorkStatus
from ovcf.server.api.here import Here, Who
from ovcf.server.api.patients import Cursor, Limit, Word
from ovcf.server.api.shapes import DueVisit, Page, WorkPage
from ovcf.server.api.shown import work_lines

router = APIRouter(tags=["worklist"])


class DuePage(Page):
    """Visits that are due."""

    items: list[DueVisit]


@router.get("/worklist")
def list_(
    here: Here,
    who: Who,
    status: Annotated[list[WorkStatus] | None, Query(max_length=10)] = None,
    reader: Annotated[str | None, Query(max_length=60)] = None,
    assigned: bool | None = None,
    window: Annotated[list[Window] | None, Query(max_length=10)] = None,
    since: date | None = None,
    until: date | None = None,
    q: Word = "",
    sort: SortBy = "-arrived",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WorkPage:
    """Studies and readings: of a status, for a reader (by code), with or without a patient, of planned visits, acquired
    between two days. ``q`` is the beginning of a pseudonym, or its number; or a part of the name of a study that
    belongs to nobody yet."""
    require(who, Act.READ_CASES)
    wanted = Wanted(
        status=tuple(status or ()),
        reader=None if reader is None else clean(reader),
        word=clean(q),
        assigned=assigned,
        windows=tuple(window or ()),
        since=since,
        until=until,
        sort=sort,
        cursor=cursor,
        limit=limit,
    )
    with here.registry.reading() as session:
        rows, next_ = worklist.lines(session, who, wanted)
        return WorkPage(items=work_lines(session, rows), next=next_)


@router.get("/worklist/due")
def due(here: Here, who: Who, cursor: Cursor = None, limit: Limit = 50) -> DuePage:
    """Visits of the plan that are overdue or were missed, longest ago first."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found, next_ = due_visits(session, who, datetime.now(UTC).date(), cursor=cursor, limit=limit)
        items = [
            DueVisit(
                patient=patient.id,
                code=patient.code,
                window="1 month" if plan.months == 1 else f"{plan.months} months",
                first_day=plan.first_day,
                last_day=plan.last_day,
                due=plan.due.value,
            )
            for patient, plan in found
        ]
        return DuePage(items=items, next=next_)
