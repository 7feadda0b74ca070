"""The worklist: pages of studies and readings, found by what they say, in an order that paging keeps.

A page is found from where the last one ended, not by counting: it takes as long at the end as at the beginning, and
nothing is shown twice when a study arrives meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Date, and_, func, literal_column, or_, select

from ovcf.registry.access import within
from ovcf.registry.clinic.paging import MAX_PAGE, opened_day, opened_instant, packed
from ovcf.registry.clinic.search import found_ids
from ovcf.registry.store import current
from ovcf.registry.tables import Person, Visit, WorkItem
from ovcf.registry.words import Window, WorkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal

SortBy = Literal["arrived", "-arrived", "changed", "-changed", "acquired", "-acquired"]
_COLUMNS: dict[str, Any] = {"arrived": WorkItem.arrived_at, "changed": WorkItem.changed_at}
_NO_DAY = date(1900, 1, 1)
_ACQUIRED = {
    "sqlite": literal_column("coalesce(work_item.acquired_on, '1900-01-01')", Date()),
    "postgresql": literal_column("coalesce(work_item.acquired_on, DATE '1900-01-01')", Date()),
}
"""Studies whose day is not known come as the oldest. As the index has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: of a status, for a reader (by code), of planned visits, acquired between two days; with a patient or
    not. ``word`` is what :mod:`ovcf.registry.clinic.search` finds patients by, or a part of the name of a study that
    belongs to nobody yet."""

    status: tuple[WorkStatus, ...] = ()
    reader: str | None = None
    word: str = ""
    assigned: bool | None = None
    windows: tuple[Window, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: SortBy = "-arrived"
    cursor: str | None = None
    limit: int = field(default=50)


def lines(session: Session, principal: Principal, wanted: Wanted) -> tuple[Sequence[WorkItem], str | None]:
    """A page of the worklist, and the cursor of the next.

    Raises:
        RegistryError: the cursor is none of ours.
    """
    asked = within(select(WorkItem), principal, WorkItem)
    if wanted.status:
        asked = asked.where(WorkItem.status.in_(wanted.status))
    if wanted.reader is not None:
        asked = asked.where(WorkItem.assigned_to.in_(select(Person.id).where(Person.code == wanted.reader)))
    if wanted.assigned is not None:
        asked = asked.where(WorkItem.patient_id.is_not(None) if wanted.assigned else WorkItem.patient_id.is_(None))
    if wanted.word:
        named = func.lower(WorkItem.name).like(f"%{_escaped(wanted.word)}%", escape="\\")
        ids = found_ids(session, principal, wanted.word)
        asked = asked.where(or_(WorkItem.patient_id.in_(ids), and_(WorkItem.patient_id.is_(None), named)))
    if wanted.windows:
        of_window = current(Visit).where(Visit.entity_id == WorkItem.visit_id, Visit.window.in_(wanted.windows))
        asked = asked.where(of_window.exists())
    if wanted.since is not None:
        asked = asked.where(WorkItem.acquired_on >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(WorkItem.acquired_on <= wanted.until)
    name, down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    column = _ACQUIRED[session.get_bind().dialect.name] if name == "acquired" else _COLUMNS[name]
    if wanted.cursor is not None:
        opened = opened_day if name == "acquired" else opened_instant
        at, id_ = opened(wanted.cursor, wanted.sort)
        # The first part alone is a range of the index; the second leaves out what was shown of the same moment.
        within_range, beyond, tie = (
            (column <= at, column < at, WorkItem.id < id_) if down else (column >= at, column > at, WorkItem.id > id_)
        )
        asked = asked.where(within_range, or_(beyond, tie))
    order = (column.desc(), WorkItem.id.desc()) if down else (column, WorkItem.id)
    limit = max(1, min(wanted.limit, MAX_PAGE))
    rows = session.scalars(asked.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    ended = {"arrived": last.arrived_at, "changed": last.changed_at, "acquired": last.acquired_on or _NO_DAY}[name]
    return rows[:limit], packed(wanted.sort, ended, last.id)


def _escaped(word: str) -> str:
    return word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
