"""What lists show of a reading, made anew where another release concluded it.

A line of the worklist is kept, so that nobody waits for it. After an upgrade it would say what the release before saw,
while the reading, once it is open, says what this one sees. A worker that has nothing else to do makes one line after
the other anew, the newest study first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from ovcf.program import program
from ovcf.reading.file import from_bytes
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry.clinic.derived import derived
from ovcf.registry.clinic.intake import DRAFT
from ovcf.registry.clinic.readings import load_reading, newest_row
from ovcf.registry.tables import WorkItem
from ovcf.render.summary import summary

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry

_LOOKED_AT = 200
"""Lines looked at in one go: a look costs no more than a page of the worklist."""


@dataclass(slots=True)
class Renewal:
    """How far this worker is; what it could not make anew it leaves as it is, marked as of an earlier release."""

    registry: Registry
    after: tuple[datetime, UUID] | None = None
    over: bool = False

    def one(self) -> bool:
        """Look on until one line was made anew, at most at one page of the list; False where there is nothing left.

        A line that is made anew elsewhere meanwhile is not written over.
        """
        if self.over:
            return False
        with self.registry.reading() as session:
            asked = select(WorkItem).order_by(WorkItem.arrived_at.desc(), WorkItem.id.desc()).limit(_LOOKED_AT)
            if self.after is not None:
                at, last = self.after
                before = and_(WorkItem.arrived_at == at, WorkItem.id < last)
                asked = asked.where(or_(WorkItem.arrived_at < at, before))
            items = session.scalars(asked).all()
            for item in items:
                self.after = item.arrived_at, item.id
                if item.summary is not None and item.summary.get("program") != program():
                    told = self._told(session, item)
                    break
            else:
                self.over = len(items) < _LOOKED_AT
                return True
        if told is not None:
            same = (WorkItem.id == item.id, WorkItem.revision.is_not_distinct_from(item.revision))
            with self.registry.working() as session:
                session.execute(update(WorkItem).where(*same).values(summary=told))
        return True

    def _told(self, session: Session, item: WorkItem) -> dict[str, object] | None:
        """What is to be shown now; None where that cannot be said."""
        try:
            file = self._file(session, item)
            return None if file is None else summary(ReadingSession(file))
        except Exception:  # whatever is wrong with a file, the worker goes on, and the line stays marked
            return None

    def _file(self, session: Session, item: WorkItem) -> ReadingFile | None:
        if item.reading is not None:
            row = newest_row(session, item.reading)
            return None if row is None else load_reading(self.registry, row)
        draft = derived(session, item, DRAFT)
        return None if draft is None else from_bytes(self.registry.files.get(draft), f"study {item.id}")
