"""What readers left out of the marrow, as areas that the page draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.landmarks import Point

if TYPE_CHECKING:
    from ovcf.reading.editing.edited import Edited


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaView:
    """One area: ``outline`` is closed, in the frame of its landmark set, drawn on ``slice`` of ``series``.

    It holds on every slice where ``through``, and on every series where ``everywhere``. ``edit`` takes it back.
    """

    edit: str
    series: str
    slice: int
    outline: tuple[Point, ...]
    reason: str
    reader: str
    through: bool
    everywhere: bool


def areas_view(now: Edited) -> dict[str, tuple[AreaView, ...]]:
    """The areas of each vertebra, by its identity."""
    found: dict[str, tuple[AreaView, ...]] = {}
    for a in now.areas:
        one = AreaView(
            edit=a.id,
            series=a.series,
            slice=a.slice,
            outline=a.outline,
            reason=a.note or a.reason,
            reader=a.reader,
            through=a.through == "body",
            everywhere=a.of == "study",
        )
        found[a.vertebra] = (*found.get(a.vertebra, ()), one)
    return found
