"""What somebody moved in a report, as edits of the reading it was made of.

A line is known by its tracking UID. Viewers built on @cornerstonejs/adapters write a new one when they save; they keep
the codes of a group, so a line is known as well by the two codes that only ours bear together: what is measured, and
the key of the vertebra. Where neither is there it is told, and nothing is guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from ovcf.dicom_out.sr.editable import LINES, lines_of
from ovcf.errors import ReadingError, SeriesChoiceError
from ovcf.imaging.one_patient import text
from ovcf.landmarks import POINTS
from ovcf.reading.editing.edits import MovePoint, PointName
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.uids import body_key, instance_uid, tracking_uid
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from ovcf.dicom_out.back.content import ReadLine, ReadReport
    from ovcf.dicom_out.images.point_on_image import OnImage, Place
    from ovcf.dicom_out.images.source_images import Sources
    from ovcf.landmarks import Point
    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.version import Reading, Version

STILL_PIXELS = 0.02
"""A point so near to where it was has not been moved: it went through single precision and a viewer."""
_ONE_PLACE = 1e-3
"""Two lines that share a landmark say the same of it if they lie so near, in the unit of the landmarks."""
_NOBODY = ("", "unknown", "unknown unknown")
"""Names that viewers write where nobody is named."""


@dataclass(frozen=True, slots=True, order=True)
class End:
    """A vertebra of the reading, and one of its landmarks."""

    vertebra: str
    landmark: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something in the report that is not taken over, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEdits:
    """The edits that lead from the reading to the report, and what is not taken over."""

    edits: tuple[MovePoint, ...]
    told: tuple[Told, ...] = ()


def edits_in(
    report: ReadReport, file: ReadingFile, sources: Sources, *, reader: str = "", read_at: str = ""
) -> FoundEdits:
    """What was moved in a report since it was made of the reading.

    ``reader`` is who moved it, where the report names nobody or somebody else; ``read_at`` when it was read, for a
    report that does not tell when it was written. An edit that the reading has already is not given again.

    Raises:
        SeriesChoiceError: the report belongs to another study or patient.
        ReadingError: it was made of another reading; or something was moved and nobody is named.
    """
    _refuse_others(report, sources)
    told: list[Told] = []
    version = _version_of(report, file.reading, told)
    now = edited(file.observations[version.observations], version.edits, version.case)
    moved: dict[End, list[Point]] = {}
    for end, to in _moved(report, file.reading, now, sources.places, told):
        moved.setdefault(end, []).append(to)
    told += [Told(name, "is no measurement of this reading") for name in report.foreign]
    who, at = reader or report.reader, report.written_at or read_at
    if moved and who.casefold() in _NOBODY:
        raise ReadingError("report", "does not say who moved its points", "Say who did.")
    there = {edit.id for edit in file.reading.current.edits}
    edits = []
    for end, places in sorted(moved.items()):
        if max(np.abs(np.subtract(p, places[0])).max() for p in places) > _ONE_PLACE:
            told.append(Told(_name(now, end), "was moved to two places by two lines; it stays where it was"))
            continue
        id_ = hashlib.sha256(f"{report.instance_uid}\0{end.vertebra}\0{end.landmark}".encode()).hexdigest()[:32]
        if id_ not in there:
            point: PointName = next(p for p in get_args(PointName) if p == end.landmark)
            edits.append(MovePoint(id=id_, reader=who, at=at, vertebra=end.vertebra, point=point, to=places[0]))
    return FoundEdits(edits=tuple(edits), told=tuple(told))


def _refuse_others(report: ReadReport, sources: Sources) -> None:
    if report.study_uid != sources.study_uid or report.patient_id.strip() != text(sources.first, "PatientID"):
        raise SeriesChoiceError(
            "report", "belongs to another study or patient than these images", "Give the images it was made on."
        )


def _version_of(report: ReadReport, reading: Reading, told: list[Told]) -> Version:
    """The state of the reading that the report was made of: a version, or a draft before its later edits.

    Raises:
        ReadingError: it names another reading.
    """
    if report.reading and report.reading != reading.id:
        raise ReadingError("report", f"was made of reading {report.reading}, not of this one", "Give that reading.")
    states = {uid: state for version in reading.versions for uid, state in _states(reading, version)}
    for uid in (report.instance_uid, *report.predecessors):
        if uid in states:
            return states[uid]
    told.append(
        Told("report", "does not say which state of the reading it was made of; it is compared with the newest one")
    )
    return reading.current


def _states(reading: Reading, version: Version) -> Iterator[tuple[str, Version]]:
    """Every report that can have been written of a version: signed, and as a draft after each of its edits."""
    for n in range(len(version.edits) + 1):
        draft = replace(version, status=ReadingStatus.DRAFT, edits=version.edits[:n])
        yield instance_uid(reading, draft, "SR"), draft
    if version.status is not ReadingStatus.DRAFT:
        yield instance_uid(reading, version, "SR"), version


def _moved(
    report: ReadReport, reading: Reading, now: Edited, places: Mapping[str, Place], told: list[Told]
) -> Iterator[tuple[End, Point]]:
    """Every landmark that lies elsewhere than where the report was made with it, and where it lies now."""
    lines = list(lines_of(now))
    by_uid = {tracking_uid(reading, "line", line.method, line.vertebra): line for line in lines}
    by_codes = {(line.method, body_key(reading, line.vertebra)): line for line in lines}
    for read in report.lines:
        line = by_uid.get(read.tracking_uid) or by_codes.get((read.method, read.key))
        if line is None:
            told.append(Told(_shown(read), "is no line of this reading"))
        elif read.tool != line.tool or len(read.on.points) != len(line.ends):
            told.append(Told(_shown(read), f"has {len(read.on.points)} points, not those of a {line.tool}"))
        elif line.landmark_set in places:
            ends = [End(*end) for end in line.ends]
            yield from _displaced(ends, line.points, read.on, places[line.landmark_set], now, told)
    keys = {body_key(reading, v): (s, v) for s in now.sets for v in s.vertebrae}
    for point in report.points:
        if point.key not in keys:
            told.append(Told(f"{point.landmark} of {point.level}", "is of no vertebra of this reading"))
            continue
        s, vertebra = keys[point.key]
        where, known = POINTS.index(point.landmark), s.vertebrae[vertebra].seen.points
        if where < len(known) and s.seen.id in places:
            end = End(vertebra, point.landmark)
            yield from _displaced([end], (known[where],), point.on, places[s.seen.id], now, told)


def _displaced(
    ends: list[End], points: tuple[Point, ...], on: OnImage, place: Place, now: Edited, told: list[Told]
) -> Iterator[tuple[End, Point]]:
    was, back = place.onto(points), place.back(on)
    if back is None:
        told += [Told(_name(now, end), "lies on an image that the reading was not made on") for end in ends]
        return
    same_image = (was.instance, was.frame or 1) == (on.instance, on.frame or 1)
    for end, before, after, to in zip(ends, was.points, on.points, back, strict=True):
        still = np.hypot(*np.subtract(after, before)) <= STILL_PIXELS  # not so of what is no number, which must be told
        if not (same_image and still):
            yield end, to


def _name(now: Edited, end: End) -> str:
    levels = {v: level for s in now.sets for v, level in s.levels.items()}
    return f"{end.landmark} of {levels.get(end.vertebra, end.vertebra)}"


def _shown(read: ReadLine) -> str:
    return f"{read.tool} {read.method}".strip() if read.method in LINES else f"{read.tool}, {read.tracking_uid}"
