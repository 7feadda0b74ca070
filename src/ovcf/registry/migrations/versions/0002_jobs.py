"""What is to be done: the worklist, files of studies without a patient, derived files, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Their rows change as work goes on, so that nothing guards them."""
    op.create_table(
        "work_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("study_uid", sa.String(), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=True),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("reading", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["assigned_to"], ["person.id"], name=op.f("fk_work_item_assigned_to")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_work_item_patient_id")),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_work_item_received_by")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_work_item_site_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_work_item_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    op.create_index(op.f("ix_work_item_changed_at"), "work_item", ["changed_at"], unique=False)
    op.create_index(op.f("ix_work_item_patient_id"), "work_item", ["patient_id"], unique=False)
    op.create_index(op.f("ix_work_item_reading"), "work_item", ["reading"], unique=False)
    op.create_index("ix_work_item_site_id_arrived_at_id", "work_item", ["site_id", "arrived_at", "id"], unique=False)
    op.create_index(
        "ix_work_item_site_id_status_arrived_at_id",
        "work_item",
        ["site_id", "status", "arrived_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_work_item_visit_id"), "work_item", ["visit_id"], unique=False)
    op.create_table(
        "arrived_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_arrived_file_sha256")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_arrived_file_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrived_file")),
    )
    op.create_index(op.f("ix_arrived_file_sha256"), "arrived_file", ["sha256"], unique=False)
    op.create_index(op.f("ix_arrived_file_work_item_id"), "arrived_file", ["work_item_id"], unique=False)
    op.create_table(
        "derived_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_derived_file_patient_id")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_derived_file_sha256")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_derived_file_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_derived_file")),
    )
    op.create_index(op.f("ix_derived_file_patient_id"), "derived_file", ["patient_id"], unique=False)
    op.create_index(op.f("ix_derived_file_sha256"), "derived_file", ["sha256"], unique=False)
    op.create_index(op.f("ix_derived_file_work_item_id"), "derived_file", ["work_item_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_by", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.String(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("peak_bytes", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enqueued_by"], ["person.id"], name=op.f("fk_job_enqueued_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_job_patient_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_job_site_id")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_job_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_changed_at"), "job", ["changed_at"], unique=False)
    op.create_index(op.f("ix_job_patient_id"), "job", ["patient_id"], unique=False)
    op.create_index("ix_job_state_enqueued_at", "job", ["state", "enqueued_at"], unique=False)
    op.create_index(op.f("ix_job_work_item_id"), "job", ["work_item_id"], unique=False)
