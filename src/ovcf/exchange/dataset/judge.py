"""The outcomes of one fracture: yes, no, or not judged, and by whom. Not judged is never no."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ovcf.follow_up.change import change
from ovcf.follow_up.outcomes import HAN_DAYS, NAGAO_3_MONTHS_DAYS, NAGAO_DAYS
from ovcf.follow_up.planned import PLAN
from ovcf.follow_up.visit import Quantity, Value
from ovcf.measures.shape.body_heights import ANTERIOR_HEIGHT
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA, bme_level
from ovcf.reading.version import ReadingStatus
from ovcf.registry.words import EventKind, EventSource, Window
from ovcf.scores.prognosis.follow_up import non_union_column, progressive_kyphosis_column
from ovcf.units import Unit
from ovcf.vocabulary import BmeLevel, Modality, Posture, entered_posture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from ovcf.exchange.records import Course, Row, Seen

    Told = frozenset[tuple[EventKind, EventSource]]

_WINDOW_OF = {1: Window.MONTH_1, 3: Window.MONTH_3, 6: Window.MONTH_6, 12: Window.MONTH_12}
_DAYS = {months: (first, last) for months, first, last in PLAN}
assert (_DAYS[6], _DAYS[12], _DAYS[3]) == (HAN_DAYS, NAGAO_DAYS, NAGAO_3_MONTHS_DAYS)
_DAYS_OF_A_MONTH = 30.44
_HEIGHT_MM = ("anterior_height_standing_mm", "anterior_height_supine_mm")
_OF_METHOD = {
    "vhl_percent": (VERTEBRAL_HEIGHT_LOSS.id, Quantity.HEIGHT_LOSS),
    "local_kyphosis_deg": (LOCAL_KYPHOSIS_ANGLE.id, Quantity.KYPHOSIS),
    "bme_percent": (BONE_MARROW_EDEMA.id, Quantity.EDEMA),
}


class By(StrEnum):
    """Who says what an outcome was; the first that speaks is believed."""

    ADJUDICATED = "adjudicated"
    MEASURED = "measured"
    REPORTED = "reported"
    NOT_JUDGED = "not judged"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes, no or None, and who says so."""

    yes: bool | None
    by: By


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the image that it is of."""

    value: float
    modality: Modality
    posture: Posture


@dataclass(frozen=True, slots=True)
class Findings:
    """What HAN's outcomes at 6 months of one fracture are judged by. None is not known.

    ``before`` and ``after`` are local kyphosis angles, ``moves_mm`` the anterior height standing less supine; ``told``
    are the events that were recorded, each with its source.
    """

    before: Figure | None
    after: Figure | None
    cleft: bool | None
    moves_mm: float | None
    told: Told

    @property
    def comparable(self) -> tuple[Figure, Figure] | None:
        """Both angles, where their images may be compared."""
        if self.before is None or self.after is None:
            return None
        first, later = (
            Value(quantity=Quantity.KYPHOSIS, value=f.value, unit=Unit.DEGREE, posture=f.posture, modality=f.modality)
            for f in (self.before, self.after)
        )
        return None if change(first, later).obstacles else (self.before, self.after)


@dataclass(frozen=True, slots=True)
class Held:
    """A visit that was held, ``days`` after the first; None where a date is missing."""

    seen: Seen
    days: int | None

    @property
    def facts(self) -> Row:
        """What was read by hand: that of the signed reading goes before what was entered without one."""
        reading = self.seen.reading
        if reading is None or reading["status"] is not ReadingStatus.CONFIRMED:
            return self.seen.facts
        return {**self.seen.facts, **self.seen.reading_facts}

    def figure(self, name: str, level: str | None) -> Figure | None:
        """A figure by hand from the signed reading, else measured in it, radiographs first; else as entered."""
        facts = self.facts
        method, _ = _OF_METHOD[name]
        signed = self.seen.reading is not None and self.seen.reading["status"] is ReadingStatus.CONFIRMED
        if signed and name not in self.seen.reading_facts:
            measured = [m for m in self.seen.measured if m["method"] == method and m["level"] == level]
            if measured:
                best = min(measured, key=lambda m: m["modality"] != Modality.RADIOGRAPH.value)
                return Figure(best["value"], Modality(best["modality"]), Posture(best["posture"]))
        if name not in facts:
            return None
        posture = entered_posture(facts.get("posture_radiograph"))
        return Figure(facts[name], Modality.RADIOGRAPH, posture)

    @property
    def total(self) -> float | None:
        """The NASOVCF total of the signed reading, where it is complete."""
        if self.seen.reading is None or self.seen.reading["status"] is not ReadingStatus.CONFIRMED:
            return None
        return next((s["total"] for s in self.seen.scores if s["score"] == "NASOVCF"), None)


def first_visit(course: Course) -> Held | None:
    """The visit before treatment, else the first that was held."""
    held = [seen for seen in course.visits if _was_held(seen)]
    planned = [seen for seen in held if seen.row["window"] is Window.PRETREATMENT]
    dated = [seen for seen in held if seen.row["held_on"] is not None]
    first = planned or sorted(dated, key=lambda seen: seen.row["held_on"])
    return Held(first[0], 0) if first else None


def later_visits(course: Course, first: Held) -> list[Held]:
    """The visits held after the first, by day."""
    start = first.seen.row["held_on"]
    found = []
    for seen in course.visits:
        if seen is first.seen or not _was_held(seen):
            continue
        on = seen.row["held_on"]
        found.append(Held(seen, None if on is None or start is None else (on - start).days))
    return sorted(found, key=lambda held: (held.days is None, held.days))


def visit_at(visits: Sequence[Held], months: int) -> Held | None:
    """The visit that counts for a month: within its days, nearest to them; by its window where a date is missing."""
    first, last = _DAYS[months]
    within = [v for v in visits if v.days is not None and first <= v.days <= last]
    if within:
        return min(within, key=lambda v: abs((v.days or 0) - months * _DAYS_OF_A_MONTH))
    return next((v for v in visits if v.days is None and v.seen.row["window"] is _WINDOW_OF[months]), None)


def findings_of(first: Held, later: Held | None, course: Course, level: str | None) -> Findings:
    """What is known at 6 months: angles, clefts and heights of the images, and events that were recorded."""
    cleft = moves = None
    if later is not None:
        facts = later.facts
        cleft = None if "cleft" not in facts else facts["cleft"] != "none"
        standing, supine = (facts.get(name) for name in _HEIGHT_MM)
        if standing is None and supine is None:
            standing, supine = _anterior_heights(later, level)
        moves = None if standing is None or supine is None else standing - supine
    before = first.figure("local_kyphosis_deg", level)
    after = later.figure("local_kyphosis_deg", level) if later else None
    return Findings(before, after, cleft, moves, _told(course))


class Outcomes:
    """HAN's two outcomes at 6 months of many fractures: their findings are gathered, and judged in columns."""

    def __init__(self) -> None:
        # Columns of plain values: of objects a large registry makes millions, which the collector looks through often.
        self._told: list[Told] = []
        self._cleft: list[bool | None] = []
        self._moves: list[float | None] = []
        self._angles: tuple[list[float | None], list[float | None]] = ([], [])
        self._postures: tuple[list[Posture | None], list[Posture | None]] = ([], [])

    def add(self, of: Findings) -> None:
        """One fracture more."""
        self._told.append(of.told)
        self._cleft.append(of.cleft)
        self._moves.append(of.moves_mm)
        for figure, angles, postures in zip(of.comparable or (None, None), self._angles, self._postures, strict=True):
            angles.append(None if figure is None else figure.value)
            postures.append(None if figure is None else figure.posture)

    def non_union(self) -> list[Answer]:
        """A cleft, or an anterior height that differs between standing and supine."""
        measured = non_union_column(cleft=self._cleft, anterior_height_change_mm=self._moves)
        return self._decided(measured, EventKind.NON_UNION, EventKind.UNION)

    def progressive_kyphosis(self) -> list[Answer]:
        """More than 10 degrees, in images that may be compared."""
        first, later = self._postures
        measured = progressive_kyphosis_column(*self._angles, posture_before=first, posture_after=later)
        return self._decided(measured, EventKind.PROGRESSIVE_KYPHOSIS, None)

    def _decided(self, measured: NDArray[np.float64], yes: EventKind, no: EventKind | None) -> list[Answer]:
        answers = (None if np.isnan(x) else bool(x) for x in measured)
        return [_decided(told, answer, yes, no) for told, answer in zip(self._told, answers, strict=True)]


