"""What came from a picture archive, what is to go to one, what was done; patients found by the hospital's number."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and guard the one that is a record."""
    op.add_column("identity", sa.Column("lookup", sa.String(64), nullable=True))
    op.create_index(op.f("ix_identity_lookup"), "identity", ["lookup"], unique=False)
    op.create_table(
        "received_instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("study_uid", sa.String(64), nullable=False),
        sa.Column("sop_uid", sa.String(64), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_received_instance_patient_id")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_received_instance_sha256")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_received_instance_site_id")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_received_instance_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_instance")),
        sa.UniqueConstraint("work_item_id", "sop_uid", name=op.f("uq_received_instance_work_item_id_sop_uid")),
    )
    op.create_index(op.f("ix_received_instance_patient_id"), "received_instance", ["patient_id"], unique=False)
    op.create_index(op.f("ix_received_instance_sha256"), "received_instance", ["sha256"], unique=False)
    for column in ("sop_uid", "study_uid"):
        name = f"ix_received_instance_site_id_{column}"
        op.create_index(name, "received_instance", ["site_id", column], unique=False)
    op.create_table(
        "outbox_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("reading", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("peer", sa.String(64), nullable=False),
        sa.Column("sop_class", sa.String(64), nullable=False),
        sa.Column("sop_uid", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("transaction_uid", sa.String(64), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_outbox_item_patient_id")),
        sa.ForeignKeyConstraint(["sha256"], ["stored_file.sha256"], name=op.f("fk_outbox_item_sha256")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_outbox_item_site_id")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_item.id"], name=op.f("fk_outbox_item_work_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_item")),
        sa.UniqueConstraint("peer", "sop_uid", name=op.f("uq_outbox_item_peer_sop_uid")),
    )
    op.create_index("ix_outbox_item_state_next_at", "outbox_item", ["state", "next_at"], unique=False)
    for column in ("patient_id", "reading", "sha256", "transaction_uid", "work_item_id"):
        op.create_index(op.f(f"ix_outbox_item_{column}"), "outbox_item", [column], unique=False)
    op.create_table(
        "pacs_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("work_item", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("peer", sa.String(64), nullable=False),
        sa.Column("reading", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=True),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["identity"], ["identity.id"], name=op.f("fk_pacs_record_identity")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_pacs_record_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_pacs_record_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pacs_record")),
    )
    for column in ("identity", "patient_id", "reading", "work_item"):
        op.create_index(op.f(f"ix_pacs_record_{column}"), "pacs_record", [column], unique=False)
    for statement in guards_of_more(op.get_bind().dialect.name, (), ("pacs_record",)):
        op.execute(statement)
