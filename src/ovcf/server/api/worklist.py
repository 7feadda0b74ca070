"""The worklist, the search, and whom to call: visits that are due, prevention of the next fracture that is overdue."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Response

from ovcf.clinical.sections import Prevention
from ovcf.language.spoken import tr
from ovcf.language.worded import joined
from ovcf.plain_text import clean, for_spreadsheet
from ovcf.registry.access import Act, require
from ovcf.registry.clinic import worklist
from ovcf.registry.clinic.due import due_visits
from ovcf.registry.clinic.overdue_prevention import count_undated, overdue_page
from ovcf.registry.clinic.paging import MAX_PAGE
from ovcf.registry.clinic.worklist import SortBy, Wanted
from ovcf.registry.words import Window, WorkStatus
from ovcf.render.words.course_words import DUE, timer_name, timer_state
from ovcf.scores.prevention.indicators import timers
from ovcf.server.api.here import Here, Who
from ovcf.server.api.patients import Cursor, Limit, Word
from ovcf.server.api.shapes import DueVisit, OverdueIndicator, OverduePrevention, Page, WorkPage
from ovcf.server.api.shown import work_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ovcf.follow_up.planned import PlannedVisit

T = TypeVar("T")
router = APIRouter(tags=["worklist"])
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


class DuePage(Page):
    """Visits that are due."""

    items: list[DueVisit]


class PreventionPage(Page):
    """Fractures after which something against the next one is overdue."""

    items: list[OverduePrevention]
    undated: int


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
        found, next_ = due_visits(session, who, _today(), cursor=cursor, limit=limit)
        items = [
            DueVisit(
                patient=patient.id,
                code=patient.code,
                window=_window(plan),
                first_day=plan.first_day,
                last_day=plan.last_day,
                due=plan.due.value,
            )
            for patient, plan in found
        ]
        return DuePage(items=items, next=next_)


@router.get("/worklist/due.csv", response_class=Response, responses=_CSV)
def due_table(here: Here, who: Who) -> Response:
    """All of them as a table for Excel, in the language of the page."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        rows = [
            (patient.code, tr(_window(plan)), plan.first_day, plan.last_day, tr(DUE[plan.due]))
            for patient, plan in _all(lambda cursor: due_visits(session, who, _today(), cursor=cursor, limit=MAX_PAGE))
        ]
    return _table("overdue-visits", ("Patient", "Visit", "From", "To", "State"), rows)


@router.get("/worklist/prevention")
def prevention(
    here: Here, who: Who, untreated: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> PreventionPage:
    """Fractures after which a time of the IOF against the next one is over (12, 16 or 52 weeks) and nothing is
    recorded, longest ago first; with ``untreated`` only those for which no osteoporosis drug is recorded after 16
    weeks. ``undated`` counts the fractures whose day is not known, so that nothing can be said of them."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found, next_ = overdue_page(
            session, here.registry, who, _today(), untreated=untreated, cursor=cursor, limit=limit
        )
        items = [
            OverduePrevention(
                patient=one.patient_id,
                code=one.patient,
                levels=list(one.levels),
                fractured_on=one.fractured_on,
                weeks=int(one.weeks),
                untreated=one.untreated,
                overdue=[
                    OverdueIndicator(indicator=timer.indicator.value, said=tr(timer_name(timer)))
                    for timer in one.timers
                ],
            )
            for one in found
        ]
        return PreventionPage(items=items, next=next_, undated=count_undated(session, who))


@router.get("/worklist/prevention.csv", response_class=Response, responses=_CSV)
def prevention_table(here: Here, who: Who, untreated: bool = False) -> Response:
    """All of them as a table for Excel, one row for each fracture and one column for each time of the IOF, in the
    language of the page."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        found = _all(
            lambda cursor: overdue_page(
                session, here.registry, who, _today(), untreated=untreated, cursor=cursor, limit=MAX_PAGE
            )
        )
        timed = [timer for timer in timers(Prevention(), None) if timer.within_weeks is not None]
        rows = [
            (
                one.patient,
                joined(", ", one.levels),
                one.fractured_on,
                int(one.weeks),
                *(timer_state(timer) for timer in one.all_timers if timer.within_weeks is not None),
            )
            for one in found
        ]
    heads = ("Patient", "Fractured level", "Day of the fracture", "Weeks since", *map(timer_name, timed))
    return _table("overdue-prevention", heads, rows)


def _today() -> date:
    return datetime.now(UTC).date()


def _window(plan: PlannedVisit) -> str:
    return "1 month" if plan.months == 1 else f"{plan.months} months"


def _all(page: Callable[[str | None], tuple[list[T], str | None]]) -> Iterator[T]:
    """Every page of a list, one after the other."""
    cursor: str | None = None
    while True:
        found, cursor = page(cursor)
        yield from found
        if cursor is None:
            return


def _table(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table for Excel: no text in it is a formula. Codes, days and numbers are the same in every language."""
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow([tr(head) for head in heads])
    for row in rows:
        writer.writerow([for_spreadsheet(tr(cell)) if isinstance(cell, str) else cell for cell in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}-{_today()}.csv"'}
    return Response(held.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)
