"""What is to be done: studies that arrived, the jobs that assess them, and what can be made again from their files.

These rows change as the work goes on. They tell nothing clinical: what is known of a patient stands in the other
tables, where nothing is overwritten.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, Word, now
from ovcf.registry.words import JobKind, JobState, WorkStatus


class WorkItem(Base):
    """One line of the worklist: a study from its arrival on, or a reading that came without images.

    Its id is that of the imaging study, also before the study has a patient. ``visit_id`` is the visit's entity,
    ``reading`` the reading made of it, ``revision`` its newest state. ``summary`` is what lists show of that state,
    made anew with each; None until it was made.
    """

    __tablename__ = "work_item"
    __table_args__ = (
        Index("ix_work_item_site_id_arrived_at_id", "site_id", "arrived_at", "id"),
        Index("ix_work_item_site_id_status_arrived_at_id", "site_id", "status", "arrived_at", "id"),
        Index("ix_work_item_arrived_at_id", "arrived_at", "id"),
        Index("ix_work_item_status_arrived_at_id", "status", "arrived_at", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"), index=True)
    status: Mapped[WorkStatus] = mapped_column(Word(WorkStatus))
    name: Mapped[str] = mapped_column(default="")
    study_uid: Mapped[str] = mapped_column(default="")
    acquired_on: Mapped[date | None]
    images: Mapped[int] = mapped_column(default=0)
    arrived_at: Mapped[datetime] = mapped_column(default=now)
    received_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reading: Mapped[str | None] = mapped_column(String(64), index=True)
    revision: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class ArrivedFile(Base):
    """A file of a study that has no patient yet; with a patient it becomes a file of the imaging study."""

    __tablename__ = "arrived_file"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), index=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    name: Mapped[str]


class DerivedFile(Base):
    """What was made of a study's files and could be made again: its frames for the page, the draft of an unassigned
    study. It goes with its patient."""

    __tablename__ = "derived_file"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    kind: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)


class BlindedDraft(Base):
    """A blinded case while its reader works on it: the versions of the reading as JSON, without what was seen.

    ``seconds`` is how long the reader has had the case open and was there; ``seen_at`` the last sign of them. The row
    goes when the case is given back.
    """

    __tablename__ = "blinded_draft"
    task_id: Mapped[UUID] = mapped_column(ForeignKey("reading_task.id"), primary_key=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    revision: Mapped[int] = mapped_column(default=0)
    versions: Mapped[str | None]
    seconds: Mapped[float] = mapped_column(default=0.0)
    seen_at: Mapped[datetime | None]


class TrainingExercise(Base):
    """A digital patient that a person reads for training: nothing of a patient is in it.

    ``file`` is the reading as it was given, ``truth`` what is so, ``versions`` what was done so far, ``found`` the
    errors once it was signed.
    """

    __tablename__ = "training_exercise"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    label: Mapped[str]
    seed: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=now)
    file: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    truth: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=0)
    versions: Mapped[str | None]
    seconds: Mapped[float] = mapped_column(default=0.0)
    seen_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Job(Base):
    """Something slow that a worker does, once: it is leased to one worker at a time, and leased anew if that one ends.

    ``lease`` is the secret of the lease: a worker that lost it can no longer finish the job. ``attempts`` counts the
    leases. ``why`` says why a job was set aside or cancelled, in the words of an error.
    """

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_enqueued_at", "state", "enqueued_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kind: Mapped[JobKind] = mapped_column(Word(JobKind))
    state: Mapped[JobState] = mapped_column(Word(JobState), default=JobState.QUEUED)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    enqueued_at: Mapped[datetime] = mapped_column(default=now)
    enqueued_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    progress: Mapped[str] = mapped_column(default="")
    why: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    seconds: Mapped[float | None]
    peak_bytes: Mapped[int | None] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)
