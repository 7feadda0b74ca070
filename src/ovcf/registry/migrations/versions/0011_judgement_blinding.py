"""What is known of a judge's blinding, kept beside each judgement."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make a table of its own: the judgements that are there stay as the audit knows them."""
    op.create_table(
        "judgement_blinding",
        sa.Column("adjudication_id", sa.Uuid(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("worked_on_record", sa.Boolean(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjudication_id"], ["adjudication.id"], name=op.f("fk_judgement_blinding_adjudication_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_judgement_blinding_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_judgement_blinding_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_judgement_blinding_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement_blinding")),
        sa.UniqueConstraint("adjudication_id", name=op.f("uq_judgement_blinding_adjudication_id")),
    )
    for column in ("patient_id", "study_id"):
        op.create_index(op.f(f"ix_judgement_blinding_{column}"), "judgement_blinding", [column], unique=False)
    for statement in guards_of_more(op.get_bind().dialect.name, (), ("judgement_blinding",)):
        op.execute(statement)
