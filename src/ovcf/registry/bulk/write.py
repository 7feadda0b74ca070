"""Many new rows at once, with their audit: what a :class:`ovcf.registry.store.Writer` does one by one.

Rows are given by their values, checked by the database, and chained in the order in which they were added. For
corrections and erasures there is the writer.
"""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ovcf.errors import RegistryError
from ovcf.registry.audit import digest_of, head, link_of, types_of
from ovcf.registry.columns import Kept, Versioned, now
from ovcf.registry.database import writing
from ovcf.registry.tables import AuditEntry, Base, Patient, PatientKey
from ovcf.registry.words import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Dialect

    from ovcf.registry.store import Registry

_SQLITE_CACHE_KIB = 65_536
_LEAST = timedelta(microseconds=1)


@contextmanager
def bulk(registry: Registry, actor: UUID) -> Iterator[Bulk]:
    """Write many rows as a person: all of them, with their audit, or none.

    Raises:
        RegistryError: a row does not fit the others.
    """
    try:
        with writing(registry.engine) as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_CACHE_KIB}")
            many = Bulk(connection, actor)
            yield many
            many.write()
            many.session.close()
    except _refusals(registry) as error:
        said = str(getattr(error, "orig", error)).splitlines()[0]
        raise RegistryError("registry", f"does not take this ({said})", "Check what it refers to.") from error


def _refusals(registry: Registry) -> tuple[type[Exception], ...]:
    """What the database raises for a row that does not fit, through SQLAlchemy and past it (COPY)."""
    own: type[Exception] = registry.engine.dialect.loaded_dbapi.IntegrityError
    return IntegrityError, own


class Bulk:
    """One transaction of one person. What rows refer to is written before them, in whatever order they are added."""

    def __init__(self, connection: Connection, actor: UUID) -> None:
        self._connection, self.actor = connection, actor
        self.session = Session(connection, autoflush=False)
        """Reads what this transaction sees."""
        self._new_id = _ordered_ids()
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}
        self._told: list[tuple[type[Base], dict[str, Any], Action]] = []
        self._keys: dict[UUID, bytes] = {}
        self._at = self._last = now()

    def add(self, kind: type[Base], /, **values: Any) -> UUID | None:
        """A new row; its id where its table has one. A patient gets the key of their audit."""
        row = {**_defaults(kind), **values}
        if issubclass(kind, Kept):
            row.setdefault("id", None)
            row["id"] = row["id"] or self._new_id()
            row["recorded_by"] = self.actor
        if issubclass(kind, Versioned):
            row["entity_id"] = row.get("entity_id") or row["id"]
        self._last = max(now(), self._last + _LEAST)  # rows are known to be recorded one after the other
        for name in _moments(kind):
            if row.get(name) is None:
                row[name] = self._last
        self._rows.setdefault(kind, []).append(row)
        if kind is Patient:
            key = self._keys[row["id"]] = secrets.token_bytes(32)
            self._rows.setdefault(PatientKey, []).append({"patient_id": row["id"], "key": key})
        self._told.append((kind, row, Action.RECORDED))
        return row.get("id")

    def note(self, action: Action, kind: type[Base], rows: Sequence[dict[str, Any]]) -> None:
        """Tell the audit of something done to rows that are there, given by all their values."""
        self._told += [(kind, row, action) for row in rows]

    def know(self, keys: dict[UUID, bytes]) -> None:
        """The audit keys of patients who are there, for rows added to them until the next :meth:`write`."""
        self._keys |= keys

    def write(self) -> None:
        """Write what was added so far, and its audit: it can be read in this transaction, and is not committed."""
        for kind in sorted(self._rows, key=_depth):
            insert_rows(self._connection, kind, self._rows[kind])
        end = head(self.session)
        seq, chain, entries = end.seq, end.chain, []
        for kind, row, action in self._told:
            patient: UUID | None = row["id"] if kind is Patient else row.get("patient_id")
            key = b"" if patient is None else self._keys[patient]
            name = "/".join(str(row[column]) for column in _primary(kind))
            seq += 1
            content = digest_of(kind, row, key)
            table = kind.__tablename__
            chain = link_of(chain, (seq, self._at, self.actor, action, table, name, patient, content))
            entries.append(
                {
                    "seq": seq,
                    "at": self._at,
                    "actor": self.actor,
                    "action": action,
                    "table": table,
                    "row": name,
                    "patient_id": patient,
                    "digest": content,
                    "chain": chain,
                }
            )
        insert_rows(self._connection, AuditEntry, entries)
        self._rows, self._told, self._keys = {}, [], {}


def insert_rows(connection: Connection, kind: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are given by all their values: COPY on PostgreSQL, one prepared statement on SQLite."""
    if not rows:
        return
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    names = list(types_of(kind))
    columns = ", ".join(quote(name) for name in names)
    table = quote(kind.__tablename__)
    binds = _binds(kind, dialect)
    values = (tuple(row[name] if bind is None else bind(row[name]) for name, bind in binds) for row in rows)
    if dialect.name == "postgresql":
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for line in values:
                copy.write_row(line)
    else:
        marks = ", ".join("?" for _ in names)
        connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))  # noqa: S608


def _binds(kind: type[Base], dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
    found: list[tuple[str, Callable[[Any], Any] | None]] = []
    for name, type_ in types_of(kind).items():
        process = type_.dialect_impl(dialect).bind_processor(dialect)
        found.append((name, process))
    return found


@cache
def _defaults(kind: type[Base]) -> dict[str, Any]:
    """Every column, with its value where none is given: lists and tables of values are never changed."""
    found: dict[str, Any] = {}
    for attribute in kind.__mapper__.column_attrs:
        default = attribute.columns[0].default
        scalar = default is not None and default.is_scalar
        found[attribute.key] = default.arg if scalar else {} if _is_dict(default) else None
    return found


def _is_dict(default: Any) -> bool:
    return default is not None and default.is_callable and getattr(default.arg, "__name__", "") == "dict"


@cache
def _moments(kind: type[Base]) -> tuple[str, ...]:
    """Columns that say when the row was recorded."""
    known = ("recorded_at", "stored_at", "created_at", "made_at")
    return tuple(name for name in types_of(kind) if name in known)


@cache
def _primary(kind: type[Base]) -> tuple[str, ...]:
    mapper = kind.__mapper__
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)


@cache
def _depth(kind: type[Base]) -> int:
    """Where a table stands among all, those that others refer to first."""
    return [table.name for table in Base.metadata.sorted_tables].index(kind.__tablename__)


def _ordered_ids() -> Callable[[], UUID]:
    """Ids in the order of their making (UUID version 7): rows that belong together lie together on the disk."""
    after = int(time.time() * 1000) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(38) << 24

    def new_id() -> UUID:
        nonlocal after
        after += 1
        return UUID(int=after)

    return new_id
