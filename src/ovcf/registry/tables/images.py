"""Imaging studies and the files they are made of, kept once by content."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, OfPatient, Versioned, now


class ImagingStudy(Versioned):
    """A study of images taken for a visit."""

    __tablename__ = "imaging_study"
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    study_uid: Mapped[str] = mapped_column(default="")
    acquired_on: Mapped[date | None]
    description: Mapped[str] = mapped_column(default="")


class MovedStudy(OfPatient):
    """A study that was assigned to the wrong patient or visit: where it was, and where it is now.

    ``reading``, which was made of it there, counts no more (:mod:`ovcf.registry.clinic.moving`).
    """

    __tablename__ = "moved_study"
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    study_id: Mapped[UUID] = mapped_column(ForeignKey("imaging_study.id"), index=True)
    to_study: Mapped[UUID]
    reading: Mapped[str | None] = mapped_column(String(64), index=True)
    reason: Mapped[str]


class StoredFile(Base):
    """A file of the file store, named by the SHA-256 of its content; ``sealed`` when it lies there encrypted."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bool] = mapped_column(default=False)
    stored_at: Mapped[datetime] = mapped_column(default=now)


class StudyFile(OfPatient):
    """A file of a study, by the name it had there."""

    __tablename__ = "study_file"
    study_id: Mapped[UUID] = mapped_column(ForeignKey("imaging_study.id"), index=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    name: Mapped[str]
