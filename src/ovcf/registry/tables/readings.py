"""Readings: each version of each, and the numbers and scores of it as columns that can be searched."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.reading.version import ReadingStatus
from ovcf.registry.columns import OfPatient, Word
from ovcf.scores.result import Status


class Reading(OfPatient):
    """One saved state of a reading. ``revision`` counts them; two people cannot save the same one.

    ``version`` is the id of the version inside the reading, ``file`` the ``reading.ovcf`` in the file store.
    """

    __tablename__ = "reading"
    __table_args__ = (UniqueConstraint("reading", "revision"),)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    reading: Mapped[str] = mapped_column(index=True)
    revision: Mapped[int]
    version: Mapped[str]
    parent: Mapped[str | None]
    status: Mapped[ReadingStatus] = mapped_column(Word(ReadingStatus))
    reader: Mapped[str] = mapped_column(default="")
    confirmed_at: Mapped[datetime | None]
    observations: Mapped[str] = mapped_column(String(64))
    software: Mapped[str] = mapped_column(default="")
    file: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))


class MeasuredValue(OfPatient):
    """One number of a reading, with its error, image and posture."""

    __tablename__ = "measured_value"
    reading_id: Mapped[UUID] = mapped_column(ForeignKey("reading.id"), index=True)
    method: Mapped[str] = mapped_column(index=True)
    level: Mapped[str | None]
    value: Mapped[float]
    unit: Mapped[str]
    standard_uncertainty: Mapped[float | None]
    modality: Mapped[str]
    posture: Mapped[str]
    image: Mapped[str] = mapped_column(default="")


class ScoreValue(OfPatient):
    """One score of a reading; ``total`` is None unless it is complete."""

    __tablename__ = "score_value"
    reading_id: Mapped[UUID] = mapped_column(ForeignKey("reading.id"), index=True)
    score: Mapped[str] = mapped_column(index=True)
    version: Mapped[str]
    status: Mapped[Status] = mapped_column(Word(Status))
    total: Mapped[float | None]
    lowest: Mapped[float | None]
    highest: Mapped[float | None]
    group: Mapped[str | None]
