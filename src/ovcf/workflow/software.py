"""Which program and which models made a result: names, versions and digests."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from ovcf.segmentation.network.builtin_model import MODEL, model_card
from ovcf.segmentation.network.model_files import digests

_SOURCE = {".py", ".toml", ".json", ".csv", ".j2", ".typ"}


def software() -> str:
    """Name and version of this program."""
    return f"ovcf {version('ovcf')}"


@cache
def software_sha256() -> str:
    """SHA-256 over names and content of this program's files, models aside: it changes with any line of code."""
    root, total = Path(str(files("ovcf"))), hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in _SOURCE and p.is_file()):
        inside = path.relative_to(root)
        if inside.parts[:2] not in (("segmentation", "model"), ("server", "page")):
            total.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def model(name: str = MODEL) -> tuple[str, str]:
    """Name and version of a built-in model, and the SHA-256 of its file."""
    card = model_card(name)
    return f"{card['name']} {card['version']}", digests()[name]
