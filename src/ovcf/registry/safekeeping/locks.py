"""What a locked study refuses: every row of the study, and every row about a fracture that is enrolled in it.

A patient's care goes on: another fracture, consent, identity and erasure are never refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from ovcf.errors import LockedError
from ovcf.registry.tables import Enrolment, Episode, ImagingStudy, Reading, Study, StudyFile, StudyLock, Visit
from ovcf.registry.words import LockState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from ovcf.registry.columns import Base


def a_study_is_locked() -> ColumnElement[bool]:
    """Whether the newest lock of any study is closed."""
    later = aliased(StudyLock)
    opened = exists().where(later.study_id == StudyLock.study_id, later.place > StudyLock.place)
    return exists().where(StudyLock.state == LockState.LOCKED, ~opened)


def locked_studies(session: Session) -> dict[UUID, str]:
    """The studies whose newest lock is closed, by id, with their codes."""
    newest = (
        select(StudyLock.study_id, func.max(StudyLock.place).label("place")).group_by(StudyLock.study_id).subquery()
    )
    found = session.execute(
        select(Study.id, Study.code)
        .join(newest, newest.c.study_id == Study.id)
        .join(StudyLock, (StudyLock.study_id == Study.id) & (StudyLock.place == newest.c.place))
        .where(StudyLock.state == LockState.LOCKED)
    )
    return {row.id: row.code for row in found}


def refuse_locked(session: Session, rows: Iterable[Base]) -> None:
    """Refuse new rows that belong to a locked study; the unlocking itself is none of them.

    Raises:
        LockedError: names the study, and what it would have taken.
    """
    new = [row for row in rows if not isinstance(row, StudyLock)]
    if not new or not (locked := locked_studies(session)):
        return
    patients = {found for row in new if (found := getattr(row, "patient_id", None)) is not None}
    enrolled = session.execute(
        select(Enrolment.episode_id, Enrolment.study_id).where(
            Enrolment.patient_id.in_(patients), Enrolment.study_id.in_(locked)
        )
    )
    of_episode = {row.episode_id: row.study_id for row in enrolled}
    for row in new:
        study = getattr(row, "study_id", None)
        if study not in locked and of_episode:
            episode = episode_of(session, row)
            study = None if episode is None else of_episode.get(episode)
        if study in locked:
            raise LockedError(
                f"study {locked[study]}",
                f"is locked, and takes no {row.__tablename__.replace('_', ' ')}",
                "Unlock it first, and say why; the unlocking is recorded.",
            )


def episode_of(session: Session, row: Base) -> UUID | None:
    """The fracture that a row is about; None for what is about the patient as a whole, or about nobody."""
    if isinstance(row, Episode):
        return row.entity_id
    if (found := getattr(row, "episode_id", None)) is not None:
        episode: UUID = found
        return episode
    if isinstance(row, StudyFile):
        images = session.get(ImagingStudy, row.study_id)
        return None if images is None else episode_of(session, images)
    if (found := getattr(row, "visit_id", None)) is not None:
        visit = session.get(Visit, found)
        return None if visit is None else visit.episode_id
    if (found := getattr(row, "reading_id", None)) is not None:
        reading = session.get(Reading, found)
        return None if reading is None else episode_of(session, reading)
    return None
