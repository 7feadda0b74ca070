"""Bringing a database to the newest revision of its tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from ovcf.errors import RegistryError
from ovcf.registry.database import snapshot, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Make or change the tables up to a revision, all in one transaction.

    Whoever comes at the same time waits, and then finds it done.

    Raises:
        RegistryError: the database is of a newer ovcf, or does not take it, such as where the disk is full.
    """
    try:
        with writing(engine) as connection:
            upgrade_within(connection, to)
    except OperationalError as error:
        raise RegistryError(
            engine.url.render_as_string(),
            f"could not be brought up to date ({error.orig})",
            "Nothing of it was changed. See to the cause, such as a full disk or whatever still uses it, and repeat.",
        ) from error


def upgrade_within(connection: Connection, to: str = "head") -> None:
    """The same within a transaction that is under way."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and not known(found):
        raise _newer(connection.engine, found)
    command.upgrade(_config(connection), to)


def revision(engine: Engine) -> str | None:
    """The revision of a database; None where it is empty."""
    with snapshot(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The newest revision that this version of ovcf knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None
    return found


def known(name: str) -> bool:
    """Whether a revision is one of ours."""
    return any(script.revision == name for script in ScriptDirectory.from_config(_config()).walk_revisions())


def check_revision(engine: Engine, *, older: bool = False) -> None:
    """Refuse a database that is not at the newest revision; an ``older`` one is let pass where that is said.

    Raises:
        RegistryError: it is empty, older, or of a newer ovcf.
    """
    found, name = revision(engine), engine.url.render_as_string()
    if found == newest():
        return
    if found is None:
        raise RegistryError(name, "holds no registry", "Make one first.")
    if not known(found):
        raise _newer(engine, found)
    if not older:
        raise RegistryError(
            name,
            f"is of an older revision ({found})",
            "Stop whatever uses it. Write a backup (ovcf db backup FILE), then bring it up to date (ovcf db upgrade); "
            "OVCF_DATA names its folder.",
        )


def _newer(engine: Engine, found: str) -> RegistryError:
    return RegistryError(
        engine.url.render_as_string(),
        f"was made by a newer ovcf (revision {found})",
        "Install that version. To go back to this one, restore the backup from before the upgrade into a new folder.",
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
