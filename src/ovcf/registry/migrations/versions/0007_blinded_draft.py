"""Blinded cases while their readers work on them, how long that takes, and exercises for training."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. Their rows change as work goes on, so that nothing guards them."""
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
    op.create_table(
        "training_exercise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("truth", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("versions", sa.String(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["file"], ["stored_file.sha256"], name=op.f("fk_training_exercise_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_training_exercise_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_exercise")),
    )
    op.create_index(op.f("ix_training_exercise_person_id"), "training_exercise", ["person_id"], unique=False)
