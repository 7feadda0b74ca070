"""Private temporary folders: gone at the end of a run, and after a kill at the start of the next."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.errors import OutputError
from ovcf.files.lock import BusyError, locked

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"ovcf-[0-9a-f]{32}\.lock")
_LOOKED_AT_S = 30.0
"""Another run holds a lock that it looks at for an instant, on a machine that is busy for longer."""
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


@contextmanager
def workspace() -> Iterator[Path]:
    """A temporary folder that only its owner may enter.

    Its lock lies beside it; the lock of a folder whose process was killed is free, and the next run removes both.

    Raises:
        OutputError: there is no place for temporary files, or it is full.
    """
    try:
        root = Path(tempfile.gettempdir())
    except FileNotFoundError:
        raise OutputError("temporary files", "have no place", "Name a folder for them in TMPDIR.") from None
    _sweep(root)
    try:
        folder = root / f"ovcf-{secrets.token_hex(16)}"
        # Another run may be looking at this very moment whether the lock is that of a killed run.
        with locked(folder.with_suffix(".lock"), wait_s=_LOOKED_AT_S):
            try:
                folder.mkdir(mode=0o700)
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OutputError(
            root, "has no space left for temporary files", "Free some, or name another folder in TMPDIR."
        ) from None


def _sweep(root: Path) -> None:
    """Remove the folders of killed runs of the same user."""
    with suppress(OSError):
        for lock in root.iterdir():
            if _NAME.fullmatch(lock.name) and _ours(lock):
                with suppress(OSError, BusyError), locked(lock) as sure:
                    if sure and _ours(lock.with_suffix("")):
                        shutil.rmtree(lock.with_suffix(""), ignore_errors=True)


def _ours(path: Path) -> bool:
    return not path.is_symlink() and path.exists() and (os.name != "posix" or path.stat().st_uid == os.getuid())
