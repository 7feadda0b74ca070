"""The registry that a command works on."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ovcf.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.registry.store import Registry


def open_registry(
    folder: Path | None = None,
    *,
    create: bool = False,
    upgrading: bool = False,
    older: bool = False,
    made_at: str | None = None,
) -> Registry:
    """The registry as the environment names it; ``folder`` is another data folder than that. The rest says what is done
    with one that is not there or not of the newest revision.

    Raises:
        MissingExtraError, RegistryError: it cannot be opened.
    """
    need_the_extra()
    from ovcf.registry import place

    return place.open_registry(folder, create=create, upgrading=upgrading, older=older, made_at=made_at)


def need_the_extra() -> None:
    """Say which extra is missing before a room is imported that needs it.

    Raises:
        MissingExtraError: it is.
    """
    if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
        raise MissingExtraError(
            "ovcf db",
            "needs the extra `registry`",
            'Install the extra "registry": pip install ".[registry]" in the folder of the source.',
        )
