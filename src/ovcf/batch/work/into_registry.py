"""Results into the registry, by the door that uploads take: each reading is a draft that waits for a patient."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovcf.errors import ConflictError
from ovcf.imaging.files.archive import find_files
from ovcf.reading.file import from_bytes
from ovcf.registry.clinic import intake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.batch.sources.study_source import StudySource
    from ovcf.batch.store.store import Store
    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry


@dataclass(frozen=True, slots=True)
class RegistryKeeper:
    """See :class:`ovcf.batch.work.one.Keeper`. What was taken is noted beside the results."""

    registry: Registry
    store: Store
    who: Principal

    def has(self, key: str) -> bool:
        """See the protocol."""
        return self.store.get(self._mark(key)) is not None

    def keep(self, source: StudySource, key: str, paths: Sequence[Path], folder: Path, result: dict[str, Any]) -> None:
        """See the protocol. Images that the registry holds already are left as they are there."""
        with ExitStack() as open_until, self.registry.writing(self.who.person) as writer:
            found = [file for path in paths for file in find_files(path, open_until) if file.unreadable is None]
            top = Path(os.path.commonpath([file.path.parent for file in found]))
            sent = [intake.Sent(file.path.relative_to(top).as_posix(), file.path) for file in found]
            try:
                item = intake.receive(
                    writer, self.who, intake.store_files(writer, self.registry, sent), name=source.study
                )
            except ConflictError:
                item = None
            if item is not None:
                day = result.get("acquired_on")
                intake.drafted(
                    writer,
                    self.registry,
                    item,
                    from_bytes((folder / "reading.ovcf").read_bytes(), "what was made"),
                    frames=(folder / "frames.zip").read_bytes(),
                    study_uid=result.get("study_uid", ""),
                    acquired_on=date.fromisoformat(day) if day else None,
                    summary=result.get("summary"),
                )
        self.store.put_new(self._mark(key), b"")

    def _mark(self, key: str) -> str:
        return f"state/in-registry/{self.who.site}/{key}"
