"""The files behind a path: a file, a folder, or a zip archive unpacked with care."""

from __future__ import annotations

import os
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from ovcf.budget import MAX_FILES, MAX_RATIO, MAX_UNPACKED_BYTES, may_unpack_to
from ovcf.errors import MissingFileError, OvcfError, UnreadableFileError, UnsafeArchiveError
from ovcf.files.workspace import FULL, workspace
from ovcf.language.worded import say
from ovcf.plain_text import clean
from ovcf.text_files import kind_of

if TYPE_CHECKING:
    from contextlib import ExitStack

_CHUNK = 1 << 20
_ROOM = "Free some space there, or set TMPDIR to a folder with room."


@dataclass(frozen=True, slots=True, order=True)
class FoundFile:
    """One file: ``name`` as people know it, ``path`` where it can be read, ``asked_for`` when given by name.

    ``unreadable`` is why it, or the folder of that name, cannot be read; None where it can.
    """

    name: str
    path: Path
    asked_for: bool = False
    unreadable: str | None = field(default=None, compare=False)

    @property
    def basename(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.name).name


def find_files(path: Path, open_until: ExitStack) -> list[FoundFile]:
    """Every file behind ``path``, sorted by name; archives are unpacked until ``open_until`` closes.

    A folder that may not be read is found too, as ``unreadable``: what it holds must not be missed in silence.

    Raises:
        MissingFileError: nothing there. UnsafeArchiveError, UnreadableFileError: an archive that cannot be trusted,
            a device or pipe, or more files than a study has.
    """
    kind = kind_of(path)
    if kind == "nothing":
        raise MissingFileError(path, "does not exist", "Check the path.")
    if kind == "folder":
        return _in_folder(path)
    if kind == "device":
        raise UnreadableFileError(path, "is neither a file nor a folder", "Save it as a file and give that.")
    if path.suffix.lower() != ".zip":
        return [FoundFile(clean(str(path)), path, asked_for=True)]
    return unpack(path, open_until.enter_context(workspace()))


def _in_folder(folder: Path) -> list[FoundFile]:
    found: list[FoundFile] = []

    def refused(error: OSError) -> None:
        name = os.fspath(error.filename or folder)
        found.append(
            FoundFile(
                clean(name),
                Path(name),
                unreadable=say("a folder that cannot be read ({strerror})", strerror=error.strerror),
            )
        )

    for at, folders, names in os.walk(folder, onerror=refused):
        linked = (path for name in folders if (path := Path(at, name)).is_symlink())
        found += (
            FoundFile(clean(str(path)), path, unreadable="a link to a folder, which is not followed") for path in linked
        )
        found += (FoundFile(clean(str(path)), path) for name in names if (path := Path(at, name)).is_file())
        if len(found) > MAX_FILES:
            raise UnreadableFileError(
                folder,
                say("holds more than {max_files:,} files: no study does", max_files=MAX_FILES),
                "Give the folder of one study.",
            )
    if not any(file.unreadable is None for file in found):
        why = (
            say(" that can be read ({name} is {unreadable})", name=found[0].name, unreadable=found[0].unreadable)
            if found
            else ""
        )
        raise MissingFileError(
            folder, say("holds no files{why}", why=why), "Give the folder that holds the DICOM or NIfTI files."
        )
    return sorted(found)


def unpack(archive: Path, folder: Path) -> list[FoundFile]:
    """Unpack a zip archive into an empty folder, refusing whatever could reach outside it or fill the disk.

    Raises:
        UnsafeArchiveError: absolute or climbing names, links, absurd sizes.
        UnreadableFileError: not a zip, truncated, damaged or encrypted.
        OutputError: there is no room to unpack it.
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
                found.append(FoundFile(clean(f"{archive}/{member.filename}"), target))
    except OvcfError:
        raise
    except Exception as cause:  # a damaged archive can raise anything: its directory, names and four decompressors
        if isinstance(cause, OSError) and cause.errno in FULL:
            raise
        raise UnreadableFileError(
            archive, say("is not a complete zip archive ({cause})", cause=cause), "Export it again."
        ) from cause
    if not found:
        raise MissingFileError(archive, "holds no files", "Give the archive that holds the DICOM or NIfTI files.")
    return sorted(found)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    name, remedy = member.filename, "Do not open this archive; ask its sender for the images."
    where = say("{archive}, member {name!r}", archive=archive, name=name)
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in member.orig_filename:
        raise UnsafeArchiveError(where, "points outside the archive", remedy)
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnsafeArchiveError(where, "is a link, not a file", remedy)
    if member.flag_bits & 1:
        raise UnreadableFileError(where, "is encrypted", "Unpack it with its password and give the folder.")


def _check_sizes(archive: Path, members: list[zipfile.ZipInfo]) -> int:
    """How many bytes may be written, from the sizes the archive itself states."""
    packed, stated = archive.stat().st_size, sum(m.file_size for m in members)
    budget = may_unpack_to(packed, MAX_RATIO, MAX_UNPACKED_BYTES)
    if stated > budget or len(members) > MAX_FILES:
        raise UnsafeArchiveError(
            archive,
            say(
                "would unpack {packed} bytes to {stated} in {members} files: no study does",
                packed=packed,
                stated=stated,
                members=len(members),
            ),
            "If you trust it, unpack it yourself and give the folder.",
        )
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
