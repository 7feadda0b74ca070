"""A body as a reader drew it: whether a closed outline can be one, and an endplate taken as a line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ReadingError
from ovcf.geometry import polygon_area
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.landmarks import Point
    from ovcf.reading.editing.edited import EditedVertebra
    from ovcf.reading.editing.edits import MoveEndplate, RedrawOutline

_MIN_POINTS = 3
_MAX_POINTS = 2_000
_MIN_AREA = 1e-6


def redrawn(v: EditedVertebra, name: str, edit: RedrawOutline) -> EditedVertebra:
    """The vertebra with its outline, or that of one slice, drawn anew. Its points stay where they are.

    Raises:
        ReadingError: see :func:`checked_outline`.
    """
    outline = checked_outline(name, edit.outline)
    if edit.offset_mm is None:
        return replace(v, seen=replace(v.seen, outline=outline), redrawn=True)
    others = [one for one in v.on_slices if one[0] != edit.offset_mm]
    return replace(v, on_slices=tuple(sorted((*others, (edit.offset_mm, outline)))))


def checked_endplate(edit: MoveEndplate) -> dict[str, Point]:
    """The points that an endplate moved to, by name.

    Raises:
        ReadingError: it names none.
    """
    if not edit.to:
        raise ReadingError(
            say("{endplate} endplate of {vertebra}", endplate=edit.endplate, vertebra=edit.vertebra),
            "is moved nowhere",
            "Give an end of it, or its middle.",
        )
    return edit.to


def checked_outline(vertebra: str, outline: Sequence[Point]) -> tuple[Point, ...]:
    """The outline as it is.

    Raises:
        ReadingError: it has too few points or absurdly many, encloses nothing, or crosses itself.
    """
    where, again = (
        say("outline of {vertebra}", vertebra=vertebra),
        "Draw it once around the body, without crossing your line.",
    )
    if not _MIN_POINTS <= len(outline) <= _MAX_POINTS:
        raise ReadingError(where, say("has {outline} points", outline=len(outline)), again)
    ring = np.asarray(outline, float)
    if not np.isfinite(ring).all():
        raise ReadingError(where, "has a point that is no number", again)
    if _crosses(ring):
        raise ReadingError(where, "crosses itself", again)
    if abs(polygon_area(ring)) < _MIN_AREA:
        raise ReadingError(where, "encloses nothing", again)
    return tuple(outline)


def _crosses(ring: NDArray[np.float64]) -> bool:
    """Whether two sides that do not follow each other meet."""
    a, b = ring, np.roll(ring, -1, axis=0)

    def side(p: NDArray[np.float64], q: NDArray[np.float64], r: NDArray[np.float64]) -> NDArray[np.float64]:
        turn = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        return np.asarray(np.sign(turn))

    first, last = a[:, None], b[:, None]
    apart = side(first, last, a[None]) * side(first, last, b[None]) < 0
    n = len(ring)
    gap = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    neighbours = (gap <= 1) | (gap == n - 1)
    return bool((apart & apart.T & ~neighbours).any())
