"""Which names the vertebrae of one image bear after one was named, added, split, merged or taken out.

Levels are by identity. What follows a change moves by whole places of the column of its image.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.errors import ReadingError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ovcf.anatomy import Level, VertebralColumn
    from ovcf.landmarks import Point

    Levels = Mapping[str, Level]


def column_with(level: Level, column: VertebralColumn) -> VertebralColumn:
    """The column, with a vertebra more where the level asks for it."""
    if level in column.levels:
        return column
    return replace(column, **{level.region: int(level[1:])})


def all_follow(
    levels: Levels, old: Level, new: Level, column: VertebralColumn
) -> tuple[dict[str, Level], VertebralColumn]:
    """Every name by as many places as the vertebra called ``old`` moves to be called ``new``; and the column with it.

    Raises:
        ReadingError: a vertebra would be moved beyond the ends of the spine.
    """
    column = column_with(new, column)
    # Where a column lacks the old name (an L6 that is none) its place is counted in the column that has it.
    there = column_with(old, column).levels
    by = there.index(new) - there.index(old) if new in there else 0
    return {**levels, **_moved(levels, levels, by, there)}, column


def around_gap(
    levels: Levels, gap: tuple[Level, Level], filled: tuple[Level, Level], column: VertebralColumn
) -> dict[str, Level]:
    """Names once what stood from ``gap[0]`` to ``gap[1]`` was taken out and what now stands there bears the names from
    ``filled[0]`` to ``filled[1]``: those above move with the first, those below with the last.

    Raises:
        ReadingError: a vertebra would be moved beyond the ends of the spine.
    """
    for level in (*gap, *filled):
        column = column_with(level, column)
    there = column.levels
    above = [v for v, level in levels.items() if level.rank < gap[0].rank]
    below = [v for v, level in levels.items() if level.rank > gap[1].rank]
    up = _moved(levels, above, there.index(filled[0]) - there.index(gap[0]), there)
    down = _moved(levels, below, there.index(filled[1]) - there.index(gap[1]), there)
    return {**levels, **up, **down}


def without(levels: Levels, gone: Level, column: VertebralColumn) -> dict[str, Level]:
    """Names once a vertebra was found to be none: those below it move up by one place."""
    below = [v for v, level in levels.items() if level.rank > gone.rank]
    return {**levels, **_moved(levels, below, -1, column_with(gone, column).levels)}


def making_room(levels: Levels, level: Level, higher: Iterable[str], column: VertebralColumn) -> dict[str, Level]:
    """Names that leave ``level`` free for a new vertebra; ``higher`` are those that lie above it on the image.

    Whoever bears the name moves away from the new vertebra by one place, and so do those behind it.
    """
    bearer = next((v for v, at in levels.items() if at == level), None)
    if bearer is None:
        return dict(levels)
    above = bearer in set(higher)
    going = [v for v, at in levels.items() if (at.rank <= level.rank if above else at.rank >= level.rank)]
    return {**levels, **_moved(levels, going, -1 if above else 1, column_with(level, column).levels)}


def _moved(levels: Levels, which: Iterable[str], by: int, there: tuple[Level, ...]) -> dict[str, Level]:
    moved = {}
    for v in which:
        level = levels[v]
        place = (there.index(level) if level in there else -1) + by
        if not 0 <= place < len(there):
            raise ReadingError(
                say("level {level}", level=level),
                "would be moved beyond the ends of the spine",
                "Choose a level nearer to the present one, or delete what is no vertebra first.",
            )
        moved[v] = there[place]
    return moved


def how_far_down(points: Sequence[Point]) -> float:
    """How far down a body lies: the mean of its corners, caudal counts up."""
    return sum(y for _, y in points[:4]) / len(points[:4])
