"""What the doors of studies take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from ovcf.anatomy import Level
from ovcf.language.spoken import tr
from ovcf.registry.words import TreatmentKind
from ovcf.server.api.shapes import Code, Sent, clean_text

StudyCode = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w.\-]+$")]
RoundCode = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[\w.\-]+$")]
Number = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w.\-]+$")]
FormCode = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w.\-]+$")]
Pseudonym = Annotated[str, Path(min_length=1, max_length=60, pattern=r"^[\w.\-]+( [\w.\-]+)*$")]
Words = Annotated[str, Field(max_length=1000), AfterValidator(clean_text)]


Said = Annotated[str, BeforeValidator(tr)]
"""Words for people, in their language where it has them: those of the protocols that are shipped, and our own."""


class Because(Sent):
    """Why; may be empty where nothing needs a reason."""

    because: Words = ""


class NewStudyProtocol(Sent):
    """A protocol as its file says it (TOML); ``because`` is why it is amended."""

    text: Annotated[str, Field(min_length=1, max_length=400_000)]
    because: Words = ""


class StudyLine(BaseModel):
    """A clinical study, in a list. ``mine`` counts the cases that whoever asks may read now."""

    code: str
    version: str
    title: Said
    screened: int
    enrolled: int
    planned: int | None
    open_queries: int
    locked: bool
    mine: int


class CriterionShape(BaseModel):
    """A criterion: the fact that it asks for by its name and as the clinical form calls it, and how it is judged."""

    id: str
    text: Said
    fact: str
    label: Said
    test: str
    limit: str
    exclusion: bool


class FieldShape(BaseModel):
    """A field of a form. ``source`` says where its value stands already; it is not entered then."""

    id: str
    label: Said
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
    title: Said
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
    title: Said


class OutcomeShape(BaseModel):
    """An outcome, when it is judged, and by how many readers."""

    id: str
    title: Said
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
    title: Said
    consent_required: bool
    sample_size: int | None
    sample_size_reason: Said
    criteria: list[CriterionShape]
    arms: list[Choice]
    visits: list[PlannedVisit]
    forms: list[FormShape]
    outcomes: list[OutcomeShape]
    readers: Said
    pins: list[str]
    versions: list[VersionShape]


class LockShape(BaseModel):
    """Whether the data are locked, since when, under which digest, and why it was locked or opened."""

    locked: bool
    at: datetime | None
    digest: str
    because: str
    unsettled: list[Said]


class StudyDetail(StudyLine):
    """A clinical study. ``may`` says what whoever asks may do, ``whole`` whether they may see all of its patients.

    ``treatments`` and ``levels`` are the words by which a treatment is entered.
    """

    protocol: ProtocolShape
    may: list[str]
    whole: bool
    treatments: list[TreatmentKind] = list(TreatmentKind)
    levels: list[Level] = list(Level)


class CountLine(BaseModel):
    """A figure of the flow of patients."""

    part: Said
    what: Said
    patients: int


class Verified(BaseModel):
    """Whether the data are as they were locked: every difference, none where all is the same."""

    digest: str
    differences: list[Said]


class KeyPair(BaseModel):
    """A new key of a site. It is told once and kept nowhere here: ``private`` stays at the site."""

    site: str
    private: str
    public: str


class PublicLine(Sent):
    """The public key of a site, as its .pub file says it."""

    public: Annotated[str, Field(max_length=400)]


class NewBundle(Sent):
    """The private key that signs, and whose patients are sent: one's own where no site is named."""

    private: Annotated[str, Field(max_length=4000)]
    site: Code | None = None


class MergedShape(BaseModel):
    """What came of a bundle. Of the patients that ``conflicts`` name nothing was taken."""

    site: str
    patients: int
    added: int
    there: int
    conflicts: list[Said]
