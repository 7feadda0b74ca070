"""One process at a time: a lock that the operating system takes back when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_EVERY_S = 0.05
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class BusyError(Exception):
    """Another process holds the lock."""


@contextmanager
def locked(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold the lock on the file ``path``, which exists only meanwhile.

    Gives False on a file system that has no locks: then nobody else is kept out.

    Raises:
        BusyError: another holds it still after ``wait_s``.
        OSError: the file cannot be made.
    """
    until = time.monotonic() + wait_s
    while (found := _take(path)) is None:
        if time.monotonic() >= until:
            raise BusyError
        time.sleep(_EVERY_S)
    descriptor, real = found
    try:
        yield real
    finally:
        if os.name == "posix":  # removed while held, so that nobody holds a file that is no longer there
            path.unlink(missing_ok=True)
            os.close(descriptor)
        else:
            os.close(descriptor)
            with suppress(OSError):  # another holds it already
                path.unlink()


def _take(path: Path) -> tuple[int, bool] | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        real = _lock(descriptor)
        if os.path.samestat(os.fstat(descriptor), path.stat()):  # else its last holder has just removed it
            return descriptor, real
    except (BlockingIOError, FileNotFoundError, PermissionError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True
