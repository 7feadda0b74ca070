"""The tables, by what they are about."""

from ovcf.registry.columns import Base
from ovcf.registry.tables.audit import AuditEntry
from ovcf.registry.tables.course import ClinicalEntry, Densitometry, Episode, Event, PatientReport, Treatment, Visit
from ovcf.registry.tables.images import ImagingStudy, StoredFile, StudyFile
from ovcf.registry.tables.people import Consent, Erasure, Identity, Patient, PatientKey, Person, Simulation, Site
from ovcf.registry.tables.readings import MeasuredValue, Reading, ScoreValue

__all__ = [
    "AuditEntry", "Base", "ClinicalEntry", "Consent", "Densitometry", "Episode", "Erasure", "Event", "Identity",
    "ImagingStudy", "MeasuredValue", "Patient", "PatientKey", "PatientReport", "Person", "Reading", "ScoreValue",
    "Simulation", "Site", "StoredFile", "StudyFile", "Treatment", "Visit",
]  # fmt: skip
