"""Two versions of what two readers changed at once, side by side: what each did, where it lies, what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.errors import OvcfError
from ovcf.landmarks import Point
from ovcf.language.worded import say
from ovcf.reading.editing.apart import apart
from ovcf.reading.editing.changes import changes
from ovcf.reading.editing.edits import LeaveOut, PlaceRegion, RedrawOutline
from ovcf.render.words.remedies import words as remedy_words
from ovcf.render.words.wording import decimal, typeset
from ovcf.server.views.draft_view import Difference, differences_of
from ovcf.server.views.history_view import names_of, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.reading.editing.edited import Edited
    from ovcf.reading.editing.edits import AnyEdit
    from ovcf.reading.session import Session

_MOST_NUMBERS = 5
"""Differences shown of one edit: the scores, then measurements and findings in the order of the assessment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One edit: what it did in words, by whom and when (an instant in UTC)."""

    words: str
    reader: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictItem:
    """One of my edits that was not made. ``theirs`` are edits of others that set the same; none: it touches nothing of
    theirs.

    ``numbers`` are those that differ, before as the reading is now, after with my edit. ``points`` and ``outline`` are
    mine, ``their_points`` and ``their_outline`` as the reading is now, of ``vertebra`` in the frame of ``set``.
    ``refused`` says why it cannot be made any more.
    """

    id: str
    mine: Made
    theirs: tuple[Made, ...]
    numbers: tuple[Difference, ...]
    set: str = ""
    vertebra: str = ""
    points: tuple[Point, ...] = ()
    their_points: tuple[Point, ...] = ()
    outline: tuple[Point, ...] = ()
    their_outline: tuple[Point, ...] = ()
    refused: str = ""


def conflict_view(session: Session, mine: Sequence[AnyEdit], since: Sequence[AnyEdit]) -> tuple[ConflictItem, ...]:
    """Each of my edits beside what others did ``since`` the state that it was made on."""
    now = session.now()
    names = names_of((*session.version.edits, *mine), now)
    return tuple(_item(session, now, one.mine, one.theirs, names) for one in apart(mine, since))


def _item(
    session: Session, now: Edited, mine: AnyEdit, theirs: Sequence[AnyEdit], names: Mapping[str, str]
) -> ConflictItem:
    refused, after = "", None
    numbers: tuple[Difference, ...] = ()
    try:
        after, assessment = session.preview(mine)
        numbers = differences_of(changes(session.assessment(), assessment))[:_MOST_NUMBERS]
    except OvcfError as error:
        refused = typeset(
            say(
                "{where}: {problem}. {remedy_words}",
                where=error.where,
                problem=error.problem,
                remedy_words=remedy_words(error.remedy),
            )
        )
    vertebra = str(getattr(mine, "vertebra", ""))
    own = _outline(mine)
    return ConflictItem(
        id=mine.id,
        mine=_made(mine, names),
        theirs=tuple(_made(edit, names) for edit in theirs),
        numbers=numbers,
        vertebra=vertebra,
        set=next((s.seen.id for s in now.sets if vertebra in s.vertebrae), ""),
        points=_points(after, vertebra),
        their_points=_points(now, vertebra),
        outline=own,
        their_outline=next((found for edit in reversed(theirs) if own and (found := _outline(edit))), ()),
        refused=refused,
    )


def _points(now: Edited | None, vertebra: str) -> tuple[Point, ...]:
    if now is None:
        return ()
    return next((s.vertebrae[vertebra].seen.points for s in now.sets if vertebra in s.vertebrae), ())


def _outline(edit: AnyEdit) -> tuple[Point, ...]:
    return edit.outline if isinstance(edit, RedrawOutline | PlaceRegion | LeaveOut) else ()


def _made(edit: AnyEdit, names: Mapping[str, str]) -> Made:
    told = words_of(edit, names)
    to = getattr(edit, "to", None)
    if isinstance(to, tuple) and len(to) == 2:
        told += say(" to {to}, {to_2}", to=decimal(to[0], 1), to_2=decimal(to[1], 1))
    return Made(words=told, reader=edit.reader, at=edit.at)
