"""Uploads while they arrive: a file that grows and a note beside it, in the data folder; both survive a restart."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ovcf.errors import NotThereError, OutputError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ID = re.compile(r"[0-9a-f]{32}")
MAX_BYTES = 8 * 2**30
"""Of one upload."""
MAX_OPEN = 2000
"""Uploads of one person that nothing was made of yet; a study sent file by file has about 300."""
KEEP_S = 24 * 3600.0
_ROOM = 512 * 2**20
"""Bytes that stay free on the disk."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload: its name is that of the file on the sender's machine, ``length`` its bytes when it is whole."""

    id: str
    by: UUID
    name: str
    length: int
    at: float


@dataclass(frozen=True, slots=True)
class UploadStore:
    """The folder of uploads."""

    folder: Path

    def begin(self, by: UUID, name: str, length: int) -> Upload:
        """A new upload, empty.

        Raises:
            RegistryError: too large, or too many at once. OutputError: there is no room.
        """
        self.sweep()
        if length > MAX_BYTES:
            raise RegistryError("this file", f"is larger than {MAX_BYTES // 2**30} GiB", "Send one study at a time.")
        mine = [one for one in self if one.by == by]
        if len(mine) >= MAX_OPEN:
            raise RegistryError(
                "uploads", f"more than {MAX_OPEN} wait to become a study", "Make a study of them first."
            )
        promised = sum(one.length - self.offset(one) for one in self)
        if length + promised + _ROOM > shutil.disk_usage(self.folder).free:
            raise OutputError("the disk of the service", "has no room for this file", "Free some space there.")
        upload = Upload(secrets.token_hex(16), by, name[:500], length, time.time())
        self.path(upload).touch(mode=0o600)
        note = json.dumps({**asdict(upload), "by": str(by)})
        part = self._note(upload.id).with_suffix(".part")
        part.write_text(note, "utf-8")
        part.replace(self._note(upload.id))
        return upload

    def get(self, id_: str, by: UUID) -> Upload:
        """An upload of a person.

        Raises:
            NotThereError: there is none of theirs, or it was given up.
        """
        if _ID.fullmatch(id_):
            with suppress(OSError, ValueError, KeyError, TypeError):
                told: dict[str, Any] = json.loads(self._note(id_).read_text("utf-8"))
                upload = Upload(**{**told, "by": UUID(told["by"])})
                if upload.by == by and upload.at + KEEP_S > time.time() and self.path(upload).is_file():
                    return upload
        raise NotThereError("upload", "is not there", "Send the file again.")

    def path(self, upload: Upload) -> Path:
        """Where its bytes lie."""
        return self.folder / upload.id

    def offset(self, upload: Upload) -> int:
        """How many bytes have arrived."""
        try:
            return self.path(upload).stat().st_size
        except OSError:
            return 0

    def drop(self, upload: Upload) -> None:
        """Let an upload go."""
        for path in (self._note(upload.id), self.path(upload)):
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Make the folder, and let go what was given up a day ago."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = time.time() - KEEP_S
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()

    def __iter__(self) -> Iterator[Upload]:
        """Every upload."""
        for path in self.folder.glob("*.json"):
            with suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(path.read_text("utf-8"))
                yield Upload(**{**told, "by": UUID(told["by"])})

    def _note(self, id_: str) -> Path:
        return self.folder / f"{id_}.json"


def append(path: Path, chunk: bytes) -> None:
    """Bytes that arrived, at the end of the file."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "ab") as file:
        file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
