"""Where the vertebral bodies of a picture are, measured or not, and what no mark may cover."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ovcf.landmarks import SpineLandmarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.segmentation.places import Place

    Array = NDArray[np.float64]

_CANAL = 0.55
"""Depth kept free behind the bodies where nobody drew the canal, in body widths: some 18 mm of 34 mm."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body in the plane frame: ``corners`` ``(4, 2)`` in the order of ``landmarks.CORNERS``, its ``outline``.

    A body without landmarks (``measured`` False) is the box around its place. ``number`` counts bodies from the head
    down, None where they were not counted. ``reference``: fit to serve as one.
    """

    level: Level
    number: int | None
    corners: Array
    outline: Array
    measured: bool
    reference: bool = True

    @property
    def centre(self) -> Array:
        """The middle of the four corners."""
        return np.asarray(self.corners.mean(axis=0))

    @property
    def width(self) -> float:
        """Mean length of the two endplates."""
        sa, sp, ia, ip = self.corners
        return float(np.hypot(*(sp - sa)) + np.hypot(*(ip - ia))) / 2


def bodies_of(spine: SpineLandmarks | None, places: Sequence[Place] = ()) -> tuple[Body, ...]:
    """Every body that landmarks or places tell of, cranial to caudal; landmarks go before the box of a place."""
    numbers = {p.level: p.number for p in places}
    found = {p.level: _of_place(p) for p in places}
    for v in spine or ():
        points = v.array
        outline = points[[0, 4, 1, 3, 5, 2]] if v.has_middle else points[[0, 1, 3, 2]]
        fit = spine is not None and spine.why_unusable(v.level) is None
        found[v.level] = Body(v.level, numbers.get(v.level), points[:4], outline, measured=True, reference=fit)
    return tuple(sorted(found.values(), key=lambda b: b.level.rank))


def _of_place(place: Place) -> Body:
    (x0, y0), (x1, y1) = place.low, place.high
    corners = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], float)
    return Body(place.level, place.number, corners, corners[[0, 1, 3, 2]], measured=False)


def width_of(bodies: Sequence[Body]) -> float:
    """The median body width; boxes count only where nothing was measured."""
    measured = [b.width for b in bodies if b.measured] or [b.width for b in bodies]
    return float(np.median(measured))


def near(bodies: Sequence[Body], level: Level) -> tuple[Body, ...]:
    """The body of a level with the one above and the one below, as far as they are there."""
    at = next((i for i, b in enumerate(bodies) if b.level == level), None)
    return () if at is None else tuple(bodies[max(0, at - 1) : at + 2])


def discs(bodies: Sequence[Body]) -> Iterator[Array]:
    """The four-sided space between each two bodies, ``(4, 2)``."""
    for upper, lower in pairwise(bodies):
        yield np.array([upper.corners[2], upper.corners[3], lower.corners[1], lower.corners[0]])


def presumed_canal(bodies: Sequence[Body]) -> Array:
    """A band behind the posterior walls, ``(n, 2)``, for pictures on which nobody drew the canal."""
    wall = np.concatenate([b.corners[[1, 3]] for b in bodies])
    return np.concatenate([wall, wall[::-1] + np.array([_CANAL * width_of(bodies), 0.0])])
