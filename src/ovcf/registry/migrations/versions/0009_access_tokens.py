"""Access tokens: programs that act for a person."""

import sqlalchemy as sa
from alembic import op

from ovcf.registry.guards import guards_of_more

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; that a token was made or revoked is never changed, its secret goes."""
    op.create_table(
        "access_token",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        *kept(),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_access_token_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
    )
    op.create_index(op.f("ix_access_token_person_id"), "access_token", ["person_id"], unique=False)
    op.create_table(
        "access_token_end",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *kept(),
        sa.ForeignKeyConstraint(["token_id"], ["access_token.id"], name=op.f("fk_access_token_end_token_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_access_token_end_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token_end")),
        sa.UniqueConstraint("token_id", name=op.f("uq_access_token_end_token_id")),
    )
    op.create_table(
        "token_secret",
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["token_id"], ["access_token.id"], name=op.f("fk_token_secret_token_id")),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_token_secret")),
        sa.UniqueConstraint("token_id", name=op.f("uq_token_secret_token_id")),
    )
    for statement in guards_of_more(op.get_bind().dialect.name, ("access_token", "access_token_end"), ()):
        op.execute(statement)


def kept() -> tuple[sa.Column[object], ...]:
    """The columns of every row that is written once."""
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
    )
