"""The closed lists of the registry, each word once."""

from __future__ import annotations

from enum import StrEnum


class Mechanism(StrEnum):
    """How a fracture came about."""

    NONE_RECALLED = "none recalled"
    LIFTING = "lifting or bending"
    FALL = "fall from standing height or less"
    HIGH_ENERGY = "high energy"
    UNKNOWN = "unknown"


class Window(StrEnum):
    """The planned visit that an actual one belongs to."""

    PRETREATMENT = "pretreatment"
    MONTH_1 = "1 month"
    MONTH_3 = "3 months"
    MONTH_6 = "6 months"
    MONTH_12 = "12 months"
    UNSCHEDULED = "unscheduled"


class VisitStatus(StrEnum):
    """What became of a planned visit."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"


class TreatmentKind(StrEnum):
    """What is done for a fracture. A change of kind within an episode is a crossover."""

    CONSERVATIVE = "conservative"
    VERTEBROPLASTY = "vertebroplasty"
    KYPHOPLASTY = "kyphoplasty"
    SURGERY = "surgery"
    DRUG = "drug"


class EventKind(StrEnum):
    """What may happen after a fracture, as the sources count it."""

    UNION = "union"
    NON_UNION = "non-union"
    PROGRESSIVE_KYPHOSIS = "progressive kyphosis"
    SEVERE_COLLAPSE = "severe collapse"
    SECONDARY_FRACTURE = "secondary fracture"
    DEATH = "death"
    LOST = "lost to follow-up"


class EventSource(StrEnum):
    """Who says that an event happened."""

    READING = "reading"
    REPORTED = "reported"
    ADJUDICATED = "adjudicated"


class Instrument(StrEnum):
    """What a patient answers. Answers are kept, no wording is."""

    VAS = "VAS"
    ODI = "ODI"
    JOABPEQ = "JOABPEQ"
    ANALGESICS = "analgesic class"


class ConsentScope(StrEnum):
    """What a patient agrees to."""

    RESEARCH = "research"
    IMAGES = "images"
    CONTACT = "contact"


class Decision(StrEnum):
    """What a screening comes to."""

    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not eligible"
    PENDING = "pending"


class WithdrawalKind(StrEnum):
    """Why a patient left a study."""

    CONSENT = "consent withdrawn"
    LOST = "lost to follow-up"
    DEATH = "death"
    INVESTIGATOR = "decision of the investigator"


class QueryRule(StrEnum):
    """What raised a query."""

    MISSING = "missing"
    IMPLAUSIBLE = "implausible"
    OVERDUE = "visit overdue"
    MONITOR = "asked by a monitor"


class QueryStep(StrEnum):
    """What was done about a query."""

    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


class LockState(StrEnum):
    """Whether the data of a study may be written."""

    LOCKED = "locked"
    OPEN = "open"


class Role(StrEnum):
    """What a person may do."""

    READER = "reader"
    RESEARCHER = "researcher"
    COORDINATOR = "coordinator"
    MONITOR = "monitor"
    ADMIN = "admin"


class TokenScope(StrEnum):
    """What a program with an access token may do for its person."""

    IMAGES = "images"
    """DICOMweb and nothing else."""
    READ = "read"
    WRITE = "write"


class WorkStatus(StrEnum):
    """How far a study is."""

    WAITING = "waiting"
    ASSESSING = "being assessed"
    SET_ASIDE = "set aside"
    NO_DRAFT = "not assessed"
    DRAFT = "draft"
    SIGNED = "signed"


class JobKind(StrEnum):
    """What a worker does."""

    ASSESS = "assess"


class JobState(StrEnum):
    """What becomes of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    SET_ASIDE = "set aside"
    CANCELLED = "cancelled"


class ResultKind(StrEnum):
    """The objects that a reading becomes in a picture archive."""

    SR = "SR"
    SEG = "SEG"
    PDF = "PDF"
    KO = "KO"


class OutState(StrEnum):
    """How far an object is on its way to an archive."""

    WAITING = "waiting"
    SENT = "sent"
    COMMITTED = "committed"
    """The archive has said that it keeps it."""
    GIVEN_UP = "given up"


class PacsEvent(StrEnum):
    """What passed between the registry and an archive."""

    RECEIVED = "received"
    GREW = "grew"
    """More images of a study that was here already."""
    REFUSED = "refused"
    """An image that is here already with another content, or a study that cannot be taken."""
    LINKED = "linked"
    """The hospital's number of a patient became known."""
    QUEUED = "queued"
    NOT_SENT = "not sent"
    """The results of a reading stay here: nothing in its images says whose they are, or they cannot be made."""
    SENT = "sent"
    COMMITTED = "committed"
    GIVEN_UP = "given up"


class Action(StrEnum):
    """What an entry of the audit tells of."""

    RECORDED = "recorded"
    ERASED = "erased"
    EXPORTED = "exported"
    RESTORED = "restored"
    PASSWORD_SET = "password set"  # noqa: S105
    LINK_GIVEN = "password link given"
    """An administrator has a link with which the person sets a password."""
    SIGNED_OUT = "signed out"
    """An administrator has ended every session of the person."""
    CANCELLED = "cancelled"
    TRIED_AGAIN = "tried again"
    HANDED_OVER = "handed over"
    """A case whose reader left is for somebody else, or for whoever comes."""
    BACKED_UP = "backed up"
