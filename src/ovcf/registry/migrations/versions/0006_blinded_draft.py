"""Blinded cases while their readers work on them, and how long that takes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Its rows change as work goes on, so that nothing guards them."""
    op.create_table(
        "blinded_draft",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("versions", sa.String(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_blinded_draft_patient_id")),
        sa.ForeignKeyConstraint(["task_id"], ["reading_task.id"], name=op.f("fk_blinded_draft_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_blinded_draft")),
    )
    op.create_index(op.f("ix_blinded_draft_patient_id"), "blinded_draft", ["patient_id"], unique=False)
