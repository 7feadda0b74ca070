"""What the doors of the conduct take and answer: candidates, patients, forms, queries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from ovcf.registry.words import Instrument, QueryStep, TreatmentKind, Window, WithdrawalKind
from ovcf.server.api.shapes import Code, Day, Reason, Sent
from ovcf.server.api.study.shapes import Said, Words


class CandidateLine(BaseModel):
    """A candidate: judged, by whom and why; ``number`` once enrolled."""

    code: str
    on: date
    decision: str
    because: Said
    facts: dict[str, bool | float | str]
    unknown: list[Said]
    number: str | None


class NewScreening(Sent):
    """A candidate, judged by facts as the criteria name them; ``reason`` why one is screened again."""

    code: Code
    facts: dict[Annotated[str, Field(max_length=60)], bool | Annotated[float, Field(ge=-1e6, le=1e6)] | Words] = Field(
        default={}, max_length=200
    )
    on: Day
    reason: Words = ""


class NewEnrolment(Sent):
    """A candidate taken in, with the day of consent and the arm where there are several."""

    on: Day
    arm: Annotated[str, Field(max_length=60)] | None = None
    consent_on: Day | None = None
    fractured_on: Day | None = None


class FormState(BaseModel):
    """A form of a visit: how many of its values are known, and which are missing."""

    form: str
    known: int
    fields: int
    missing: list[Said]


class VisitState(BaseModel):
    """A visit of the plan of one patient. ``state`` is held, due, later, overdue or gone (who left)."""

    window: Window
    first_day: date
    last_day: date
    held_on: date | None
    state: str
    forms: list[FormState]
    reading: str | None


class TreatmentLine(BaseModel):
    """A treatment of the fracture. ``crossover``: it is not the one that the patient's arm stands for."""

    id: UUID
    kind: TreatmentKind
    began: date
    ended: date | None
    levels: list[str]
    drug: str
    crossover: bool


class PatientLine(BaseModel):
    """An enrolled patient: number, pseudonym, arm, visits, treatments, and how they left.

    Treatments are entered and corrected by the doors of the ``episode``, as on the page of the ``patient``.
    """

    number: str
    code: str
    patient: UUID
    episode: UUID
    treatments: list[TreatmentLine]
    arm: str
    on: date
    crossed: str
    left: str
    left_on: date | None
    visits: list[VisitState]


class NewHeld(Sent):
    """A visit that was held, and what the patient answered."""

    window: Window
    on: Day
    answers: dict[Instrument, Annotated[float, Field(ge=-1000, le=1000)]] = Field(default={}, max_length=20)


class Left(Sent):
    """How a patient left; ``keep_data`` whether what was recorded may be analysed."""

    kind: WithdrawalKind
    on: Day
    keep_data: bool = True
    because: Words = ""


class Stayed(Sent):
    """Why it was a mistake that a patient left."""

    reason: Reason


class EntryShape(BaseModel):
    """A form of a visit: every value that is known, and which of them are not plausible."""

    form: str
    window: Window
    held_on: date | None
    filled: bool
    values: dict[str, bool | float | str]
    implausible: list[str]


class Filled(Sent):
    """Values of a form, "" or None for an empty one; ``reason`` why a form that is filled in is corrected."""

    values: dict[
        Annotated[str, Field(max_length=60)], bool | Annotated[float, Field(ge=-1e9, le=1e9)] | Words | None
    ] = Field(min_length=1, max_length=200)
    reason: Words = ""


class QueryEventShape(BaseModel):
    """What became of a query."""

    at: datetime
    by: str
    step: str
    text: str


class QueryShape(BaseModel):
    """A question about a value: what stood there when it was asked, and what stands there now."""

    id: UUID
    number: str
    patient: str
    window: Window
    form: str
    field: str
    rule: str
    text: Said
    value: str | None
    now: str | None
    state: str
    asked_at: datetime
    asked_by: str
    events: list[QueryEventShape]


class NewQuery(Sent):
    """A monitor's own question about a field of a form."""

    patient: Code
    window: Window
    form: Annotated[str, Field(max_length=60)]
    field: Annotated[str, Field(max_length=60)]
    text: Reason


class Step(Sent):
    """A query answered, closed or opened again, in words."""

    step: QueryStep
    text: Reason


class Raised(BaseModel):
    """How many queries the rules asked just now."""

    asked: int
