"""Cases that somebody was to read and can read no longer: given back to whoever comes, or to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ovcf.errors import RegistryError
from ovcf.registry.access import MAY, Act
from ovcf.registry.columns import now
from ovcf.registry.people.standing import standing
from ovcf.registry.tables import ReaderStudyClosed, ReadingTask, TaskReading, WorkItem
from ovcf.registry.words import Action, WorkStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.people.standing import Stands
    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Person

_UNREAD = (WorkItem.assigned_to.is_not(None), WorkItem.status != WorkStatus.SIGNED)


def may_read(stands: Stands) -> bool:
    """Whether cases may be assigned to somebody who stands so."""
    return stands.active and Act.SIGN in MAY[stands.role]


def unread(session: Session) -> Mapping[UUID, int]:
    """How many unsigned cases are assigned to each person."""
    asked = select(WorkItem.assigned_to, func.count()).where(*_UNREAD).group_by(WorkItem.assigned_to)
    return {person: int(number) for person, number in session.execute(asked) if person is not None}


def unread_blinded(session: Session) -> Mapping[UUID, int]:
    """How many blinded cases of studies each person has not given back. They are nobody else's: who reads which case,
    in which order, was drawn."""
    read = select(TaskReading.id).where(TaskReading.task_id == ReadingTask.id).exists()
    asked = select(ReadingTask.reader_id, func.count()).where(~read).group_by(ReadingTask.reader_id)
    asked = asked.where(ReadingTask.reader_study_id.not_in(select(ReaderStudyClosed.reader_study_id)))
    return {person: int(number) for person, number in session.execute(asked)}


def hand_over(writer: Writer, person: Person, to: Person | None) -> int:
    """Give every unsigned case of a person to another, or back to whoever comes; how many there were.

    What they signed stays theirs. The audit keeps that it was handed over.

    Raises:
        RegistryError: the other one may not sign, or not see one of the cases, or is disabled, or the same person.
    """
    session = writer.session
    items = session.scalars(select(WorkItem).where(WorkItem.assigned_to == person.id, *_UNREAD)).all()
    if to is not None:
        stands = standing(session, to)
        sees = stands.all_sites or {item.site_id for item in items} <= {to.site_id}
        if to.id == person.id or not (may_read(stands) and sees):
            raise RegistryError(
                f"person {to.code}", "cannot read these cases", "Choose somebody else of the same site who may sign."
            )
    for item in items:
        item.assigned_to, item.changed_at = None if to is None else to.id, now()
    session.flush()
    if items:
        writer.note(Action.HANDED_OVER, items)
    return len(items)
