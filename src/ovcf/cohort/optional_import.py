"""The packages of the extra ``cohort``, fetched when first needed, so that the rest of ovcf runs without them."""

from __future__ import annotations

import importlib
from typing import Any

from ovcf.errors import MissingExtraError


def optional_import(module: str) -> Any:
    """Import a module of the extra ``cohort``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            module.split(".")[0],
            "is needed for this analysis and is not installed",
            'Install the extra "cohort": pip install ".[cohort]" in the folder of the source.',
        ) from error
