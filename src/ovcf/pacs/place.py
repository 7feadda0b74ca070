"""Where the spool of a data folder lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import PacsError
from ovcf.pacs.spool.spool import Spool
from ovcf.registry.place import KEY_FILE, sealing_key

if TYPE_CHECKING:
    from pathlib import Path


def spool_of(folder: Path) -> Spool:
    """The spool of a data folder, sealed by the registry's key.

    Raises:
        PacsError: no key is named: images with names on them would lie open.
    """
    key = sealing_key(folder)
    if key is None:
        raise PacsError(
            "key file",
            "is not named, and without it images would lie on the disk with the names of their patients",
            f"Make a key file outside the data folder, and name it in {KEY_FILE}.",
        )
    return Spool(folder / "pacs", key)
