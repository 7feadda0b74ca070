"""People who went to another site: which account of theirs came after which."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; that somebody moved is never changed."""
    op.create_table(
        "moved_person",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_moved_person_person_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_moved_person_to_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_moved_person_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_person")),
        sa.UniqueConstraint("to_id", name=op.f("uq_moved_person_to_id")),
    )
    op.create_index(op.f("ix_moved_person_person_id"), "moved_person", ["person_id"], unique=False)
    for statement in guards_of_more(op.get_bind().dialect.name, ("moved_person",), ()):
        op.execute(statement)
