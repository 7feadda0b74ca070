"""Sites, the people who read and record, and the patients: by pseudonym, identity apart."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ovcf.registry.columns import Base, Kept, OfPatient, Versioned, Word, now
from ovcf.registry.words import ConsentScope, Role
from ovcf.vocabulary import Sex


class Site(Base):
    """A hospital or practice. Nobody sees patients of a site that is not theirs."""

    __tablename__ = "site"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Simulation(Base):
    """A site whose patients were made by a program; whatever is exported or reported of it says so."""

    __tablename__ = "simulation"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    seed: Mapped[int]
    software: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)


class Person(Base):
    """Who reads or records; never a patient."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(Word(Role))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Patient(Kept):
    """A patient by pseudonym."""

    __tablename__ = "patient"
    __table_args__ = (UniqueConstraint("site_id", "code"), Index("ix_patient_code", "code"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    code: Mapped[str]
    sex: Mapped[Sex | None] = mapped_column(Word(Sex))
    birth_year: Mapped[int | None]


class PatientKey(Base):
    """The key of a patient's audit digests; erased with the patient, after which they tell nothing."""

    __tablename__ = "patient_key"
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class Identity(OfPatient):
    """Name and hospital id, encrypted; the key lies outside the data folder. Many registries hold none.

    ``lookup`` is a digest of the hospital id under the same key: it finds the patient, and tells nothing without it.
    """

    __tablename__ = "identity"
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[str | None] = mapped_column(String(64), index=True)


class Consent(Versioned):
    """What a patient agreed to, or withdrew."""

    __tablename__ = "consent"
    scope: Mapped[ConsentScope] = mapped_column(Word(ConsentScope))
    given: Mapped[bool]
    on: Mapped[date]


class Erasure(Base):
    """A patient who was erased: the one thing that allows rows to be deleted, and what remains of the patient."""

    __tablename__ = "erasure"
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str]