def collapse(first: Held, later: Held | None, course: Course) -> Answer:
    """Nagao's severe collapse at 1 year: grade 3, of a vertebra that was not so at first."""
    measured: bool | None = None
    then = first.facts.get("sq_grade")
    now = later.facts.get("sq_grade") if later else None
    if now is not None and then != 3:
        measured = now == 3
    return _decided(_told(course), measured, EventKind.SEVERE_COLLAPSE, None)


def severe_edema(later: Held | None, level: str | None) -> Answer:
    """Nagao's severe edema at 3 months."""
    found = later.figure("bme_percent", level) if later else None
    if found is None:
        return Answer(None, By.NOT_JUDGED)
    return Answer(bme_level(found.value) is BmeLevel.SEVERE, By.MEASURED)


def first_event(course: Course, *kinds: EventKind) -> date | None:
    """The day of the first event of some kinds."""
    return min((row["on"] for _, row in course.events if row["kind"] in kinds), default=None)


def _told(course: Course) -> Told:
    return _once(frozenset((row["kind"], row["source"]) for _, row in course.events))


@cache
def _once(told: Told) -> Told:
    """The same object for what is equal: few things happen, to many patients."""
    return told


def _decided(told: Told, measured: bool | None, yes: EventKind, no: EventKind | None) -> Answer:
    """Adjudicated events first, then what the findings say, then events that were reported."""
    for source, by in (
        (EventSource.ADJUDICATED, By.ADJUDICATED),
        (None, By.MEASURED),
        (EventSource.REPORTED, By.REPORTED),
    ):
        if source is None:
            said = {measured} - {None} or _events(told, EventSource.READING, yes, no)
        else:
            said = _events(told, source, yes, no)
        if len(said) > 1:
            return Answer(None, By.CONTRADICTORY)
        if said:
            return Answer(said.pop(), by)
    return Answer(None, By.NOT_JUDGED)


def _events(told: Told, source: EventSource, yes: EventKind, no: EventKind | None) -> set[bool | None]:
    if not told:
        return set()
    return {word for kind, word in ((yes, True), (no, False)) if kind is not None and (kind, source) in told}


def _anterior_heights(held: Held, level: str | None) -> tuple[float | None, float | None]:
    """Standing and supine, as measured on radiographs of the signed reading in millimetres."""
    reading = held.seen.reading
    if reading is None or reading["status"] is not ReadingStatus.CONFIRMED:
        return None, None
    by_posture = {
        m["posture"]: m["value"]
        for m in held.seen.measured
        if m["method"] == ANTERIOR_HEIGHT.id
        and m["level"] == level
        and m["unit"] == Unit.MM.value
        and m["modality"] == Modality.RADIOGRAPH.value
    }
    return by_posture.get(Posture.STANDING.value), by_posture.get(Posture.SUPINE.value)


def _was_held(seen: Seen) -> bool:
    return bool(seen.row["status"].value == "held")
