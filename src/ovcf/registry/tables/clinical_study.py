"""A study: protocol, screening, enrolment, forms, queries, blinded readings, judgements, lock, keys of sites.

A row with a ``study_id``, and every row about one of its patients, is refused while the study is locked
(:mod:`ovcf.registry.safekeeping.locks`).
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from ovcf.registry.columns import Kept, OfPatient, Versioned, Word
from ovcf.registry.words import Decision, LockState, QueryRule, QueryStep, Window, WithdrawalKind


class _OfStudy:
    """A row of one study."""

    @declared_attr
    def study_id(cls) -> Mapped[UUID]:  # noqa: N805
        """Which study."""
        return mapped_column(ForeignKey("study.id"), index=True)


class Study(Kept):
    """A study, by the id that its protocol bears."""

    __tablename__ = "study"
    code: Mapped[str] = mapped_column(unique=True)


class ProtocolVersion(_OfStudy, Kept):
    """One version of a protocol, as it was written; ``because`` is why it was amended."""

    __tablename__ = "protocol_version"
    __table_args__ = (UniqueConstraint("study_id", "version"), UniqueConstraint("study_id", "digest"))
    version: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str]
    because: Mapped[str] = mapped_column(default="")


class Screening(_OfStudy, Versioned):
    """A candidate, judged: ``criteria`` holds the answer of each criterion, ``facts`` what it was judged by."""

    __tablename__ = "screening"
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("protocol_version.id"))
    on: Mapped[date]
    facts: Mapped[dict[str, Any]]
    criteria: Mapped[dict[str, Any]]
    decision: Mapped[Decision] = mapped_column(Word(Decision))
    because: Mapped[str] = mapped_column(default="")


class Enrolment(_OfStudy, Versioned):
    """A patient taken into a study, under its arm and a number of the study's own."""

    __tablename__ = "enrolment"
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("protocol_version.id"))
    screening_id: Mapped[UUID] = mapped_column(ForeignKey("screening.id"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episode.id"))
    number: Mapped[str]
    arm: Mapped[str]
    on: Mapped[date]


class Withdrawal(_OfStudy, Versioned):
    """A patient who left; ``keep_data`` says whether what was recorded until then may be analysed."""

    __tablename__ = "withdrawal"
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"))
    kind: Mapped[WithdrawalKind] = mapped_column(Word(WithdrawalKind))
    on: Mapped[date]
    keep_data: Mapped[bool] = mapped_column(default=True)
    because: Mapped[str] = mapped_column(default="")


class FormEntry(_OfStudy, Versioned):
    """A form as it was filled in for one visit of the plan."""

    __tablename__ = "form_entry"
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    window: Mapped[Window] = mapped_column(Word(Window))
    form: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)


class DataQuery(_OfStudy, OfPatient):
    """A question about one value; ``value`` is what stood there when it was asked, None where nothing did."""

    __tablename__ = "data_query"
    number: Mapped[str]
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    window: Mapped[Window] = mapped_column(Word(Window))
    form: Mapped[str]
    field: Mapped[str]
    rule: Mapped[QueryRule] = mapped_column(Word(QueryRule))
    value: Mapped[str | None]
    text: Mapped[str]


class QueryEvent(_OfStudy, OfPatient):
    """What became of a query: who answered, closed or reopened it, and when."""

    __tablename__ = "query_event"
    __table_args__ = (UniqueConstraint("query_id", "place"),)
    query_id: Mapped[UUID] = mapped_column(ForeignKey("data_query.id"), index=True)
    place: Mapped[int]
    step: Mapped[QueryStep] = mapped_column(Word(QueryStep))
    text: Mapped[str]


class ReaderStudy(_OfStudy, Kept):
    """A round of blinded readings: its readers by code, and the seed of its order."""

    __tablename__ = "reader_study"
    __table_args__ = (UniqueConstraint("study_id", "code"),)
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("protocol_version.id"))
    code: Mapped[str]
    seed: Mapped[int]
    readers: Mapped[list[str]]
    not_read: Mapped[list[str]]


class ReaderStudyClosed(_OfStudy, Kept):
    """The end of a round: from here on its readings may be compared, and none is added."""

    __tablename__ = "reader_study_closed"
    reader_study_id: Mapped[UUID] = mapped_column(ForeignKey("reader_study.id"), unique=True)
    because: Mapped[str] = mapped_column(default="")


class ReadingTask(_OfStudy, OfPatient):
    """One case for one reader, by a label that tells nothing; ``repeat`` is the second time."""

    __tablename__ = "reading_task"
    __table_args__ = (UniqueConstraint("reader_study_id", "label"),)
    reader_study_id: Mapped[UUID] = mapped_column(ForeignKey("reader_study.id"), index=True)
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    reading_id: Mapped[UUID] = mapped_column(ForeignKey("reading.id"))
    place: Mapped[int]
    label: Mapped[str]
    repeat: Mapped[bool]


class TaskReading(_OfStudy, OfPatient):
    """What a reader gave back for a task, once: numbers and ratings, and the reading where there is one."""

    __tablename__ = "task_reading"
    task_id: Mapped[UUID] = mapped_column(ForeignKey("reading_task.id"), unique=True)
    values: Mapped[dict[str, Any]]
    file: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    minutes: Mapped[float | None]


class Adjudication(_OfStudy, OfPatient):
    """One reader's judgement of an outcome, once; ``place`` 3 decides between two that differ."""

    __tablename__ = "adjudication"
    __table_args__ = (UniqueConstraint("enrolment_id", "outcome", "place"),)
    enrolment_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    outcome: Mapped[str]
    place: Mapped[int]
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[bool | None]
    because: Mapped[str] = mapped_column(default="")


class JudgementBlinding(_OfStudy, OfPatient):
    """What is known of the judge's blinding. A judgement without such a row was given where nothing is known of it.

    ``pictures`` counts the bare pictures that the judge was offered here, ``declared`` is the judge's word to know
    neither the patient nor the score, and ``worked_on_record`` says that the judge had recorded something else of the
    patient before.
    """

    __tablename__ = "judgement_blinding"
    adjudication_id: Mapped[UUID] = mapped_column(ForeignKey("adjudication.id"), unique=True)
    pictures: Mapped[int]
    declared: Mapped[bool]
    worked_on_record: Mapped[bool]

    @property
    def blinded(self) -> bool:
        """Whether all three say that the judge was blinded."""
        return self.pictures > 0 and self.declared and not self.worked_on_record


class StudyLock(_OfStudy, Kept):
    """The data were locked, or opened again; ``digests`` are those of each patient's rows when they were locked."""

    __tablename__ = "study_lock"
    __table_args__ = (UniqueConstraint("study_id", "place"),)
    place: Mapped[int]
    state: Mapped[LockState] = mapped_column(Word(LockState))
    because: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64), default="")
    digests: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SiteKey(Kept):
    """The public key that signs a site's bundles; the newest one counts."""

    __tablename__ = "site_key"
    site_code: Mapped[str] = mapped_column(index=True)
    public_key: Mapped[str] = mapped_column(String(64))


class MergedBundle(_OfStudy, Kept):
    """A bundle that was merged, by its digest."""

    __tablename__ = "merged_bundle"
    site_code: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
