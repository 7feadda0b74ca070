"""Levels of vertebrae that a label map numbers in no anatomical order: counted along the spine from an anchor."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError, Remedy, RemedyCode
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn

    Array = NDArray[np.float64]


FARTHEST = 1.6
"""A step to the next vertebra so many times as long as those beside it is that of two."""


_CORRECT = Remedy("Correct the level that was named.", RemedyCode.CORRECT_A_LEVEL)


def counted_from(
    anchors: Mapping[int, Level],
    centres: Mapping[int, Array],
    whole: set[int],
    name: str,
    column: VertebralColumn,
    farthest: float = FARTHEST,
) -> tuple[dict[int, Level], list[str]]:
    """Levels by position along the spine, counted from the anchors, of which each of its :func:`unbroken` runs needs
    one.
    """
    if missing := sorted(set(anchors) - set(centres)):
        raise LabelSchemeError(
            name,
            say("has no label {missing}", missing=missing[0]),
            say("It has: {join}.", join=joined(", ", map(str, sorted(centres)))),
        )
    column = column_with(dict(anchors), column)
    if strangers := [level for level in anchors.values() if level not in column.levels]:
        raise LabelSchemeError(
            name,
            say("{strangers} is not part of a column of {column}", strangers=strangers[0], column=column),
            _CORRECT,
        )
    levels: dict[int, Level] = {}
    notes = [
        "levels counted along the spine from " + joined(", ", (say("{k} = {v}", k=k, v=v) for k, v in anchors.items()))
    ]
    for run in unbroken(centres, whole, farthest):
        starts = {column.levels.index(anchors[k]) - i for i, k in enumerate(run) if k in anchors}
        if len(starts) > 1:
            raise LabelSchemeError(name, "the anchors contradict each other", _CORRECT)
        if not starts:
            raise LabelSchemeError(
                name,
                say("a vertebra seems to be missing beside label {run}: the distance is that of two", run=run[0]),
                Remedy("State the level of one more label.", RemedyCode.NAME_A_LEVEL).having(label=run[0]),
            )
        start = starts.pop()
        for i, k in enumerate(run, start):
            if 0 <= i < len(column.levels):
                levels[k] = column.levels[i]
            else:
                notes.append(
                    say("label {k} lies beyond {levels} and is left out", k=k, levels=column.levels[0 if i < 0 else -1])
                )
    if len(set(levels.values())) < len(levels):
        raise LabelSchemeError(name, "the anchors give one level to two labels", _CORRECT)
    return levels, notes


def unbroken(centres: Mapping[int, Array], whole: set[int], farthest: float = FARTHEST) -> list[list[int]]:
    """The labels cranial to caudal, parted where the next is more than ``farthest`` times as far as those beside it.

    Distances to labels that are not ``whole`` (cut off by the border) are no yardstick.
    """
    order = sorted(centres, key=lambda k: -centres[k][2])
    pairs = [(float(np.linalg.norm(centres[a] - centres[b])), {a, b} <= whole) for a, b in pairwise(order)]
    runs = [order[:1]]
    for i, k in enumerate(order[1:]):
        beside = [pitch for pitch, usable in pairs[max(0, i - 2) : i] + pairs[i + 1 : i + 3] if usable]
        if beside and pairs[i][0] > farthest * float(np.median(beside)):
            runs.append([])
        runs[-1].append(k)
    return runs


def column_with(levels: Mapping[int, Level], column: VertebralColumn) -> VertebralColumn:
    """The column, with a thirteenth thoracic or sixth lumbar vertebra where the map has one."""
    thoracic = 13 if Level.T13 in levels.values() else column.thoracic
    lumbar = 6 if Level.L6 in levels.values() else column.lumbar
    return replace(column, thoracic=thoracic, lumbar=lumbar)
