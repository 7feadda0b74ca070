"""What a locked study refuses: every row of the study, and every row about a patient who is enrolled in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from ovcf.errors import LockedError
from ovcf.registry.tables import Enrolment, Erasure, Study, StudyLock
from ovcf.registry.words import LockState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.columns import Base


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
    """Refuse new rows that belong to a locked study. An erasure and the unlocking itself are never refused.

    Raises:
        LockedError: names the study, and what it would have taken.
    """
    new = [row for row in rows if not isinstance(row, StudyLock | Erasure)]
    if not new or not (locked := locked_studies(session)):
        return
    patients = {row.patient_id for row in new if getattr(row, "patient_id", None) is not None}  # type: ignore[attr-defined]
    enrolled = session.execute(
        select(Enrolment.patient_id, Enrolment.study_id).where(
            Enrolment.patient_id.in_(patients), Enrolment.study_id.in_(locked)
        )
    )
    of_patient = {row.patient_id: row.study_id for row in enrolled}
    for row in new:
        study = getattr(row, "study_id", None)
        if study not in locked:
            study = of_patient.get(getattr(row, "patient_id", None))
        if study is not None:
            raise LockedError(
                f"study {locked[study]}", f"is locked, and takes no {row.__tablename__.replace('_', ' ')}",
                "Unlock it first, and say why; the unlocking is recorded.",
            )  # fmt: skip
