"""The whole registry in one file, whatever database it lies in; restored whole, without who was erased since.

A zip: ``manifest.json`` (revision, end of the audit, number of rows and SHA-256 of each table), ``tables/NAME.jsonl``
with one row a line, ``files/SHA256`` as they lie in the file store (sealed ones stay sealed). It is taken from one
state of the database, whatever is written meanwhile. A database of an older revision is written as it is, and a backup
of an older revision is filled into tables of that revision, which are then brought up to date: both before anybody sees
them.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from alembic.migration import MigrationContext
from sqlalchemy import JSON, Column, Date, LargeBinary, MetaData, Table, Uuid, insert, inspect, select
from sqlalchemy.orm import Session

from ovcf.errors import RegistryError
from ovcf.registry.audit import Anchor, head
from ovcf.registry.columns import Instant
from ovcf.registry.database import snapshot, writing
from ovcf.registry.migrate import known, newest, revision, upgrade, upgrade_within
from ovcf.registry.tables import Base, Patient, StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, FromClause

    from ovcf.registry.store import Registry

FORMAT = 1
_ROWS = 500


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    rows: int
    files: int
    head: Anchor


def write_backup(registry: Registry, path: Path) -> BackedUp:
    """Write a backup beside ``path`` and move it there once it is whole.

    Raises:
        RegistryError: a file of the registry is not in its store.
    """
    part = path.with_name(path.name + ".part")
    with snapshot(registry.engine) as connection, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        tables: dict[str, dict[str, Any]] = {}
        there = MigrationContext.configure(connection).get_current_revision()
        for table in _lasting(connection):
            digest, rows = hashlib.sha256(), 0
            with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
                found = connection.execution_options(yield_per=_ROWS).execute(select(table).order_by(*_order(table)))
                for row in found.mappings():
                    line = (json.dumps(plain_row(table, dict(row)), ensure_ascii=False) + "\n").encode()
                    member.write(line)
                    digest.update(line)
                    rows += 1
            tables[table.name] = {"rows": rows, "sha256": digest.hexdigest()}
        session = Session(connection)
        names = list(session.scalars(select(StoredFile.sha256).order_by(StoredFile.sha256)))
        for name in names:
            called, content = registry.files.as_it_lies(name)
            archive.writestr(zipfile.ZipInfo(f"files/{called}"), content)
        end = head(session)
        about = {"format": FORMAT, "revision": there, "head": str(end), "tables": tables}
        archive.writestr("manifest.json", json.dumps(about, indent=1))
    part.chmod(0o600)
    part.replace(path)
    return BackedUp(sum(t["rows"] for t in tables.values()), len(names), end)


def restore(path: Path, registry: Registry) -> list[str]:
    """Fill an empty registry from a backup, then erase again who was erased since; what is not right, in words.

    Raises:
        RegistryError: no backup, a damaged one, of a newer ovcf, or the registry is not empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("manifest.json"))
            if about.get("format") != FORMAT:
                raise RegistryError(path, "is a backup of another format", "Use the version of ovcf that made it.")
            if not known(about["revision"]):
                raise RegistryError(
                    path,
                    f"is of revision {about['revision']}, this ovcf has {newest()}",
                    "Restore it with the version of ovcf that made it, or a newer one.",
                )
            _refuse_unless_empty(registry, about["revision"])
            for info in archive.infolist():
                if info.filename.startswith("files/"):
                    registry.files.take(info.filename[6:], archive.read(info))
            with writing(registry.engine) as connection:
                for table in _lasting(connection):
                    _fill(connection, table, archive, about["tables"][table.name])
                upgrade_within(connection)
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError, OSError, EOFError) as error:
        raise RegistryError(path, f"is no whole backup ({error})", "Use another one.") from error
    with registry.reading() as session:
        end = head(session)
    found = [] if str(end) == about["head"] else [f"the audit ends at {end}, not at {about['head']}"]
    erase_again(registry)
    return [*found, *registry.faults()]


def revision_of(path: Path) -> str | None:
    """The revision of a backup that this ovcf can restore; None where it says none, which :func:`restore` tells of."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read("manifest.json"))["revision"]
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError, EOFError):
        return None
    return found if isinstance(found, str) and known(found) else None


def erase_again(registry: Registry) -> int:
    """Erase whoever the ledger names and the database still knows; how many."""
    done = 0
    for erased in list(registry.ledger):
        with registry.reading() as session:
            there = session.get(Patient, erased.patient_id) is not None
        if there:
            with registry.writing(UUID(erased.by)) as writer:
                writer.erase(erased.patient_id, erased.reason)
                writer.erased.clear()  # it stands in the ledger
            done += 1
    return done


def _lasting(connection: Connection) -> list[Table]:
    """All tables but those whose rows are worth nothing later, such as sessions: a backup must not sign anybody in.

    Of a database of an older revision: those that it has, with the columns that it has.
    """
    lasting = [table for table in Base.metadata.sorted_tables if not table.info.get("passing")]
    if MigrationContext.configure(connection).get_current_revision() == newest():
        return lasting
    there, found = inspect(connection), MetaData()
    for table in lasting:
        if there.has_table(table.name):
            names = {column["name"] for column in there.get_columns(table.name)}
            own = (Column(c.name, c.type, primary_key=c.primary_key) for c in table.columns if c.name in names)
            Table(table.name, found, *own)
    return [found.tables[table.name] for table in lasting if table.name in found.tables]


def _refuse_unless_empty(registry: Registry, needed: str) -> None:
    if revision(registry.engine) is None:
        upgrade(registry.engine, needed)
    with registry.reading() as session:
        tables = _lasting(session.connection())
        empty = all(session.execute(select(table).limit(1)).first() is None for table in tables)
    if not empty or revision(registry.engine) != needed:
        raise RegistryError("registry", "is not empty", "Restore into a new data folder or database.")


def _fill(connection: Any, table: Table, archive: zipfile.ZipFile, about: dict[str, Any]) -> None:
    digest, count = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl") as member:
        for rows in _batches(member):
            for line in rows:
                digest.update(line)
            count += len(rows)
            connection.execute(insert(table), [typed_row(table, json.loads(line)) for line in rows])
    if (count, digest.hexdigest()) != (about["rows"], about["sha256"]):
        raise RegistryError("backup", f"table {table.name} was changed or is cut off", "Use another backup.")


def _batches(lines: Any) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _order(table: Table) -> list[Any]:
    """What a row refers to within its table comes before it."""
    if "replaces_id" in table.c:
        return [table.c.recorded_at, table.c.replaces_id.is_not(None), table.c.id]
    return list(table.primary_key.columns)


def plain_row(table: FromClause, row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON holds it."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, bytes):
            found[name] = value.hex()
        elif isinstance(value, date | datetime):
            found[name] = value.isoformat()
        elif value is None or isinstance(value, bool | int | float | str) or isinstance(table.c[name].type, JSON):
            found[name] = value
        else:
            found[name] = str(value)
    return found


def typed_row(table: FromClause, row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON as its table holds it."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.c[name].type
        if value is None:
            found[name] = None
        elif isinstance(kind, Instant):
            found[name] = datetime.fromisoformat(value)
        elif isinstance(kind, Date):
            found[name] = date.fromisoformat(value)
        elif isinstance(kind, LargeBinary):
            found[name] = bytes.fromhex(value)
        elif isinstance(kind, Uuid):
            found[name] = UUID(value)
        else:
            found[name] = value
    return found
