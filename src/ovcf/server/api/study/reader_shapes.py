"""What the doors of readers take and answer: rounds, cases, progress, judgements."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from ovcf.registry.words import Window
from ovcf.server.api.shapes import Code, Reason, Sent
from ovcf.server.api.study.shapes import Said


class NewRound(Sent):
    """A round of blinded readings: its name, its readers by code, and a seed that was written down before."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w.\-]+$")]
    readers: list[Code] = Field(min_length=1, max_length=20)
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]


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
    measures: list[Said]
    ratings: list[Said]
    mine: list[CaseLine]
    progress: list[ReaderProgress]
    not_read: list[Said]


class ReaderChoice(BaseModel):
    """Somebody who may read."""

    code: str
    name: str


class ConsensusLine(BaseModel):
    """The readers' consensus on one case: the reading that was made of theirs, or why there is none."""

    patient: str
    window: str
    reading: str | None
    why: Said
    not_agreed: list[Said]


class JudgementShape(BaseModel):
    """An outcome of a patient that is judged. Who judges alone sees nothing of the others until it is settled.

    ``mine`` is one's own answer, ``turn`` whether one may judge now, ``given`` how many have. ``held_on`` is not told
    to whoever may judge. ``level`` is the vertebra that the study follows. ``worked_on_record`` is whether one has
    recorded something else of the patient, and so is not blinded.
    """

    patient: str
    outcome: str
    title: Said
    window: Window
    level: str
    held_on: date | None
    stage: str
    given: int
    mine: str | None
    turn: bool
    worked_on_record: bool
    answer: str | None
    judges: list[str]


class BarePictureShape(BaseModel):
    """A picture with what it is and nothing that was found on it: ``at`` is its address, below that of the outcome.

    ``series`` counts those of the visit. ``spacing`` of its pixels and ``size`` are (row, column); the first is in mm
    where the image is ``calibrated``, else relative.
    """

    at: str
    series: int
    role: str
    posture: str
    spacing: tuple[float, float]
    calibrated: bool
    offset_mm: float
    size: tuple[int, int]


class BareVisitShape(BaseModel):
    """The images of a visit that an outcome needs."""

    window: Window
    pictures: list[BarePictureShape]


class NewJudgement(Sent):
    """yes, no, or that it cannot be told; and what it rests on.

    ``blinded`` is the judge's word to know neither the patient nor the score.
    """

    answer: Literal["yes", "no", "cannot be told"]
    because: Reason
    blinded: bool = False
