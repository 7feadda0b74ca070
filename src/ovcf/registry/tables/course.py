"""The course of a fracture: episode, visits, treatments, events, and what patients report."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Versioned, Word
from ovcf.registry.words import EventKind, EventSource, Instrument, Mechanism, TreatmentKind, VisitStatus, Window


class Episode(Versioned):
    """One fracture event: one or several vertebrae broken at one time. A re-fracture is an episode of its own."""

    __tablename__ = "episode"
    levels: Mapped[list[str]]
    fractured_on: Mapped[date | None]
    mechanism: Mapped[Mechanism] = mapped_column(Word(Mechanism), default=Mechanism.UNKNOWN)
    refracture_of: Mapped[UUID | None] = mapped_column(ForeignKey("episode.id"))


class Visit(Versioned):
    """A visit, planned or held; ``held_on`` is a local date."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_held_on_id", "held_on", "id"),
        Index("ix_visit_planned_on_id", "planned_on", "id"),
    )
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"), index=True)
    window: Mapped[Window] = mapped_column(Word(Window))
    status: Mapped[VisitStatus] = mapped_column(Word(VisitStatus), default=VisitStatus.HELD)
    planned_on: Mapped[date | None]
    held_on: Mapped[date | None]


class Treatment(Versioned):
    """A treatment with its dates; ``detail`` holds what its kind needs (drug and dose, cement volume, brace weeks)."""

    __tablename__ = "treatment"
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"), index=True)
    kind: Mapped[TreatmentKind] = mapped_column(Word(TreatmentKind))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    levels: Mapped[list[str]]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Event(Versioned):
    """Something that happened to the fracture or the patient."""

    __tablename__ = "event"
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"), index=True)
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    on: Mapped[date]
    level: Mapped[str | None]
    source: Mapped[EventSource] = mapped_column(Word(EventSource))
    reading_id: Mapped[UUID | None] = mapped_column(ForeignKey("reading.id"))


class PatientReport(Versioned):
    """What a patient answered at a visit: the value of the instrument, and its single answers where they were given."""

    __tablename__ = "patient_report"
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    instrument: Mapped[Instrument] = mapped_column(Word(Instrument))
    value: Mapped[float | None]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Densitometry(Versioned):
    """A T-score by DXA, of one level or site."""

    __tablename__ = "densitometry"
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    site: Mapped[str]
    t_score: Mapped[float]
    measured_on: Mapped[date | None]


class ClinicalEntry(Versioned):
    """The clinical facts of a visit, by the names of the clinical file (:class:`ovcf.clinical.case.ClinicalCase`).

    With ``reading_id`` they are those of a reading, else they were entered without one: from paper, or imported.
    """

    __tablename__ = "clinical_entry"
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), index=True)
    reading_id: Mapped[UUID | None] = mapped_column(ForeignKey("reading.id"), index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
