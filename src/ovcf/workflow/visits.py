"""Visits of one patient from files: readings, or clinical files where nothing but their facts is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ovcf.clinical.read_case import read_case
from ovcf.errors import FollowUpError, MissingFileError
from ovcf.follow_up.visit import Visit
from ovcf.language.worded import say
from ovcf.reading.conclude import conclude
from ovcf.reading.file import read_reading
from ovcf.reading.observations import Observations
from ovcf.reading.session import Session
from ovcf.reading.version import ReadingStatus
from ovcf.text_files import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.assessment.result import Assessment


def visits_from_files(paths: Sequence[Path]) -> list[Visit]:
    """Each path is a reading, a folder of a report that holds one, or a clinical file (TOML or JSON).

    Raises:
        OvcfError: a path cannot be read; the message names it. FollowUpError: two are one visit: the same reading, or
            clinical files that say the same.
    """
    given: list[tuple[Path, object]] = []
    visits = []
    for path in map(Path, paths):
        visit, what = _visit(path)
        same = next((earlier for earlier, one in given if one == what), None)
        if same is not None:
            raise FollowUpError(
                str(path),
                say("is the same visit as {same}", same=same),
                "Give one reading, or one clinical file, for each visit.",
            )
        given.append((path, what))
        visits.append(visit)
    return visits


def _visit(path: Path) -> tuple[Visit, object]:
    """The visit, and what tells it from another one: the identity of a reading, or all that a clinical file says."""
    if kind_of(path) == "folder":
        if not (path / "reading.ovcf").is_file():
            raise MissingFileError(path, "holds no reading.ovcf", "Give the folder of a report, or a reading.")
        path /= "reading.ovcf"
    name = path.parent.name if path.name == "reading.ovcf" else path.stem
    if path.suffix.lower() in (".toml", ".json"):
        case = read_case(path)
        assessment = conclude(Observations(), (), case)
        return Visit(name=name, on=_day(case.visit_date, assessment), assessment=assessment), case
    session = Session(read_reading(path))
    assessment = session.assessment()
    signed = session.version.status is ReadingStatus.CONFIRMED
    on = _day(session.version.case.visit_date, assessment)
    return Visit(name=name, on=on, assessment=assessment, signed=signed), session.file.reading.id


def _day(entered: str | None, assessment: Assessment) -> date | None:
    """The date of the visit as entered, else the latest day an image was taken."""
    days = [spine.vertebrae[0].source.acquired_on for spine in assessment.landmarks]
    taken = max((day for day in days if day), default=None)
    told = entered or taken
    return date.fromisoformat(told) if told else None
