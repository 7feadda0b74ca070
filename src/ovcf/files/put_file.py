"""Many small files, each put in place in one step from a folder for what is being written.

Unlike :mod:`ovcf.files.result_file` nothing is looked for beside the file, so that a folder may hold very many. A part
is locked by whoever writes it: what lies in the folder of parts while its lock is free was left by a killed run.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from ovcf.errors import OutputError
from ovcf.files.result_manifest import to_disk

_OLD_S = 86_400.0
"""After so long a part is abandoned, where the file system has no locks."""


def put_file(path: Path, content: bytes, parts: Path, *, replace: bool) -> bool:
    """Write a file whole, its part in the folder ``parts`` of the same file system; whether it was put in place.

    A file that is there stays as it is unless ``replace``.

    Raises:
        OutputError: it cannot be written.
    """
    if not replace and path.exists():
        return False
    part = parts / f"{secrets.token_hex(16)}.part"
    try:
        parts.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _lock(descriptor)
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(content)
            to_disk(part)
            return _placed(part, path, replace=replace)
        finally:
            os.close(descriptor)
            part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(path, f"cannot be written ({error.strerror or error})", "Choose another place.") from None


def sweep_parts(parts: Path) -> None:
    """Remove what killed runs left in a folder of parts."""
    with suppress(OSError):
        for part in parts.iterdir():
            with suppress(OSError):
                descriptor = os.open(part, os.O_RDWR)
                try:
                    if _lock(descriptor) or time.time() - part.stat().st_mtime > _OLD_S:
                        part.unlink()
                finally:
                    os.close(descriptor)


def _placed(part: Path, path: Path, *, replace: bool) -> bool:
    if replace:
        part.replace(path)
        return True
    try:
        os.link(part, path)  # unlike a rename, it fails where something is
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOSPC, errno.EDQUOT):
            raise
        part.rename(path)  # a file system without links; others write the same there
    return True


def _lock(descriptor: int) -> bool:
    """Lock an open file; False where another holds it, or the system has no locks."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
