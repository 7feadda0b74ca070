"""The tables, by what they are about."""

from ovcf.registry.columns import Base
from ovcf.registry.tables.accounts import Credential, PasswordLink, ProviderLink, SignIn, Standing
from ovcf.registry.tables.audit import AuditEntry
from ovcf.registry.tables.course import ClinicalEntry, Densitometry, Episode, Event, PatientReport, Treatment, Visit
from ovcf.registry.tables.images import ImagingStudy, MovedStudy, StoredFile, StudyFile
from ovcf.registry.tables.pacs import OutboxItem, PacsRecord, ReceivedInstance
from ovcf.registry.tables.people import Consent, Erasure, Identity, Patient, PatientKey, Person, Simulation, Site
from ovcf.registry.tables.readings import MeasuredValue, Reading, ScoreValue
from ovcf.registry.tables.study import (
    Adjudication,
    DataQuery,
    Enrolment,
    FormEntry,
    MergedBundle,
    ProtocolVersion,
    QueryEvent,
    ReaderStudy,
    ReaderStudyClosed,
    ReadingTask,
    Screening,
    SiteKey,
    Study,
    StudyLock,
    TaskReading,
    Withdrawal,
)
from ovcf.registry.tables.work import ArrivedFile, DerivedFile, Job, WorkItem

__all__ = [
    "Adjudication",
    "ArrivedFile",
    "AuditEntry",
    "Base",
    "ClinicalEntry",
    "Consent",
    "Credential",
    "DataQuery",
    "Densitometry",
    "DerivedFile",
    "Enrolment",
    "Episode",
    "Erasure",
    "Event",
    "FormEntry",
    "Identity",
    "ImagingStudy",
    "Job",
    "MeasuredValue",
    "MergedBundle",
    "MovedStudy",
    "OutboxItem",
    "PacsRecord",
    "PasswordLink",
    "Patient",
    "PatientKey",
    "PatientReport",
    "Person",
    "ProtocolVersion",
    "ProviderLink",
    "QueryEvent",
    "ReaderStudy",
    "ReaderStudyClosed",
    "Reading",
    "ReadingTask",
    "ReceivedInstance",
    "ScoreValue",
    "Screening",
    "SignIn",
    "Simulation",
    "Site",
    "SiteKey",
    "Standing",
    "StoredFile",
    "Study",
    "StudyFile",
    "StudyLock",
    "TaskReading",
    "Treatment",
    "Visit",
    "Withdrawal",
    "WorkItem",
]
