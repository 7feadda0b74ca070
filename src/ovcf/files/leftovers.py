"""What a killed run left beside a result, recognised and removed.

All of it is named ``.ovcf-KEY-TOKEN.KIND`` beside the result: KEY stands for the result's name, TOKEN is random. A run
holds the lock ``.ovcf-KEY.lock`` as long as it has any, so what lies there while the lock is free is abandoned.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from ovcf.files.lock import BusyError, locked
from ovcf.files.result_manifest import MANIFEST, inside, recorded, strange, unfinished

if TYPE_CHECKING:
    from pathlib import Path

_NAME = re.compile(r"\.ovcf-([0-9a-f]{16})(?:\.lock|-[0-9a-f]{32}(\.stage|\.part|\.earlier))")


def lock_of(result: Path) -> Path:
    """The lock file of a result."""
    return result.parent / f".ovcf-{_key(result)}.lock"


def beside(result: Path, kind: Literal[".stage", ".part", ".earlier"]) -> Path:
    """A name beside a result that nobody else uses: for a folder or file in the making, or the result before."""
    return result.parent / f".ovcf-{_key(result)}-{secrets.token_hex(16)}{kind}"


def discard(folder: Path) -> None:
    """Remove an unfinished folder, or a result that is as it was written; anything else stays.

    The record that proves it goes last, so that a kill halfway leaves the rest to the next run.
    """
    everything = [*inside(folder)]
    if everything and not unfinished(folder) and (recorded(folder) is None or strange(folder)):
        return
    record = folder / MANIFEST
    for path in reversed(everything):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        elif path != record:
            path.unlink()
    record.unlink(missing_ok=True)
    folder.rmdir()


def sweep(result: Path) -> None:
    """Remove what killed runs left beside ``result``, theirs of other names too; put an earlier result back.

    An earlier result stands aside only where two folders cannot be exchanged in one step, and for a moment.
    """
    with suppress(OSError):
        left: dict[str, list[Path]] = {}
        for path in result.parent.iterdir():
            if name := _NAME.fullmatch(path.name):
                left.setdefault(name[1], []).extend([path] if name[2] else [])
        for key, paths in left.items():
            with suppress(OSError, BusyError), locked(result.parent / f".ovcf-{key}.lock") as sure:
                for path in paths if sure else ():
                    _remove(path, result if key == _key(result) else None)


def _remove(path: Path, result: Path | None) -> None:
    with suppress(OSError):
        if path.is_symlink():
            return
        if path.suffix == ".part":
            path.unlink()
        elif path.suffix != ".earlier":
            discard(path)
        elif result is not None:
            if os.path.lexists(result):
                discard(path)
            else:
                path.rename(result)


def _key(result: Path) -> str:
    """A name as long as any file system allows, and the same where case does not count."""
    return hashlib.sha256(os.fsencode(result.name.casefold())).hexdigest()[:16]
