"""Several readers of one study, averaged: HAN's two radiologists' results were averaged, too (Sci Rep 2025;15:16791).

Landmarks become the mean of the readers' points. What they say in words is taken over where all agree; where they do
not, nothing is taken over and the disagreement is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ReadingError
from ovcf.language.worded import joined, say
from ovcf.reading.editing.edits import (
    ChooseIndex,
    EnterFact,
    NameVertebra,
    NothingToAssess,
    Overrule,
    PlaceVertebra,
    in_force,
)
from ovcf.reading.editing.lay_over import edited

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.reading.editing.edits import AnyEdit, Edit
    from ovcf.reading.observations import Observations
    from ovcf.reading.version import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far the readers' points lie apart, and what they do not agree on.

    ``vertebrae`` gives for each identity the root mean square distance of the readers' points from their mean, in the
    unit of its landmark set. ``open`` names what was said differently: (what, each reader's word).
    """

    vertebrae: tuple[tuple[str, float], ...]
    open: tuple[tuple[str, tuple[str, ...]], ...]


def averaged(
    observations: Observations, versions: Sequence[Version], *, at: str
) -> tuple[tuple[AnyEdit, ...], Agreement]:
    """The edits of the consensus of two or more readers, and how well they agree.

    Raises:
        ReadingError: fewer than two, of other observations, or with vertebrae that not all have.
    """
    if len(versions) < 2:
        raise ReadingError("consensus", "needs at least two readings", "Give the readings of two or more readers.")
    if len({v.observations for v in versions}) > 1:
        raise ReadingError(
            "consensus", "the readings rest on different observations", "Average readings that began from one draft."
        )
    states = [edited(observations, v.edits, v.case) for v in versions]
    who = joined(", ", dict.fromkeys(v.reader or say("reader {n}", n=n) for n, v in enumerate(versions, 1)))
    made: list[AnyEdit] = []
    apart = []
    for at_set, first in enumerate(states[0].sets):
        for id_ in first.vertebrae:
            others = [s.sets[at_set].vertebrae.get(id_) for s in states]
            if any(v is None for v in others):
                raise ReadingError(
                    say("vertebra {id}", id=id_),
                    "is not in every reading",
                    "Let the readers agree on which vertebrae there are.",
                )
            points = [np.asarray(v.seen.points, float) for v in others if v is not None and v.seen.points]
            if not any(v is not None and v.moved for v in others) or len({p.shape for p in points}) > 1:
                continue
            mean = np.mean(points, axis=0)
            apart.append((id_, float(np.sqrt(np.mean([((p - mean) ** 2).sum(axis=1) for p in points])))))
            made.append(
                PlaceVertebra(
                    id=f"consensus-{id_}",
                    reader=who,
                    at=at,
                    vertebra=id_,
                    points=tuple((float(x), float(y)) for x, y in mean),
                )
            )
    said, open_ = _said_alike(versions, {v.id: v.level for one in observations.landmarks for v in one.vertebrae})
    made += [_again(edit, f"consensus-said-{n}", who, at) for n, edit in enumerate(said)]
    return tuple(made), Agreement(vertebrae=tuple(apart), open=open_)


def _said_alike(
    versions: Sequence[Version], levels: Mapping[str, Level]
) -> tuple[list[Edit], tuple[tuple[str, tuple[str, ...]], ...]]:
    """The edits in words that all readers made alike, and those that they did not."""
    told: list[dict[tuple[str, ...], tuple[object, Edit]]] = [{} for _ in versions]
    for at, version in enumerate(versions):
        for edit in in_force(version.edits):
            match edit:
                case Overrule():
                    told[at]["finding", edit.vertebra, edit.finding] = edit.value, edit
                case EnterFact():
                    told[at]["fact", edit.field] = edit.value, edit
                case ChooseIndex():
                    told[at]["index vertebra",] = edit.vertebra, edit
                case NothingToAssess():
                    told[at]["nothing to assess",] = edit.vertebrae, edit
                case NameVertebra():
                    told[at]["level", edit.vertebra] = (edit.level, edit.follow), edit
    alike: list[Edit] = []
    open_: list[tuple[str, tuple[str, ...]]] = []
    for key in dict.fromkeys(k for one in told for k in one):
        values = [one[key][0] if key in one else None for one in told]
        if all(v == values[0] for v in values):
            alike.append(told[0][key][1])
        else:
            open_.append((_in_words(key, told, levels), tuple("as measured" if v is None else str(v) for v in values)))
    return alike, tuple(open_)


def _in_words(
    key: tuple[str, ...], told: Sequence[Mapping[tuple[str, ...], tuple[object, Edit]]], levels: Mapping[str, Level]
) -> str:
    """What was said differently; a finding by the level of its vertebra, where no reader named it anew."""
    if key[0] != "finding":
        return joined(" ", key)
    if key[1] not in levels or any(("level", key[1]) in one for one in told):
        return joined(" ", key)
    return joined(" ", (str(levels[key[1]]), key[2].replace("_", " ")))


def _again(edit: Edit, id_: str, reader: str, at: str) -> AnyEdit:
    again: AnyEdit = replace(edit, id=id_, reader=reader, at=at)  # type: ignore[assignment]  # of the same kind
    return again
