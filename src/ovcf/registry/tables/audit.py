"""The audit: one entry for every row recorded, erased or exported, chained."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, Word
from ovcf.registry.words import Action


class AuditEntry(Base):
    """``digest`` is that of the row under the patient's key, ``chain`` that of this entry and all before it.

    It refers to rows by name and id only, so that it outlives what was erased.
    """

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[UUID]
    action: Mapped[Action] = mapped_column(Word(Action))
    table: Mapped[str]
    row: Mapped[str]
    patient_id: Mapped[UUID | None] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(String(64))
    chain: Mapped[str] = mapped_column(String(64))
