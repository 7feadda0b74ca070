"""Two readers on one reading: what each of the edits that could not be made was about, and what the other one did.

Edits that set the same thing have the same key; of them one is chosen. All others can be laid over each other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ovcf.landmarks import POINTS
from ovcf.reading.editing import edits as e
from ovcf.reading.editing.edits import in_force

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ovcf.reading.editing.edits import AnyEdit

Key = tuple[str, ...]

_SETS: dict[type[e.Edit], tuple[str, ...]] = {
    e.PlaceVertebra: ("vertebra",),
    e.RedrawOutline: ("vertebra", "offset_mm"),
    e.ChooseIndex: (),
    e.SetState: ("vertebra",),
    e.SetRole: ("series",),
    e.ChooseImage: (),
    e.SetColumn: (),
    e.PlaceRegion: ("vertebra", "region", "series"),
    e.SetThreshold: ("name",),
    e.Overrule: ("vertebra", "finding"),
    e.EnterFact: ("field",),
    e.NameVertebra: (),
}
"""What names the thing that an edit sets, besides its kind; an edit of another kind adds and takes nothing away."""
_BODIES = (e.AddVertebra, e.DeleteVertebra, e.SplitVertebra, e.MergeVertebrae)


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """One edit that was made on an older state, and those of others since then that set the same."""

    mine: AnyEdit
    theirs: tuple[AnyEdit, ...]


def apart(mine: Sequence[AnyEdit], since: Sequence[AnyEdit]) -> tuple[Apart, ...]:
    """Each of some edits with what others did to the same thing; ``since`` are all edits of the reading since the state
    that they were made on."""
    there = {edit.id for edit in in_force(tuple(since))}
    taken_back = {edit.edit for edit in since if isinstance(edit, e.Revoke)}
    others = [edit for edit in since if edit.id in there or isinstance(edit, e.Revoke)]
    return tuple(Apart(mine=edit, theirs=tuple(o for o in others if _meets(edit, o, taken_back))) for edit in mine)


def _meets(mine: AnyEdit, other: AnyEdit, taken_back: set[str]) -> bool:
    if isinstance(mine, e.Revoke):
        return isinstance(other, e.Revoke) and other.edit == mine.edit
    if isinstance(other, e.Revoke) or mine.id in taken_back:
        return False
    if isinstance(mine, _BODIES) or isinstance(other, _BODIES):  # a body that is there no more, or is another one
        return bool(set(_bodies(mine)) & set(_bodies(other)))
    return bool(set(_keys(mine)) & set(_keys(other)))


def _keys(edit: AnyEdit) -> Iterator[Key]:
    """What an edit sets."""
    placed = _points(edit)
    if placed:
        yield from (("point", *one) for one in placed)
        return
    for kind, names in _SETS.items():
        if isinstance(edit, kind):
            yield (kind.__name__, *(str(getattr(edit, name)) for name in names))


def _points(edit: AnyEdit) -> list[tuple[str, str]]:
    """The points that an edit places, as (vertebra, name)."""
    if isinstance(edit, e.MovePoint):
        return [(edit.vertebra, edit.point)]
    if isinstance(edit, e.PlaceVertebra):
        return [(edit.vertebra, name) for name in POINTS[: len(edit.points)]]
    to: Any = getattr(edit, "to", None)
    if isinstance(to, dict):  # an endplate
        return [(str(getattr(edit, "vertebra", "")), name) for name in to]
    return []


def _bodies(edit: AnyEdit) -> list[str]:
    found = []
    for f in fields(edit):
        value = getattr(edit, f.name)
        if f.name == "vertebra":
            found.append(str(value))
        if f.name == "vertebrae":
            found += map(str, value)
    return found
