"""Bringing a database to the newest revision of its tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ovcf.errors import RegistryError
from ovcf.registry.database import snapshot, writing

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, to: str = "head") -> None:
    """Make or change the tables up to a revision, all in one transaction."""
    with writing(engine) as connection:
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


def check_revision(engine: Engine) -> None:
    """Refuse a database that is not at the newest revision.

    Raises:
        RegistryError: it is empty, older, or of a newer ovcf.
    """
    found, name = revision(engine), engine.url.render_as_string()
    if found == newest():
        return
    if found is None:
        raise RegistryError(name, "holds no registry", "Make one first.")
    if known(found):
        raise RegistryError(name, f"is of an older revision ({found})", "Back it up, then upgrade it.")
    raise RegistryError(name, f"was made by a newer ovcf (revision {found})", "Install that version.")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    return config
