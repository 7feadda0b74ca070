"""The reading beside the draft that it began from: what differs, and where the points lay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.landmarks import Point
from ovcf.language.worded import Words
from ovcf.reading.editing.changes import changes
from ovcf.render.words.wording import decimal, quantity, typeset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.reading.editing.changes import Change
    from ovcf.reading.session import Session
    from ovcf.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One number or word, in the draft and now; empty where it is not there."""

    what: Words
    level: str
    image: str
    before: Words
    after: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """What the edits changed. ``points`` are those of the draft, by vertebra."""

    differences: tuple[Difference, ...]
    points: dict[str, tuple[Point, ...]]


def draft_view(session: Session) -> DraftView:
    """The automatic draft against the reading as it is."""
    return DraftView(
        differences=differences_of(changes(session.draft(), session.assessment())),
        points={v.id: v.points for s in session.file.current.landmarks for v in s if v.points},
    )


def differences_of(found: Iterable[Change]) -> tuple[Difference, ...]:
    """Changes in words, without what is lost in rounding."""
    worded = (
        Difference(
            what=typeset(c.what),
            level=c.level or "",
            image=c.image,
            before=_worded(c.before, c.unit),
            after=_worded(c.after, c.unit),
        )
        for c in found
    )
    return tuple(d for d in worded if d.before != d.after)


def _worded(value: float | str | None, unit: Unit | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return typeset(value)
    return decimal(value, 0) if unit is None else quantity(value, unit)
