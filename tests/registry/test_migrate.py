"""The revisions make what the tables say, and every table of patients is guarded."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from ovcf.registry.migrate import newest, revision
from ovcf.registry.tables import Base

CHANGING = {
    "stored_file",
    "work_item",
    "arrived_file",
    "derived_file",
    "job",
    "received_instance",
    "outbox_item",
    "credential",
    "password_link",
    "sign_in",
}
"""Tables that tell nothing clinical: what is stored, what is to be done, passwords and sessions."""


def test_the_newest_revision_has_the_tables_of_the_code(registry):
    assert revision(registry.engine) == newest()
    with registry.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_every_table_is_guarded(registry):
    of_triggers = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if registry.engine.dialect.name == "sqlite"
        else "SELECT event_object_table FROM information_schema.triggers"
    )
    with registry.engine.connect() as connection:
        guarded = list(connection.execute(text(of_triggers)).scalars())
    for table in Base.metadata.sorted_tables:
        assert guarded.count(table.name) == (0 if table.name in CHANGING else 2), table.name
