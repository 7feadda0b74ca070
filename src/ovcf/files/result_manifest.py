"""The record that a result folder keeps of itself: every file that was written, with its digest."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANIFEST = ".ovcf-manifest.json"
_LARGEST_BYTES = 16 * 2**20
_OF_THE_DESKTOP = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Left by Finder and Explorer in a folder that somebody looked at."""


def begin(folder: Path) -> None:
    """Mark a new folder as unfinished: until it is sealed, all of it may be removed."""
    write_private(folder / MANIFEST, json.dumps({"made_by": "ovcf", "unfinished": folder.name}).encode())


def seal(folder: Path, kind: str) -> None:
    """Record every file in ``folder`` and what they are, make all private, and see it to the disk."""
    digests = {}
    folders = [folder]
    for path in inside(folder):
        if path.is_dir():
            _make_private(path, 0o700)
            folders.append(path)
        elif path != folder / MANIFEST:
            _make_private(path, 0o600)
            digests[path.relative_to(folder).as_posix()] = _digest(path)
            to_disk(path)
    record = folder / f"{MANIFEST}.new"
    write_private(record, json.dumps({"made_by": "ovcf", "kind": kind, "files": digests}, indent=1).encode())
    to_disk(record)
    record.replace(folder / MANIFEST)
    for path in folders:
        to_disk(path)


def unfinished(folder: Path) -> bool:
    """Whether a folder was begun under its present name, and never sealed."""
    return _content(folder).get("unfinished") == folder.name or [p.name for p in inside(folder)] == [MANIFEST]


def sealed_as(folder: Path) -> str | None:
    """The digest of the record in a folder; None where there is none that can be read."""
    return None if recorded(folder) is None else _digest(folder / MANIFEST)


def recorded(folder: Path) -> dict[str, str] | None:
    """The digests of the files that were written into a folder; None where there is no such record."""
    files = _content(folder).get("files")
    return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else None


def kind_of(folder: Path) -> str:
    """What the record of a folder says it is."""
    return str(_content(folder).get("kind"))


def strange(folder: Path) -> list[str]:
    """What in a folder is not as its record says, each with what is the matter; a file taken away is no matter."""
    record = recorded(folder)
    known = record or {}
    homes = {parent for name in known for parent in _parents(name)}
    found, pending = [], [folder]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            name = path.relative_to(folder).as_posix()
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode) and name in homes:
                pending.append(path)
            elif stat.S_ISREG(mode) and name in known:
                if _digest(path) != known[name]:
                    found.append(f"{name}, which was changed since ovcf wrote it")
            elif not (record is not None and stat.S_ISREG(mode) and (name == MANIFEST or path.name in _OF_THE_DESKTOP)):
                found.append(f"{name}, which ovcf did not write")
    return found


def inside(folder: Path) -> Iterator[Path]:
    """Everything in a folder, each folder before what it holds; links are named, not followed."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from inside(path)


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def to_disk(path: Path) -> None:
    """Wait until a file is on the disk; a folder, too, where the system can tell."""
    folder = path.is_dir()
    with suppress(OSError) if folder else nullcontext():
        descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _make_private(path: Path, mode: int) -> None:
    with suppress(PermissionError):  # a file system without modes, as on memory sticks
        path.chmod(mode)


def _content(folder: Path) -> dict[str, object]:
    path = folder / MANIFEST
    try:
        kind = path.lstat()
        found = json.loads(path.read_bytes()) if stat.S_ISREG(kind.st_mode) and kind.st_size < _LARGEST_BYTES else None
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("made_by") == "ovcf" else {}


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
