"""By which program something was concluded: what was kept of it holds only for a program that concludes the same."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_COMPUTED_BY = ("numpy", "scipy", "scikit-image")
_NOT_CONCLUDING = ("server", "cli", "__pycache__")


@cache
def release() -> str:
    """Name and version of this program, as a signed reading keeps it."""
    return f"ovcf {version('ovcf')}"


@cache
def program() -> str:
    """A digest of all that concludes: this package without its pages and commands, and what computes for it."""
    total = hashlib.sha256(repr([version(name) for name in _COMPUTED_BY]).encode())
    root = Path(__file__).parent
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not set(name.parts) & set(_NOT_CONCLUDING):
            total.update(str(name).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
