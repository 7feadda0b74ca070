"""The first tables: people, courses, images, readings, audit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NEVER = ("audit", "erasure", "person", "site")
_OF_PATIENTS = (
    "consent",
    "densitometry",
    "episode",
    "event",
    "identity",
    "imaging_study",
    "measured_value",
    "patient",
    "patient_key",
    "patient_report",
    "reading",
    "score_value",
    "study_file",
    "treatment",
    "visit",
)


def _recorded() -> list[sa.Column[Any]]:
    """Of whom a row is, and who recorded it when."""
    return [
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
    ]


def _corrected() -> list[sa.Column[Any]]:
    """The same, and what it corrects."""
    return [
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        *_recorded(),
    ]


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("row", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_patient_id"), "audit", ["patient_id"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_person_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_table(
        "erasure",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_erasure_by")),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "patient",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sex", sa.String(64), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_patient_recorded_by")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_patient_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_patient_site_id_code")),
    )
    op.create_table(
        "consent",
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["consent.id"], name=op.f("fk_consent_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_consent_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["consent.id"], name=op.f("fk_consent_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_consent_replaces_id")),
    )
    op.create_index(op.f("ix_consent_entity_id"), "consent", ["entity_id"], unique=False)
    op.create_index(op.f("ix_consent_patient_id"), "consent", ["patient_id"], unique=False)
    op.create_table(
        "episode",
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("fractured_on", sa.Date(), nullable=True),
        sa.Column("mechanism", sa.String(64), nullable=False),
        sa.Column("refracture_of", sa.Uuid(), nullable=True),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["episode.id"], name=op.f("fk_episode_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_episode_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_episode_recorded_by")),
        sa.ForeignKeyConstraint(["refracture_of"], ["episode.id"], name=op.f("fk_episode_refracture_of")),
        sa.ForeignKeyConstraint(["replaces_id"], ["episode.id"], name=op.f("fk_episode_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_episode_replaces_id")),
    )
    op.create_index(op.f("ix_episode_entity_id"), "episode", ["entity_id"], unique=False)
    op.create_index(op.f("ix_episode_patient_id"), "episode", ["patient_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_identity_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_identity_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_patient_id"), "identity", ["patient_id"], unique=False)
    op.create_table(
        "patient_key",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_key_patient_id")),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_patient_key")),
    )
    op.create_table(
        "treatment",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["treatment.id"], name=op.f("fk_treatment_entity_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_treatment_episode_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_treatment_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_treatment_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["treatment.id"], name=op.f("fk_treatment_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_treatment_replaces_id")),
    )
    op.create_index(op.f("ix_treatment_entity_id"), "treatment", ["entity_id"], unique=False)
    op.create_index(op.f("ix_treatment_episode_id"), "treatment", ["episode_id"], unique=False)
    op.create_index(op.f("ix_treatment_patient_id"), "treatment", ["patient_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["visit.id"], name=op.f("fk_visit_entity_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_visit_episode_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_visit_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_visit_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["visit.id"], name=op.f("fk_visit_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_visit_replaces_id")),
    )
    op.create_index(op.f("ix_visit_entity_id"), "visit", ["entity_id"], unique=False)
    op.create_index(op.f("ix_visit_episode_id"), "visit", ["episode_id"], unique=False)
    op.create_index(op.f("ix_visit_patient_id"), "visit", ["patient_id"], unique=False)
    op.create_table(
        "densitometry",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("t_score", sa.Double(), nullable=False),
        sa.Column("measured_on", sa.Date(), nullable=True),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["densitometry.id"], name=op.f("fk_densitometry_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_densitometry_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_densitometry_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["densitometry.id"], name=op.f("fk_densitometry_replaces_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_densitometry_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_densitometry")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_densitometry_replaces_id")),
    )
    op.create_index(op.f("ix_densitometry_entity_id"), "densitometry", ["entity_id"], unique=False)
    op.create_index(op.f("ix_densitometry_patient_id"), "densitometry", ["patient_id"], unique=False)
    op.create_index(op.f("ix_densitometry_visit_id"), "densitometry", ["visit_id"], unique=False)
    op.create_table(
        "imaging_study",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("study_uid", sa.String(), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["imaging_study.id"], name=op.f("fk_imaging_study_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_imaging_study_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_imaging_study_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["imaging_study.id"], name=op.f("fk_imaging_study_replaces_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_imaging_study_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imaging_study")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_imaging_study_replaces_id")),
    )
    op.create_index(op.f("ix_imaging_study_entity_id"), "imaging_study", ["entity_id"], unique=False)
    op.create_index(op.f("ix_imaging_study_patient_id"), "imaging_study", ["patient_id"], unique=False)
    op.create_index(op.f("ix_imaging_study_visit_id"), "imaging_study", ["visit_id"], unique=False)
    op.create_table(
        "patient_report",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(64), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["patient_report.id"], name=op.f("fk_patient_report_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_report_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_patient_report_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["patient_report.id"], name=op.f("fk_patient_report_replaces_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_patient_report_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_report")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_patient_report_replaces_id")),
    )
    op.create_index(op.f("ix_patient_report_entity_id"), "patient_report", ["entity_id"], unique=False)
    op.create_index(op.f("ix_patient_report_patient_id"), "patient_report", ["patient_id"], unique=False)
    op.create_index(op.f("ix_patient_report_visit_id"), "patient_report", ["visit_id"], unique=False)
    op.create_table(
        "reading",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observations", sa.String(length=64), nullable=False),
        sa.Column("software", sa.String(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["file"], ["stored_file.sha256"], name=op.f("fk_reading_file")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_reading_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_reading_recorded_by")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_reading_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("reading", "revision", name=op.f("uq_reading_reading_revision")),
    )
    op.create_index(op.f("ix_reading_patient_id"), "reading", ["patient_id"], unique=False)
    op.create_index(op.f("ix_reading_reading"), "reading", ["reading"], unique=False)
    op.create_index(op.f("ix_reading_visit_id"), "reading", ["visit_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=True),
        *_corrected(),
        sa.ForeignKeyConstraint(["entity_id"], ["event.id"], name=op.f("fk_event_entity_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_event_episode_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_event_patient_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_event_reading_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_event_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["event.id"], name=op.f("fk_event_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_event_replaces_id")),
    )
    op.create_index(op.f("ix_event_entity_id"), "event", ["entity_id"], unique=False)
    op.create_index(op.f("ix_event_episode_id"), "event", ["episode_id"], unique=False)
    op.create_index(op.f("ix_event_patient_id"), "event", ["patient_id"], unique=False)
    op.create_table(
        "measured_value",
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("standard_uncertainty", sa.Double(), nullable=True),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("posture", sa.String(), nullable=False),
        sa.Column("image", sa.String(), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_measured_value_patient_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_measured_value_reading_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_measured_value_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measured_value")),
    )
    op.create_index(op.f("ix_measured_value_method"), "measured_value", ["method"], unique=False)
    op.create_index(op.f("ix_measured_value_patient_id"), "measured_value", ["patient_id"], unique=False)
    op.create_index(op.f("ix_measured_value_reading_id"), "measured_value", ["reading_id"], unique=False)
    op.create_table(
        "score_value",
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("total", sa.Double(), nullable=True),
        sa.Column("lowest", sa.Double(), nullable=True),
        sa.Column("highest", sa.Double(), nullable=True),
        sa.Column("group", sa.String(), nullable=True),
        *_recorded(),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_score_value_patient_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_score_value_reading_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_score_value_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_value")),
    )
    op.create_index(op.f("ix_score_value_patient_id"), "score_value", ["patient_id"], unique=False)
    op.create_index(op.f("ix_score_value_reading_id"), "score_value", ["reading_id"], unique=False)
    op.create_index(op.f("ix_score_value_score"), "score_value", ["score"], unique=False)
    op.create_table(
        "study_file",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_study_file_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_study_file_recorded_by")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_study_file_sha256")),
        sa.ForeignKeyConstraint(["study_id"], ["imaging_study.id"], name=op.f("fk_study_file_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_file")),
    )
    op.create_index(op.f("ix_study_file_patient_id"), "study_file", ["patient_id"], unique=False)
    op.create_index(op.f("ix_study_file_sha256"), "study_file", ["sha256"], unique=False)
    op.create_index(op.f("ix_study_file_study_id"), "study_file", ["study_id"], unique=False)

    for statement in guards(op.get_bind().dialect.name, _NEVER, _OF_PATIENTS):
        op.execute(statement)
