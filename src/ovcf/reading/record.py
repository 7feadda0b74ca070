"""An assessment with the version of the reading that it follows from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.assessment.result import ReadingRecord
from ovcf.reading.at_signing import since_signing
from ovcf.reading.editing.edits import in_force

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.reading.file import ReadingFile


def recorded(assessment: Assessment, file: ReadingFile) -> Assessment:
    """The assessment of the newest version of a reading, which it then names.

    What is not told of how it was made is taken from the reading: its models, and when it became what it is. Of one
    that another release signed the first warnings say so.
    """
    version, seen, made = file.reading.current, file.current, assessment.provenance
    edits = in_force(version.edits)
    last = version.confirmed_at or (version.edits[-1].at if version.edits else version.begun_at)
    return replace(
        assessment,
        warnings=(*since_signing(version, assessment, file.at_signing), *assessment.warnings),
        reading=ReadingRecord(
            id=file.reading.id,
            version=version.id,
            parent=version.parent,
            status=version.status,
            addendum=version.addendum,
            reason=version.reason,
            reader=version.reader,
            begun_at=version.begun_at,
            confirmed_at=version.confirmed_at,
            observations=version.observations,
            software=version.software,
            edits=len(edits),
            readers=tuple(sorted({edit.reader for edit in edits})),
        ),
        provenance=replace(made, created_at=made.created_at or last, models=made.models or seen.models),
    )
