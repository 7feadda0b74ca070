"""What the doors of cohorts take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from ovcf.cohort.data.patient_rows import Keep
from ovcf.cohort.questions.asked import Question
from ovcf.server.api.shapes import Sent, clean_text
from ovcf.server.cohort.desk import State

Id = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[\w\-]+$")]
Heading = Annotated[str, Field(max_length=300), AfterValidator(clean_text)]
Design = Literal["validate", "nasovcf", "nagao", "voormolen", "kadri", "multicentre"]


class ColumnShape(BaseModel):
    """A column of a table: what its values are taken for, some of them, how many are missing, its groups.

    ``ambiguous`` is a date of it that may be read day or month first, where the others do not tell.
    """

    heading: str
    kind: str
    examples: list[str]
    missing: int
    levels: list[str]
    ambiguous: str = ""


class RowsShape(BaseModel):
    """A patient and the rows in which he stands, counted as a spreadsheet does."""

    patient: str
    rows: list[int]


class RepeatsShape(BaseModel):
    """Patients who stand in more than one row, by what stands under ``heading``; some of them. ``alike`` of their
    ``rows`` say in every column what an earlier one says."""

    heading: str
    patients: int
    rows: int
    alike: int
    examples: list[RowsShape]


class TableShape(BaseModel):
    """A table that may be analysed. ``notes`` say how a workbook was read, ``unknown`` what is taken as not known."""

    table: str
    name: str
    rows: int
    columns: list[ColumnShape]
    sheets: list[str]
    notes: list[str]
    unknown: list[str] = []
    repeats: RepeatsShape | None = None


class MappingAsked(Sent):
    """What was said of a table's headings: columns of the design, "" for one not to be used; and what codes mean."""

    design: Design
    sheet: Heading | None = None
    named: dict[Heading, Heading] = Field(default={}, max_length=500)
    answers: dict[Heading, dict[Heading, Heading]] = Field(default={}, max_length=500)


class CodeShape(BaseModel):
    """A value of a table and what it stands for; "?" while nobody has said."""

    code: str
    label: str


class GuessShape(BaseModel):
    """A heading and the column that it is taken for. ``doubts`` say what to look at."""

    heading: str
    column: str
    label: str
    unit: str
    factor: float
    examples: list[str]
    certain: bool
    doubts: list[str]
    codes: list[CodeShape]
    allowed: list[str]


class UnfitShape(BaseModel):
    """A heading that says a column plainly, and whose values are none of it."""

    heading: str
    column: str
    examples: list[str]


class MappingShape(BaseModel):
    """How a design understands a table. ``open`` counts the codes that nobody has explained."""

    guesses: list[GuessShape]
    unused: list[str]
    unfit: list[UnfitShape]
    unknown_values: list[str]
    decimal_comma: bool
    open: int
    known: list[CodeShape]


class QuestionAsked(Sent):
    """A question to columns by their headings (:class:`ovcf.cohort.questions.asked.Asked`)."""

    question: Question
    outcome: Heading = ""
    by: list[Heading] = Field(default=[], max_length=60)
    columns: list[Heading] = Field(default=[], max_length=300)
    time: Heading = ""
    event: Heading | None = None
    lower: list[Heading] = Field(default=[], max_length=60)
    cut_offs: list[Annotated[float, Field(ge=-1e6, le=1e6)]] = Field(default=[], max_length=20)
    at: list[Annotated[float, Field(ge=0, le=1e6)]] = Field(default=[], max_length=20)
    unit: Annotated[str, Field(max_length=30), AfterValidator(clean_text)] = "months"
    reference: dict[Heading, Heading] = Field(default={}, max_length=60)
    splines: dict[Heading, Annotated[int, Field(ge=3, le=7)]] = Field(default={}, max_length=20)
    cluster: Heading = ""
    strata: list[Heading] = Field(default=[], max_length=10)
    category: list[Heading] = Field(default=[], max_length=300)
    number: list[Heading] = Field(default=[], max_length=300)


class TimeAsked(Sent):
    """A column to be made: months from the date under one heading to that under another. ``day_first`` says how dates
    such as 03/04/2025 are meant where the column does not tell."""

    name: Heading
    begin: Heading
    end: Heading
    day_first: bool | None = None


class NewAnalysis(Sent):
    """An analysis: of a table that was uploaded, or of the registry where ``table`` is None; a question, or a whole
    design with what was said of the headings. ``repeats`` says which rows are taken of a patient who has several."""

    table: Annotated[str, Field(max_length=40, pattern=r"^[\w\-]+$")] | None = None
    sheet: Heading | None = None
    question: QuestionAsked | None = None
    mapping: MappingAsked | None = None
    wrong_as_missing: bool = False
    repeats: Keep | None = None
    times: list[TimeAsked] = Field(default=[], max_length=4)


class Begun(BaseModel):
    """An analysis that was taken on."""

    analysis: str


class Trouble(BaseModel):
    """Why an analysis was not made."""

    where: str
    problem: str
    remedy: str


class AnalysisShape(BaseModel):
    """How far an analysis is, and its report once it is done."""

    analysis: str
    state: State
    why: Trouble | None
    report: dict[str, object] | None


class KeptTable(BaseModel):
    """A table of one's own that is here still."""

    table: str
    name: str
    at: str


class KeptAnalysis(BaseModel):
    """An analysis of one's own that is here still: of what, what was asked, and how far it is."""

    analysis: str
    name: str
    asked: str
    at: str
    state: State


class KeptShape(BaseModel):
    """What one has sent and asked for in the last week, the newest first."""

    tables: list[KeptTable]
    analyses: list[KeptAnalysis]
