"""Indices by which patients are found as somebody types, and worklists are paged; studies that were moved."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CODE = "lower(code)"
_NUMBER = "ltrim(substr(code, length(rtrim(code, '0123456789')) + 1), '0')"
"""The digits at the end of a pseudonym, without zeros before them."""


def upgrade() -> None:
    """Add the indices (those over an expression stand here alone: the tables of the code name columns), and a table."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    order = ' COLLATE "C"' if postgresql else ""  # the beginning of a text is a range in this order only
    day = "coalesce(acquired_on, DATE '1900-01-01')" if postgresql else "coalesce(acquired_on, '1900-01-01')"
    op.execute(f"CREATE INDEX ix_patient_search_code ON patient (({_CODE}){order}, id)")
    op.execute(f"CREATE INDEX ix_patient_search_number ON patient (({_NUMBER}){order})")
    op.execute(f"CREATE INDEX ix_work_item_search_acquired ON work_item (({day}), id)")
    op.create_index("ix_work_item_arrived_at_id", "work_item", ["arrived_at", "id"], unique=False)
    op.create_index("ix_work_item_status_arrived_at_id", "work_item", ["status", "arrived_at", "id"], unique=False)
    op.create_table(
        "moved_study",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("to_study", sa.Uuid(), nullable=False),
        sa.Column("reading", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_moved_study_patient_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_moved_study_recorded_by")),
        sa.ForeignKeyConstraint(["study_id"], ["imaging_study.id"], name=op.f("fk_moved_study_study_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_moved_study_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_study")),
    )
    for column in ("patient_id", "reading", "study_id", "visit_id"):
        op.create_index(op.f(f"ix_moved_study_{column}"), "moved_study", [column], unique=False)
    for statement in guards_of_more(op.get_bind().dialect.name, (), ("moved_study",)):
        op.execute(statement)
