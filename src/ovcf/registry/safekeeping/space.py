"""What takes room: the stored files by what refers to them, the database, and what is free on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from ovcf.registry.store import file_columns
from ovcf.registry.tables import StoredFile

if TYPE_CHECKING:
    from sqlalchemy import Column, Engine

    from ovcf.registry.store import Registry

_ORDER = ("study_file", "arrived_file", "received_instance", "reading", "task_reading", "derived_file", "outbox_item")
"""A file that several tables name is counted with the first of these."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Files of a kind (the table that names them; ``unlisted`` for those that none does), and their bytes."""

    kind: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Room:
    """What is taken and what is free, in bytes. ``sealed`` of all ``files`` are encrypted; ``seals`` says whether new
    ones will be."""

    taken: tuple[Taken, ...]
    database: int
    free: int
    whole: int
    files: int
    sealed: int
    seals: bool


def room(registry: Registry) -> Room:
    """The room that a registry takes, as its tables tell it."""
    columns = sorted(
        file_columns(), key=lambda c: _ORDER.index(c.table.name) if c.table.name in _ORDER else len(_ORDER)
    )
    found: list[Taken] = []
    counted: list[Column[str]] = []
    total = func.coalesce(func.sum(StoredFile.size), 0)
    with registry.reading() as session:
        for column in columns:
            asked = select(func.count(), total).where(StoredFile.sha256.in_(select(column).where(column.is_not(None))))
            for earlier in counted:
                asked = asked.where(StoredFile.sha256.not_in(select(earlier).where(earlier.is_not(None))))
            files, size = session.execute(asked).one()
            found.append(Taken(column.table.name, files, int(size)))
            counted.append(column)
        files, size = session.execute(select(func.count(), total)).one()
        sealed = session.scalar(select(func.count()).where(StoredFile.sealed.is_(True))) or 0
    rest = Taken("unlisted", files - sum(t.files for t in found), int(size) - sum(t.bytes for t in found))
    free, whole = disk(registry.files.folder)
    return Room(
        taken=tuple(t for t in (*found, rest) if t.files),
        database=database_bytes(registry.engine),
        free=free,
        whole=whole,
        files=files,
        sealed=sealed,
        seals=registry.files.key is not None,
    )


def database_bytes(engine: Engine) -> int:
    """The size of the database: of SQLite its file with the log of writes, of PostgreSQL as it says itself."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    name = engine.url.database or ""
    return sum(path.stat().st_size for path in (Path(name), Path(f"{name}-wal")) if path.is_file())


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder; 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def disk(folder: Path) -> tuple[int, int]:
    """Free and all bytes of the disk that a folder lies on, or will lie on."""
    while not folder.exists():
        folder = folder.parent
    found = shutil.disk_usage(folder)
    return found.free, found.total
