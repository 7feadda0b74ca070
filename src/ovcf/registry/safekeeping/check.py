"""Whether the files of the store are whole, and whether store and database know of the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.tables import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.registry.store import Registry


@dataclass(frozen=True, slots=True)
class Astray:
    """Files (by SHA-256) that no row of the database lists, and files that are listed and are not in the store."""

    unlisted: tuple[str, ...]
    missing: tuple[str, ...]


def damaged_files(registry: Registry) -> Iterator[str]:
    """Every file that is missing, cannot be opened or was changed on the disk, in words; each is read whole."""
    with registry.reading() as session:
        names = list(session.scalars(select(StoredFile.sha256).order_by(StoredFile.sha256)))
    for name in names:
        try:
            registry.files.get(name)
        except RegistryError as error:
            yield str(error)


def astray(registry: Registry) -> Astray:
    """What store and database do not both know of. A study that arrives at this moment may be among the unlisted."""
    there = set(registry.files)  # first: what is listed afterwards was put there before
    with registry.reading() as session:
        listed = set(session.scalars(select(StoredFile.sha256)))
    missing = tuple(name for name in sorted(listed - there) if name not in registry.files)
    return Astray(tuple(sorted(there - listed)), missing)
