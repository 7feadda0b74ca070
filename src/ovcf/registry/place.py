"""Where the registry lies: a data folder of the user, a database address, a key file outside the folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ovcf.errors import RegistryError
from ovcf.registry.store import Registry

DATA, ADDRESS, KEY_FILE, BACKUPS = "OVCF_DATA", "OVCF_DATABASE_URL", "OVCF_KEY_FILE", "OVCF_BACKUPS"
"""Environment variables: the data folder, the address of a PostgreSQL database, the file with the key, the folder of
backups."""
_KEY_BYTES = 32


def data_folder() -> Path:
    """``OVCF_DATA``, else the user's data folder as the system has it."""
    from platformdirs import user_data_path

    return Path(os.environ[DATA]) if os.environ.get(DATA) else user_data_path("ovcf", appauthor=False)


def backup_folder(data: Path) -> Path:
    """``OVCF_BACKUPS``, else ``backups`` in the data folder: where the service keeps backups and looks for them."""
    return Path(os.environ[BACKUPS]) if os.environ.get(BACKUPS) else data / "backups"


def open_registry(
    folder: Path | None = None,
    *,
    create: bool = False,
    upgrading: bool = False,
    older: bool = False,
    made_at: str | None = None,
) -> Registry:
    """The registry as the environment names it; ``folder`` is another data folder than that. The rest says what
    :meth:`~ovcf.registry.store.Registry.open` does with one that is not there or not of the newest revision.

    Raises:
        RegistryError: there is none, or folder, address or key cannot be used.
    """
    folder = folder or data_folder()
    return Registry.open(
        folder,
        database=os.environ.get(ADDRESS) or None,
        key=sealing_key(folder),
        create=create,
        upgrading=upgrading,
        older=older,
        made_at=made_at,
    )


def write_key(path: Path) -> None:
    """Make a new key file, readable by its owner only; one that is there is never replaced.

    Raises:
        RegistryError: there is a file already.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
    except FileExistsError:
        raise RegistryError(path, "is there already", "Files sealed with it need it: choose another name.") from None


def sealing_key(folder: Path) -> bytes | None:
    """The key that seals the files of a data folder; None where ``OVCF_KEY_FILE`` names none.

    Raises:
        RegistryError: it lies in the folder, or is no key.
    """
    named = os.environ.get(KEY_FILE)
    if not named:
        return None
    path = Path(named)
    if folder.resolve() in path.resolve().parents:
        raise RegistryError(path, "lies in the data folder, whose copy would then hold its key", "Move it elsewhere.")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        raise RegistryError(path, "is no key file", f"It holds {2 * _KEY_BYTES} hexadecimal digits.") from None
    if len(key) != _KEY_BYTES:
        raise RegistryError(path, "is no key file", f"It holds {2 * _KEY_BYTES} hexadecimal digits.")
    return key
