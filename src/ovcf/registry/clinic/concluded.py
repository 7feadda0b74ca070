"""What was concluded of the newest first draft or signed state of a reading, kept so that nobody waits for it again.

To conclude a state takes a second, and the course of a fracture has five. What is kept is taken only for that state,
and only by the program that made it: any other release, or the same with other tables, concludes anew.
"""

from __future__ import annotations

import json
import zlib
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.program import program
from ovcf.registry.clinic.derived import keep_derived
from ovcf.registry.tables import DerivedFile, WorkItem

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from sqlalchemy.orm import Session

    from ovcf.assessment.result import Assessment
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Reading

CONCLUDED = "concluded"


def keep_concluded(writer: Writer, registry: Registry, item: WorkItem, row: Reading, assessment: Assessment) -> None:
    """Keep what follows from a state, in place of what was kept of an earlier one of the same reading.

    Nothing is kept that would not be read back as it is.
    """
    told = _adapter().dump_json(assessment)
    same = _adapter().validate_json(told) == assessment
    content = zlib.compress(_head(row) + b"\n" + told, 1) if same else None
    keep_derived(writer, registry, item, CONCLUDED, content)


def concluded(session: Session, registry: Registry, row: Reading) -> Assessment | None:
    """What follows from a state, where it is kept and this program would conclude the same; else None."""
    asked = select(DerivedFile.sha256).join(WorkItem, WorkItem.id == DerivedFile.work_item_id)
    asked = asked.where(WorkItem.reading == row.reading, DerivedFile.kind == CONCLUDED)
    name = session.scalars(asked).first()
    if name is None:
        return None
    head, _, told = zlib.decompress(registry.files.get(name)).partition(b"\n")
    return _adapter().validate_json(told) if head == _head(row) else None


def _head(row: Reading) -> bytes:
    return json.dumps([row.file, row.version, program()]).encode()


@cache
def _adapter() -> TypeAdapter[Assessment]:
    from pydantic import TypeAdapter

    from ovcf.assessment.result import Assessment

    return TypeAdapter(Assessment)
