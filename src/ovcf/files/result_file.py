"""A single file of results: whole or not at all, and never over another unless asked to."""

from __future__ import annotations

import os
from pathlib import Path

from ovcf.errors import OutputError
from ovcf.files.leftovers import beside, lock_of, sweep
from ovcf.files.lock import BusyError, locked
from ovcf.files.result_folder import absolute
from ovcf.files.result_manifest import to_disk, write_private


def write_file(path: Path | str, data: bytes, *, replace: bool = False) -> Path:
    """Write a file that only its owner may read; one that is there stays as it is unless ``replace``.

    Raises:
        OutputError: there is a file and ``replace`` is not asked for; it is a folder or a link; it cannot be written.
    """
    path = absolute(path)
    try:
        sweep(path)
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise OutputError(path, "is not a plain file", "Choose another name; nothing was changed.")
        if path.exists() and not replace:
            raise OutputError(
                path, "exists already", "Choose another name, or ask for it to be replaced (replace=True)."
            )
        with locked(lock_of(path), wait_s=10.0):
            part = beside(path, ".part")
            try:
                write_private(part, data)
                to_disk(part)
                _put(part, path, replace=replace)
            finally:
                part.unlink(missing_ok=True)
    except BusyError:
        raise OutputError(path, "is being written by another run", "Wait for it, or choose another name.") from None
    except FileExistsError:
        raise OutputError(path, "was written by another meanwhile", "Choose another name.") from None
    except OSError as error:
        raise OutputError(path, f"cannot be written ({error.strerror or error})", "Choose another place.") from None
    return path


def _put(part: Path, path: Path, *, replace: bool) -> None:
    if replace:
        part.replace(path)
        return
    try:
        os.link(part, path)  # unlike a rename, it fails where something is
    except FileExistsError:
        raise
    except OSError:  # a file system without links, as on memory sticks
        part.rename(path)
