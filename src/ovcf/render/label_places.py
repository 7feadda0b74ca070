"""Where the words of a small chart stand, so that none lies over another or over what is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIZE = 9.5
"""Of the letters, in units of the chart."""
_PER_LETTER, _PER_BOLD = 0.56, 0.6
"""Mean width of a letter as a share of its size, rather too wide than too narrow: the reader's font is not known."""
_UP, _DOWN = 0.78, 0.24
"""How far letters reach above and below their line, as a share of their size."""


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the chart that is taken; y runs down."""

    left: float
    top: float
    right: float
    bottom: float

    def over(self, other: Box) -> float:
        """How much of one lies over the other, as an area."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)

    def beyond(self, frame: Box) -> float:
        """How much of it lies outside of a frame, as an area."""
        return (self.right - self.left) * (self.bottom - self.top) - self.over(frame)


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that words may take; ``anchor`` as in SVG."""

    x: float
    y: float
    anchor: str = "start"


def box_of(spot: Spot, words: str, *, bold: bool = False) -> Box:
    """What words take at a place, from the usual width of letters."""
    wide = len(words) * SIZE * (_PER_BOLD if bold else _PER_LETTER)
    left = spot.x - {"start": 0.0, "middle": wide / 2, "end": wide}[spot.anchor]
    return Box(left, spot.y - _UP * SIZE, left + wide, spot.y + _DOWN * SIZE)


@dataclass(slots=True)
class Places:
    """What is taken so far within a frame."""

    frame: Box
    taken: list[Box] = field(default_factory=list)

    def take(self, boxes: Iterable[Box]) -> None:
        """Mark what is drawn."""
        self.taken += boxes

    def put(self, words: str, spots: Sequence[Spot], *, bold: bool = False) -> Spot:
        """The first of some places where words lie over nothing, else the one where they lie over least."""
        cost = [self._cost(box_of(spot, words, bold=bold)) for spot in spots]
        best = spots[cost.index(min(cost))]
        self.taken.append(box_of(best, words, bold=bold))
        return best

    def _cost(self, box: Box) -> float:
        return round(sum(box.over(other) for other in self.taken) + 4 * box.beyond(self.frame), 6)
