"""Observations with a reader's edits laid over them: what conclusions are drawn from.

How they are laid: :mod:`ovcf.reading.editing.lay_over`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level, VertebralColumn
from ovcf.clinical.case import ClinicalCase
from ovcf.kept import kept
from ovcf.landmarks import Point, Source, SpineLandmarks, VertebraLandmarks
from ovcf.language.worded import say
from ovcf.reading.editing.edits import LeaveOut, PlaceRegion, Value
from ovcf.reading.observations import LandmarkSet, Observations, ObservedVertebra

if TYPE_CHECKING:
    from ovcf.imaging.study import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedVertebra:
    """A vertebra as it now is. ``moved`` names the points that a reader placed, ``readers`` who, ``hands`` whose
    each of them last was: (point, reader).

    ``stale`` tells that points were moved and the outline, from which the marrow is read, was not. ``on_slices`` are
    outlines that a reader drew beside the plane of the points: (distance in mm along its normal, outline).
    """

    seen: ObservedVertebra
    moved: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    hands: tuple[tuple[str, str], ...] = ()
    accepted: bool = False
    redrawn: bool = False
    on_slices: tuple[tuple[float, tuple[Point, ...]], ...] = ()

    @property
    def id(self) -> str:
        """Its identity."""
        return self.seen.id

    @property
    def drawn(self) -> bool:
        """Whether a reader drew its outline, on one slice at least."""
        return self.redrawn or bool(self.on_slices)

    @property
    def withheld(self) -> str:
        """Why it is not measured; a reader who placed or accepted its points has decided that it is."""
        return "" if self.seen.points and (self.moved or self.accepted) else self.seen.withheld

    @property
    def stale(self) -> bool:
        """Whether its outline was drawn before its landmarks were moved."""
        return bool(self.moved) and bool(self.seen.outline) and not self.redrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedSet:
    """The vertebrae of one image as they now are, by identity, and their names."""

    seen: LandmarkSet
    column: VertebralColumn
    vertebrae: Mapping[str, EditedVertebra]
    levels: Mapping[str, Level]
    named: bool = False
    """Whether a reader has said which vertebra is which."""

    @property
    def asked(self) -> bool:
        """Whether its levels are still guesses."""
        return self.seen.question is not None and not self.named

    def id_of(self, level: Level) -> str | None:
        """Which vertebra bears a name."""
        return next((id_ for id_, at in self.levels.items() if at == level), None)

    @property
    def readers(self) -> tuple[str, ...]:
        """Who placed or corrected points here."""
        return tuple(sorted({r for v in self.vertebrae.values() for r in v.readers}))

    def spine(self) -> SpineLandmarks | None:
        """The landmarks that may be measured, named; None where there are none.

        Raises:
            LandmarkError: points that cannot be those of a vertebra, or levels out of order.
        """
        source = self.seen.source
        if self.readers:
            source = replace(
                source,
                placed_by=say(
                    "{placed_by}, corrected by {readers}", placed_by=source.placed_by, readers=", ".join(self.readers)
                ),
            )
        found = [
            _landmarks(self.levels[v.id], v.seen.points, v.seen.sd, source)
            for v in self.vertebrae.values()
            if v.seen.points and not v.withheld
        ]
        if not found:
            return None
        unusable = [(self.levels[i], why) for i, why in self.seen.unusable if i in self._not_judged()]
        return SpineLandmarks(vertebrae=tuple(found), column=self.column, plane=self.seen.plane).marked(unusable)

    def _not_judged(self) -> set[str]:
        return {id_ for id_, v in self.vertebrae.items() if not (v.moved or v.accepted)}


@kept
def _landmarks(
    level: Level, points: tuple[Point, ...], sd: tuple[float, ...] | None, source: Source
) -> VertebraLandmarks:
    return VertebraLandmarks.from_array(level, np.asarray(points, float), sd=sd, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """All that conclusions are drawn from: the sets, the clinical case, and what the reader chose."""

    observations: Observations
    sets: tuple[EditedSet, ...]
    case: ClinicalCase
    overruled: Mapping[tuple[Level, str], Value] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    image: str | None = None
    preferred: frozenset[str] = frozenset()
    """Series that go before others of their role."""
    excluded: frozenset[tuple[str, str, int | None]] = frozenset()
    regions: tuple[PlaceRegion, ...] = ()
    areas: tuple[LeaveOut, ...] = ()
    """Parts of bodies that are left out of their marrow."""
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Those that a reader set, and who."""
    threshold_by: Mapping[str, str] = field(default_factory=dict)
    cleared: frozenset[Level] = frozenset()
    """Vertebrae that a reader looked at and found to be none of :data:`ovcf.reading.editing.edits.State`."""
    acknowledged: frozenset[str] = frozenset()
    declined: frozenset[Level] = frozenset()
    """Vertebrae that were suggested when a reader said that there is no recent fracture to assess."""
    warnings: tuple[str, ...] = ()

    @property
    def undecided(self) -> tuple[Level, ...]:
        """Vertebrae of which a reader said that it cannot be told whether they are fractured, cranial to caudal."""
        case = self.case
        said = {*case.fractured, *case.old_fractures, *case.cemented_levels, *case.instrumented_levels}
        said |= {*case.focal_lesions, *self.cleared}
        told = {level for (level, name), value in self.overruled.items() if name == "sq_grade" and value is None}
        return tuple(sorted(told - said, key=lambda level: level.rank))

    @property
    def chosen_image(self) -> str | None:
        """The name of the image that the reader chose to measure on."""
        return next((s.seen.source.image for s in self.sets if s.seen.id == self.image), None)
