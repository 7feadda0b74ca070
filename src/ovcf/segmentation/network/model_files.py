"""The files of the built-in models: each is what it was when it was released, or it is not used."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from ovcf.errors import MissingFileError, Remedy, RemedyCode, UnreadableFileError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DIGESTS = "digests.json"
"""SHA-256 of every other file of the folder, written by ``training/network/model_digests.py``."""


def model_file(name: str) -> bytes:
    """The content of a file of ``model/``.

    Raises:
        MissingFileError: this installation does not hold it.
        UnreadableFileError: it is not the file that was released.
    """
    content = _read(name)
    expected, found = digests().get(name), hashlib.sha256(content).hexdigest()
    if found != expected:
        raise UnreadableFileError(
            f"model/{name}",
            f"is not the file that was released: SHA-256 {found[:12]}…, not {(expected or '?')[:12]}…",
            "Install ovcf again. If you made this model yourself, run training/network/model_digests.py.",
        )
    return content


@cache
def digests() -> dict[str, str]:
    """SHA-256 in hexadecimal digits of every model file, by its name."""
    return dict(json.loads(_read(DIGESTS)))


def _read(name: str) -> bytes:
    where = folder().joinpath(name)
    if not where.is_file():
        raise MissingFileError(
            f"model/{name}",
            "is not part of this installation: the built-in model is missing",
            Remedy(
                "Install a release that holds it, make it with training/README.md, or give a label map.",
                RemedyCode.GIVE_A_LABEL_MAP,
            ),
        )
    return where.read_bytes()


def folder() -> Traversable:
    """Where the model files lie."""
    return files("ovcf.segmentation").joinpath("model")
