"""Figures that the worklist of a batch prints, kept where it takes them from (``ovcf.batch.worklist.sensitivity``)."""

import json
from dataclasses import asdict
from pathlib import Path

from ovcf.batch.worklist import sensitivity
from ovcf.render.worklist.entry import Measured

_ORDER = ("survey", "survey-moderate", "digital")


def keep(*new: Measured) -> None:
    """Write these figures in the place of earlier ones of the same data."""
    found = {one.id: one for one in (*sensitivity.measured(), *new)}
    said = [asdict(found[id_]) for id_ in sorted(found, key=_ORDER.index)]
    Path(sensitivity.__file__).with_name(sensitivity.NAME).write_text(json.dumps({"measured": said}, indent=1) + "\n")
