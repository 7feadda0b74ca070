"""What a batch asks of the place where its results go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Store(Protocol):
    """Named pieces of bytes. Names are relative, with slashes; a reader sees a piece whole or not at all."""

    @property
    def url(self) -> str:
        """How another process reaches the same place."""

    def get(self, name: str) -> bytes | None:
        """A piece, None where there is none."""

    def put_new(self, name: str, content: bytes) -> bool:
        """Keep a piece unless there is one; whether it was kept."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a piece in place of what is there."""

    def names(self, folder: str) -> Iterator[str]:
        """The names of all pieces below a folder, in no order."""


def open_store(url: str | Path, *, create: bool = False) -> Store:
    """The place of an address: a folder, or ``s3://``, ``gs://``, ``az://`` with a bucket and a prefix.

    Raises:
        OutputError: it cannot be used. MissingExtraError: object storage needs the extra ``batch``.
    """
    if "://" in str(url):
        from ovcf.batch.store.objects import ObjectStore

        return ObjectStore.at(str(url))
    from ovcf.batch.store.folder import FolderStore

    return FolderStore.at(Path(url), create=create)
