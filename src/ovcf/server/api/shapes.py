"""What is sent and answered, as data: words of the closed lists, days as ISO dates, instants in UTC."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ovcf.imaging.study import Role as SeriesRole
from ovcf.registry.words import JobState, Mechanism, VisitStatus, Window, WorkStatus
from ovcf.vocabulary import Sex

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Text without control characters, stripped."""
    if _CONTROL.search(text):
        raise ValueError("holds characters that are no text")
    return text.strip()


def _day(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError("is not between 1900 and 2200")
    return value


Line = Annotated[str, Field(max_length=500), AfterValidator(clean_text)]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\w.\-]+( [\w.\-]+)*$"), AfterValidator(clean_text)]
"""A pseudonym: letters, digits, dots, hyphens; never a name."""
Day = Annotated[date, AfterValidator(_day)]
LevelName = Annotated[str, Field(max_length=8), AfterValidator(clean_text)]
Year = Annotated[int, Field(ge=1880, le=2200)]
Reason = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(clean_text)]


class Sent(BaseModel):
    """What a door takes; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewEpisode(Sent):
    """A fracture event. Levels may be left open until the images have been read."""

    levels: list[LevelName] = Field(default=[], max_length=24)
    fractured_on: Day | None = None
    mechanism: Mechanism = Mechanism.UNKNOWN
    refracture_of: UUID | None = None


class NewPatient(Sent):
    """A patient by pseudonym; without one the next free one is given."""

    code: Code | None = None
    sex: Sex | None = None
    birth_year: Year | None = None
    episode: NewEpisode = NewEpisode()


class EpisodeShape(BaseModel):
    """A fracture event of a patient."""

    id: UUID
    levels: list[str]
    fractured_on: date | None
    mechanism: Mechanism
    refracture_of: UUID | None


class VisitShape(BaseModel):
    """A visit, planned, held or missed."""

    id: UUID
    patient: UUID
    episode: UUID
    window: Window
    status: VisitStatus
    planned_on: date | None
    held_on: date | None


class Summary(BaseModel):
    """What a list shows of a reading: a sentence, what is urgent and unseen, where levels are asked, what was read.

    ``earlier``: another release than this one concluded it; a worker that has nothing else to do makes it anew.
    """

    lead: str
    urgent: list[str]
    asked: list[str]
    roles: list[str]
    earlier: bool


class WorkLine(BaseModel):
    """One line of the worklist. ``patient`` is None for a study that belongs to nobody yet."""

    id: UUID
    status: WorkStatus
    name: str
    patient: UUID | None
    code: str | None
    visit: UUID | None
    window: Window | None
    held_on: date | None
    acquired_on: date | None
    images: int
    arrived_at: datetime
    changed_at: datetime
    assigned_to: str | None
    signed_by: str | None = None
    reading: str | None
    revision: int | None
    summary: Summary | None
    job: UUID | None = None


class PatientLine(BaseModel):
    """A patient, in a list."""

    id: UUID
    code: str
    sex: Sex | None
    birth_year: int | None


class PatientShape(PatientLine):
    """A patient with all that is known of the course."""

    episodes: list[EpisodeShape]
    visits: list[VisitShape]
    studies: list[WorkLine]


class NewVisit(Sent):
    """A visit that was held (``held_on``) or is planned (``planned_on``)."""

    window: Window = Window.UNSCHEDULED
    held_on: Day | None = None
    planned_on: Day | None = None
    episode: UUID | None = None


class VisitChange(Sent):
    """A visit corrected: it was held, missed, moved, or belongs to another window. The reason is kept."""

    reason: Reason
    window: Window | None = None
    status: VisitStatus | None = None
    held_on: Day | None = None
    planned_on: Day | None = None


class AtVisit(Sent):
    """Whose a study is: a visit, or a patient and the day of a visit, which is recorded where it is not there yet."""

    visit: UUID | None = None
    patient: UUID | None = None
    window: Window = Window.UNSCHEDULED
    held_on: Day | None = None


class Options(Sent):
    """What a reader says of a study beforehand; the same as the options of ``ovcf assess``."""

    roles: dict[Line, SeriesRole] = Field(default={}, max_length=50)
    levels: list[Line] = Field(default=[], max_length=50)
    fracture: LevelName | None = None
    flip: Line | None = None
    pixel_mm: Annotated[float, Field(gt=0, le=10)] | None = None


class NewStudy(Sent):
    """A study of images that were uploaded, one or several files; a zip is unpacked."""

    uploads: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=2000)
    name: Line = ""
    at: AtVisit | None = None
    assess: bool = True
    options: Options = Options()


class NewAssessment(Sent):
    """An assessment of a study that is here."""

    study: UUID
    options: Options = Options()


class Trouble(BaseModel):
    """Why a job was set aside."""

    where: str
    problem: str
    remedy: str
    code: str


class JobShape(BaseModel):
    """A job. ``progress`` is what its worker does now, ``why`` what went wrong."""

    id: UUID
    study: UUID
    state: JobState
    attempts: int
    enqueued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    progress: str
    seconds: float | None
    reading: str | None
    why: Trouble | None


class StudyShape(WorkLine):
    """A study with its newest job."""

    study_uid: str
    files: int
    newest_job: JobShape | None


class Accepted(BaseModel):
    """What was taken on: the study, and the job that assesses it."""

    study: UUID
    job: UUID | None


class ReadingLine(BaseModel):
    """A reading in a list."""

    id: str
    patient: UUID
    visit: UUID
    revision: int
    status: str
    reader: str
    confirmed_at: datetime | None


class TakenBack(Sent):
    """A fact taken back, with the reason."""

    reason: Reason


class Fact(BaseModel):
    """A fact as it now stands: its id, what it says, and why it was corrected if it was."""

    id: UUID
    kind: str
    values: dict[str, Any]
    recorded_at: datetime
    reason: str | None


class Page(BaseModel):
    """A page of a list; ``next`` is the cursor of the next one, None at the end."""

    next: str | None


class PatientPage(Page):
    """Patients."""

    items: list[PatientLine]


class WorkPage(Page):
    """Lines of the worklist."""

    items: list[WorkLine]


class JobPage(BaseModel):
    """Jobs, newest first."""

    items: list[JobShape]


class Addendum(Sent):
    """Why a signed reading is taken up again."""

    reason: Reason


class Assignment(Sent):
    """Who is to read a study, by code; None for nobody."""

    reader: Line | None


class Series(BaseModel):
    """One series and its frames (:class:`ovcf.imaging.files.frames.FrameSeries`)."""

    number: int
    uid: str
    description: str
    role: str
    modality: str
    posture: str
    acquired_on: str | None
    frames: int
    rows: int
    columns: int
    spacing: tuple[float, float]
    unit: str
    origin: tuple[float, float, float] | None
    across: tuple[float, float, float] | None
    down: tuple[float, float, float] | None
    on: tuple[float, float, float] | None
    slope: float
    intercept: float
    window: tuple[float, float]
    left_out: bool


class Outline(BaseModel):
    """The body of one vertebra on one image: its closed outline where one was drawn, its six points, in ``unit``."""

    vertebra: str
    label: str
    set: str
    series: str
    unit: str
    outline: list[tuple[float, float]]
    points: list[tuple[float, float]]


class Me(BaseModel):
    """Who is signed in, what they may do, the pages they may open, and whether one signs out here."""

    code: str
    name: str
    role: str
    may: list[str]
    pages: list[str]
    accounts: bool


class DueVisit(BaseModel):
    """A visit of the plan that has not been held though its time has come."""

    patient: UUID
    code: str
    window: str
    first_day: date
    last_day: date
    due: str


class OverdueIndicator(BaseModel):
    """What is overdue: the IOF's indicator, and its words with the time within which it was to be done."""

    indicator: str
    said: str


class OverduePrevention(BaseModel):
    """A fracture after which something against the next one is overdue. ``untreated``: the time to begin an
    osteoporosis drug is over and none is recorded; that none was begun is not known."""

    patient: UUID
    code: str
    levels: list[str]
    fractured_on: date
    weeks: int
    untreated: bool
    overdue: list[OverdueIndicator]
