"""The folder of backups: what lies there, a new one beside the others, and whether one is whole."""

from __future__ import annotations

import hashlib
import json
import re
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from ovcf.errors import NotThereError, RegistryError
from ovcf.registry.columns import now
from ovcf.registry.migrate import known
from ovcf.registry.safekeeping.backup import BackedUp, write_backup
from ovcf.registry.tables import Site
from ovcf.registry.words import Action

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ovcf.registry.store import Registry

_NAME = re.compile(r"[\w][\w.\-]{0,120}\.zip")
_LEFT_S = 86400.0
"""A backup that a machine which stopped left half written goes after a day."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in the folder. ``rows``, ``files``, ``head`` and ``revision`` as its manifest says them; None where it
    cannot be read. ``fits`` says whether this ovcf can restore it."""

    name: str
    size: int
    made_at: datetime
    rows: int | None
    files: int | None
    head: str | None
    revision: str | None

    @property
    def fits(self) -> bool:
        """Whether it is of a revision that this ovcf restores, older ones included."""
        return self.revision is not None and known(self.revision)


@dataclass(frozen=True, slots=True)
class Backups:
    """A folder that only its owner may read."""

    folder: Path

    def __iter__(self) -> Iterator[Kept]:
        """Every backup, newest first."""
        found = [path for path in self.folder.glob("*.zip") if path.is_file() and _NAME.fullmatch(path.name)]
        for path in sorted(found, key=lambda p: (p.stat().st_mtime, p.name), reverse=True):
            yield _kept(path)

    def path(self, name: str) -> Path:
        """Where a backup lies.

        Raises:
            NotThereError: there is none of that name.
        """
        path = self.folder / name
        if not _NAME.fullmatch(name) or not path.is_file() or path.is_symlink():
            raise NotThereError("backup", "is not there", "Look at the list again.")
        return path

    def make(self, registry: Registry, actor: UUID) -> tuple[str, BackedUp]:
        """A backup of this moment, and its name; the audit keeps that it was made."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop_unfinished()
        path = self.folder / f"ovcf-{now():%Y-%m-%d-%H%M%S}.zip"
        if path.exists():
            raise RegistryError("backup", "was made in this second already", "Wait a second.")
        made = write_backup(registry, path)
        with registry.writing(actor) as writer:
            writer.note(Action.BACKED_UP, writer.session.scalars(select(Site).order_by(Site.code)).all())
        return path.name, made

    def taken(self, registry: Registry, name: str, actor: UUID) -> Path:
        """Where a backup lies that somebody takes away; the audit keeps that they did.

        Raises:
            NotThereError: there is none of that name.
        """
        path = self.path(name)
        with registry.writing(actor) as writer:
            writer.note(Action.EXPORTED, writer.session.scalars(select(Site).order_by(Site.code)).all())
        return path

    def faults(self, registry: Registry, name: str) -> list[str]:
        """What is wrong with a backup, in words: every table and every file is read and compared with its digest.

        Sealed files are opened with the key of this registry. Nothing is restored: that it can be is shown by
        restoring it elsewhere alone.

        Raises:
            NotThereError: there is none of that name.
        """
        return list(_faults(self.path(name), registry))

    def _drop_unfinished(self) -> None:
        for part in self.folder.glob("*.zip.part"):
            with suppress(OSError):
                if time.time() - part.stat().st_mtime > _LEFT_S:
                    part.unlink()


def _kept(path: Path) -> Kept:
    stat = path.stat()
    at = datetime.fromtimestamp(stat.st_mtime, UTC)
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("manifest.json"))
            files = sum(name.startswith("files/") for name in archive.namelist())
            rows = sum(int(table["rows"]) for table in about["tables"].values())
            return Kept(path.name, stat.st_size, at, rows, files, str(about["head"]), str(about["revision"]))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError, EOFError):
        return Kept(path.name, stat.st_size, at, None, None, None, None)


def _faults(path: Path, registry: Registry) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read("manifest.json"))
            if not known(about["revision"]):
                yield f"it is of revision {about['revision']}: it is restored with the ovcf that made it"
            for name, table in about["tables"].items():
                if _digest(archive, f"tables/{name}.jsonl") != table["sha256"]:
                    yield f"table {name} was changed or is cut off"
            there = set()
            for info in archive.infolist():
                if info.filename.startswith("files/"):
                    try:
                        there.add(_whole(registry, info.filename[6:], archive.read(info)))
                    except RegistryError as error:
                        yield str(error)
                        there.add(info.filename[6:][:64])
            listed = _listed(archive)
            yield from (f"file {name[:12]} is missing" for name in sorted(listed - there))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, OSError, EOFError) as error:
        yield f"it is no whole backup ({error})"


def _whole(registry: Registry, name: str, content: bytes) -> str:
    registry.files.opened(name, content)
    return name[:64]


def _listed(archive: zipfile.ZipFile) -> set[str]:
    with archive.open("tables/stored_file.jsonl") as lines:
        rows: Iterator[dict[str, Any]] = map(json.loads, lines)
        return {str(row["sha256"]) for row in rows}


def _digest(archive: zipfile.ZipFile, member: str) -> str:
    digest = hashlib.sha256()
    with archive.open(member) as content:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
