"""Kyphosis and heights as groups that OHIF lets a reader edit, and which landmark each of their points is.

OHIF makes a group editable whose measurement is inferred from a polyline and whose tracking identifier names its tool.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from highdicom.sr import Measurement

from ovcf.assessment.findings.kinds import SuggestedFracture
from ovcf.dicom_out.coded.concept import concept
from ovcf.dicom_out.coded.items import PROPERTY, UNITS, item_concept, measured_with, number, uncertainty
from ovcf.dicom_out.sr.groups import group
from ovcf.dicom_out.sr.points import OHIF, coordinates
from ovcf.landmarks import POINTS
from ovcf.reading.uids import tracking_uid
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.anatomy import Level
    from ovcf.dicom_out.images.point_on_image import OnImage
    from ovcf.dicom_out.sr.groups import Group, Written
    from ovcf.landmarks import Point
    from ovcf.measures.measurement import Measurement as Measured
    from ovcf.reading.editing.edited import Edited, EditedSet

Of = Literal["cranial", "own", "caudal"]

LINES: dict[str, tuple[str, tuple[tuple[Of, str], ...]]] = {
    "ka-han": (
        "CobbAngle",
        (
            ("cranial", "inferior_anterior"),
            ("cranial", "inferior_posterior"),
            ("caudal", "superior_anterior"),
            ("caudal", "superior_posterior"),
        ),
    ),
    "ha": ("Length", (("own", "superior_anterior"), ("own", "inferior_anterior"))),
    "hm": ("Length", (("own", "superior_middle"), ("own", "inferior_middle"))),
    "hp": ("Length", (("own", "superior_posterior"), ("own", "inferior_posterior"))),
}
"""Measurements that can be edited: the tool, and its points in order, as landmarks of the vertebra or a neighbour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One editable line of one vertebra: ``ends`` names the vertebra and landmark of each of its points."""

    method: str
    tool: str
    landmark_set: str
    vertebra: str
    level: Level
    ends: tuple[tuple[str, str], ...]
    points: tuple[Point, ...]


def lines_of(now: Edited, wanted: set[Level] | None = None) -> Iterator[Line]:
    """The lines of every vertebra, or of the ``wanted`` ones alone, where all their landmarks are measured."""
    for s in now.sets:
        if s.asked:
            continue
        for level in sorted(s.levels.values(), key=lambda level: level.rank):
            if wanted is None or level in wanted:
                for method in LINES:
                    yield from _line(s, level, method)


def _line(s: EditedSet, level: Level, method: str) -> Iterator[Line]:
    tool, named = LINES[method]
    at: dict[str, Level | None] = {"own": level}
    if any(of != "own" for of, _ in named):
        at |= {"cranial": s.column.above(level), "caudal": s.column.below(level)}
    ends, points = [], []
    for of, name in named:
        at_level = at[of]
        id_ = s.id_of(at_level) if at_level is not None else None
        vertebra = s.vertebrae.get(id_ or "")
        where = POINTS.index(name)
        if vertebra is None or vertebra.withheld or len(vertebra.seen.points) <= where:
            return
        ends.append((vertebra.id, name))
        points.append(vertebra.seen.points[where])
    own = s.id_of(level)
    if own is not None:
        yield Line(method, tool, s.seen.id, own, level, tuple(ends), tuple(points))


def editable_groups(what: Written) -> Iterator[Group]:
    """Local kyphosis and heights of fractured and suspected vertebrae, with the heights of their neighbours."""
    assessment, column = what.assessment, what.assessment.column
    suspected = [f.level for f in assessment.suggested_fractures if isinstance(f.data, SuggestedFracture)]
    centres = {*assessment.case.fractured, *filter(None, suspected)}
    near = {at for c in centres if c in column.levels for at in (column.above(c), c, column.below(c)) if at}
    measured = {(m.method.id, m.index_level, m.source.series_uid): m for m in assessment.measurements}
    for line in lines_of(what.now, near or None):
        place = what.sources.places.get(line.landmark_set)
        if place is None or (centres and line.method == "ka-han" and line.level not in centres):
            continue
        landmarks = next(s.seen for s in what.now.sets if s.seen.id == line.landmark_set)
        one = measured.get((line.method, line.level, landmarks.series))
        if one is None:
            continue
        on = place.onto(line.points)
        yield group(
            f"{OHIF}:{line.tool}",
            tracking_uid(what.reading, "line", line.method, line.vertebra),
            finding=concept("measurement", line.method),
            sites=what.sites(line.level, line.vertebra),
            measurements=[_inferred(one, what, line, on)],
        )


def _inferred(one: Measured, what: Written, line: Line, on: OnImage) -> Measurement:
    made = Measurement(
        name=concept("measurement", line.method),
        value=one.value,
        unit=UNITS[one.unit],
        referenced_coordinates=[coordinates("POLYLINE", on, what.sources)],
    )
    more = [number(item_concept("off slice"), on.distance_mm, Unit.MM, PROPERTY)]
    if one.standard_uncertainty is not None:
        more += uncertainty(one.standard_uncertainty, one.unit)
    measured_with(made, more)  # below the number: a viewer that prints every number of a group prints the height alone
    return made
