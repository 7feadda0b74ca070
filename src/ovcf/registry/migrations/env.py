"""Alembic's entry: the connection comes from :mod:`ovcf.registry.migrate`, in a transaction of its own."""

from alembic import context

from ovcf.registry.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=False,
    transactional_ddl=False,
    transaction_per_migration=False,
)
context.run_migrations()
