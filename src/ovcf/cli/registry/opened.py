"""The registry that a command works on."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ovcf.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.registry.store import Registry


def open_registry(folder: Path | None = None, *, create: bool = False) -> Registry:
    """The registry as the environment names it; ``folder`` is another data folder than that.

    Raises:
        MissingExtraError, RegistryError: it cannot be opened.
    """
    if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
        raise MissingExtraError(
            "ovcf db",
            "needs the extra `registry`",
            'Install the extra "registry": pip install ".[registry]" in the folder of the source.',
        )
    from ovcf.registry import place

    return place.open_registry(folder, create=create)
