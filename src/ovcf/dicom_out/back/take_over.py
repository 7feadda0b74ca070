"""The edits of a report laid onto its reading, and what follows from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.dicom_out.back.edits import Told, edits_in
from ovcf.errors import OvcfError, ReadingError
from ovcf.reading.editing.changes import Change, changes
from ovcf.reading.session import Session
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from ovcf.dicom_out.back.content import ReadReport
    from ovcf.dicom_out.images.source_images import Sources
    from ovcf.reading.editing.edits import MovePoint
    from ovcf.reading.file import ReadingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """The reading with the edits of a report, the same ``file`` where there were none, and what they changed."""

    file: ReadingFile
    edits: tuple[MovePoint, ...]
    changes: tuple[Change, ...]
    told: tuple[Told, ...]


def taken_over(
    report: ReadReport, file: ReadingFile, sources: Sources, *, reader: str = "", reason: str = "", at: str
) -> TakenOver:
    """Make the edits of a report; a signed reading is taken up again for its ``reason``, as an addendum.

    A point that cannot be that of a vertebra is told and left where it was.

    Raises:
        ReadingError, SeriesChoiceError: see :func:`ovcf.dicom_out.back.edits.edits_in`; the reading is signed and no
            reason is given.
    """
    found = edits_in(report, file, sources, reader=reader, read_at=at)
    if not found.edits:
        return TakenOver(file=file, edits=(), changes=(), told=found.told)
    session, told, made = Session(file), list(found.told), []
    before = session.assessment()
    if session.version.status is not ReadingStatus.DRAFT:
        if not reason.strip():
            raise ReadingError(
                f"reading {file.reading.id}", "is signed, and points of it were moved", "Give a reason for an addendum."
            )
        id_ = hashlib.sha256(f"addendum\0{session.version.id}\0{report.instance_uid}".encode()).hexdigest()[:32]
        again = file.reading.addendum(id_=id_, reader=found.edits[0].reader, at=at, reason=reason)
        session.file = replace(file, reading=again)
    for edit in found.edits:
        try:
            session.make(edit)
            made.append(edit)
        except OvcfError as error:
            told.append(Told(f"{edit.point} of {edit.vertebra}", f"{error.where}: {error.problem}"))
    if not made:
        return TakenOver(file=file, edits=(), changes=(), told=tuple(told))
    return TakenOver(
        file=session.file, edits=tuple(made), changes=changes(before, session.assessment()), told=tuple(told)
    )
