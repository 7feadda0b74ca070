"""Opening the registry's database: SQLite in a file, or PostgreSQL by its address."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_WRITES = "ovcf_writes"
_ONE_WRITER = 7_061_833
"""Of PostgreSQL's advisory locks: whoever adds to the audit holds it until the transaction ends."""
_WAIT_SECONDS = 30


class AwayError(RegistryError):
    """The database cannot be asked at this moment."""


def engine_for(where: Path | str) -> Engine:
    """The engine of a database: a path is a SQLite file, an address (``postgresql://...``) a server.

    Raises:
        RegistryError: the address is none, or its driver is not installed.
    """
    if isinstance(where, Path) or "://" not in where:
        engine = create_engine(f"sqlite:///{where}", connect_args={"timeout": _WAIT_SECONDS})
    else:
        try:
            url = make_url(where)
            if url.get_backend_name() == "postgresql" and url.drivername == "postgresql":
                url = url.set(drivername="postgresql+psycopg")
            engine = create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)
        except (ArgumentError, ImportError, ValueError) as error:
            raise RegistryError(
                "database address",
                f"cannot be used ({error})",
                "Write postgresql://USER@HOST/NAME and install the extra 'postgres', or leave it out for SQLite.",
            ) from None
    if engine.dialect.name == "sqlite":
        _as_we_need_sqlite(engine)
    return engine


def _as_we_need_sqlite(engine: Engine) -> None:
    """Write-ahead log, every commit on the disk, foreign keys; and transactions that we begin ourselves."""

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # else the driver begins transactions at moments of its own
        for line in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={int(_WAIT_SECONDS * 1000)}",
        ):
            connection.execute(f"PRAGMA {line}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that reads first and then writes could fail in the middle.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that alone may write to the audit; committed at the end, else rolled back."""
    with engine.execution_options(**{_WRITES: True}).connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})
        yield connection


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """A connection on which each question sees the database as it then is."""
    options: dict[str, Any] = {} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    try:
        with engine.execution_options(**options).connect() as connection:
            yield connection
    except OperationalError as error:
        raise _away(engine, error) from error


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is at the first read, whatever others write meanwhile."""
    options: dict[str, Any] = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.execution_options(**options).connect() as connection, connection.begin():
            yield connection
    except OperationalError as error:
        raise _away(engine, error) from error


def _away(engine: Engine, error: OperationalError) -> AwayError:
    return AwayError(engine.url.render_as_string(), f"cannot be reached ({error.orig})", "Check that the server runs.")
