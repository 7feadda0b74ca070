"""How many known fractures the rules behind the list found, as ``python -m bench`` measured and wrote it down."""

from __future__ import annotations

import json
from importlib.resources import files

from ovcf.render.worklist.entry import Measured

NAME = "measured.json"
"""Written by the benchmark of the same figures, which stand in docs/validation.md, too."""


def measured() -> tuple[Measured, ...]:
    """The figures, those of people first."""
    content = files("ovcf.batch.worklist").joinpath(NAME).read_text("utf-8")
    return tuple(Measured(**one) for one in json.loads(content)["measured"])
