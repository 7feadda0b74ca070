"""The tables, by what they are about."""

from ovcf.registry.columns import Base
from ovcf.registry.tables.accounts import Credential, PasswordLink, ProviderLink, SignIn, Standing
from ovcf.registry.tables.audit import AuditEntry
from ovcf.registry.tables.course import ClinicalEntry, Densitometry, Episode, Event, PatientReport, Treatment, Visit
from ovcf.registry.tables.images import ImagingStudy, StoredFile, StudyFile
from ovcf.registry.tables.people import Consent, Erasure, Identity, Patient, PatientKey, Person, Simulation, Site
from ovcf.registry.tables.readings import MeasuredValue, Reading, ScoreValue
from ovcf.registry.tables.work import ArrivedFile, DerivedFile, Job, WorkItem

__all__ = [
    "ArrivedFile", "AuditEntry", "Base", "ClinicalEntry", "Consent", "Credential", "Densitometry", "DerivedFile",
    "Episode", "Erasure", "Event", "Identity", "ImagingStudy", "Job", "MeasuredValue", "PasswordLink", "Patient",
    "PatientKey", "PatientReport", "Person", "ProviderLink", "Reading", "ScoreValue", "SignIn", "Simulation", "Site",
    "Standing", "StoredFile", "StudyFile", "Treatment", "Visit", "WorkItem",
]  # fmt: skip
