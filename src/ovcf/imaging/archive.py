"""The files behind a path: a file, a folder, or a zip archive unpacked with care."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from ovcf.errors import MissingFileError, UnreadableFileError, UnsafeArchiveError
from ovcf.files.workspace import FULL, workspace

if TYPE_CHECKING:
    from contextlib import ExitStack

MAX_UNPACKED_BYTES = 16 * 2**30
"""More than any spine study: a whole-body CT at 0.5 mm is about 2 GiB."""

MAX_RATIO = 200
"""Medical images pack 2:1 to 10:1, an empty slice about 1000:1; a whole archive beyond 200:1 is no study."""

_ALWAYS_ALLOWED_BYTES = 64 * 2**20
_MAX_MEMBERS = 200_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class FoundFile:
    """One file: ``name`` as people know it, ``path`` where it can be read, ``asked_for`` when given by name."""

    name: str
    path: Path
    asked_for: bool = False

    @property
    def basename(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.name).name


def find_files(path: Path, open_until: ExitStack) -> list[FoundFile]:
    """Every file behind ``path``, sorted by name; archives are unpacked until ``open_until`` closes.

    Raises:
        MissingFileError: nothing there. UnsafeArchiveError, UnreadableFileError: an archive that cannot be trusted.
    """
    if not path.exists():
        raise MissingFileError(path, "does not exist", "Check the path.")
    if path.is_dir():
        members = sorted(p for p in path.rglob("*") if p.is_file())
        if not members:
            raise MissingFileError(path, "holds no files", "Give the folder that holds the DICOM or NIfTI files.")
        return [FoundFile(str(p), p) for p in members]
    if path.suffix.lower() != ".zip":
        return [FoundFile(str(path), path, asked_for=True)]
    return unpack(path, open_until.enter_context(workspace()))


def unpack(archive: Path, folder: Path) -> list[FoundFile]:
    """Unpack a zip archive into an empty folder, refusing whatever could reach outside it or fill the disk.

    Raises:
        UnsafeArchiveError: absolute or climbing names, links, absurd sizes.
        UnreadableFileError: not a zip, truncated, damaged or encrypted.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir()]
            for member in members:
                _check_member(archive, member)
            budget = _check_sizes(archive, members)
            found = []
            for number, member in enumerate(members):
                # A running number as file name: whatever the member is called cannot touch the disk.
                target = folder / f"{number:06d}{''.join(PurePosixPath(member.filename).suffixes[-2:])[:16]}"
                with opened.open(member) as source, open(target, "xb", opener=_private) as sink:
                    budget -= _copy(archive, source, sink, budget)
                found.append(FoundFile(f"{archive}/{member.filename}", target))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as cause:
        if isinstance(cause, OSError) and cause.errno in FULL:
            raise
        raise UnreadableFileError(archive, f"is not a complete zip archive ({cause})", "Export it again.") from cause
    if not found:
        raise MissingFileError(archive, "holds no files", "Give the archive that holds the DICOM or NIfTI files.")
    return sorted(found)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    name, remedy = member.filename, "Do not open this archive; ask its sender for the images."
    where = f"{archive}, member {name!r}"
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in member.orig_filename:
        raise UnsafeArchiveError(where, "points outside the archive", remedy)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnsafeArchiveError(where, "is a link, not a file", remedy)
    if member.flag_bits & 1:
        raise UnreadableFileError(where, "is encrypted", "Unpack it with its password and give the folder.")


def _check_sizes(archive: Path, members: list[zipfile.ZipInfo]) -> int:
    """How many bytes may be written, from the sizes the archive itself states."""
    packed, stated = archive.stat().st_size, sum(m.file_size for m in members)
    budget = min(MAX_UNPACKED_BYTES, max(_ALWAYS_ALLOWED_BYTES, MAX_RATIO * packed))
    if stated > budget or len(members) > _MAX_MEMBERS:
        raise UnsafeArchiveError(
            archive, f"would unpack {packed} bytes to {stated} in {len(members)} files: no study does",
            "If you trust it, unpack it yourself and give the folder.",
        )  # fmt: skip
    return budget


def _copy(archive: Path, source: IO[bytes], sink: IO[bytes], budget: int) -> int:
    """Copy while counting: an archive may lie about its sizes."""
    written = 0
    while chunk := source.read(_CHUNK):
        written += len(chunk)
        if written > budget:
            raise UnsafeArchiveError(
                archive, "unpacks to more than it states", "Do not open this archive; ask its sender for the images."
            )
        sink.write(chunk)
    return written
