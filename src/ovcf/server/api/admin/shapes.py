"""What the doors of administrators take and answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from ovcf.registry.words import Action, JobState, Role
from ovcf.server.api.shapes import JobShape, Reason, Sent, clean_text
from ovcf.server.chores import ChoreKind, ChoreState

LoginCode = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.@+\-]+$"), AfterValidator(clean_text)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean_text)]
BackupName = Annotated[str, Path(min_length=5, max_length=124, pattern=r"^\w[\w.\-]*\.zip$")]


class SiteShape(BaseModel):
    """A site, and how many people and patients it has."""

    code: str
    name: str
    people: int
    patients: int
    simulated: bool


class NewSite(Sent):
    """A hospital or practice more."""

    code: LoginCode
    name: Name


class PersonShape(BaseModel):
    """Somebody with an account. ``ways`` are those by which they come in: password, provider. ``unread`` cases are
    assigned to them and not signed, ``unread_blinded`` ones of studies not given back. ``now`` is their code since they
    went to another site."""

    id: UUID
    code: str
    name: str
    site: str
    role: Role
    all_sites: bool
    active: bool
    ways: list[str]
    link_until: datetime | None
    sessions: int
    seen_at: datetime | None
    since: datetime
    unread: int
    unread_blinded: int
    now: str | None


class NewPerson(Sent):
    """Somebody more. With ``link`` they get one to set their password."""

    code: LoginCode
    name: Name
    role: Role
    site: LoginCode
    all_sites: bool = False
    link: bool = True


class PersonChange(Sent):
    """What somebody may do from now on; why is kept. What is not said stays.

    Who is disabled reads no case: ``cases_to`` is the code of who reads those that they have not signed; without it
    they are for whoever comes.
    """

    reason: Reason
    role: Role | None = None
    active: bool | None = None
    all_sites: bool | None = None
    cases_to: LoginCode | None = None


class Move(Sent):
    """Where somebody goes: another site, their code there, and why, which is kept. ``cases_to`` is the code of who
    reads the cases that they have not signed; without it they are for whoever comes."""

    site: LoginCode
    code: LoginCode
    reason: Reason
    cases_to: LoginCode | None = None


class GivenLink(BaseModel):
    """A link that sets a password once; it is told only now."""

    address: str
    until: datetime


class Added(BaseModel):
    """Somebody who was added, and the link for them."""

    person: UUID
    link: GivenLink | None


class SaidShape(BaseModel):
    """What was said of somebody, by whom and why."""

    at: datetime
    by: str
    role: Role
    active: bool
    all_sites: bool
    reason: str


class ProviderShape(BaseModel):
    """The OpenID provider, without its secret."""

    name: str
    issuer: str
    client_id: str
    person: str
    scopes: str
    newcomers_site: str | None
    newcomers_role: Role | None
    needed: str | None


class SignInShape(BaseModel):
    """How people sign in here, as the service was started. Without accounts only ``accounts`` says something."""

    accounts: bool
    address: str
    secure: bool
    idle_minutes: int
    session_hours: int
    link_days: int
    password_characters: int
    attempts: int
    locked_minutes: int
    provider: ProviderShape | None


class AuditLine(BaseModel):
    """An entry of the audit. ``link`` leads to the record; empty where there is no page of it."""

    seq: int
    at: datetime
    by: str
    name: str
    action: Action
    kind: str
    row: str
    patient: str
    patient_id: UUID | None
    erased: bool
    link: str
    digest: str
    chain: str


class AuditPage(BaseModel):
    """Entries, newest first; ``next`` is the number after which the next page goes on."""

    items: list[AuditLine]
    next: int | None


class AuditChoices(BaseModel):
    """What the audit can be filtered by."""

    people: list[str]
    kinds: list[str]
    actions: list[Action]


class Head(BaseModel):
    """The end of the audit."""

    head: str
    entries: int


class AnchorAsked(Sent):
    """The end of the audit as it was kept earlier; empty where none was."""

    anchor: Annotated[str, Field(max_length=100)] = ""


class ChoreShape(BaseModel):
    """A check or a backup, under way or the last of its kind. ``found`` is what is amiss."""

    kind: ChoreKind
    state: ChoreState
    by: str
    started_at: datetime
    ended_at: datetime | None
    about: str
    counted: int
    found: list[str]
    more: int
    why: str


class BackupShape(BaseModel):
    """A backup in the folder. ``fits``: this ovcf restores it. ``rows`` is None where it is no whole backup."""

    name: str
    size: int
    made_at: datetime
    rows: int | None
    files: int | None
    head: str | None
    revision: str | None
    fits: bool


class BackupsShape(BaseModel):
    """The folder and what lies there, newest first."""

    folder: str
    items: list[BackupShape]


class WorkJob(JobShape):
    """A job with the name of its study and how long it has waited or run."""

    name: str
    patient: str
    by: str
    worker: str
    peak_bytes: int | None


class Work(BaseModel):
    """Jobs of one's sites, newest first; ``counts`` are of all sites."""

    counts: dict[JobState, int]
    oldest_waiting: datetime | None
    items: list[WorkJob]


class TakenShape(BaseModel):
    """Files of a kind."""

    kind: str
    files: int
    bytes: int


class Storage(BaseModel):
    """What takes room, in bytes, and what is free. ``sealed`` of all ``files`` are encrypted, new ones if ``seals``."""

    taken: list[TakenShape]
    database: int
    backups: int
    uploads: int
    free: int
    whole: int
    files: int
    sealed: int
    seals: bool


class ModelShape(BaseModel):
    """A shipped model: its card as it is, and whether its file is the one that was released."""

    file: str
    sha256: str
    released: bool
    bytes: int
    name: str
    version: str
    card: dict[str, Any]


class Models(BaseModel):
    """The shipped models, and the digests of the files beside them."""

    items: list[ModelShape]
    others: dict[str, str]


class Looked(StrEnum):
    """What is looked at."""

    WORKER = "worker"
    """Jobs are taken on: how many wait, and since when the oldest."""
    SET_ASIDE = "set aside"
    ARCHIVE = "archive"
    """Objects for a picture archive that were given up."""
    SEALED = "sealed"
    """Files that are encrypted, of all."""
    ROOM = "room"
    """Free bytes, of all of the disk."""
    BACKUP = "backup"
    """The newest one in the folder of backups."""
    AUDIT = "audit"
    """The last check since the service was started: how much is amiss."""
    MODELS = "models"
    """Models whose file is the one that was released, of all."""
    ADDRESS = "address"
    """Whether people come by https."""


class Finding(BaseModel):
    """One thing that was looked at. ``good`` is None where it is for people to judge, or was not looked at yet."""

    what: Looked
    good: bool | None
    number: int | None = None
    of: int | None = None
    at: datetime | None = None


class Health(BaseModel):
    """The software (``source`` is the SHA-256 of its files), the database, and how they are."""

    software: str
    source: str
    python: str
    database: str
    revision: str
    newest: str
    findings: list[Finding]
