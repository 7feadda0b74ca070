"""Results in a folder: a file is written beside its place, and put there in one step."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.files.put_file import put_file, sweep_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "ovcf-batch"
"""A file that says whose folder it is."""
_PARTS = ".writing"


@dataclass(frozen=True, slots=True)
class FolderStore:
    """See :class:`ovcf.batch.store.store.Store`."""

    folder: Path

    @classmethod
    def at(cls, folder: Path, *, create: bool = False) -> FolderStore:
        """The folder of a batch; one that holds anything else is left alone.

        Raises:
            OutputError: it is not the folder of a batch.
        """
        folder = folder.expanduser().absolute()
        if not (folder / MARK).is_file():
            if folder.exists() and (not folder.is_dir() or any(path.name != _PARTS for path in folder.iterdir())):
                raise OutputError(
                    folder,
                    "holds something that no batch made",
                    "Choose an empty or a new folder; nothing was changed.",
                )
            if not create:
                raise OutputError(folder, "holds no batch", "Check the folder, or run a batch into it.")
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(folder, f"cannot be made ({error.strerror})", "Choose another place.") from None
            cls(folder).put(MARK, b"Results of `ovcf batch`.\n")
        sweep_parts(folder / _PARTS)
        return cls(folder)

    @property
    def url(self) -> str:
        """The folder from the root."""
        return str(self.folder)

    def get(self, name: str) -> bytes | None:
        """See the protocol."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def put_new(self, name: str, content: bytes) -> bool:
        """See the protocol."""
        return put_file(self.folder / name, content, self.folder / _PARTS, replace=False)

    def put(self, name: str, content: bytes) -> None:
        """See the protocol."""
        put_file(self.folder / name, content, self.folder / _PARTS, replace=True)

    def names(self, folder: str) -> Iterator[str]:
        """See the protocol; what is being written is not there yet."""
        with suppress(FileNotFoundError):
            for path in (self.folder / folder).rglob("*"):
                name = path.relative_to(self.folder).as_posix()
                if path.is_file() and not name.startswith("."):
                    yield name
