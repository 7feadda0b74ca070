"""The files of a study where a worker can open them: where they lie, or brought into a folder of the worker.

An address ``scheme://...`` is fetched by what :data:`FETCH` holds for its scheme: object storage, or an archive.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ovcf.batch.sources import picture_archive
from ovcf.errors import MissingFileError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ovcf.batch.sources.study_source import StudySource

    Fetch = Callable[[str, Path], Path]
    """Brings what an address names into a folder; gives the file or folder that it became."""


def files_of(source: StudySource, folder: Path) -> tuple[list[Path], Path | None]:
    """The paths of a study and of its clinical facts; what is not on disk is fetched into ``folder``.

    Raises:
        MissingFileError: something is not there, or nothing knows how to fetch it.
    """
    paths = [_reached(path, folder / f"part-{number}") for number, path in enumerate(source.paths)]
    return paths, _reached(source.clinical, folder / "clinical") if source.clinical else None


def told_of(source: StudySource) -> str:
    """What archives say that they hold of a study, as a digest: the same images need not be fetched again to know them.

    Empty where a path of it lies elsewhere.

    Raises:
        MissingFileError: an archive does not know it.
    """
    if source.clinical or not all(path.startswith(f"{picture_archive.SCHEME}://") for path in source.paths):
        return ""
    said = [[path, picture_archive.listed(path)] for path in source.paths]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def stamps(address: str) -> list[tuple[str, int, int]]:
    """Name, size and time of every file behind a path; of a study in an archive, its images, which no longer change.

    Empty for another address, or where something is not there.
    """
    if address.startswith(f"{picture_archive.SCHEME}://"):
        try:
            return [(uid, 0, 0) for uid in picture_archive.listed(address)]
        except MissingFileError:
            return []
    if "://" in address:
        return []
    path = Path(address)
    try:
        found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        return [(p.as_posix(), (told := p.stat()).st_size, told.st_mtime_ns) for p in found]
    except OSError:
        return []


def _reached(address: str, folder: Path) -> Path:
    scheme, marked, _ = address.partition("://")
    if not marked:
        path = Path(address)
        if not path.exists():
            raise MissingFileError(path, "does not exist", "Check the path, and that this worker sees that folder.")
        return path.absolute()
    fetch = FETCH.get(scheme)
    if fetch is None:
        raise MissingFileError(
            address, f"cannot be fetched: nothing knows {scheme}://", f"Known are: {', '.join(FETCH)}."
        )
    folder.mkdir(parents=True)
    return fetch(address, folder)


def _from_bucket(address: str, folder: Path) -> Path:
    """One object, or, where the address ends with a slash, all below it."""
    from ovcf.batch.store.objects import ObjectStore

    above, _, name = address.rstrip("/").rpartition("/")
    store = ObjectStore.at(address if address.endswith("/") else above)
    names = list(store.names("")) if address.endswith("/") else [name]
    for one in names:
        content = store.get(one)
        if content is None:
            raise MissingFileError(address, "is not there", "Check the address.")
        target = folder.joinpath(*(part for part in PurePosixPath(one).parts if part not in ("..", "/")))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if not names:
        raise MissingFileError(address, "holds nothing", "Check the address.")
    return folder if address.endswith("/") else folder / name


FETCH: dict[str, Fetch] = {
    **dict.fromkeys(("s3", "gs", "az"), _from_bucket),
    picture_archive.SCHEME: picture_archive.fetch,
}
