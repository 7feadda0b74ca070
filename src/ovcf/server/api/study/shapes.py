"""What the doors of studies take and answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from ovcf.server.api.shapes import Code, Sent, _clean

StudyCode = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w.\-]+$")]
RoundCode = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[\w.\-]+$")]
Words = Annotated[str, Field(max_length=1000), AfterValidator(_clean)]


class NewRound(Sent):
    """A round of blinded readings: its name, its readers by code, and a seed that was written down before."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w.\-]+$")]
    readers: list[Code] = Field(min_length=1, max_length=20)
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Because(Sent):
    """Why; may be empty where nothing needs a reason."""

    because: Words = ""


class CaseState(StrEnum):
    """How far a case is for its reader."""

    TO_READ = "to read"
    IN_WORK = "in work"
    READ = "read"
    WAITING = "waiting"


class CaseLine(BaseModel):
    """A case of whoever asks. Its label tells nothing; ``open_on`` is when a waiting one may be read."""

    task: UUID
    label: str
    state: CaseState
    open_on: datetime | None


class MyCase(BaseModel):
    """A case that whoever asks may read now."""

    study: str
    round: str
    task: UUID
    label: str


class ReaderProgress(BaseModel):
    """How far a reader is: cases and repeats, read and in all."""

    reader: str
    read: int
    cases: int
    repeats_read: int
    repeats: int
    next_on: datetime | None


class RoundLine(BaseModel):
    """A round of readings, in a list."""

    code: str
    begun_at: datetime
    closed: bool
    readers: int
    read: int
    tasks: int
    mine: int


class RoundShape(BaseModel):
    """A round of readings.

    ``mine`` are the cases of whoever asks, ``progress`` that of every reader for who conducts the study, one's own for
    a reader. ``not_read`` names the visits without a reading, for who conducts the study.
    """

    code: str
    begun_at: datetime
    closed: bool
    because: str
    seed: int | None
    washout_days: int
    repeats_percent: float
    measures: list[str]
    ratings: list[str]
    mine: list[CaseLine]
    progress: list[ReaderProgress]
    not_read: list[str]


class ReaderChoice(BaseModel):
    """Somebody who may read."""

    code: str
    name: str


class ConsensusLine(BaseModel):
    """The readers' consensus on one case: the reading that was made of theirs, or why there is none."""

    patient: str
    window: str
    reading: str | None
    why: str
    not_agreed: list[str]


class NewStudyProtocol(Sent):
    """A protocol as its file says it (TOML); ``because`` is why it is amended."""

    text: Annotated[str, Field(min_length=1, max_length=400_000)]
    because: Words = ""


class StudyLine(BaseModel):
    """A clinical study, in a list. ``mine`` counts the cases that whoever asks may read now."""

    code: str
    version: str
    title: str
    screened: int
    enrolled: int
    planned: int | None
    open_queries: int
    locked: bool
    mine: int


class CriterionShape(BaseModel):
    """A criterion: the fact that it asks for, and how it is judged."""

    id: str
    text: str
    fact: str
    test: str
    limit: str
    exclusion: bool


class FieldShape(BaseModel):
    """A field of a form. ``source`` says where its value stands already; it is not entered then."""

    id: str
    label: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    choices: list[str]
    required: bool
    source: str


class FormShape(BaseModel):
    """A form of the protocol."""

    id: str
    title: str
    fields: list[FieldShape]


class PlannedVisit(BaseModel):
    """A visit of the plan: the days after enrolment between which it counts."""

    window: str
    from_day: int
    to_day: int
    forms: list[str]


class Choice(BaseModel):
    """An id and what it is called."""

    id: str
    title: str


class OutcomeShape(BaseModel):
    """An outcome, when it is judged, and by how many readers."""

    id: str
    title: str
    window: str
    primary: bool
    adjudicators: int


class VersionShape(BaseModel):
    """A version of the protocol, and why it was made."""

    version: str
    digest: str
    recorded_at: datetime
    because: str


class ProtocolShape(BaseModel):
    """The protocol in force."""

    version: str
    digest: str
    title: str
    consent_required: bool
    sample_size: int | None
    sample_size_reason: str
    criteria: list[CriterionShape]
    arms: list[Choice]
    visits: list[PlannedVisit]
    forms: list[FormShape]
    outcomes: list[OutcomeShape]
    readers: str
    pins: list[str]
    versions: list[VersionShape]


class LockShape(BaseModel):
    """Whether the data are locked, since when, under which digest, and why it was locked or opened."""

    locked: bool
    at: datetime | None
    digest: str
    because: str
    unsettled: list[str]


class StudyDetail(StudyLine):
    """A clinical study. ``may`` says what whoever asks may do, ``whole`` whether they may see all of its patients."""

    protocol: ProtocolShape
    may: list[str]
    whole: bool


class CandidateLine(BaseModel):
    """A candidate: judged, by whom and why; ``number`` once enrolled."""

    code: str
    on: date
    decision: str
    because: str
    facts: dict[str, bool | float | str]
    unknown: list[str]
    number: str | None
