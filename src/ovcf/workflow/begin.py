"""A draft becomes a reading: its observations, pictures and first version in one file."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ovcf.assessment.identity import as_entered
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.version import Reading, Version

if TYPE_CHECKING:
    from ovcf.workflow.draft import Draft


def begin_reading(made: Draft) -> ReadingFile:
    """The reading that a draft begins; it can be edited, and nobody has confirmed it."""
    seen = made.observations
    name = digest(seen)
    version = Version(
        id=uuid.uuid4().hex,
        begun_at=seen.made_at,
        observations=name,
        software=seen.software,
        case=as_entered(made.assessment.case, made.assessment.from_header),
    )
    reading = Reading(id=uuid.uuid4().hex, versions=(version,))
    return ReadingFile(reading=reading, observations={name: seen}, pictures=made.pictures)
