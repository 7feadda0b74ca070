"""Indices by which patients are found as somebody types, and worklists are paged in every order."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CODE = "lower(code)"
_NUMBER = "ltrim(substr(code, length(rtrim(code, '0123456789')) + 1), '0')"
"""The digits at the end of a pseudonym, without zeros before them."""


def upgrade() -> None:
    """Add the indices. Those over an expression stand here alone: the tables of the code name columns."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    order = ' COLLATE "C"' if postgresql else ""  # the beginning of a text is a range in this order only
    day = "coalesce(acquired_on, DATE '1900-01-01')" if postgresql else "coalesce(acquired_on, '1900-01-01')"
    op.execute(f"CREATE INDEX ix_patient_search_code ON patient (({_CODE}){order}, id)")
    op.execute(f"CREATE INDEX ix_patient_search_number ON patient (({_NUMBER}){order})")
    op.execute(f"CREATE INDEX ix_work_item_search_acquired ON work_item (({day}), id)")
    op.create_index("ix_work_item_arrived_at_id", "work_item", ["arrived_at", "id"], unique=False)
    op.create_index("ix_work_item_status_arrived_at_id", "work_item", ["status", "arrived_at", "id"], unique=False)
