"""The measurements of the index vertebra as the page shows them, and the lines on the images that they stand for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.landmarks import POINTS, Point
from ovcf.language.worded import Words
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.render.words.values import of_whole_spine, value_text
from ovcf.render.words.wording import interval, with_spread
from ovcf.units import Unit

if TYPE_CHECKING:
    from ovcf.assessment.result import Assessment
    from ovcf.measures.measurement import Measurement
    from ovcf.reading.editing.edited import Edited, EditedSet

_FIRST = (VERTEBRAL_HEIGHT_LOSS.id, LOCAL_KYPHOSIS_ANGLE.id)
_WALLS = (("superior_anterior", "inferior_anterior"), ("superior_posterior", "inferior_posterior"))
_SUPERIOR = ("superior_anterior", "superior_posterior")
_INFERIOR = ("inferior_anterior", "inferior_posterior")


@dataclass(frozen=True, slots=True)
class MeasuredOn:
    """The value on one image, in words (``short`` without its error), with its 95 % interval and what to mind."""

    image: str
    value: float
    text: Words
    short: Words
    interval: Words
    warnings: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """One measurement on every image it was taken from."""

    id: str
    name: Words
    definition: Words
    levels: tuple[str, ...]
    on: tuple[MeasuredOn, ...]


@dataclass(frozen=True, slots=True)
class Segments:
    """The lines of one measurement on one image, in its frame."""

    measurement: str
    text: Words
    segments: tuple[tuple[Point, Point], ...]


def measurements_of(assessment: Assessment) -> dict[str, MeasurementRow]:
    """Measurements of the index vertebra and of the whole spine, the scored ones first, by their method.

    Lengths on an image without a scale are left out: they mean nothing.
    """
    rows: dict[str, list[Measurement]] = defaultdict(list)
    for m in assessment.measurements:
        if m.unit is not Unit.PIXEL and (of_whole_spine(m) or (m.levels and m.index_level == assessment.index_level)):
            rows[m.method.id].append(m)
    ordered = sorted(rows.values(), key=lambda same: same[0].method.id not in _FIRST)
    return {
        same[0].method.id: MeasurementRow(
            id=same[0].method.id,
            name=same[0].method.name,
            definition=same[0].method.definition,
            levels=tuple(level.value for level in same[0].levels),
            on=tuple(
                MeasuredOn(m.source.image, m.value, with_spread(m), value_text(m), interval(m), m.warnings)
                for m in same
            ),
        )
        for same in ordered
    }


def lines_of(now: Edited, assessment: Assessment) -> dict[str, tuple[Segments, ...]]:
    """What height loss and local kyphosis of the index vertebra are measured between, by landmark set."""
    index = assessment.index_level
    scored = [m for m in assessment.measurements if m.method.id in _FIRST and m.index_level == index]
    found: dict[str, tuple[Segments, ...]] = {}
    for s in now.sets:
        own = [m for m in scored if m.source.image == s.seen.source.image]
        found[s.seen.id] = tuple(Segments(m.method.id, with_spread(m), _segments(m, s)) for m in own)
    return found


def _segments(m: Measurement, s: EditedSet) -> tuple[tuple[Point, Point], ...]:
    corners = []
    for level in m.levels:
        id_ = s.id_of(level)
        assert id_ is not None, "a measurement names the vertebrae it was taken from"
        corners.append(dict(zip(POINTS, s.vertebrae[id_].seen.points, strict=False)))
    if m.method.id == VERTEBRAL_HEIGHT_LOSS.id:
        return tuple((body[a], body[b]) for body in corners for a, b in _WALLS)
    above, _, below = corners
    return (above[_INFERIOR[0]], above[_INFERIOR[1]]), (below[_SUPERIOR[0]], below[_SUPERIOR[1]])
