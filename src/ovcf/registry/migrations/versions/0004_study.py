"""A study: protocol, screening, enrolment, forms, queries, blinded readings, judgements, lock, keys of sites."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NEVER = ("study", "protocol_version", "reader_study", "reader_study_closed", "study_lock", "site_key", "merged_bundle")
_OF_PATIENTS = (
    "adjudication",
    "data_query",
    "enrolment",
    "form_entry",
    "query_event",
    "reading_task",
    "screening",
    "task_reading",
    "withdrawal",
)


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "site_key",
        sa.Column("site_code", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_site_key_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_key")),
    )
    op.create_index(op.f("ix_site_key_site_code"), "site_key", ["site_code"], unique=False)
    op.create_table(
        "study",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_study_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study")),
        sa.UniqueConstraint("code", name=op.f("uq_study_code")),
    )
    op.create_table(
        "merged_bundle",
        sa.Column("site_code", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_merged_bundle_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_merged_bundle_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_bundle")),
    )
    op.create_index(op.f("ix_merged_bundle_study_id"), "merged_bundle", ["study_id"], unique=False)
    op.create_table(
        "protocol_version",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_protocol_version_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_protocol_version_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint("study_id", "digest", name=op.f("uq_protocol_version_study_id_digest")),
        sa.UniqueConstraint("study_id", "version", name=op.f("uq_protocol_version_study_id_version")),
    )
    op.create_index(op.f("ix_protocol_version_study_id"), "protocol_version", ["study_id"], unique=False)
    op.create_table(
        "study_lock",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_study_lock_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_study_lock_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_lock")),
        sa.UniqueConstraint("study_id", "place", name=op.f("uq_study_lock_study_id_place")),
    )
    op.create_index(op.f("ix_study_lock_study_id"), "study_lock", ["study_id"], unique=False)
    op.create_table(
        "reader_study",
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("not_read", sa.JSON(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol_version.id"], name=op.f("fk_reader_study_protocol_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_reader_study_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_reader_study_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_study")),
        sa.UniqueConstraint("study_id", "code", name=op.f("uq_reader_study_study_id_code")),
    )
    op.create_index(op.f("ix_reader_study_study_id"), "reader_study", ["study_id"], unique=False)
    op.create_table(
        "screening",
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("decision", sa.String(64), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["screening.id"], name=op.f("fk_screening_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_screening_patient_id")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol_version.id"], name=op.f("fk_screening_protocol_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_screening_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["screening.id"], name=op.f("fk_screening_replaces_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_screening_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_screening_replaces_id")),
    )
    op.create_index(op.f("ix_screening_entity_id"), "screening", ["entity_id"], unique=False)
    op.create_index(op.f("ix_screening_patient_id"), "screening", ["patient_id"], unique=False)
    op.create_index(op.f("ix_screening_study_id"), "screening", ["study_id"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("screening_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("arm", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["enrolment.id"], name=op.f("fk_enrolment_entity_id")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_enrolment_episode_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_enrolment_patient_id")),
        sa.ForeignKeyConstraint(["protocol_id"], ["protocol_version.id"], name=op.f("fk_enrolment_protocol_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_enrolment_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["enrolment.id"], name=op.f("fk_enrolment_replaces_id")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_enrolment_screening_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_enrolment_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_enrolment_replaces_id")),
    )
    op.create_index(op.f("ix_enrolment_entity_id"), "enrolment", ["entity_id"], unique=False)
    op.create_index(op.f("ix_enrolment_patient_id"), "enrolment", ["patient_id"], unique=False)
    op.create_index(op.f("ix_enrolment_study_id"), "enrolment", ["study_id"], unique=False)
    op.create_table(
        "reader_study_closed",
        sa.Column("reader_study_id", sa.Uuid(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reader_study_id"], ["reader_study.id"], name=op.f("fk_reader_study_closed_reader_study_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_reader_study_closed_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_reader_study_closed_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_study_closed")),
        sa.UniqueConstraint("reader_study_id", name=op.f("uq_reader_study_closed_reader_study_id")),
    )
    op.create_index(op.f("ix_reader_study_closed_study_id"), "reader_study_closed", ["study_id"], unique=False)
    op.create_table(
        "adjudication",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Boolean(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_adjudication_enrolment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_adjudication_patient_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_adjudication_reader_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_adjudication_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_adjudication_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
        sa.UniqueConstraint(
            "enrolment_id", "outcome", "place", name=op.f("uq_adjudication_enrolment_id_outcome_place")
        ),
    )
    op.create_index(op.f("ix_adjudication_enrolment_id"), "adjudication", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_adjudication_patient_id"), "adjudication", ["patient_id"], unique=False)
    op.create_index(op.f("ix_adjudication_study_id"), "adjudication", ["study_id"], unique=False)
    op.create_table(
        "data_query",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.String(64), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_data_query_enrolment_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_data_query_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_data_query_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_data_query_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_query")),
    )
    op.create_index(op.f("ix_data_query_enrolment_id"), "data_query", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_data_query_patient_id"), "data_query", ["patient_id"], unique=False)
    op.create_index(op.f("ix_data_query_study_id"), "data_query", ["study_id"], unique=False)
    op.create_table(
        "form_entry",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.String(64), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_form_entry_enrolment_id")),
        sa.ForeignKeyConstraint(["entity_id"], ["form_entry.id"], name=op.f("fk_form_entry_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_form_entry_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_form_entry_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["form_entry.id"], name=op.f("fk_form_entry_replaces_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_form_entry_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_entry")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_form_entry_replaces_id")),
    )
    op.create_index(op.f("ix_form_entry_enrolment_id"), "form_entry", ["enrolment_id"], unique=False)
    op.create_index(op.f("ix_form_entry_entity_id"), "form_entry", ["entity_id"], unique=False)
    op.create_index(op.f("ix_form_entry_patient_id"), "form_entry", ["patient_id"], unique=False)
    op.create_index(op.f("ix_form_entry_study_id"), "form_entry", ["study_id"], unique=False)
    op.create_table(
        "reading_task",
        sa.Column("reader_study_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_reading_task_patient_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_reading_task_reader_id")),
        sa.ForeignKeyConstraint(["reader_study_id"], ["reader_study.id"], name=op.f("fk_reading_task_reader_study_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_reading_task_reading_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_reading_task_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_reading_task_study_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_reading_task_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_task")),
        sa.UniqueConstraint("reader_study_id", "label", name=op.f("uq_reading_task_reader_study_id_label")),
    )
    op.create_index(op.f("ix_reading_task_patient_id"), "reading_task", ["patient_id"], unique=False)
    op.create_index(op.f("ix_reading_task_reader_id"), "reading_task", ["reader_id"], unique=False)
    op.create_index(op.f("ix_reading_task_reader_study_id"), "reading_task", ["reader_study_id"], unique=False)
    op.create_index(op.f("ix_reading_task_study_id"), "reading_task", ["study_id"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("keep_data", sa.Boolean(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_withdrawal_enrolment_id")),
        sa.ForeignKeyConstraint(["entity_id"], ["withdrawal.id"], name=op.f("fk_withdrawal_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_withdrawal_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_withdrawal_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["withdrawal.id"], name=op.f("fk_withdrawal_replaces_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_withdrawal_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_withdrawal_replaces_id")),
    )
    op.create_index(op.f("ix_withdrawal_entity_id"), "withdrawal", ["entity_id"], unique=False)
    op.create_index(op.f("ix_withdrawal_patient_id"), "withdrawal", ["patient_id"], unique=False)
    op.create_index(op.f("ix_withdrawal_study_id"), "withdrawal", ["study_id"], unique=False)
    op.create_table(
        "query_event",
        sa.Column("query_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_query_event_patient_id")),
        sa.ForeignKeyConstraint(["query_id"], ["data_query.id"], name=op.f("fk_query_event_query_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_query_event_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_query_event_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_event")),
        sa.UniqueConstraint("query_id", "place", name=op.f("uq_query_event_query_id_place")),
    )
    op.create_index(op.f("ix_query_event_patient_id"), "query_event", ["patient_id"], unique=False)
    op.create_index(op.f("ix_query_event_query_id"), "query_event", ["query_id"], unique=False)
    op.create_index(op.f("ix_query_event_study_id"), "query_event", ["study_id"], unique=False)
    op.create_table(
        "task_reading",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=True),
        sa.Column("minutes", sa.Double(), nullable=True),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["file"], ["stored_file.sha256"], name=op.f("fk_task_reading_file")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_task_reading_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_task_reading_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_task_reading_study_id")),
        sa.ForeignKeyConstraint(["task_id"], ["reading_task.id"], name=op.f("fk_task_reading_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_reading")),
        sa.UniqueConstraint("task_id", name=op.f("uq_task_reading_task_id")),
    )
    op.create_index(op.f("ix_task_reading_patient_id"), "task_reading", ["patient_id"], unique=False)
    op.create_index(op.f("ix_task_reading_study_id"), "task_reading", ["study_id"], unique=False)

    for statement in guards(op.get_bind().dialect.name, _NEVER, _OF_PATIENTS):
        op.execute(statement)
