"""The six points of a vertebral body: where they are, how sure, who placed them, on which image.

Coordinates are in the plane frame of :mod:`ovcf.geometry`: x anterior to posterior, y cranial to caudal.
Osteophytes are excluded: the corners are those of the endplates (HAN 2025, Fig. 2; Genant 1993).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LandmarkError, NeighbourError
from ovcf.geometry import SagittalPlane, polygon_area
from ovcf.language.worded import say
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import ArrayLike, NDArray

Point = tuple[float, float]

CORNERS = ("superior_anterior", "superior_posterior", "inferior_anterior", "inferior_posterior")
MIDDLES = ("superior_middle", "inferior_middle")
POINTS = CORNERS + MIDDLES
ENTERED = "as the reader sees it"
"""The image of a value that a reader entered without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where points or pixels come from: image, modality, posture, and who or what placed the points.

    ``calibrated`` is False for a projection without a known magnification: lengths then mean nothing in
    millimetres, while ratios and angles hold. ``height_sd_mm`` is the standard uncertainty of Ha, Hm and Hp that all
    vertebrae of the image share, since whoever placed the points draws borders alike everywhere. ``study_uid`` and
    ``series_uid`` are DICOM's, ``instance_uid`` too: of the radiograph, or of the slice nearest to the plane of the
    points. Each is empty where it is not known, or where a value is taken from several slices.
    """

    modality: Modality = Modality.UNKNOWN
    posture: Posture = Posture.UNKNOWN
    placed_by: str = "unknown"
    image: str = ""
    acquired_on: str | None = None
    calibrated: bool = True
    height_sd_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    study_uid: str = ""
    series_uid: str = ""
    instance_uid: str = ""

    @property
    def entered(self) -> bool:
        """Whether a reader entered the value, and nothing was measured."""
        return self.image == ENTERED

    @property
    def length_unit(self) -> Unit:
        """Millimetres where calibrated, else pixels."""
        return Unit.MM if self.calibrated else Unit.PIXEL


@dataclass(frozen=True, slots=True, kw_only=True)
class VertebraLandmarks:
    """The corners of one vertebral body and, where known, the middle of each endplate.

    Points are ``(x, y)`` in the plane frame, millimetres or (``source.calibrated`` False) pixels. ``sd`` is the
    standard deviation of one coordinate of one landmark, in the same unit: one number for all points or one per
    point in the order of :data:`POINTS`; None when nobody knows.

    Raises:
        LandmarkError: not finite, out of order, mirrored, or too flat to be a vertebra.
    """

    level: Level
    superior_anterior: Point
    superior_posterior: Point
    inferior_anterior: Point
    inferior_posterior: Point
    superior_middle: Point | None = None
    inferior_middle: Point | None = None
    sd: tuple[float, ...] | None = None
    source: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        where = f"landmarks of {self.level}"
        points = self.array
        if not np.isfinite(points).all():
            raise LandmarkError(where, "a coordinate is not a finite number", "Give x and y of every point.")
        if (self.superior_middle is None) != (self.inferior_middle is None):
            raise LandmarkError(where, "only one endplate has a middle point", "Give both middle points or neither.")
        if self.sd is not None and (len(self.sd) != len(points) or not all(np.isfinite(s) and s >= 0 for s in self.sd)):
            raise LandmarkError(where, "the landmark SD is not usable", f"Give {len(points)} numbers >= 0.")
        sa, sp, ia, ip = points[:4]
        if sa[0] >= sp[0] and ia[0] >= ip[0]:
            raise LandmarkError(
                where,
                "anterior lies behind posterior: the points are mirrored or swapped",
                "Flip the image so that anterior is at the smaller x, or correct the order of the points.",
            )
        if sa[1] >= ia[1] and sp[1] >= ip[1]:
            raise LandmarkError(
                where,
                "the superior endplate lies below the inferior one: upside down or swapped",
                "y must rise from cranial to caudal.",
            )
        if polygon_area([sa, sp, ip, ia]) <= 0 or _crosses(sa, sp, ia, ip):
            raise LandmarkError(where, "the four corners cross over or have no area", "Check the order of the points.")

    @classmethod
    def from_array(
        cls, level: Level, points: ArrayLike, *, sd: float | Iterable[float] | None = None, source: Source | None = None
    ) -> VertebraLandmarks:
        """Build from ``(4, 2)`` or ``(6, 2)`` points in the order of :data:`POINTS`."""
        p = np.asarray(points, float)
        if p.shape not in ((4, 2), (6, 2)):
            raise LandmarkError(
                f"landmarks of {level}", f"an array of shape {p.shape} is not 4 or 6 points", "Give (4, 2) or (6, 2)."
            )
        spread = None if sd is None else (float(sd),) * len(p) if isinstance(sd, int | float) else tuple(sd)
        named = {name: (float(x), float(y)) for name, (x, y) in zip(POINTS, p, strict=False)}
        return cls(level=level, sd=spread, source=source or Source(), **named)

    @property
    def array(self) -> NDArray[np.float64]:
        """The points as ``(4, 2)`` or ``(6, 2)``, in the order of :data:`POINTS`."""
        points = [self.superior_anterior, self.superior_posterior, self.inferior_anterior, self.inferior_posterior]
        points += [p for p in (self.superior_middle, self.inferior_middle) if p is not None]
        return np.asarray(points, float)

    @property
    def has_middle(self) -> bool:
        """Whether the middle of the endplates is known (needed for Hm)."""
        return self.superior_middle is not None

    def moved(self, transform: Callable[[NDArray[np.float64]], ArrayLike]) -> VertebraLandmarks:
        """The same landmarks with ``transform`` applied to their ``(n, 2)`` points; SD and source are kept."""
        return VertebraLandmarks.from_array(self.level, transform(self.array), sd=self.sd, source=self.source)


def _crosses(sa: ArrayLike, sp: ArrayLike, ia: ArrayLike, ip: ArrayLike) -> bool:
    """Whether anterior and posterior wall, or the two endplates, intersect (a bow tie, not a body)."""

    def side(p: ArrayLike, q: ArrayLike, r: ArrayLike) -> float:
        (px, py), (qx, qy), (rx, ry) = np.asarray([p, q, r], float)
        return float((qx - px) * (ry - py) - (qy - py) * (rx - px))

    def meet(a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike) -> bool:
        return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0

    return meet(sa, sp, ia, ip) or meet(sa, ia, sp, ip)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineLandmarks:
    """The landmarks of several vertebrae on one image, cranial to caudal.

    ``unusable`` names vertebrae that must not serve as a reference (fractured, cemented, cut off by the field of
    view) with the reason. ``plane`` is the sagittal plane of the patient that the points lie in; None for a radiograph
    or a landmark file, whose frame is the image itself.
    """

    vertebrae: tuple[VertebraLandmarks, ...]
    column: VertebralColumn = STANDARD_COLUMN
    unusable: tuple[tuple[Level, str], ...] = ()
    plane: SagittalPlane | None = None

    def __post_init__(self) -> None:
        levels = [v.level for v in self.vertebrae]
        if len(set(levels)) != len(levels):
            raise LandmarkError("landmarks", "a level appears twice", "Give each vertebra once.")
        if len({v.source for v in self.vertebrae}) > 1:
            raise LandmarkError("landmarks", "vertebrae come from different images", "Group them by image.")
        ordered = sorted(self.vertebrae, key=lambda v: v.level.rank)
        centres = [
            v.superior_anterior[1] + v.superior_posterior[1] + v.inferior_anterior[1] + v.inferior_posterior[1]
            for v in ordered
        ]
        if centres != sorted(centres):
            raise LandmarkError(
                "landmarks", "the levels do not run from cranial to caudal", "Check level names and the y axis."
            )
        object.__setattr__(self, "vertebrae", tuple(ordered))

    def __iter__(self) -> Iterator[VertebraLandmarks]:
        return iter(self.vertebrae)

    def __contains__(self, level: object) -> bool:
        return any(v.level == level for v in self.vertebrae)

    def __getitem__(self, level: Level) -> VertebraLandmarks:
        for v in self.vertebrae:
            if v.level == level:
                return v
        present = ", ".join(v.level for v in self.vertebrae) or "none"
        raise NeighbourError(f"landmarks of {level}", "are missing", f"Landmarks are given for: {present}.")

    def get(self, level: Level | None) -> VertebraLandmarks | None:
        """The landmarks of a level, or None."""
        return next((v for v in self.vertebrae if v.level == level), None)

    def why_unusable(self, level: Level) -> str | None:
        """Why a vertebra must not serve as a reference, or None."""
        return dict(self.unusable).get(level)

    def marked(self, unusable: Iterable[tuple[Level, str]]) -> SpineLandmarks:
        """The same landmarks with more vertebrae marked as unusable for reference."""
        return replace(self, unusable=tuple({**dict(self.unusable), **dict(unusable)}.items()))

    def around(self, level: Level, steps: int) -> SpineLandmarks:
        """The vertebra of this level and those up to so many steps away."""
        levels = self.column.levels
        at = levels.index(level) if level in levels else None
        near = {level} if at is None else set(levels[max(0, at - steps) : at + steps + 1])
        return SpineLandmarks(
            vertebrae=tuple(v for v in self.vertebrae if v.level in near),
            column=self.column,
            unusable=tuple((at, why) for at, why in self.unusable if at in near),
        )

    def neighbours(self, level: Level) -> tuple[VertebraLandmarks, VertebraLandmarks]:
        """The cranial and caudal neighbours of a level, fit to serve as its reference.

        Raises:
            NeighbourError: one is missing, fractured, cemented or cut off.
        """
        return self.neighbour(level, "cranial"), self.neighbour(level, "caudal")

    def neighbour(self, level: Level, side: Literal["cranial", "caudal"]) -> VertebraLandmarks:
        """The neighbour on one side, fit to serve as a reference.

        Raises:
            NeighbourError: it is missing, fractured, cemented or cut off.
        """
        neighbour = self.column.above(level) if side == "cranial" else self.column.below(level)
        landmarks = self.get(neighbour)
        if neighbour is not None and (why := self.why_unusable(neighbour)) is not None:
            raise NeighbourError(
                say("{side} neighbour of {level}", side=side, level=level),
                say("{neighbour} is {why}", neighbour=neighbour, why=why),
                "Height loss and local kyphosis need intact neighbours; none is substituted.",
            )
        if neighbour is None or landmarks is None:
            raise NeighbourError(
                say("{side} neighbour of {level}", side=side, level=level),
                say("{neighbour} has no landmarks", neighbour=neighbour or "none"),
                say("Place landmarks on {neighbour}, or use an image that shows it.", neighbour=neighbour)
                if neighbour
                else "None exists.",
            )
        return landmarks
