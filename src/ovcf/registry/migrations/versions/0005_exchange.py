"""Facts entered at a visit without a reading, which sites are simulated, and indices for lists and timelines."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, guard them, and add the indices."""
    op.create_table(
        "clinical_entry",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["clinical_entry.id"], name=op.f("fk_clinical_entry_entity_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_clinical_entry_patient_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_clinical_entry_reading_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_clinical_entry_recorded_by")),
        sa.ForeignKeyConstraint(["replaces_id"], ["clinical_entry.id"], name=op.f("fk_clinical_entry_replaces_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_clinical_entry_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinical_entry")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_clinical_entry_replaces_id")),
    )
    for column in ("entity_id", "patient_id", "reading_id", "visit_id"):
        op.create_index(op.f(f"ix_clinical_entry_{column}"), "clinical_entry", [column], unique=False)
    op.create_table(
        "simulation",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("software", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_simulation_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_simulation")),
    )
    op.create_index("ix_visit_held_on_id", "visit", ["held_on", "id"], unique=False)
    op.create_index("ix_visit_planned_on_id", "visit", ["planned_on", "id"], unique=False)
    op.create_index("ix_patient_code", "patient", ["code"], unique=False)
    for statement in guards_of_more(op.get_bind().dialect.name, ("simulation",), ("clinical_entry",)):
        op.execute(statement)
