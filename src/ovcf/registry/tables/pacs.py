"""What came from a picture archive and what is to go to one.

The first two tables change as the work goes on. What was done (:class:`PacsRecord`) is written once, and audited.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, Kept, Word, now
from ovcf.registry.words import OutState, PacsEvent, ResultKind


class ReceivedInstance(Base):
    """An image that was taken from an archive, as it belongs to a line of the worklist.

    ``content`` is the digest of what it says, whatever its transfer syntax; ``sha256`` the file as it was received. An
    image of a study that grew belongs to each of the lines that were made of it; the ``newest`` one counts.
    """

    __tablename__ = "received_instance"
    __table_args__ = (
        UniqueConstraint("work_item_id", "sop_uid"),
        Index("ix_received_instance_site_id_sop_uid", "site_id", "sop_uid"),
        Index("ix_received_instance_site_id_study_uid", "site_id", "study_uid"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    study_uid: Mapped[str] = mapped_column(String(64))
    sop_uid: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    newest: Mapped[bool] = mapped_column(default=True)


class OutboxItem(Base):
    """An object of a reading that is to go to an archive, as the bytes that are sent at every attempt.

    ``version`` is that of the reading, ``peer`` the archive by its name in the settings. ``transaction_uid`` is that of
    the request for storage commitment.
    """

    __tablename__ = "outbox_item"
    __table_args__ = (UniqueConstraint("peer", "sop_uid"), Index("ix_outbox_item_state_next_at", "state", "next_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    work_item_id: Mapped[UUID] = mapped_column(ForeignKey("work_item.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    reading: Mapped[str] = mapped_column(String(64), index=True)
    version: Mapped[str] = mapped_column(String(64))
    kind: Mapped[ResultKind] = mapped_column(Word(ResultKind))
    peer: Mapped[str] = mapped_column(String(64))
    sop_class: Mapped[str] = mapped_column(String(64))
    sop_uid: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    state: Mapped[OutState] = mapped_column(Word(OutState), default=OutState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    why: Mapped[str] = mapped_column(default="")
    transaction_uid: Mapped[str | None] = mapped_column(String(64), index=True)
    queued_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class PacsRecord(Kept):
    """Something that passed between the registry and an archive. It names no image: UIDs lead to a person.

    ``work_item`` is the line of the worklist, which may be gone; ``version`` that of the ``reading`` it is about.
    ``identity`` is the hospital's number that became known by a study.
    """

    __tablename__ = "pacs_record"
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)
    work_item: Mapped[UUID | None] = mapped_column(index=True)
    event: Mapped[PacsEvent] = mapped_column(Word(PacsEvent))
    peer: Mapped[str] = mapped_column(String(64), default="")
    reading: Mapped[str] = mapped_column(String(64), default="", index=True)
    version: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[ResultKind | None] = mapped_column(Word(ResultKind))
    images: Mapped[int] = mapped_column(default=0)
    identity: Mapped[UUID | None] = mapped_column(ForeignKey("identity.id"), index=True)
    why: Mapped[str] = mapped_column(default="")
