"""Who was erased, kept beside the database: a backup from before is restored without them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Erased:
    """A patient (by the registry's own id, which tells nothing), and why."""

    patient: str
    by: str
    reason: str

    @property
    def patient_id(self) -> UUID:
        """The id as it stands in the tables."""
        return UUID(self.patient)


@dataclass(frozen=True, slots=True)
class Ledger:
    """An append-only file of one JSON object a line."""

    path: Path

    def append(self, erased: Erased) -> None:
        """Write a line, on the disk before this returns; half a line that a crash left is taken off first."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = b"".join(self._lines())
        with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            file.truncate(len(whole))
            file.seek(0, os.SEEK_END)
            file.write(json.dumps(asdict(erased)).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def __iter__(self) -> Iterator[Erased]:
        """Every line, oldest first.

        Raises:
            RegistryError: a line that is none.
        """
        for number, line in enumerate(self._lines(), 1):
            try:
                yield Erased(**json.loads(line))
            except (ValueError, TypeError):
                raise RegistryError(
                    self.path, f"line {number} cannot be read", "Restore it: erasures would be forgotten."
                ) from None

    def _lines(self) -> list[bytes]:
        """The whole lines; an erasure whose line a crash cut off was never promised."""
        found = self.path.read_bytes().splitlines(keepends=True) if self.path.is_file() else []
        return [line for line in found if line.endswith(b"\n")]
